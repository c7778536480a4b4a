package csvio

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"

	"github.com/gocarina/gocsv"

	"fastgenbench/tools/internal/record"
)

// keyedRow is a row that begins with the key of a point.
type keyedRow interface {
	PointKey() record.Key
	SetPointKey(record.Key)
}

var keyColumns = Columns[record.Key]()

// keyCache keeps the key of the last row. The rows of a point stand together
// and their key is nearly half of their cells, so most rows need no key read.
type keyCache struct {
	feed  feeder
	rest  *gocsv.Unmarshaller // of the columns behind the key, nil when the key is not in front
	bytes []byte              // the key's cells as they stand in the line, with the last comma
	key   record.Key
}

// take prepares for the lines under a new header.
func (c *keyCache) take(names []string, zero any) error {
	*c = keyCache{}
	if len(names) <= len(keyColumns) || !slices.Equal(names[:len(keyColumns)], keyColumns) {
		return nil
	}
	c.feed.set([]byte(strings.Join(names[len(keyColumns):], ",")))
	cells := csv.NewReader(&c.feed)
	cells.ReuseRecord = true
	cells.FieldsPerRecord = -1
	var err error
	c.rest, err = gocsv.NewUnmarshaller(cells, zero)
	return err
}

// known reports whether line begins with the remembered key.
func (c *keyCache) known(line []byte) bool {
	return len(c.bytes) > 0 && bytes.HasPrefix(line, c.bytes)
}

// remember keeps the key that line begins with.
func (c *keyCache) remember(line []byte, key record.Key) {
	if c.rest == nil {
		return
	}
	end := 0
	for range keyColumns {
		end += bytes.IndexByte(line[end:], ',') + 1
	}
	c.bytes = append(c.bytes[:0], line[:end]...)
	c.key = key
}

// read reads the cells behind the remembered key.
func (c *keyCache) read(line []byte) (any, error) {
	c.feed.set(line[len(c.bytes):])
	return c.rest.Read()
}
