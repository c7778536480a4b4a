package backend

import (
	"context"
	"encoding/binary"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// answers is a server that says per "METHOD path" what it is told to; the
// status stands in front of the body.
func answers(t *testing.T, routes map[string]string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		said, ok := routes[r.Method+" "+r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if strings.HasPrefix(said, "401 ") {
			w.WriteHeader(http.StatusUnauthorized)
			said = "you sent " + r.Header.Get("Authorization")
		} else if strings.HasPrefix(said, "503 ") {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = io.WriteString(w, said)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

const (
	completed = `{"choices":[{"text":"a","finish_reason":"length"}],"usage":{"completion_tokens":1}}`
	loading   = `503 {"error":{"message":"Loading model","type":"unavailable_error","code":503}}`
)

// What the engines say of themselves, as they were seen to say it.
var vllmSays = map[string]string{
	"GET /v1/models":       `{"object":"list","data":[{"id":"tiny","object":"model","owned_by":"vllm","max_model_len":2048}]}`,
	"POST /v1/completions": completed, "GET /version": `{"version":"0.32.0"}`,
}
var engines = map[string]struct {
	says map[string]string
	want Identity
}{
	"vllm": {vllmSays, Identity{Engine: "vllm 0.32.0", Speed: 1, Model: "tiny", Context: 2048}},
	"llamacpp": {map[string]string{
		"GET /v1/models":       `{"models":[],"object":"list","data":[{"id":"smollm2","object":"model","owned_by":"llamacpp","meta":{"n_vocab":49152}}]}`,
		"POST /v1/completions": completed, "GET /props": `{"default_generation_settings":{},"build_info":"b11434-1587a76"}`,
	}, Identity{Engine: "llamacpp b11434-1587a76", Speed: 1, Model: "smollm2"}},
	"sglang": {map[string]string{
		"GET /v1/models":       `{"object":"list","data":[{"id":"M","owned_by":"sglang"}]}`,
		"POST /v1/completions": completed, "GET /server_info": `{"version":"0.5.18","tp_size":1}`,
	}, Identity{Engine: "sglang 0.5.18", Speed: 1, Model: "M"}},
	"sim": {map[string]string{
		"GET /v1/models":       `{"object":"list","data":[{"id":"M","owned_by":"sim-engine"}]}`,
		"POST /v1/completions": completed,
		"GET /version":         `{"version":"0.1","speed":20,"engine":"sim-engine/0.1-fastgen","hardware":"2xA6000","tp_size":2,"num_replicas":1,"max_ragged_batch_size":768}`,
	}, Identity{Engine: "sim-engine 0.1-fastgen", Hardware: "2xA6000", Speed: 20, Model: "M", TPSize: 2, NumReplicas: 1, MaxRaggedBatchSize: 768}},
	"a hosted service": {map[string]string{
		"GET /v1/models":            `{"object":"list","data":[{"id":"other","owned_by":"system"},{"id":"M","owned_by":"organization-owner"}]}`,
		"POST /v1/chat/completions": `{"choices":[{"message":{"role":"assistant","content":"a"}}]}`,
	}, Identity{Engine: "openai", Speed: 1, Model: "M"}},
	"a server without a list": {map[string]string{"POST /v1/completions": completed}, Identity{Engine: "openai", Speed: 1, Model: "M"}},
}

func TestEnginesAreReadyAndKnown(t *testing.T) {
	for name, engine := range engines {
		p := Probe{URL: answers(t, engine.says), Model: "M", Client: http.DefaultClient}
		if err := p.Ready(context.Background()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if id, err := p.Identify(context.Background(), "openai"); err != nil || id != engine.want {
			t.Errorf("%s is %+v, %v; want %+v", name, id, err, engine.want)
		}
	}
}

func TestServersThatAreNotReady(t *testing.T) {
	for want, says := range map[string]map[string]string{
		"503":                 {"GET /v1/models": loading},
		"Loading model":       {"GET /v1/models": vllmSays["GET /v1/models"], "POST /v1/completions": loading},
		"404 Not Found":       {"GET /v1/models": vllmSays["GET /v1/models"]},
		"lists no model":      {"GET /v1/models": `{"data":[]}`},
		"invalid character":   {"GET /v1/models": `<html>`},
		"401 Unauthorized":    {"GET /v1/models": "401 "},
		"you sent Bearer ***": {"GET /v1/models": "401 "},
	} {
		p := Probe{URL: answers(t, says), Model: "M", APIKey: "sk-secret", Client: http.DefaultClient}
		err := p.Ready(context.Background())
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v lacks %q, or says too much", err, want)
		}
	}
}

func TestScoring(t *testing.T) {
	for said, want := range map[string]string{
		`[{"0":"text"}]`: "", `["text"]`: "", `{"output":"text"}`: "",
		`{}`: "holds no text: {}", `[]`: "holds no text", ``: "is empty", "401 ": "401 Unauthorized",
		`"{\"error\": \"no\", \"exception\": \"ValueError\"}"`: "holds no text", `{"error":"no"}`: "holds no text",
	} {
		s := settings()
		s.APIKey = "sk-secret"
		url := answers(t, map[string]string{"POST /score": said}) + "/score"
		err := aml.Server(s, url, http.DefaultClient).Ready(context.Background())
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret")) {
			t.Errorf("%s: %v", said, err)
		}
	}
}

func FuzzScored(f *testing.F) {
	f.Add([]byte(`[{"0":"a"}]`))
	f.Add([]byte(`{"output":1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if scored(text) == nil && !strings.ContainsAny(string(text), "[{") {
			t.Errorf("%q passed", text)
		}
	})
}

// miiServer is MII's balancer as far as a launcher sees it.
func miiServer(t *testing.T, answer func(w http.ResponseWriter, question []byte)) string {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.URL.Path != generate || r.ProtoMajor != 2 || r.Header.Get("Te") != "trailers" {
			t.Errorf("%s %s: %v", r.Proto, r.URL, err)
		}
		w.Header().Set("Content-Type", "application/grpc")
		answer(w, body)
	}))
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

// A recorded question: the prompt "a", max_new_tokens an ivalue of 1.
const wantQuestion = "\n\x01a\x12\x14\n\x0emax_new_tokens\x12\x02\x10\x01"

func TestUnaryOneToken(t *testing.T) {
	reply := message(field(1, message(field(1, []byte("b")), field(2, []byte("length")))))
	framed := append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(reply))), reply...)
	for name, c := range map[string]struct {
		answer []byte
		status string
		want   string
	}{
		"a token":    {framed, "0", ""},
		"no reply":   {[]byte{0, 0, 0, 0, 0}, "0", "holds no reply"},
		"cut short":  {framed[:7], "0", "no gRPC message"},
		"no message": {nil, "0", "no gRPC message"},
		"an error":   {nil, "2", "gRPC status 2: Exception calling application: 100%"},
		"no status":  {framed, "", "no gRPC server answered"},
	} {
		address := miiServer(t, func(w http.ResponseWriter, question []byte) {
			if string(question[5:]) != wantQuestion {
				t.Errorf("asked %q", question)
			}
			_, _ = w.Write(c.answer)
			if c.status != "" {
				w.Header().Set(http.TrailerPrefix+"Grpc-Status", c.status)
				w.Header().Set(http.TrailerPrefix+"Grpc-Message", "Exception calling application: 100%25%0ATraceback")
			}
		})
		err := unaryOneToken(context.Background(), address)
		if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "Traceback")) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := unaryOneToken(context.Background(), strings.TrimPrefix(answers(t, nil), "http://")); err == nil {
		t.Error("a web server passed for MII")
	}
}

func FuzzReplied(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 2, 10, 0})
	f.Fuzz(func(t *testing.T, framed []byte) {
		if replied(framed) == nil && len(framed) < 6 {
			t.Errorf("%q passed", framed)
		}
	})
}

// What `transformers serve` lists are the models of the user's cache; where
// that is missing it fails. The name it was started with is the one it takes.
func TestTransformersIsAskedByItsName(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path != "/v1/completions" || !strings.Contains(string(body), `"model":"./M"`) {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		_, _ = io.WriteString(w, completed)
	}))
	t.Cleanup(server.Close)
	for model, ready := range map[string]bool{"./M": true, "M": false} {
		s := Settings{Model: model}
		if err := transformers.Server(s, server.URL, http.DefaultClient).Ready(context.Background()); (err == nil) != ready {
			t.Errorf("%s: %v", model, err)
		}
	}
}

// counted is a client's transport that counts.
type counted struct{ requests int }

func (c *counted) RoundTrip(r *http.Request) (*http.Response, error) {
	c.requests++
	return http.DefaultTransport.RoundTrip(r)
}

// Who asks for a server's readiness closes the connections that this took: none
// may be open when the load is measured. So all requests go through the client.
func TestServersAreAskedThroughTheGivenClient(t *testing.T) {
	received := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		received++
		_, _ = io.WriteString(w, `{"data":[{"id":"M"}],"output":"a",`+completed[1:])
	}))
	t.Cleanup(server.Close)
	for _, b := range []Backend{openAI, aml, transformers, vllm} {
		var through counted
		received = 0
		asked := b.Server(Settings{Model: "M"}, server.URL, &http.Client{Transport: &through})
		if err := asked.Ready(t.Context()); err != nil {
			t.Errorf("%s: %v", b.Name, err)
		}
		if received == 0 || through.requests != received {
			t.Errorf("%s: %d of %d requests through the client", b.Name, through.requests, received)
		}
	}
}
