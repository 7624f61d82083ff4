package reports

import (
	"bytes"
	"fmt"
	"html"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// certified is a message with certification data.
func certified(data string) string {
	return "X-Ricevuta: accettazione\r\nSubject: ACCETTAZIONE: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n" +
		"--b\r\nContent-Type: application/xml; name=daticert.xml\r\n\r\n" + data + "\r\n--b--\r\n"
}

// Whatever a message holds, its page is a page: no element, attribute or link
// that is not ours, no character that moves others, and of bounded length.
func TestMessagePageOfHostileMessages(t *testing.T) {
	t.Parallel()
	const script = `<script>alert(1)</script><img src=x onerror=alert(1)>`
	many := func(n int, part string) string {
		return "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n"+part+"\r\n", n) + "--b--\r\n"
	}
	deep := ""
	for i := range 200 {
		deep += fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	var recipients strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&recipients, `<destinatari tipo="certificato">r%d@borea.example</destinatari>`, i)
	}
	for _, test := range []struct {
		name, message string
		says          []string
	}{
		{"script in the header", "Subject: " + script + "\r\nFrom: \"" + script + "\" <a@b.example>\r\n\r\n" + script, []string{"<script>alert(1)"}},
		{"script in encoded words", "Subject: =?utf-8?q?=3Cscript=3Ealert=281=29=3C/script=3E?=\r\n\r\nx", []string{"<script>alert(1)"}},
		{"end of an element", "X-A: </pre></dl></section></main></body></html>\r\nSubject: \" onmouseover=\"alert(1)\r\n\r\n</pre>", []string{`" onmouseover="alert(1)`}},
		{"template", "Subject: {{.Octets}} {{template \"x\"}}\r\n\r\n{{range .Seen}}", []string{"{{.Octets}}"}},
		{"names of parts", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/" + script + "; charset=\"" + script + "\"; name=\"../../../etc/passwd\"\r\nContent-Transfer-Encoding: " + script + "\r\n\r\nx\r\n--b--\r\n", []string{"../../../etc/passwd"}},
		{"link in a name", "Content-Type: text/plain; name=\"javascript:alert(1)\"\r\n\r\nhttp://evil.example/ javascript:alert(1)", []string{"javascript:alert(1)"}},
		{"marks of direction", "Subject: invoice \u202Efdp.exe\u2066\u2069\u200F\u061C\r\n\r\nx\u202Ey", []string{"invoice ⟨U+202E⟩fdp.exe⟨U+2066⟩⟨U+2069⟩⟨U+200F⟩⟨U+061C⟩", "x⟨U+202E⟩y"}},
		{"marks of direction in encoded words", "Subject: =?utf-8?b?4oCuZmRwLmV4ZQ==?=\r\n\r\nx", []string{"⟨U+202E⟩fdp.exe"}},
		{"invisible", "Subject: a\u200Bb\u2060c\uFEFFd\U000E0041e\u00ADf\u3164g\r\n\r\nx", []string{"a⟨U+200B⟩b⟨U+2060⟩c⟨U+FEFF⟩d⟨U+E0041⟩e⟨U+00AD⟩f⟨U+3164⟩g"}},
		{"control characters", "X-A: a\x00b\x1b[31mc\x7fd\rE\r\nX-B: bare\nSubject: x\r\n\r\na\x00b", []string{"a⟨U+0000⟩b⟨U+001B⟩[31mc⟨U+007F⟩d⟨U+000D⟩E", "bare⟨LF⟩"}},
		{"no UTF-8", "Subject: perch\xe8\r\n\r\nperch\xe8", []string{"perch⟨E8⟩"}},
		{"a thousand parts", many(1000, "Content-Type: text/plain\r\n\r\nx"), []string{"and 801 more"}},
		{"two hundred levels", deep + "\r\nx", []string{`class="d9"`}},
		{"messages in messages", strings.Repeat("Content-Type: message/rfc822\r\n\r\n", 100) + "x", []string{`class="d9"`}},
		{"a header of a megabyte", "Subject: " + strings.Repeat("a", 1<<20) + "\r\n\r\nx", []string{"more: see the octets"}},
		{"many fields", strings.Repeat("From: a@b.example\r\n", 20000) + "\r\nx", []string{"more: see the octets"}},
		{"a long text", "Subject: x\r\n\r\n" + strings.Repeat("long line of text\r\n", 1<<20), []string{"see the octets"}},
		{"a long name", "Content-Type: text/plain; name=\"" + strings.Repeat("\u202E", 1<<16) + "\"\r\n\r\nx", []string{"⟨U+202E⟩…"}},
		{"never closed", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx", []string{"never closed"}},
		{"broken base64", "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!PHNjcmlwdD4=\r\n", nil},
		{"hostile data", certified(`<postacert tipo="accettazione" errore="nessuno"><intestazione><mittente>` + script + `</mittente></intestazione></postacert>`), []string{"They cannot be read"}},
		{"doctype with entities", certified(`<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><postacert>&b;</postacert>`), []string{"They cannot be read"}},
		{"five thousand recipients", certified(`<?xml version="1.0" encoding="UTF-8"?><postacert tipo="accettazione" errore="nessuno"><intestazione><mittente>a@b.example</mittente>` + recipients.String() +
			`<risposte>a@b.example</risposte><oggetto>x</oggetto></intestazione><dati><gestore-emittente>x</gestore-emittente><data zona="+0100"><giorno>02/03/2026</giorno><ora>12:00:00</ora></data><identificativo>x</identificativo></dati></postacert>`), []string{"and 4960 more", "r39@borea.example"}},
		{"signature of nothing", "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\nContent-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: base64\r\n\r\nMIAGCSqGSIb3DQEHAqCAMIACAQExDzANBglghkgBZQ==\r\n--b--\r\n", []string{"The signature cannot be read"}},
		{"no octets of a header", "\r\n\r\nx", nil},
		{"one octet", "\x00", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			page := rendered(t, words.English, &rules.Result{}, kept{octets: []byte(test.message)})
			harmless(t, page)
			read := html.UnescapeString(page)
			for _, want := range test.says {
				if !strings.Contains(read, want) {
					t.Errorf("the page does not say %q", want)
				}
			}
		})
	}
}

