package reports

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// dossierOf makes the dossier of a result, over the evidence of the sample.
func dossierOf(t *testing.T, result *rules.Result, language words.Language) string {
	t.Helper()
	record, err := evidence.Open(sampleRun(t))
	if err != nil {
		t.Fatal(err)
	}
	told := &telling{result: result, catalogue: loadCatalogue(t), record: record, story: tell(record)}
	told.story.Dir = "out/run"
	octets, err := renderDossier(told, language)
	if err != nil {
		t.Fatal(err)
	}
	return string(octets)
}

// failing is a result in which these rules are broken, and no other.
func failing(ids ...string) *rules.Result {
	result := sampleResult()
	result.Rules = nil
	result.Run.Rules = ids
	for i, id := range ids {
		result.Rules = append(result.Rules, rules.RuleResult{ID: id, Verdict: rules.Fail, Judged: true, Checks: []rules.Check{
			{Rule: id, Scenario: "hidden-recipient", By: "judge", Verdict: rules.Fail, Count: i + 1, Expected: "this", Seen: "that"},
			{Rule: id, Scenario: "complete-exchange", By: "judge", Verdict: rules.Pass, Count: 9},
		}})
	}
	result.Counts = map[rules.Verdict]int{rules.Fail: len(ids)}
	result.Regroup()
	return result
}

func TestDossierGolden(t *testing.T) {
	t.Parallel()
	for name, language := range map[string]words.Language{DossierFile: words.English, DossierItalianFile: words.Italian} {
		page := dossierOf(t, sampleResult(), language)
		head, body, found := strings.Cut(page, "<style>")
		_, rest, closed := strings.Cut(body, "</style>")
		if !found || !closed {
			t.Fatalf("%s holds no style", name)
		}
		golden(t, name, []byte(head+rest)) // the style is read in a browser, not here
	}
}

// What has to be corrected stands on the first page: by gravity, with its class,
// the section and what to do.
func TestDossierFirstPage(t *testing.T) {
	t.Parallel()
	page := dossierOf(t, failing("PEC-NA-003", "PEC-AP-021", "PEC-RB-017", "PEC-TE-003", "PEC-SIG-002", "PEC-CLI-005"), words.Italian)
	cover, _, found := strings.Cut(page, `<section id="each">`)
	if !found {
		t.Fatal("the first page does not end")
	}
	row := regexp.MustCompile(`<tr><td class="class">(?:<b>)?(\d|–)(?:</b>)?</td><td><small>([^<]+)</small><a href="#([^"]+)">([^<]+)</a><small><span class="id">[^<]+</span> · ([^<]+)</small></td><td>([^<]+)<small class="seen">Atteso: <span lang="en">([^<]+)</span></small><small class="seen">Visto: <span lang="en">([^<]+)</span></small></td></tr>`)
	var got []string
	for _, m := range row.FindAllStringSubmatch(cover, -1) {
		got = append(got, m[1]+" "+m[3])
		for i, text := range m[1:] {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s: part %d of its line is empty", m[3], i+1)
			}
		}
		if !strings.Contains(page, `<article class="gap" id="`+m[3]+`">`) {
			t.Errorf("%s is not described", m[3])
		}
	}
	want := []string{"1 PEC-SIG-002", "1 PEC-TE-003", "2 PEC-NA-003", "4 PEC-AP-021", "5 PEC-RB-017", "– PEC-CLI-005"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the first page (-want +got):\n%s", diff)
	}
	for _, text := range []string{
		"Non ancora conforme", "6 regole tecniche non sono rispettate", "Questa non è la prova ufficiale.", "rilevati dal gestore stesso",
		"RFC 6109 3.1.5; allegato, punto 6.3.4*", "malfunzionamento grave", "È stata eseguita solo una parte dei casi di prova",
	} {
		if !strings.Contains(cover, text) {
			t.Errorf("the first page does not say %q", text)
		}
	}
	if n := strings.Count(page, `class="unofficial"`); n != 2 {
		t.Errorf("it says %d times that it is not the official test, want 2", n)
	}
}

// However many rules are broken, the dossier stays short and none is forgotten.
func TestDossierStaysShort(t *testing.T) {
	t.Parallel()
	var ids []string
	for _, law := range loadCatalogue(t).Rules {
		ids = append(ids, law.ID)
	}
	result := failing(ids...)
	for i := range result.Rules {
		result.Rules[i].Checks[0].Seen = strings.Repeat("what was seen ", 5000)
	}
	page := dossierOf(t, result, words.Italian)
	if len(page) > 200<<10 {
		t.Errorf("%d octets, want at most 200 KB", len(page))
	}
	for _, id := range ids {
		if !strings.Contains(page, id) {
			t.Errorf("%s is broken and not named", id)
		}
	}
	if want := fmt.Sprintf("Altre %d regole non rispettate", len(ids)-firstGaps); !strings.Contains(page, want) {
		t.Errorf("it does not say %q", want)
	}
}

