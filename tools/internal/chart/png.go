package chart

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	imagedraw "image/draw"
	"io"
	"slices"
	"sync"

	gochart "github.com/wcharczuk/go-chart/v2"
)

// newRaster draws PNG on a white picture. A size is in pixels at 64 dots per
// inch: go-chart takes their product as 64ths of a pixel.
func newRaster(width, height int) (*canvas, error) {
	c, err := newCanvas(gochart.PNG, width, height, 1, 64)
	if err != nil {
		return nil, err
	}
	var drawn gochart.ImageWriter
	c.Renderer.Save(&drawn)
	picture, _ := drawn.Image() // PNG's renderer always has one
	c.pixels = picture.(*image.RGBA)
	imagedraw.Draw(c.pixels, c.pixels.Rect, image.White, image.Point{}, imagedraw.Src)
	return c, nil
}

// writePNG writes an opaque picture as PNG (W3C, Portable Network Graphics,
// third edition): 8 bits of red, green and blue, no row filtered. image/png tries
// five filters on each row, which is three quarters of the time that a figure
// takes; flat colours are no smaller for it, and a sweep has a thousand figures.
func writePNG(w io.Writer, img *image.RGBA) error {
	about := binary.BigEndian.AppendUint32(nil, uint32(img.Rect.Dx()))
	about = binary.BigEndian.AppendUint32(about, uint32(img.Rect.Dy()))
	about = append(about, 8, 2, 0, 0, 0) // bits, RGB, the only compression and filters, not interlaced
	file := appendChunk([]byte("\x89PNG\r\n\x1a\n"), "IHDR", about)
	file = appendChunk(file, "IDAT", deflated(img))
	_, err := w.Write(appendChunk(file, "IEND", nil))
	return err
}

// appendChunk appends a part of the file: its length, type, data and checksum.
func appendChunk(file []byte, kind string, data []byte) []byte {
	file = slices.Grow(file, len(data)+12)
	file = binary.BigEndian.AppendUint32(file, uint32(len(data)))
	summed := len(file)
	file = append(append(file, kind...), data...)
	return binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(file[summed:]))
}

// deflaters are kept: one is a megabyte to set up.
var deflaters = sync.Pool{New: func() any {
	z, _ := zlib.NewWriterLevel(nil, zlib.BestSpeed) // a level that exists: it cannot fail
	return z
}}

// deflated is the compressed rows, each behind the number of its filter, 0.
func deflated(img *image.RGBA) []byte {
	var out bytes.Buffer
	z := deflaters.Get().(*zlib.Writer)
	defer deflaters.Put(z)
	z.Reset(&out)
	row := make([]byte, 1+3*img.Rect.Dx())
	var above []byte
	for pixels := range slices.Chunk(img.Pix, img.Stride) {
		if !bytes.Equal(pixels, above) {
			for x := 0; x < len(pixels)/4; x++ {
				row[1+3*x], row[2+3*x], row[3+3*x] = pixels[4*x], pixels[4*x+1], pixels[4*x+2]
			}
		}
		above = pixels
		z.Write(row) // into memory: it cannot fail
	}
	z.Close()
	return out.Bytes()
}
