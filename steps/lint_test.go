package steps

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cucumber/godog"
	messages "github.com/cucumber/messages/go/v34"

	"github.com/collaudo/collaudo/features"
	"github.com/collaudo/collaudo/fixtures"
)

// scenario is what the lint looks at: a pickle with its derived id.
type scenario struct {
	id, file string
	tags     []string
	pickle   *messages.Pickle
}

// scenarios reads the features through godog's own parser. The id of an
// outline's row is the outline's id, a hyphen, and the cell in column "id".
func scenarios(t *testing.T) []scenario {
	t.Helper()
	suite := godog.TestSuite{Options: &godog.Options{FS: features.Files, Paths: []string{"."}}}
	read, err := suite.RetrieveFeatures()
	if err != nil {
		t.Fatal(err)
	}
	var all []scenario
	for _, f := range read {
		for _, pickle := range f.Pickles {
			s := scenario{file: f.Uri, pickle: pickle}
			var ids []string
			for _, tag := range pickle.Tags {
				s.tags = append(s.tags, tag.Name)
				if id, is := strings.CutPrefix(tag.Name, "@id:"); is {
					ids = append(ids, id)
				}
			}
			if len(ids) != 1 {
				t.Errorf("%s: scenario %q has ids %v, expected exactly one @id: tag", f.Uri, pickle.Name, ids)
				continue
			}
			s.id = ids[0]
			if len(pickle.AstNodeIds) > 1 {
				examples, row := f.FindExample(pickle.AstNodeIds[1])
				column := slices.IndexFunc(examples.TableHeader.Cells, func(c *messages.TableCell) bool { return c.Value == "id" })
				if column < 0 {
					t.Errorf("%s: the Examples of %q have no column id", f.Uri, pickle.Name)
					continue
				}
				s.id += "-" + row.Cells[column].Value
			}
			all = append(all, s)
		}
	}
	return all
}

var (
	kebab   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	ruleTag = regexp.MustCompile(`^@(?:stages:)?PEC-[A-Z]+-\d{3}$`)
)

func TestScenariosAreWellTagged(t *testing.T) {
	t.Parallel()
	all := scenarios(t)
	if len(all) < 70 {
		t.Errorf("%d scenarios, expected at least 70", len(all))
	}
	topics := []string{
		"@core", "@heavy", "@virus",
		"@odd-directory", "@plays-directory", "@clock:spring", "@clock:autumn", "@clock:year-end", "@clock:leap-day",
		"@client",
	}
	seen, core := map[string]string{}, 0
	for _, s := range all {
		if !kebab.MatchString(s.id) {
			t.Errorf("%s: id %q is not in kebab-case", s.file, s.id)
		}
		if other, twice := seen[s.id]; twice {
			t.Errorf("id %q stands in %s and in %s", s.id, other, s.file)
		}
		seen[s.id] = s.file
		decides := 0
		for _, tag := range s.tags {
			switch {
			case strings.HasPrefix(tag, "@id:"):
			case strings.HasPrefix(tag, "@fault:") && slices.Contains(s.tags, "@client"): // conformance knows the faults
			case strings.HasPrefix(tag, "@PEC-"), strings.HasPrefix(tag, "@stages:"):
				if !ruleTag.MatchString(tag) {
					t.Errorf("%s: tag %s is no rule id", s.id, tag)
				}
				if strings.HasPrefix(tag, "@PEC-") {
					decides++
				}
			case !slices.Contains(topics, tag):
				t.Errorf("%s: tag %s is in no closed list", s.id, tag)
			}
		}
		if decides == 0 {
			t.Errorf("%s names no rule that its Then decides", s.id)
		}
		if slices.Contains(s.tags, "@core") {
			core++
		}
	}
	if core < 8 || core > 16 {
		t.Errorf("%d scenarios are @core, expected about a dozen", core)
	}
}

func TestEveryStepMatchesExactlyOneDefinition(t *testing.T) {
	t.Parallel()
	used := map[string]int{}
	patterns := map[string]*regexp.Regexp{}
	for _, e := range Vocabulary() {
		if !strings.HasPrefix(e.Pattern, "^") || !strings.HasSuffix(e.Pattern, "$") {
			t.Errorf("the pattern %q is not anchored", e.Pattern)
		}
		patterns[e.Pattern] = regexp.MustCompile(e.Pattern)
	}
	for _, s := range scenarios(t) {
		if len(s.pickle.Steps) == 0 {
			t.Errorf("%s has no steps", s.id)
		}
		asks := false
		for _, step := range s.pickle.Steps {
			var matching []string
			for pattern, re := range patterns {
				if re.MatchString(step.Text) {
					matching = append(matching, pattern)
					used[pattern]++
				}
			}
			if len(matching) != 1 {
				t.Errorf("%s: step %q matches %d definitions, expected one: %v", s.id, step.Text, len(matching), matching)
			}
			asks = asks || step.Type == messages.PickleStepType_OUTCOME
		}
		if !asks {
			t.Errorf("%s asks for nothing: it has no Then", s.id)
		}
	}
	for pattern := range patterns {
		if used[pattern] == 0 {
			t.Errorf("no scenario uses the step %q", pattern)
		}
	}
}

