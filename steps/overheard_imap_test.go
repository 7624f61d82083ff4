package steps

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestIMAPIsWrittenDownWithoutSecretsAndContent(t *testing.T) {
	t.Parallel()
	const user, password = "anna", `se"gre\to`
	body := "Subject: x\r\n\r\n* 1 FETCH {3}\r\n"
	hash := fmt.Sprintf("%x", sha256.Sum256([]byte(body)))
	long := strings.Repeat("x", maxReplyLine-3)
	table := []struct {
		name   string
		client bool
		given  string
		want   string
	}{
		{"a greeting", false, "* OK ready\r\n", "S: * OK ready\n"},
		{"a command", true, "T2 EXAMINE INBOX\r\n", "C: T2 EXAMINE INBOX\n"},
		{"a login", true, "T1 LOGIN \"anna\" \"se\\\"gre\\\\to\"\r\nT2 NOOP\r\n", "C: T1 LOGIN \"anna\" [removed]\nC: T2 NOOP\n"},
		{"a login with another password", true, "T1 login \"an\\\"na\" \"other\"\r\n", "C: T1 login \"an\\\"na\" [removed]\n"},
		{"a login without quotes", true, "T1 LOGIN anna other\r\n", "C: T1 LOGIN [removed]\n"},
		{"a login with a literal", true, "T1 LOGIN \"anna\" {5}\r\nother\r\nT2 NOOP\r\n", "C: T1 LOGIN \"anna\" [removed]\nC: [removed]\nC: T2 NOOP\n"},
		{"a login of two literals", true, "T1 LOGIN {4+}\r\nanna {5+}\r\nother\r\nT2 NOOP\r\n", "C: T1 LOGIN [removed]\nC: [removed]\nC: [removed]\nC: T2 NOOP\n"},
		{"a password that is given back", false, "* NO I know anna by se\"gre\\to\r\n* NO or se\\\"gre\\\\to\r\n", "S: * NO I know anna by [removed]\nS: * NO or [removed]\n"},
		{"SASL", true, "AGFubmEAc2UiZ3JlXHRv\r\n", "C: [removed]\n"},
		{"a message", false, fmt.Sprintf("* 1 FETCH (UID 5 BODY[] {%d}\r\n%s)\r\nT3 OK\r\n", len(body), body), fmt.Sprintf("S: * 1 FETCH (UID 5 BODY[] {%d}\nS: [%d octets, SHA-256 %s])\nS: T3 OK\n", len(body), len(body), hash)},
		{"header fields", false, "* 1 FETCH (UID 5 BODY[HEADER.FIELDS (SUBJECT)] {10}\r\nSubject: x)\r\n", "S: * 1 FETCH (UID 5 BODY[HEADER.FIELDS (SUBJECT)] {10}\nS: [10 octets])\n"},
		{"an empty message", false, "* 1 FETCH (BODY[] {0}\r\n)\r\n", "S: * 1 FETCH (BODY[] {0}\nS: [0 octets, SHA-256 " + fmt.Sprintf("%x", sha256.Sum256(nil)) + "])\n"},
		{"two literals", false, "* 1 FETCH (BODY[1] {1}\r\na BODY[2] {2}\r\nbb)\r\n", "S: * 1 FETCH (BODY[1] {1}\nS: [1 octets] BODY[2] {2}\nS: [2 octets])\n"},
		{"words that look like a literal", false, "* OK take {5}\r\n* NO {5}\r\n* BAD {5}\r\nT1 NO {9}\r\n+ {3}\r\n* BYE {5}\r\n", "S: * OK take {5}\nS: * NO {5}\nS: * BAD {5}\nS: T1 NO {9}\nS: + {3}\nS: * BYE {5}\n"},
		{"a search", true, "T5 UID SEARCH BODY {3}\r\nabc\r\n", "C: T5 UID SEARCH BODY {3}\nC: [3 octets]\n"},
		{"a long line", false, "* " + strings.Repeat("x", maxReplyLine+98) + "\r\n", "S: * " + strings.Repeat("x", maxReplyLine-2) + " [102 octets more]\n"},
		{"a secret at the end of what is kept", false, long + password + strings.Repeat("y", 20) + "\r\n", "S: " + long + fmt.Sprintf(" [%d octets more]\n", len(password)+20+2)},
		{"a long line with a literal", false, "* 1 FETCH (" + long + " {4}\r\nT1 x)\r\n", "S: * 1 FETCH (" + strings.Repeat("x", maxReplyLine-11) + " [14 octets more]\nS: [4 octets])\n"},
		{"a part in quotes", false, "* 3 FETCH (UID 7 BODY[HEADER.FIELDS (\"SUB\\\"]JECT\")] \"Subject: \\\"x\r\n\r\n\\\\\" BODY[1]<0> \"\")\r\n* 4 EXISTS\r\n", "S: * 3 FETCH (UID 7 BODY[HEADER.FIELDS (\"SUB\\\"]JECT\")] [18 octets] BODY[1]<0> [0 octets])\nS: * 4 EXISTS\n"},
		{"quotes behind a literal", false, "* 3 fetch (Body[1] {2}\r\nab body[2] \"c\" INTERNALDATE \"17-Jul-1996\")\r\n", "S: * 3 fetch (Body[1] {2}\nS: [2 octets] body[2] [1 octet] INTERNALDATE \"17-Jul-1996\")\n"},
		{"quotes that hold no mail", false, "* LIST () \"/\" \"INBOX\"\r\n* OK BODY[ \"x\"\r\nT1 OK BODY[] \"x\"\r\n", "S: * LIST () \"/\" \"INBOX\"\nS: * OK BODY[ \"x\"\nS: T1 OK BODY[] \"x\"\n"},
		{"a body in another response", false, "* ODD BODY[] \"x\"\r\n", "S: * ODD BODY[] [1 octet]\n"},
		{"quotes in a line that is too long", false, "* 3 FETCH (" + long + " BODY[] \"x\r\ny\" z\r\n* 4 EXISTS\r\n", "S: * 3 FETCH (" + strings.Repeat("x", maxReplyLine-11) + " [30 octets more]\nS: * 4 EXISTS\n"},
		{"a length with many zeros", false, "* 3 FETCH (BODY[1] {" + strings.Repeat("0", 40) + "2}\r\nab)\r\n", "S: * 3 FETCH (BODY[1] {" + strings.Repeat("0", 40) + "2}\nS: [2 octets])\n"},
		{"a length that is no number of octets", false, "* 3 FETCH (BODY[1] {" + strings.Repeat("9", 30) + "}\r\nabc", "S: * 3 FETCH (BODY[1] {" + strings.Repeat("9", 30) + "}\n   (the connection ended after 3 of these 9223372036854775807 octets)\n"},
		{"braces that are no length", false, "* 3 FETCH (x {-1}\r\n* 3 FETCH (1}\r\n", "S: * 3 FETCH (x {-1}\nS: * 3 FETCH (1}\n"},
		{"control characters", false, "* OK \x1b[31m\r\n", "S: * OK \\x1b[31m\n"},
	}
	for _, row := range table {
		for _, step := range []int{1, 7, 1 << 20} {
			t.Run(fmt.Sprintf("%s, %d at a time", row.name, step), func(t *testing.T) {
				t.Parallel()
				log := newSessionTranscript(user, password)
				s := imapStream{log: log, client: row.client}
				for given := row.given; given != ""; {
					n := min(step, len(given))
					s.feed([]byte(given[:n]))
					given = given[n:]
				}
				s.stop()
				if diff := cmp.Diff(row.want, string(log.octets())); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestAnIMAPConnectionThatBreaksOff(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"* 1 FETCH (BODY[] {100}\r\nSubj": "S: * 1 FETCH (BODY[] {100}\n   (the connection ended after 4 of these 100 octets)\n",
		"* 1 FETCH (BODY[] \"Subj":        "   (the connection ended after 4 octets of a text in quotes)\n",
		"* OK rea":                        "   (the connection ended 8 octets into a line)\n",
		"* OK ready\r\n":                  "S: * OK ready\n",
	} {
		log := newSessionTranscript("", "")
		s := imapStream{log: log}
		s.feed([]byte(given))
		s.stop()
		if diff := cmp.Diff(want, string(log.octets())); diff != "" {
			t.Errorf("%q (-want +got):\n%s", given, diff)
		}
	}
}

// Wherever a line is cut, no part of a secret that lies there is shown.
func TestALineIsNotCutThroughASecret(t *testing.T) {
	t.Parallel()
	const user, password = "anna", "Parola-Segreta-123"
	for _, form := range secretsOf(user, password).forms {
		for at := maxReplyLine - 3*len(form); at < maxReplyLine+3; at++ {
			log := newSessionTranscript(user, password)
			s := imapStream{log: log}
			s.feed([]byte(strings.Repeat("x", at) + form + strings.Repeat("y", 500) + "\r\n"))
			text := string(log.octets())
			if rest := strings.NewReplacer(removed, "", "x", "", "y", "").Replace(text); strings.Contains(rest, form[:1]) {
				t.Fatalf("with %q at %d of the line a part of it is shown: %s", form, at, rest)
			}
		}
	}
}
