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
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/collaudo/collaudo/simulator/clock"
)

// NewIdentifier makes a PEC msgid in the form of RFC 6109 2.2.1: letters and
// digits, then @ and the provider's domain. It has no angle brackets and serves
// as the Message-ID of receipts too.
//
// Providers have other forms. IdentifierForm is a template of one: {stamp} is
// the instant, {domain} the provider's domain, {n5} five random decimal digits
// and {x8} eight hexadecimal ones, for any count up to 12; the rest stands for
// itself.
func NewIdentifier(p Provider, at time.Time) (string, error) {
	form := p.IdentifierForm
	if form == "" {
		form = "pec{stamp}{x12}{x12}@{domain}"
	}
	var failed error
	id := placeholder.ReplaceAllStringFunc(form, func(name string) string {
		switch name = strings.Trim(name, "{}"); name {
		case "stamp":
			return clock.Legal(at).Format("20060102150405")
		case "domain":
			return p.Domain
		}
		digits, err := randomDigits(p.Random, name)
		if err != nil {
			failed = err
		}
		return digits
	})
	return id, failed
}

var placeholder = regexp.MustCompile(`\{(?:stamp|domain|[nx](?:[1-9]|1[0-2]))\}`)

// randomDigits are as many random digits as the placeholder says: n5 or x8.
func randomDigits(random io.Reader, placeholder string) (string, error) {
	count, err := strconv.Atoi(placeholder[1:])
	if err != nil {
		return "", fmt.Errorf("compose: %q is no number of digits: %w", placeholder, err)
	}
	octets, err := randomHex(random, 6)
	if err != nil || placeholder[0] == 'x' {
		return octets[:min(count, len(octets))], err
	}
	number, err := strconv.ParseUint(octets, 16, 64)
	if err != nil {
		return "", fmt.Errorf("compose: %q is no number: %w", octets, err)
	}
	digits := fmt.Sprintf("%015d", number) // 2^48 has 15 digits: the last 12 are as good as even
	return digits[len(digits)-count:], nil
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
