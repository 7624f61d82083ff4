package smtp

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

func TestWholeMessages(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, piece - 1, piece, piece + 1, 3*piece + 7} {
		sent := bytes.Repeat([]byte("abcdefg"), size/7+1)[:size]
		for _, declared := range []int64{0, int64(size), int64(size) + 5, int64(size) - 5, 1 << 40} {
			got, err := whole(iotest.HalfReader(bytes.NewReader(sent)), declared, 10*piece)
			if err != nil || !bytes.Equal(got, sent) {
				t.Errorf("%d octets, %d declared: %d read, %v", size, declared, len(got), err)
			}
		}
		broken := io.MultiReader(bytes.NewReader(sent), iotest.ErrReader(io.ErrUnexpectedEOF))
		if _, err := whole(broken, int64(size), 10*piece); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d octets and no end: %v", size, err)
		}
	}
}
