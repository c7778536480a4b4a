package stamp

import (
	"path/filepath"
	"testing"
)

// readIDs reads text in pieces of so many bytes and returns the number that each carries.
func readIDs(t *testing.T, client *Conn, bytes, piece int) (ids []uint64) {
	t.Helper()
	buffer := make([]byte, piece)
	for bytes > 0 {
		n, err := client.Read(buffer[:min(piece, bytes)])
		if err != nil {
			t.Fatal(err)
		}
		bytes -= n
		ids = append(ids, client.Last().Read)
	}
	return ids
}

func TestReadsOfOneSegmentAreOneRead(t *testing.T) {
	client, server := pair(t, "tcp", "127.0.0.1:0")
	if _, got := receive(t, client, server); got.Source != Kernel {
		t.Skip("the kernel gives no timestamps")
	}
	last := client.Last().Read
	for range 3 {
		send(t, server, "one segment")
		ids := readIDs(t, client, len("one segment"), 3)
		for _, id := range ids {
			if id != last+1 {
				t.Fatalf("the pieces of one segment carry %d, the read before %d", ids, last)
			}
		}
		last++
	}
}

func TestWithoutAKernelTimestampEveryReadIsNew(t *testing.T) {
	client, server := pair(t, "unix", filepath.Join(t.TempDir(), "s"))
	send(t, server, "abcdef")
	if ids := readIDs(t, client, 6, 2); len(ids) != 3 || ids[0] == ids[1] || ids[1] == ids[2] {
		t.Errorf("three reads carry %d", ids)
	}
}

func TestReadsAreNumberedByTheirTimestamps(t *testing.T) {
	c := wrap(nil)
	var ids []uint64
	for _, kernel := range []int64{0, 0, 7, 7, 8, 0, 8} {
		c.arrived(kernel, true)
		ids = append(ids, c.last.Read)
	}
	for i, want := range []uint64{1, 2, 3, 3, 4, 5, 6} {
		if ids[i] != want {
			t.Fatalf("%d", ids)
		}
	}
}

// What a read without room left behind was there before it: only a read that leaves
// room shows that the socket was empty.
func TestAReadThatFillsItsRoomEmptiesNothing(t *testing.T) {
	client, server := pair(t, "tcp", "127.0.0.1:0")
	if _, got := receive(t, client, server); got.Source != Kernel {
		t.Skip("the kernel gives no timestamps")
	}
	empty := client.Last().Seen
	send(t, server, "first, second")
	readIDs(t, client, len("first"), len("first")) // with no room left
	send(t, server, "third")
	readIDs(t, client, len(", second")+len("third"), 100)
	if since := client.Last().Since; !since.Equal(empty) {
		t.Errorf("empty at %v, says %v", empty, since)
	}
}
