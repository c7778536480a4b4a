// Package serve speaks what a vLLM server speaks, over net/http. The standard
// library reads requests and ends answers; in between, the driver's thread
// writes the chunks of a stream straight to the socket.
package serve

import (
	"context"
	"crypto/subtle"
	"crypto/tls"
	"log"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"fastgenbench/tools/internal/openai"
	"fastgenbench/tools/simulator/sim-engine/internal/drive"
	"fastgenbench/tools/simulator/sim-engine/internal/lockstep"
	"fastgenbench/tools/simulator/sim-engine/internal/meter"
	"fastgenbench/tools/simulator/sim-engine/internal/truth"
	"fastgenbench/tools/simulator/sim-engine/internal/vocab"
)

// Driver generates. Its sinks are called on one goroutine.
type Driver interface {
	Submit(*drive.Job) error
	Cancel(*drive.Job)
}

// Config is what a server serves.
type Config struct {
	Model string
	// MaxModelLen is the context: prompt and generation together, in tokens.
	MaxModelLen int
	Vocab       vocab.Vocab
	// PrefixCache says that the engines have one and want to know prompts by their
	// tokens.
	PrefixCache bool
	// Details puts into the usage of answers how much of their prompts was cached.
	Details bool
	// Version is the answer of /version.
	Version openai.Version
	// Fits reports why a sequence can never run, nil when it can; nil is "all can".
	Fits func(promptTokens, newTokens int) error
	// APIKeys guard the paths under /v1 and /lockstep; without any they are open.
	APIKeys []string
	Faults  Faults
	Clock   drive.Clock
	Driver  Driver
	Meter   *meter.Meter
	// Steppers makes engines in virtual time for a load in lockstep; nil is no
	// lockstep.
	Steppers func() (*drive.Stepper, error)
	// Timer bounds how long a load in lockstep may be silent; nil is
	// lockstep.Timer.
	Timer lockstep.After
	// Truth is where the true times go; nil is nowhere.
	Truth *truth.Log
	// Started is when the server came up, in seconds since 1970.
	Started int64
	// Warn takes what a person should know.
	Warn func(format string, args ...any)
}

// Server answers requests.
type Server struct {
	Config
	emitter  *emitter
	virtual  *emitter // of a load in lockstep
	gate     *lockstep.Gate
	words    vocab.Words
	requests atomic.Uint64
}

// New returns a server.
func New(c Config) *Server {
	if c.Timer == nil {
		c.Timer = lockstep.Timer
	}
	return &Server{
		Config: c, words: c.Vocab.Words(), gate: lockstep.NewGate(c.Steppers, c.Timer),
		emitter: &emitter{clock: c.Clock, truth: c.Truth},
		virtual: &emitter{clock: drive.VirtualClock(), truth: c.Truth},
	}
}

// HTTP returns the server for net/http. It must be served as it is: a stream
// needs the connection that ConnContext notes.
func (s *Server) HTTP() *http.Server {
	return &http.Server{
		Handler:           s.guard(s.routes()),
		TLSNextProto:      map[string]func(*http.Server, *tls.Conn, http.Handler){}, // no HTTP/2
		ConnContext:       func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connKey{}, c) },
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          log.New(warnWriter{s.Warn}, "", 0),
	}
}

// connKey is the context's key of the request's connection.
type connKey struct{}

func connOf(r *http.Request) net.Conn {
	conn, _ := r.Context().Value(connKey{}).(net.Conn)
	return conn
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+openai.PathCompletions, s.completions)
	mux.HandleFunc("POST "+openai.PathChatCompletions, s.chat)
	mux.HandleFunc("POST "+openai.PathTokenize, s.tokenize)
	mux.HandleFunc("POST "+openai.PathDetokenize, s.detokenize)
	mux.HandleFunc("GET "+openai.PathModels, s.models)
	mux.HandleFunc("GET "+openai.PathVersion, s.version)
	mux.HandleFunc("GET "+openai.PathMetrics, s.metrics)
	mux.HandleFunc("GET "+openai.PathHealth, func(http.ResponseWriter, *http.Request) {})
	for _, method := range []string{"GET ", "POST "} {
		mux.HandleFunc(method+openai.PathPing, func(http.ResponseWriter, *http.Request) {})
	}
	if s.Steppers != nil {
		mux.HandleFunc("POST "+openai.PathLockstepBegin, s.beginLoad)
		mux.HandleFunc("POST "+openai.PathLockstepAdvance, s.advanceLoad)
		mux.HandleFunc("POST "+openai.PathLockstepEnd, s.endLoad)
	}
	mux.HandleFunc("/", s.nowhere)
	return mux
}

// guard refuses requests without the key, with the status and body vLLM has.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Server", openai.SimEngine)
		if guarded(r.URL.Path) && !s.allowed(r) {
			writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "Unauthorized"})
			return
		}
		next.ServeHTTP(w, r)
	})
}

func guarded(path string) bool {
	return strings.HasPrefix(path, "/v1") || strings.HasPrefix(path, "/lockstep/")
}

func (s *Server) allowed(r *http.Request) bool {
	if len(s.APIKeys) == 0 || r.Method == http.MethodOptions {
		return true
	}
	scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	found := 0
	for _, good := range s.APIKeys {
		found |= subtle.ConstantTimeCompare([]byte(key), []byte(good))
	}
	return strings.EqualFold(scheme, "bearer") && found == 1
}

// warnWriter passes what net/http logs to Warn.
type warnWriter struct{ warn func(string, ...any) }

func (w warnWriter) Write(line []byte) (int, error) {
	w.warn("%s", strings.TrimSpace(string(line)))
	return len(line), nil
}
