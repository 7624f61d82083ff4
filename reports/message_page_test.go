package reports

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// kept is octets to keep as evidence, and how.
type kept struct {
	octets   []byte
	infected bool
}

// messagesOf makes the pages of messages that Bruno found in his mailbox, with
// the trust data of the sample envelope.
func messagesOf(t *testing.T, language words.Language, result *rules.Result, messages ...kept) (*messagePages, []string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	recorder, err := evidence.Create(dir, func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	s := recorder.Scenario("an-exchange")
	keep := func(drawer evidence.Drawer, octets []byte, infected bool) string {
		hash, err := s.Keep(drawer, octets, infected)
		if err != nil {
			t.Fatal(err)
		}
		return hash
	}
	record := func(e evidence.Event) {
		if err := s.Record(e); err != nil {
			t.Fatal(err)
		}
	}
	record(evidence.Event{Type: evidence.ScenarioStarted, Start: &evidence.Start{ID: "an-exchange"}})
	record(evidence.Event{Type: evidence.TrustSeen, Trust: &evidence.Trust{
		Instant: noon, Authority: keep(evidence.TrustBlob, sampleFile(t, "ca.pem"), false), Revoked: keep(evidence.TrustBlob, sampleFile(t, "crl.pem"), false),
	}})
	var hashes []string
	for i, m := range messages {
		hash := keep(evidence.Received, m.octets, m.infected)
		hashes = append(hashes, hash)
		record(evidence.Event{Type: evidence.MessageSeen, Message: &evidence.Message{
			ID: "m" + plainNumber(i+1), Mailbox: bruno, Role: evidence.UserMailbox, Emitter: evidence.Target, Blob: hash, Size: int64(len(m.octets)), Delivered: noon, Via: "imap",
		}})
	}
	if err := recorder.Close(); err != nil {
		t.Fatal(err)
	}
	opened, err := evidence.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	pages, err := newMessagePages(&telling{result: result, catalogue: loadCatalogue(t), record: opened, options: WriteOptions{Language: language}})
	if err != nil {
		t.Fatal(err)
	}
	return pages, hashes
}

// sampleFile is a real envelope of the simulated providers, and what its CA
// published.
func sampleFile(t *testing.T, name string) []byte {
	t.Helper()
	octets, err := os.ReadFile(filepath.Join("testdata", "message", name))
	if err != nil {
		t.Fatal(err)
	}
	return octets
}

// rendered is the page of the first of some messages.
func rendered(t *testing.T, language words.Language, result *rules.Result, messages ...kept) string {
	t.Helper()
	pages, hashes := messagesOf(t, language, result, messages...)
	var b bytes.Buffer
	if err := pages.render(&b, hashes[0]); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// judged is a result with a check about m1 that failed, and one that passed.
func judged() *rules.Result {
	return &rules.Result{Rules: []rules.RuleResult{
		{ID: "PEC-TE-004", Checks: []rules.Check{{
			Rule: "PEC-TE-004", Scenario: "an-exchange", Verdict: rules.Fail, Expected: `"Per conto di: anna@aurora.example"`, Seen: "<b>another</b> name",
			Where: rules.Where{Message: "m1", Part: "header From"},
		}}},
		{ID: "PEC-TE-001", Checks: []rules.Check{{Rule: "PEC-TE-001", Scenario: "an-exchange", Verdict: rules.Pass, Count: 3, Where: rules.Where{Message: "m1"}}}},
		{ID: "PEC-TE-013", Checks: []rules.Check{{Rule: "PEC-TE-013", Scenario: "an-exchange", Verdict: rules.Fail, Where: rules.Where{Message: "m2"}}}},
	}}
}

func TestMessagePage(t *testing.T) {
	t.Parallel()
	golden(t, "message.html", []byte(rendered(t, words.English, judged(), kept{octets: sampleFile(t, "envelope.eml")})))
}

func TestMessagePageInItalian(t *testing.T) {
	t.Parallel()
	page := rendered(t, words.Italian, judged(), kept{octets: sampleFile(t, "envelope.eml")})
	for _, want := range []string{
		`<html lang="it">`, "<h1>Busta di trasporto</h1>", "La firma corrisponde a questi byte", "trovato nella casella bruno@borea.example",
		`<dd class="seen" lang="en">&lt;b&gt;another&lt;/b&gt; name</dd>`, "non conforme",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, unwanted := range []string{"Signature", "Where it was seen", "Certificate of", "!message."} {
		if strings.Contains(page, unwanted) {
			t.Errorf("the Italian page says %q", unwanted)
		}
	}
}

func TestMessagePageTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	envelope := sampleFile(t, "envelope.eml")
	change := func(old, wanted string) []byte {
		changed := bytes.Replace(envelope, []byte(old), []byte(wanted), 1)
		if bytes.Equal(changed, envelope) {
			t.Fatalf("the sample does not hold %q", old)
		}
		return changed
	}
	for _, test := range []struct {
		name      string
		message   kept
		says, not []string
	}{
		{"untouched", kept{octets: envelope}, []string{"The signature belongs to these octets", "A path leads from the signer", "does not name the signer", "PEC-TE-004", `href="../report.html#PEC-TE-001"`, `href="../report.html#s-an-exchange"`}, []string{"PEC-TE-013"}},
		{"altered", kept{octets: change("Messaggio di posta", "Messaggio da posta")}, []string{"The signature DOES NOT belong to these octets"}, []string{"belongs to these octets"}},
		{"signature cut", kept{octets: change("Content-Disposition: attachment; filename=\"smime.p7s\"", "Content-Disposition: attachment; filename=\"smime.p7s\"\r\n\r\nAAAA!")}, []string{"The signature cannot be read"}, []string{"belongs to these octets"}},
		{"unsigned", kept{octets: []byte("From: a@b.example\r\nSubject: x\r\n\r\ntext\r\n")}, []string{"<h1>Ordinary message</h1>", "text/plain"}, []string{`id="signature"`, `id="data"`}},
		{"infected", kept{[]byte("Subject: dangerous\r\n\r\nthe body of it"), true}, []string{"<h1>Infected message</h1>", ".b64.txt", "A virus scanner could react"}, []string{"dangerous", "the body of it", `id="header"`, `id="parts"`}},
		{"empty", kept{octets: []byte{}}, []string{"It cannot be shown", "no octets at all"}, []string{`id="parts"`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			page := rendered(t, words.English, judged(), test.message)
			for _, want := range test.says {
				if !strings.Contains(page, want) {
					t.Errorf("the page does not say %q", want)
				}
			}
			for _, unwanted := range test.not {
				if strings.Contains(page, unwanted) {
					t.Errorf("the page says %q", unwanted)
				}
			}
		})
	}
}

// Evidence that was altered or taken away is told of on its page, and all others
// are written.
func TestMessagePageWithoutItsOctets(t *testing.T) {
	t.Parallel()
	pages, hashes := messagesOf(t, words.English, &rules.Result{}, kept{octets: []byte("Subject: one\r\n\r\n")}, kept{octets: []byte("Subject: two\r\n\r\n")}, kept{octets: []byte("Subject: three\r\n\r\n")})
	dir := pages.told.record.Dir
	path := func(i int) string { return filepath.Join(dir, filepath.FromSlash(pages.told.record.Path(hashes[i]))) }
	if err := os.Remove(path(0)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path(1), []byte("Subject: other\r\n\r\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := writeMessages(dir, pages.told); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"does not hold the octets", "was altered", "<p class=\"reason\">three</p>"} {
		page, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(messagePath(hashes[i]))))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(page), want) {
			t.Errorf("the page of message %d does not say %q", i+1, want)
		}
	}
}

