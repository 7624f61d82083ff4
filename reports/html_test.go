package reports

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// One page serves all these tests: it is the slowest thing to make here.
func TestPage(t *testing.T) {
	t.Parallel()
	dir := sampleRun(t)
	if err := Write(dir, sampleResult(), loadCatalogue(t), WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	octets, err := os.ReadFile(filepath.Join(dir, HTMLFile))
	if err != nil {
		t.Fatal(err)
	}
	page := string(octets)
	t.Run("needs nothing from outside", func(t *testing.T) { t.Parallel(); needsNothing(t, page) })
	t.Run("links lead somewhere", func(t *testing.T) { t.Parallel(); linksLead(t, dir, page) })
	t.Run("tells everything", func(t *testing.T) { t.Parallel(); tellsEverything(t, page) })
	t.Run("escapes what was seen", func(t *testing.T) { t.Parallel(); escapes(t, page) })
}

// The report has to open from disk on a machine without network, years later.
func needsNothing(t *testing.T, page string) {
	t.Helper()
	for _, bad := range []string{` src=`, `@import`, `url\([^#]`, `href="?(https?:)?//`, `<(iframe|object|embed|link rel="?stylesheet)`, `(fetch|XMLHttpRequest|WebSocket|import)\(`} {
		if found := regexp.MustCompile(bad).FindString(page); found != "" {
			t.Errorf("the page holds %q", found)
		}
	}
}

// Every link leads somewhere: to a part of the page, or to a file beside it.
func linksLead(t *testing.T, dir, page string) {
	t.Helper()
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if ids[m[1]] {
			t.Errorf("two elements have the id %q", m[1])
		}
		ids[m[1]] = true
	}
	links := 0
	for _, m := range regexp.MustCompile(`href="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		switch target := m[1]; {
		case target == "data:,": // the empty icon, so that none is asked for
		case strings.HasPrefix(target, "#"):
			if !ids[target[1:]] {
				t.Errorf("a link leads to %s, which is not there", target)
			}
		default:
			links++
			if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(target))); err != nil {
				t.Errorf("a link leads to a file that is not there: %v", err)
			}
		}
	}
	if links < 8 {
		t.Errorf("only %d links to files: where are the octets?", links)
	}
}

func tellsEverything(t *testing.T, page string) {
	t.Helper()
	asked := sampleResult().Run.Rules
	for _, law := range loadCatalogue(t).Rules {
		want := 0
		if slices.Contains(asked, law.ID) {
			want = 1
		}
		if n := strings.Count(page, `id="`+law.ID+`"`); n != want {
			t.Errorf("%s stands %d times in the list of rules, want %d", law.ID, n, want)
		}
	}
	for _, want := range []string{
		"<h1>NOT CONFORMANT</h1>", "1 rule broken.", "What to do next", "collaudo run --rule PEC-AP-012",
		"not judged yet", "not asked for", "only an audit of the provider", // a reason of exclusion
		"407 other rules of the catalogue were not asked for", `href="evidence/transcripts/`, `<p class="said"><a href="evidence/transcripts/`, `">bruno@borea.example</a> IMAP ×3, <a href="evidence/transcripts/`, `">ldap://127.0.0.1:389</a> LDAP</p>`, "523 5.7.10 TLS is required", `in <a href="#s-complete-exchange">`,
		"* Sections of the Italian annex", "** Cited from memory", `data-words="complete transaction 3.5 @core"`, "<li>When Anna sends a plain message to Bruno</li>",
		`<p class="ids">PEC-AP-037; PEC-TE-001</p>`,
		"not accepted: a refusal or a notice", "header To of s1 (submission by Anna)",
		"one accredited provider sends UTF-8 text", "dial tcp: connection refused", `aria-label="Message flow; Anna to Aurora PEC S.p.A.: submission`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

// What a target wrote is shown, never obeyed.
func escapes(t *testing.T, page string) {
	t.Helper()
	if strings.Contains(page, "<script>alert") {
		t.Error("a script that the target wrote got into the page")
	}
	if !strings.Contains(page, "&lt;script&gt;alert(&#39;seen&#39;)") {
		t.Error("what was seen is not shown")
	}
}

func TestPageOfAnEmptyRun(t *testing.T) {
	t.Parallel()
	result := sampleResult()
	result.Scenarios, result.Rules = nil, nil
	octets, err := renderHTML(result, loadCatalogue(t), &story{}, WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(octets), "NOT CONFORMANT") {
		t.Error("the verdict is missing")
	}
}
