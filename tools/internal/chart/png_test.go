package chart

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"testing"
)

// What others read is what was drawn, pixel for pixel.
func TestPNG(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, size := range []image.Point{{1, 1}, {3, 2}, {160, 120}, {1, 300}, {300, 1}} {
		drawn := image.NewRGBA(image.Rectangle{Max: size})
		for i := range drawn.Pix {
			if drawn.Pix[i] = byte(random.Uint32()); i%4 == 3 {
				drawn.Pix[i] = 0xff
			}
		}
		var file bytes.Buffer
		if err := writePNG(&file, drawn); err != nil {
			t.Fatal(err)
		}
		read, err := png.Decode(&file)
		if err != nil || read.Bounds() != drawn.Bounds() || file.Len() > 0 {
			t.Fatalf("%v: %v, %d bytes left", size, err, file.Len())
		}
		for y := range size.Y {
			for x := range size.X {
				if got := color.RGBAModel.Convert(read.At(x, y)); got != drawn.At(x, y) {
					t.Fatalf("%v: the pixel at %d, %d is %v, want %v", size, x, y, got, drawn.At(x, y))
				}
			}
		}
	}
}
