package steps

import (
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
)

// removed stands in transcripts where a secret was.
const removed = "[removed]"

// transcript is a protocol dialogue as evidence keeps it: who said what, line
// by line, without secrets and without message content.
type transcript struct {
	mu      sync.Mutex
	secrets []string
	lines   longText
}

// newTranscript hides the given secrets, in clear and in the forms in which
// SASL and IMAP carry them.
func newTranscript(user, password string) *transcript {
	t := &transcript{}
	if password != "" {
		t.secrets = []string{
			base64.StdEncoding.EncodeToString([]byte("\x00" + user + "\x00" + password)),
			base64.StdEncoding.EncodeToString([]byte(password)),
			quoteIMAP.Replace(password),
			password,
		}
	}
	return t
}

// quoteIMAP writes a text as it stands between quotes in IMAP (RFC 3501 4.3).
var quoteIMAP = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

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
		t.lines.add(who + printed(t.hide(line)) + "\n")
		who = saidByNobody
	}
}

// hide takes the secrets out of a line.
func (t *transcript) hide(line string) string {
	for _, s := range t.secrets {
		line = strings.ReplaceAll(line, s, removed)
	}
	return line
}

// longest is the length of the longest secret, in octets: a line that is cut may
// end in so many of one.
func (t *transcript) longest() int {
	n := 0
	for _, s := range t.secrets {
		n = max(n, len(s))
	}
	return n
}

// printed escapes what would move the cursor of whoever reads the line.
func printed(line string) string {
	var b strings.Builder
	for _, r := range line {
		if r < ' ' || r == 0x7f {
			fmt.Fprintf(&b, "\\x%02x", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
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
