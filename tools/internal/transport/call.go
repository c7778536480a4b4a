package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"fastgenbench/tools/internal/stamp"
)

// maxAnswer bounds what Call returns, in bytes.
const maxAnswer = 1 << 20

// Call asks one question on a connection of its own and returns the body of
// the answer. It follows redirects as Follow does, for this question only; a
// note of one that it does not follow is part of the error.
func (e *Endpoint) Call(ctx context.Context, method, route string, body []byte, limit time.Duration) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	once := &Endpoint{config: e.config, dials: e.dials}
	once.config.Silence = 0
	once.place.Store(e.place.Load())
	h := once.HTTP()
	defer h.Close()
	for {
		var answer collector
		_, err := h.Exchange(ctx, once.request(nil, method, route, "", body), limit, nil, &answer)
		note, followed := once.Follow(err)
		if !followed {
			if note != "" {
				err = fmt.Errorf("%w; %s", err, note)
			}
			return answer.Bytes(), err
		}
	}
}

// Call asks one question on this connection and returns the body of the answer.
// It follows no redirect.
func (h *HTTP) Call(ctx context.Context, method, route string, body []byte, limit time.Duration) ([]byte, error) {
	var answer collector
	_, err := h.Exchange(ctx, h.endpoint.request(nil, method, route, "", body), limit, nil, &answer)
	return answer.Bytes(), err
}

// collector keeps an answer whose times do not matter.
type collector struct{ bytes.Buffer }

func (c *collector) Begin(time.Time) { c.Reset() }

func (c *collector) Warm() int { return 0 }

func (c *collector) Body(p []byte, _ stamp.Arrival) error {
	room := maxAnswer - c.Len()
	c.Write(p[:min(len(p), room)])
	if len(p) > room {
		return errors.New("the answer is longer than 1 MB")
	}
	return nil
}
