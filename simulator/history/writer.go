package history

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Removed stands where credentials were.
const Removed = "[removed]"

// Writer writes down one session. Safe for concurrent use; a nil one forgets
// everything.
type Writer struct {
	record *Record
	entry  *entry
}

// Line writes down what somebody said, without its line end. Credentials must
// have been removed.
func (w *Writer) Line(from, text string) {
	if w == nil {
		return
	}
	line := Line{At: w.record.o.Now(), From: from, Text: Readable(text)}
	bytes := int64(len(line.Text)) + costOfLine
	e := w.entry
	e.mu.Lock()
	e.s.Lines = append(e.s.Lines, line)
	if most := w.record.o.Lines; len(e.s.Lines) > most {
		// A tenth of them goes at once, so that a long session does not move its
		// lines at each further one.
		head := most / 10
		middle := e.s.Lines[head : 2*head+1]
		for _, l := range middle {
			bytes -= int64(len(l.Text)) + costOfLine
		}
		e.s.Lines = append(e.s.Lines[:head], e.s.Lines[2*head+1:]...)
		e.s.Truncated = true
	}
	e.mu.Unlock()
	w.record.charge(e, bytes)
}

// maxMessages bounds the names of messages in one session.
const maxMessages = 5000

// Message writes down that somebody transferred a message whole. It stands as
// one line; the octets do not.
func (w *Writer) Message(from, hash string, size int64) {
	if w == nil {
		return
	}
	w.name(hash)
	w.Line(from, Named(hash, size))
}

// Octets is Message for octets whose hash is not known.
func (w *Writer) Octets(from string, octets []byte) {
	if w != nil {
		w.Message(from, Hash(octets), int64(len(octets)))
	}
}

// name adds a message to those transferred whole.
func (w *Writer) name(hash string) {
	if w == nil {
		return
	}
	e := w.entry
	e.mu.Lock()
	if len(e.s.Messages) >= maxMessages {
		e.s.Messages = append(e.s.Messages[:maxMessages/2], e.s.Messages[maxMessages/2+1:]...)
		e.s.Truncated = true
	}
	e.s.Messages = append(e.s.Messages, hash)
	e.mu.Unlock()
	w.record.charge(e, int64(len(hash)))
}

// Named is how a message is written into a line.
func Named(hash string, size int64) string {
	return fmt.Sprintf("[message of %d octets, SHA-256 %s]", size, hash)
}

// Hash is the SHA-256 of octets, in hex.
func Hash(octets []byte) string {
	sum := sha256.Sum256(octets)
	return hex.EncodeToString(sum[:])
}

// change alters the head of the session.
func (w *Writer) change(f func(s *Session)) {
	if w == nil {
		return
	}
	w.entry.mu.Lock()
	defer w.entry.mu.Unlock()
	f(&w.entry.s)
}

// Account notes who signed in.
func (w *Writer) Account(address string) {
	w.change(func(s *Session) { s.Account = address })
}

// Secured notes that the session is encrypted, with a version as crypto/tls
// numbers it.
func (w *Writer) Secured(version uint16) {
	w.change(func(s *Session) { s.TLS, s.TLSVersion = true, tls.VersionName(version) })
}

// Count adds octets that the client and the server sent.
func (w *Writer) Count(in, out int) {
	w.change(func(s *Session) { s.BytesIn += int64(in); s.BytesOut += int64(out) })
}

// Close ends the session; a second call does nothing.
func (w *Writer) Close() {
	if w == nil {
		return
	}
	at := w.record.o.Now()
	w.entry.mu.Lock()
	again := w.entry.ended
	w.entry.ended = true
	if !again {
		w.entry.s.Ended = at
	}
	w.entry.mu.Unlock()
	if again || w.record.o.Ended == nil {
		return
	}
	s, _ := w.entry.head(Filter{})
	w.record.o.Ended(s)
}

// maxText bounds the text of a line.
const maxText = 2048

// Readable puts text into a form that can be shown: no control characters, valid
// UTF-8, not overlong.
func Readable(text string) string {
	if len(text) > maxText {
		text = text[:maxText] + "…"
	}
	plain := true
	for i := 0; i < len(text) && plain; i++ {
		plain = text[i] >= ' ' && text[i] < 0x7f
	}
	if plain {
		return text
	}
	var out strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			for _, b := range []byte(text[i : i+size]) {
				fmt.Fprintf(&out, `\x%02x`, b)
			}
		} else {
			out.WriteRune(r)
		}
		i += size
	}
	return out.String()
}
