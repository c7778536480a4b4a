package backend

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// maxAnswer is how much of an answer is read, in bytes.
const maxAnswer = 1 << 20

// statusError is an answer that is no success.
type statusError struct {
	code int
	text string
}

func (e *statusError) Error() string { return e.text }

// exchange sends a request with its key and returns the body of a success. No
// error tells the key, even where a server repeats it.
func exchange(ctx context.Context, client *http.Client, key, method, url string, header http.Header, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, values := range header {
		req.Header[name] = values
	}
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, hush(err, key)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, hush(err, key)
	}
	if res.StatusCode/100 != 2 {
		said := fmt.Sprintf("%s %s: %s: %s", method, req.URL.Path, res.Status, firstBytes(text))
		return nil, &statusError{res.StatusCode, Hush(said, key)}
	}
	return text, nil
}

// firstBytes is enough of an answer to see what it is, on one line.
func firstBytes(text []byte) string {
	return strings.Join(strings.Fields(strings.ToValidUTF8(string(text[:min(len(text), 200)]), "")), " ")
}

// Hush takes a key out of a text.
func Hush(text, key string) string {
	if key == "" {
		return text
	}
	return strings.ReplaceAll(text, key, "***")
}

// hush is Hush for errors; one that does not tell the key stays as it is.
func hush(err error, key string) error {
	if text := err.Error(); Hush(text, key) != text {
		return errors.New(Hush(text, key))
	}
	return err
}
