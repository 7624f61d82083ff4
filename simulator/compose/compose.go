// Package compose writes the messages of certified e-mail: the nine kinds of
// RFC 6109 3 and their variants, with the Italian texts, the certification data
// and the signature, as a provider sends them.
//
// A constructor gives a Draft, Render gives the octets that are signed, Seal
// gives the message. Between one and the next everything may still be altered:
// that is where faults act.
//
// It is not a reader (that is package pec) and no judge calls it: a judge works
// out what it expects by itself, so that one bug cannot write and approve the
// same mistake. It decides nothing: whether a receipt is due, and to whom, is
// the provider's business.
package compose

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/collaudo/collaudo/simulator/clock"
)

// NewIdentifier makes a PEC msgid in the form of RFC 6109 2.2.1: letters and
// digits, then @ and the provider's domain. It has no angle brackets and serves
// as the Message-ID of receipts too.
func NewIdentifier(p Provider, at time.Time) (string, error) {
	random, err := randomHex(p.Random, 12)
	if err != nil {
		return "", err
	}
	return "pec" + clock.Legal(at).Format("20060102150405") + random + "@" + p.Domain, nil
}

var errNoRandom = errors.New("compose: expected a source of randomness in Provider.Random, found none; pass crypto/rand.Reader or a seeded reader")

func randomHex(random io.Reader, octets int) (string, error) {
	if random == nil {
		return "", errNoRandom
	}
	b := make([]byte, octets)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", fmt.Errorf("compose: the source of randomness gave less than %d octets: %w", octets, err)
	}
	return hex.EncodeToString(b), nil
}

// Canonical gives the octets with every line ended by CRLF, which is what a
// signature has to be computed on (a bare LF, or CR CR LF, would be changed by
// the next SMTP hop and break it). Octets that already are so come back as they
// are, the same slice. A CR in the middle of a line is left alone.
func Canonical(octets []byte) []byte {
	from := firstOddLineEnd(octets)
	if from < 0 {
		return octets
	}
	out := make([]byte, 0, len(octets)+bytes.Count(octets, []byte{'\n'})+1)
	out = append(out, octets[:from]...)
	for rest := octets[from:]; len(rest) > 0; {
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			return append(out, rest...)
		}
		out = append(out, bytes.TrimRight(rest[:end], "\r")...)
		out = append(out, '\r', '\n')
		rest = rest[end+1:]
	}
	return out
}

// firstOddLineEnd is the start of the first line that does not end in exactly
// one CR and LF, or -1.
func firstOddLineEnd(octets []byte) int {
	for start := 0; start < len(octets); {
		end := bytes.IndexByte(octets[start:], '\n')
		if end < 0 {
			return -1
		}
		line := octets[start : start+end]
		if len(line) == 0 || line[len(line)-1] != '\r' || (len(line) > 1 && line[len(line)-2] == '\r') {
			return start
		}
		start += end + 1
	}
	return -1
}
