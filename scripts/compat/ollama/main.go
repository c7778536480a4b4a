// Ollama-middleware answers as an Ollama server does, with Ollama's own OpenAI middleware and
// without a model: behind the middleware every answer has one pace. It prints a line of JSON for
// each answer, with the tokens of its prompt and its own.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/ollama/ollama/api"
	"github.com/ollama/ollama/middleware"
)

const (
	model   = "paced:latest"
	version = "0.17.4" // of the middleware, as in go.mod
)

// pace says when the tokens of an answer are due: the first after ttft, each next one after gap.
type pace struct{ ttft, gap time.Duration }

// piece is one token of an answer, or its end, which has a reason and counts but no text.
type piece struct {
	text, reason string
	counts       api.Metrics
}

// generate calls say for each token when it is due and then for the end. Each word of the prompt
// counts as a token; the answer has n. It stops early only when the client has gone.
func (p pace) generate(ctx context.Context, prompt string, n int, say func(piece)) {
	due := time.Now().Add(p.ttft)
	for range n {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Until(due)):
		}
		say(piece{text: " la"})
		due = due.Add(p.gap)
	}
	counts := api.Metrics{PromptEvalCount: len(strings.Fields(prompt)), EvalCount: n}
	fmt.Printf("{\"prompt\": %d, \"tokens\": %d}\n", counts.PromptEvalCount, counts.EvalCount)
	say(piece{reason: "length", counts: counts})
}

// answer writes each piece as an object of its own, or one object for all where stream is false,
// as Ollama's handlers do. The middleware turns every write into an event. Without num_predict
// the answer is empty.
func (p pace) answer(c *gin.Context, prompt string, options map[string]any, stream *bool, reply func(piece) any) {
	o := api.DefaultOptions()
	if err := o.FromMap(options); err != nil {
		c.JSON(http.StatusBadRequest, gin.H{"error": err.Error()})
		return
	}
	var text strings.Builder
	whole := stream != nil && !*stream
	p.generate(c.Request.Context(), prompt, max(o.NumPredict, 0), func(one piece) {
		text.WriteString(one.text)
		switch {
		case !whole:
			c.JSON(http.StatusOK, reply(one))
			c.Writer.Flush()
		case one.reason != "":
			one.text = text.String()
			c.JSON(http.StatusOK, reply(one))
		}
	})
}

func (p pace) complete(c *gin.Context) {
	var req api.GenerateRequest
	if err := c.ShouldBindJSON(&req); err != nil {
		c.JSON(http.StatusBadRequest, gin.H{"error": err.Error()})
		return
	}
	p.answer(c, req.Prompt, req.Options, req.Stream, func(one piece) any {
		return api.GenerateResponse{Model: req.Model, CreatedAt: time.Now().UTC(), Response: one.text,
			Done: one.reason != "", DoneReason: one.reason, Metrics: one.counts}
	})
}

func (p pace) chat(c *gin.Context) {
	var req api.ChatRequest
	if err := c.ShouldBindJSON(&req); err != nil {
		c.JSON(http.StatusBadRequest, gin.H{"error": err.Error()})
		return
	}
	var prompt strings.Builder
	for _, m := range req.Messages {
		fmt.Fprintln(&prompt, m.Role, m.Content) // the role stands for a template's tokens
	}
	p.answer(c, prompt.String(), req.Options, req.Stream, func(one piece) any {
		return api.ChatResponse{Model: req.Model, CreatedAt: time.Now().UTC(), Message: api.Message{Role: "assistant", Content: one.text},
			Done: one.reason != "", DoneReason: one.reason, Metrics: one.counts}
	})
}

func main() {
	var p pace
	address := flag.String("address", "127.0.0.1:11434", "where to listen")
	flag.DurationVar(&p.ttft, "ttft", 100*time.Millisecond, "until the first token")
	flag.DurationVar(&p.gap, "gap", 20*time.Millisecond, "from each token to the next")
	flag.Parse()
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.GET("/api/version", func(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"version": version}) })
	r.GET("/v1/models", middleware.ListMiddleware(), func(c *gin.Context) {
		c.JSON(http.StatusOK, api.ListResponse{Models: []api.ListModelResponse{{Name: model, Model: model}}})
	})
	r.POST("/v1/chat/completions", middleware.ChatMiddleware(), p.chat)
	r.POST("/v1/completions", middleware.CompletionsMiddleware(), p.complete)
	log.Fatal(r.Run(*address))
}
