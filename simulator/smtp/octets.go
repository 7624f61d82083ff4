package smtp

import (
	"bytes"
	"errors"
	"io"
)

// piece is how much of a message of unknown size is asked for at a time.
const piece = 1 << 20

// inOnePiece is how long a message may be to be sent in one piece with its command.
const inOnePiece = 64 << 10

// whole reads a message of the declared size (0: unknown; the client's word,
// never believed beyond limit) into octets of just its length: a buffer that
// doubles would hold three times a large message at its worst.
func whole(r io.Reader, declared, limit int64) ([]byte, error) {
	if declared > 0 && declared <= limit {
		octets := make([]byte, 0, declared+1) // one more, so that the end is met without growing
		for {
			n, err := r.Read(octets[len(octets):cap(octets)])
			octets = octets[:len(octets)+n]
			switch {
			case errors.Is(err, io.EOF):
				return octets, nil
			case err != nil:
				return nil, err
			case len(octets) == cap(octets): // more than was said
				rest, err := whole(r, 0, limit)
				return append(octets, rest...), err
			}
		}
	}
	var pieces [][]byte
	for total := 0; ; {
		var b bytes.Buffer
		n, err := b.ReadFrom(io.LimitReader(r, piece))
		if err != nil {
			return nil, err
		}
		pieces, total = append(pieces, b.Bytes()), total+int(n)
		if n == piece {
			continue
		}
		if len(pieces) == 1 {
			return pieces[0], nil
		}
		octets := make([]byte, 0, total)
		for i, p := range pieces {
			octets, pieces[i] = append(octets, p...), nil
		}
		return octets, nil
	}
}