func TestNoTwoScenariosSayTheSame(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, s := range scenarios(t) {
		var text strings.Builder
		for _, tag := range s.tags {
			if strings.HasPrefix(tag, "@fault:") { // the same steps before other providers are another case
				text.WriteString(tag + "\n")
			}
		}
		for _, step := range s.pickle.Steps {
			text.WriteString(step.Text + "\n")
		}
		if other, twice := seen[text.String()]; twice {
			t.Errorf("%s and %s are the same step by step", other, s.id)
		}
		seen[text.String()] = s.id
	}
}

// sendings returns what every sending step of the features asks for.
func sendings(t *testing.T) []order {
	t.Helper()
	pattern := regexp.MustCompile(Vocabulary()[1].Pattern)
	var all []order
	for _, s := range scenarios(t) {
		for _, step := range s.pickle.Steps {
			if m := pattern.FindStringSubmatch(step.Text); m != nil {
				all = append(all, order{actor: Party(m[1]), original: m[2], receipt: m[3], replyTo: Party(m[4]), to: m[5], cc: m[6], manner: m[7]})
			}
		}
	}
	if len(all) < 70 {
		t.Fatalf("only %d sending steps were found", len(all))
	}
	return all
}

func TestWordsAreClosedAndUsed(t *testing.T) {
	t.Parallel()
	used := map[string]bool{"a plain message": true} // also sent as the twin
	said := map[string]bool{}
	for _, o := range sendings(t) {
		if _, _, err := describe(o.original); err != nil {
			t.Error(err)
		}
		used[o.original], said[o.manner] = true, true
		for _, p := range oneParty.FindAllString(string(o.actor)+" "+o.to+" "+o.cc+" "+o.manner, -1) {
			said[p] = true
		}
	}
	for _, words := range Originals() {
		if !used[words] {
			t.Errorf("no scenario sends %q", words)
		}
	}
	for _, m := range manners() {
		pattern := regexp.MustCompile("^" + m.pattern + "$")
		if !slices.ContainsFunc(slices.Collect(keys(said)), pattern.MatchString) {
			t.Errorf("no scenario sends %q", m.pattern)
		}
	}
	templates := map[string]bool{}
	for _, o := range originals() {
		templates[o.template] = true
	}
	for _, name := range fixtures.Originals() {
		if !templates[name] {
			t.Errorf("no message is made from the template %s", name)
		}
	}
	text := ""
	for _, s := range scenarios(t) {
		for _, step := range s.pickle.Steps {
			text += step.Text + "\n"
		}
	}
	for _, p := range parties() {
		if !strings.Contains(text, string(p)) {
			t.Errorf("no scenario speaks of %q", p)
		}
	}
	for _, p := range probes() {
		if !strings.Contains(text, p.words) {
			t.Errorf("no scenario tries %q", p.words)
		}
	}
	for _, k := range kinds() {
		if !strings.Contains(text, " "+k.words) {
			t.Errorf("no scenario speaks of a %s", k.words)
		}
	}
}

func keys(m map[string]bool) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// TestEveryOrderCanBePrepared works every message of the features out, for a
// target like the built-in pair, without sending it.
func TestEveryOrderCanBePrepared(t *testing.T) {
	t.Parallel()
	w := testWorld(t, testTarget())
	for _, o := range sendings(t) {
		s, err := w.prepare(o)
		if err != nil {
			t.Errorf("%s sends %s: %v", o.actor, o.original, err)
			continue
		}
		if what := damage(s.octets); what != "" {
			t.Errorf("%s sends %s: %s", o.actor, o.original, what)
		}
		if len(s.envelope) == 0 {
			t.Errorf("%s sends %s to nobody", o.actor, o.original)
		}
	}
}

// damage finds what no original should hold, damaged ones included.
func damage(octets []byte) string {
	if enough := 64 << 10; len(octets) > enough { // filling needs no second look
		octets = append(octets[:bytes.LastIndex(octets[:enough], []byte("\r\n"))], "\r\n"...)
	}
	text := string(octets)
	switch {
	case !strings.HasSuffix(text, "\r\n"):
		return "the last line does not end"
	case strings.Contains(text, "{{"):
		return "a placeholder is left"
	case strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\n"):
		return "a bare LF"
	case !strings.Contains(text, "\r\n\r\n"):
		return "no blank line after the header"
	case strings.HasPrefix(text, "\r\n"):
		return "an empty header"
	}
	header, _, _ := strings.Cut(text, "\r\n\r\n")
	for _, line := range strings.Split(header, "\r\n") {
		if strings.TrimSpace(line) == "" {
			return fmt.Sprintf("a header line of blanks only: %q", line)
		}
	}
	return ""
}
