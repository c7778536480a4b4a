package dialect

import (
	"errors"
	"net/http"
	"slices"

	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/transport"
)

// refused reports whether a server would not take the form of a request, or
// has no such route.
func refused(err error) bool {
	status := (*transport.StatusError)(nil)
	return errors.As(err, &status) && slices.Contains([]int{
		http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusUnprocessableEntity,
		http.StatusInternalServerError, http.StatusNotImplemented, http.StatusUnsupportedMediaType,
	}, status.Status)
}

// refusal is how a server refused the forms of a request on one route.
type refusal struct {
	outcome record.Outcome
	err     error
}

// add takes another form's refusal if that tells more of the cause: a route
// that is there, and the newer name of max_tokens, tell more than others.
func (r *refusal) add(o record.Outcome, err error, form abilities) {
	more := form.completionTokens && !isMissing(err)
	if isMissing(r.err) != isMissing(err) {
		more = isMissing(r.err)
	}
	if r.err == nil || more {
		*r = refusal{o, err}
	}
}

// and adds what another route's refusal says, where that is something else.
func (r *refusal) and(other refusal) {
	switch {
	case r.err == nil:
		*r = other
	case r.outcome.Error != other.outcome.Error:
		r.outcome.Error += "; as a chat: " + other.outcome.Error
	}
}
