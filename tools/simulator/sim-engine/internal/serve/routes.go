package serve

import (
	"net/http"

	"fastgenbench/tools/internal/openai"
)

func (s *Server) models(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, openai.ModelList{Object: "list", Data: []openai.Model{{
		ID: s.Model, Object: "model", Created: s.Started, OwnedBy: openai.SimEngine, Root: s.Model, MaxModelLen: s.MaxModelLen,
	}}})
}

func (s *Server) version(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, s.Version)
}

func (s *Server) metrics(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = s.Meter.WriteTo(w) // an error means that the client has gone
}

func (s *Server) tokenize(w http.ResponseWriter, r *http.Request) {
	var request openai.TokenizeRequest
	if e := readJSON(w, r, &request); e != nil {
		writeError(w, e)
		return
	}
	if e := s.checkModel(request.Model); e != nil {
		writeError(w, e)
		return
	}
	text := request.Prompt
	if len(request.Messages) > 0 {
		text = chatText(request.Messages)
	}
	ids := s.Vocab.Encode(text)
	response := openai.TokenizeResponse{Count: len(ids), MaxModelLen: s.MaxModelLen, Tokens: ids}
	if request.ReturnTokenStrs {
		response.TokenStrs = make([]string, len(ids))
		for i := range ids {
			response.TokenStrs[i], _ = s.Vocab.Decode(ids[i : i+1]) // Encode's ids are in the vocabulary
		}
	}
	writeJSON(w, http.StatusOK, response)
}

func (s *Server) detokenize(w http.ResponseWriter, r *http.Request) {
	var request openai.DetokenizeRequest
	e := readJSON(w, r, &request)
	if e == nil {
		e = s.checkModel(request.Model)
	}
	if e != nil {
		writeError(w, e)
		return
	}
	text, err := s.Vocab.Decode(request.Tokens)
	if err != nil {
		writeError(w, refuse("tokens", "%v", err))
		return
	}
	writeJSON(w, http.StatusOK, openai.DetokenizeResponse{Prompt: text})
}

// checkModel accepts the model's name, or none.
func (s *Server) checkModel(name string) *openai.Error {
	if name != "" && name != s.Model {
		return noModel(name)
	}
	return nil
}
