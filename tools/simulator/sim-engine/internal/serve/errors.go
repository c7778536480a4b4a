package serve

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"fastgenbench/tools/internal/openai"
)

// maxBody bounds a request: a million token ids take less than a tenth of it.
const maxBody = 64 << 20

// trusted is for how many bytes room is made because a request says that it has them.
const trusted = 1 << 20

// refuse is an error with the request's field at fault, "" for none.
func refuse(param, format string, args ...any) *openai.Error {
	e := &openai.Error{Message: fmt.Sprintf(format, args...), Type: "BadRequestError", Code: http.StatusBadRequest}
	if param != "" {
		e.Param = &param
	}
	return e
}

// invalid is the error for a body that does not have the form of a request;
// vLLM has another type for it.
func invalid(param, format string, args ...any) *openai.Error {
	e := refuse(param, "1 validation error: "+format, args...)
	e.Type = http.StatusText(http.StatusBadRequest)
	return e
}

// noModel is the error for a model that is not served.
func noModel(name string) *openai.Error {
	param := "model"
	return &openai.Error{Message: fmt.Sprintf("The model `%s` does not exist.", name), Type: "NotFoundError", Param: &param, Code: http.StatusNotFound}
}

func internal(err error) *openai.Error {
	return &openai.Error{Message: err.Error(), Type: "InternalServerError", Code: http.StatusInternalServerError}
}

func writeError(w http.ResponseWriter, e *openai.Error) {
	writeJSON(w, e.Code, openai.ErrorResponse{Error: *e})
}

// writeJSON answers with v. An error to write means that the client has gone:
// nobody is left to answer.
func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"error":{"message":"the answer has no JSON form","type":"InternalServerError","param":null,"code":500}}`)
	}
	writeBody(w, status, body)
}

func writeBody(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// readJSON decodes the body into v, nil when it did.
func readJSON(w http.ResponseWriter, r *http.Request, v any) *openai.Error {
	media, _, _ := strings.Cut(strings.ToLower(r.Header.Get("Content-Type")), ";")
	if strings.TrimSpace(media) != "application/json" {
		return invalid("", "unsupported media type, only application/json is allowed")
	}
	var body bytes.Buffer
	body.Grow(int(min(max(0, r.ContentLength), trusted)) + bytes.MinRead)
	if _, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, maxBody)); err != nil {
		return invalid("body", "reading the request: %v", err)
	}
	return decode(body.Bytes(), v)
}

// decode reads a request's JSON. Unknown fields are skipped.
func decode(body []byte, v any) *openai.Error {
	err := unmarshal(body, v)
	var wrongType *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrongType):
		return invalid("body."+wrongType.Field, "a %s is not what the field takes", wrongType.Value)
	}
	return invalid("body", "%v", err)
}

func unmarshal(body []byte, v any) error {
	if request, ok := v.(*openai.CompletionRequest); ok {
		return openai.UnmarshalCompletion(body, request)
	}
	return json.Unmarshal(body, v)
}

// nowhere answers for paths and methods that do not exist.
func (s *Server) nowhere(w http.ResponseWriter, r *http.Request) {
	e := s.nothing(r)
	if load := r.Header.Get(openai.HeaderLockstepLoad); load != "" {
		s.inLockstep(w, r, load, func() (*plan, *openai.Error) { return nil, e })
		return
	}
	writeError(w, e)
}

// nothing says that a path or a method does not exist.
func (s *Server) nothing(r *http.Request) *openai.Error {
	status := http.StatusNotFound
	switch r.URL.Path {
	case openai.PathCompletions, openai.PathChatCompletions, openai.PathTokenize, openai.PathDetokenize, openai.PathModels,
		openai.PathVersion, openai.PathMetrics, openai.PathHealth, openai.PathPing:
		status = http.StatusMethodNotAllowed
	case openai.PathLockstepBegin, openai.PathLockstepAdvance, openai.PathLockstepEnd:
		if s.Steppers != nil {
			status = http.StatusMethodNotAllowed
		}
	}
	text := http.StatusText(status)
	return &openai.Error{Message: text, Type: text, Code: status}
}
