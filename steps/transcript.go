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
	lines   strings.Builder
}

// newTranscript hides the given secrets, in clear and in the forms in which
// SASL carries them.
func newTranscript(user, password string) *transcript {
	t := &transcript{}
	if password != "" {
		t.secrets = []string{
			base64.StdEncoding.EncodeToString([]byte("\x00" + user + "\x00" + password)),
			base64.StdEncoding.EncodeToString([]byte(password)),
			password,
		}
	}
	return t
}

func (t *transcript) client(line string) { t.write("C: ", line) }
func (t *transcript) server(line string) { t.write("S: ", line) }
func (t *transcript) note(format string, a ...any) {
	t.write("   ", "("+fmt.Sprintf(format, a...)+")")
}

func (t *transcript) write(who, line string) {
	for _, s := range t.secrets {
		line = strings.ReplaceAll(line, s, removed)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines.WriteString(who)
	for _, r := range line {
		if r < ' ' || r == 0x7f {
			fmt.Fprintf(&t.lines, "\\x%02x", r)
			continue
		}
		t.lines.WriteRune(r)
	}
	t.lines.WriteByte('\n')
}

func (t *transcript) octets() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return []byte(t.lines.String())
}