var (
	anyTag    = regexp.MustCompile(`<(/?[a-zA-Z!][^\s>/]*)((?:[^>"]|"[^"]*")*)>`)
	attribute = regexp.MustCompile(`([a-zA-Z-]+)(?:="([^"]*)")?`)
	// By number, and not by the function that takes them out.
	unwanted  = regexp.MustCompile(`[\x{00}-\x{08}\x{0B}-\x{1F}\x{7F}-\x{9F}\x{AD}\x{61C}\x{200B}-\x{200F}\x{2028}-\x{202E}\x{2060}-\x{206F}\x{3164}\x{FEFF}\x{E0000}-\x{E007F}]`)
	ourTags   = map[string]bool{}
	ourTraits = map[string]bool{}
)

func init() {
	for name := range strings.FieldsSeq("!DOCTYPE html head meta title link body a nav main section p h1 h2 h3 div span small b table thead tbody tr th td dl dt dd ul li pre details summary footer") {
		ourTags[name], ourTags["/"+name] = true, true
	}
	for name := range strings.FieldsSeq("html lang charset name content http-equiv rel href class id aria-label tabindex role scope dir") {
		ourTraits[name] = true
	}
}

// harmless tells everything on a page that the template did not put there.
func harmless(t *testing.T, page string) {
	t.Helper()
	const most = 200 << 10
	if len(page) > most {
		t.Errorf("the page is %d octets long, expected at most %d", len(page), most)
	}
	if !utf8.ValidString(page) {
		t.Error("the page is no UTF-8")
	}
	if found := unwanted.FindString(page); found != "" {
		t.Fatalf("the page holds the character %+q", found)
	}
	if strings.Contains(page, "panicked") {
		t.Error("reading the message panicked")
	}
	if tags, openings := len(anyTag.FindAllString(page, -1)), strings.Count(page, "<"); tags != openings {
		t.Errorf("%d of %d angle brackets open no element", openings-tags, openings)
	}
	for _, m := range anyTag.FindAllStringSubmatch(page, -1) {
		if !ourTags[m[1]] {
			t.Errorf("the page holds the element %q", m[1])
		}
		for _, a := range attribute.FindAllStringSubmatch(m[2], -1) {
			if !ourTraits[a[1]] {
				t.Errorf("the page holds the attribute %q in %s", a[1], m[0])
			}
			if a[1] == "href" && !regexp.MustCompile(`^(#[a-z]+|data:,|style\.css|\.\./report\.html(#[A-Za-z0-9-]+)?|\.\./evidence/[a-z]+/[0-9a-f]{64}\.[a-z0-9.]+)$`).MatchString(a[2]) {
				t.Errorf("the page leads to %q", a[2])
			}
		}
	}
}

// Damage at places that chance chose: the page stays a page.
func TestMessagePageOfDamagedMessages(t *testing.T) {
	t.Parallel()
	const seed = 6
	chance := rand.New(rand.NewPCG(seed, seed))
	envelope := sampleFile(t, "envelope.eml")
	pieces := []string{"\r\n", "\n", "\r", "\x00", "\xff", "--", "\"", "<", ">", "=?utf-8?b?4oCu?=", "\u202E", ": ", ";", "</pre>", "{{.}}", "]]>", "&#x202e;"}
	var messages []kept
	for range 150 {
		damaged := bytes.Clone(envelope)
		for range 1 + chance.IntN(8) {
			at := chance.IntN(len(damaged))
			switch chance.IntN(3) {
			case 0:
				damaged[at] = byte(chance.IntN(256))
			case 1:
				damaged = append(damaged[:at:at], damaged[min(len(damaged), at+chance.IntN(200)):]...)
			default:
				damaged = append(append(damaged[:at:at], pieces[chance.IntN(len(pieces))]...), damaged[at:]...)
			}
			if len(damaged) == 0 {
				break
			}
		}
		messages = append(messages, kept{octets: damaged})
	}
	pages, hashes := messagesOf(t, words.English, &rules.Result{}, messages...)
	for i, hash := range hashes {
		var b bytes.Buffer
		if err := pages.render(&b, hash); err != nil {
			t.Fatal(err)
		}
		harmless(t, b.String())
		if t.Failed() {
			t.Fatalf("message %d of seed %d:\n%.2000q", i, seed, messages[i].octets)
		}
	}
}

func TestShown(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"", ""},
		{"perché <b> & \"x\"\n\ty", "perché <b> & \"x\"\n\ty"},
		{"a\r\nb\rc", "a\nb⟨U+000D⟩c"},
		{"\uFFFD", "\uFFFD"}, // the character itself, sent as such
		{"\xff\xfe", "⟨FF⟩⟨FE⟩"},
		{"a\u2028b\u0085c", "a⟨U+2028⟩b⟨U+0085⟩c"},
		{"שלום", "שלום"},
		{"e\u0301", "e\u0301"},
	} {
		if got := shown(test.text); got != test.want {
			t.Errorf("shown(%q): got %q, expected %q", test.text, got, test.want)
		}
	}
}
