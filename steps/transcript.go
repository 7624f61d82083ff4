package steps

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"unicode/utf8"
)

// transcript is a protocol dialogue as evidence keeps it: who said what, line
// by line, without secrets and without message content.
type transcript struct {
	secrets

	mu    sync.Mutex
	lines longText
}

// newTranscript hides the given secrets, in clear and in the forms in which
// SASL and IMAP carry them.
func newTranscript(user, password string) *transcript {
	return &transcript{secrets: secretsOf(user, password)}
}

// newSessionTranscript is that of a session whose length is up to the server:
// its beginning and its end are kept, and how much there was between.
func newSessionTranscript(user, password string) *transcript {
	t := newTranscript(user, password)
	t.lines.head, t.lines.tail = sessionHead, sessionTail
	return t
}

// Bounds of what is kept of one session, in octets: hundreds of messages can be
// listed in the beginning, and the end says how it ended.
const (
	sessionHead = 48 << 10
	sessionTail = 16 << 10
)

const (
	saidByClient = "C: "
	saidByServer = "S: "
	saidByNobody = "   "
)

func (t *transcript) client(line string) { t.write(saidByClient, line) }
func (t *transcript) server(line string) { t.write(saidByServer, line) }
func (t *transcript) note(format string, a ...any) {
	t.write(saidByNobody, "("+fmt.Sprintf(format, a...)+")")
}

// write adds lines of one speaker, with nothing between them; those after the
// first belong to it and are set in.
func (t *transcript) write(who string, lines ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, line := range lines {
		t.lines.add(who + t.shown(t.hide(line), 0) + "\n")
		who = saidByNobody
	}
}

// writeCut adds the beginning of a line of which so many octets more were said.
func (t *transcript) writeCut(who, line string, more int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	line, dropped := t.hideCut(line)
	t.lines.add(who + t.shown(line, more+dropped) + "\n")
}

// shown is a line without secrets as people read it, of which so many octets more
// were said. Where the length of the session is up to the server, so is that of a
// line: it is cut, or one would be longer than all that is kept.
func (t *transcript) shown(line string, more int) string {
	most := math.MaxInt
	if t.lines.head > 0 {
		most = maxReplyLine
	}
	text, rest := printed(line, most)
	if more += rest; more > 0 {
		text += " [" + inOctets(int64(more)) + " more]"
	}
	return text
}

// printed escapes what would move the cursor of whoever reads the line, and ends
// after most octets; rest is how many octets of the line that leaves out.
func printed(line string, most int) (text string, rest int) {
	var b strings.Builder
	for i, r := range line {
		size := utf8.RuneLen(r)
		control := r < ' ' || r == 0x7f
		if control {
			size = len(`\x00`)
		}
		if b.Len()+size > most {
			return b.String(), len(line) - i
		}
		if control {
			fmt.Fprintf(&b, "\\x%02x", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String(), 0
}

func (t *transcript) octets() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return []byte(t.lines.text())
}

// take returns what was said since it was asked last, and how many octets of
// that were left out.
func (t *transcript) take() (text string, cut int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	text, cut = t.lines.text(), t.lines.cut
	t.lines = longText{head: t.lines.head, tail: t.lines.tail}
	return text, cut
}
