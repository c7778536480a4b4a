package main

import "runtime"

// untouched is memory that is counted as in use but never written to, and so
// costs nothing.
const untouched = 24 << 20

// calmCollector makes collections of garbage rare: each takes a processor from
// the readers for milliseconds, which at a high rate is several tokens. A small
// heap would be collected most often, when all streams begin at once; counted
// as larger than it is, that of a thousand streams is not collected at all. It
// lasts until end is called.
func calmCollector() (end func()) {
	heap := make([]byte, untouched)
	return func() { runtime.KeepAlive(heap) }
}