// Every message of a run has a page, and what a page leads to is there.
func TestMessagePagesOfARun(t *testing.T) {
	t.Parallel()
	dir := sampleRun(t)
	record, err := evidence.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := writeMessages(dir, &telling{result: sampleResult(), catalogue: loadCatalogue(t), record: record}); err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{"style.css": true}
	for _, c := range record.Cases {
		for _, s := range c.Submissions {
			want[s.Blob+".html"] = true
		}
		for _, m := range c.Messages {
			want[m.Blob+".html"] = true
		}
	}
	got := map[string]bool{}
	entries, err := os.ReadDir(filepath.Join(dir, messagesFolder))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		got[e.Name()] = true
		octets, err := os.ReadFile(filepath.Join(dir, messagesFolder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`href="([^"#]+)(?:#[^"]*)?"`).FindAllSubmatch(octets, -1) {
			link := string(m[1])
			if link == "data:," || link == "../report.html" { // the report is not written here
				continue
			}
			if _, err := os.Stat(filepath.Join(dir, messagesFolder, filepath.FromSlash(link))); err != nil {
				t.Errorf("%s leads to a file that is not there: %v", e.Name(), err)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files in %s (-want +got):\n%s", messagesFolder, diff)
	}
}

// A page that cannot be written ends the report: what is missing must not look
// like a report without it.
func TestMessagePageThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	octets := []byte("Subject: one\r\n\r\n")
	pages, _ := messagesOf(t, words.English, &rules.Result{}, kept{octets: octets})
	sum := sha256.Sum256(octets)
	dir := pages.told.record.Dir
	if err := os.MkdirAll(filepath.Join(dir, filepath.FromSlash(messagePath(hex.EncodeToString(sum[:])))), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := writeMessages(dir, pages.told); err == nil {
		t.Error("a page that could not be written was not told of")
	}
}