// What a hostile system writes is text, in both languages.
func TestDossierEscapes(t *testing.T) {
	t.Parallel()
	result := sampleResult()
	result.Run.Target = "<img onerror=alert(1)>\u202egnp"
	result.Run.TargetFile = `"><script>`
	for _, language := range words.Languages() {
		page := dossierOf(t, result, language)
		needsNothing(t, page)
		for _, bad := range []string{"<script", "<img", "\u202e", "\x1b", "\x00"} {
			if strings.Contains(page, bad) {
				t.Errorf("%s: it holds %q", language, bad)
			}
		}
		if !strings.Contains(page, "&lt;script&gt;alert(") {
			t.Errorf("%s: what was seen is not shown", language)
		}
	}
}

// Every verdict has a sentence of its own, and none that is not green sounds so.
func TestDossierVerdicts(t *testing.T) {
	t.Parallel()
	said := map[string]rules.Outcome{}
	for _, test := range []struct {
		verdict rules.Outcome
		tone    string
	}{
		{rules.Conformant, "good"},
		{rules.ConformantWithWarnings, "warned"},
		{rules.NotConformant, "bad"},
		{rules.Inconclusives, "unknown"},
		{rules.Invalid, "unknown"},
		{rules.Interrupted, "unknown"},
		{"SOMETHING NEW", "unknown"},
	} {
		result := sampleResult()
		result.Verdict = test.verdict
		if test.verdict != rules.NotConformant {
			result.Rules = slices.DeleteFunc(result.Rules, func(r rules.RuleResult) bool { return r.Verdict == rules.Fail })
		}
		page := dossierOf(t, result, words.Italian)
		plain := regexp.MustCompile(`<p class="plain">([^<]+)</p>`).FindStringSubmatch(page)
		if plain == nil {
			t.Fatalf("%s: no sentence", test.verdict)
		}
		if other, twice := said[plain[1]]; twice {
			t.Errorf("%s says the same as %s: %s", test.verdict, other, plain[1])
		}
		said[plain[1]] = test.verdict
		if !strings.Contains(page, `<section class="cover `+test.tone+`">`) {
			t.Errorf("%s is not drawn as %s", test.verdict, test.tone)
		}
		green := test.verdict == rules.Conformant || test.verdict == rules.ConformantWithWarnings
		if got := strings.Contains(page, "Nessuna delle regole provate è"); got != green {
			t.Errorf("%s: that no rule is broken is said: %t, want %t", test.verdict, got, green)
		}
	}
}

// Failures that a baseline knows are named as such, and stay failures.
func TestDossierKnownFailures(t *testing.T) {
	t.Parallel()
	record, err := evidence.Open(sampleRun(t))
	if err != nil {
		t.Fatal(err)
	}
	told := &telling{result: sampleResult(), catalogue: loadCatalogue(t), record: record, story: tell(record)}
	told.options.Gate = &Gate{Standing: GateCovered, Entries: []KnownFailure{
		{Standing: KnownFails, Fails: true}, {Standing: KnownExpired, Fails: true}, {Standing: KnownStale}, {Standing: KnownNotLooked},
	}}
	octets, err := renderDossier(told, words.English)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"1 failure is known to the provider", "NOT CONFORMANT", `<section class="cover bad">`} {
		if !strings.Contains(string(octets), text) {
			t.Errorf("it does not say %q", text)
		}
	}
}

// On paper no link leads to a file, and the PDF gets the language into its name.
func TestDossierPrinted(t *testing.T) {
	t.Parallel()
	dir := sampleRun(t)
	result, catalogue := sampleResult(), loadCatalogue(t)
	if err := Write(dir, result, catalogue, WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	var page string
	o := RenderOptions{WriteOptions: WriteOptions{Language: words.Italian}, Formats: []string{"pdf"}, Print: func(octets []byte) ([]byte, error) {
		page = string(octets)
		return []byte("%PDF-"), nil
	}}
	files, err := Render(dir, result, catalogue, o)
	if diff := cmp.Diff([]string{filepath.Join(dir, "dossier.it.pdf")}, files); err != nil || diff != "" {
		t.Fatalf("%v (-want +got):\n%s", err, diff)
	}
	for _, m := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if !strings.HasPrefix(m[1], "#") {
			t.Errorf("on paper a link leads to %s", m[1])
		}
	}
	if !strings.Contains(page, `<html lang="it">`) || !strings.Contains(page, `href="#PEC-AP-012"`) {
		t.Error("it is not in Italian, or its links within the page are gone")
	}
	o.Print = nil
	if _, err := Render(dir, result, catalogue, o); err == nil {
		t.Error("a PDF is promised where nothing prints it")
	}
}
