package transport

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// StatusError is an HTTP answer whose status is not a success.
type StatusError struct {
	Status int
	// Body is at most the first 8 KB of the body.
	Body []byte
	// Location is where the answer redirects to, as it stands there.
	Location string
	// RetryAfter is how long the server asks to wait, 0 when it does not say.
	RetryAfter time.Duration

	place          *place // that was asked
	method, target string
}

func (e *StatusError) Error() string {
	return e.With(firstWords(e.Body))
}

// With returns the error's status with the words of its body, as one who knows
// its form has found them.
func (e *StatusError) With(words string) string {
	if words != "" {
		words = ": " + words
	}
	return fmt.Sprintf("HTTP %d %s%s", e.Status, http.StatusText(e.Status), words)
}

// retryAfter reads the field Retry-After: seconds, or a date that is compared
// with the server's own.
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if strings.Trim(value, "0123456789.") == "" {
		wait, _ := time.ParseDuration(value + "s")
		return wait
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return max(0, until.Sub(now))
}

// SilenceError is the error of a server that sent nothing for so long.
type SilenceError time.Duration

func (e SilenceError) Error() string { return fmt.Sprintf("nothing came for %v", time.Duration(e)) }

// ConnectError says that no connection was made. Errors of certificates keep
// their types inside.
type ConnectError struct{ Err error }

func (e *ConnectError) Error() string { return "connecting: " + e.Err.Error() }

func (e *ConnectError) Unwrap() error { return e.Err }

// EncodingError names the encoding of an answer that is compressed.
type EncodingError string

func (e EncodingError) Error() string {
	return fmt.Sprintf("the answer is compressed (%s) although identity was asked for", string(e))
}

// encoded returns an EncodingError when the body is not sent as it is. Some
// servers write none, or a character set, for what is not compressed.
func encoded(h http.Header) error {
	switch encoding := h.Get("Content-Encoding"); strings.ToLower(encoding) {
	case "", "identity", "none", "utf-8":
		return nil
	default:
		return EncodingError(encoding)
	}
}

// IsHangUp reports whether the other end closed the connection.
func IsHangUp(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// firstWords is enough of a body to see what it is, on one line.
func firstWords(body []byte) string {
	text := strings.ToValidUTF8(string(body[:min(len(body), 300)]), "?")
	return strings.Join(strings.Fields(text), " ")
}
