package rules

import (
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// A small catalogue that holds together; each case spoils one thing of it.
const (
	soundFamily = `family: TE
title: {en: Envelope, it: Busta}
rules:
  - id: PEC-TE-001
    title: {en: One, it: Uno}
    rfc6109: ["3.1.5"]
    italian: ["A6.3.4~"]
    level: must
    violation: fail
    practice: {violation: warn, because: seen so}
    roles: [access-point]
    views: [[U], [P]]
    stimulus: a message
    antecedent: an envelope
    oracle: a header
    outcomes: [this, that]
    capability: html-text
    decisions: [D-01]
    questions: [Q-01]
  - id: PEC-TE-002
    title: {en: Two, it: Due}
    level: own
    violation: warn
    roles: [access-point, relay]
    views: [[U, P]]
    stimulus: a message
    antecedent: an envelope
    oracle: a header
    duplicateOf: PEC-TE-001
    excluded: {kind: unobservable, reason: hidden, declarable: true}
`
	soundDecisions = `decisions:
  - id: D-01
    issue: {en: doubt, it: dubbio}
    decision: {en: so, it: così}
questions:
  - id: Q-01
    question: {en: what, it: cosa}
`
	soundSections   = "- number: \"3.1.5\"\n  title: {en: Envelope, it: Busta}\n"
	soundStatements = "# comment\n3.1.5 | MUST | a statement | TE-001 TE-002\n3.1.5 | - | untestable |\n"
)

func soundCatalogue() map[string]string {
	return map[string]string{
		"catalogue/01_TE.yaml":    soundFamily,
		"catalogue/sections.yaml": soundSections,
		"decisions.yaml":          soundDecisions,
		"statements.txt":          soundStatements,
	}
}

func loadFrom(files map[string]string) (*Catalogue, error) {
	fsys := fstest.MapFS{}
	for name, content := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return load(fsys)
}

func TestLoadReadsEverything(t *testing.T) {
	t.Parallel()
	c, err := loadFrom(soundCatalogue())
	if err != nil {
		t.Fatal(err)
	}
	want := []*Rule{
		{
			ID: "PEC-TE-001", Family: "TE", Title: Text{EN: "One", IT: "Uno"},
			Sections: []string{"3.1.5"}, Italian: []Source{"A6.3.4~"}, Level: LevelMust,
			Violation: ViolationFail, Practice: &Leniency{Violation: ViolationWarn, Because: "seen so"},
			Roles: []Role{RoleAccessPoint}, Views: [][]Seat{{SeatUser}, {SeatPeer}},
			Stimulus: "a message", Antecedent: "an envelope", Oracle: "a header", Outcomes: []string{"this", "that"},
			Capability: ClaimHTMLText, Decisions: []string{"D-01"}, Questions: []string{"Q-01"},
		},
		{
			ID: "PEC-TE-002", Family: "TE", Title: Text{EN: "Two", IT: "Due"}, Level: LevelOwn,
			Violation: ViolationWarn, Roles: []Role{RoleAccessPoint, RoleRelay}, Views: [][]Seat{{SeatUser, SeatPeer}},
			Stimulus: "a message", Antecedent: "an envelope", Oracle: "a header", DuplicateOf: "PEC-TE-001",
			Excluded: &Exclusion{Kind: ExcludedUnobservable, Reason: "hidden", Declarable: true},
		},
	}
	if diff := cmp.Diff(want, c.Rules); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	statements := []Statement{
		{Section: "3.1.5", Keyword: "MUST", Text: "a statement", Rules: []string{"PEC-TE-001", "PEC-TE-002"}},
		{Section: "3.1.5", Text: "untestable"},
	}
	if diff := cmp.Diff(statements, c.Statements); diff != "" {
		t.Errorf("statements (-want +got):\n%s", diff)
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	const family, decisions, sections, statements = "catalogue/01_TE.yaml", "decisions.yaml", "catalogue/sections.yaml", "statements.txt"
	second := strings.NewReplacer("family: TE", "family: AP", "PEC-TE-001", "PEC-AP-001", "PEC-TE-002", "PEC-AP-002").Replace(soundFamily)
	for _, test := range []struct {
		name     string
		file     string
		old, new string // replaced once; an empty old replaces the whole file
		want     []string
	}{
		{"unknown key", family, "    level: must\n", "    level: must\n    levels: must\n", []string{family, "levels"}},
		{"key given twice", family, "    level: must\n", "    level: must\n    level: may\n", []string{family, "level", "already defined"}},
		{"two documents", family, "family: TE", "family: TE\n---\nfamily: TE", []string{family}},
		{"not YAML", family, "", "rules: [", []string{family}},
		{"wrong family", family, "family: TE", "family: AP", []string{family, `"AP"`, `expected "TE"`}},
		{"family without title", family, "it: Busta", "it: ''", []string{family, "lacks a title"}},
		{"family without rules", family, "", "family: TE\ntitle: {en: a, it: b}\n", []string{family, "holds no rule"}},
		{"id of another form", family, "id: PEC-TE-002", "id: PEC-TE-2", []string{family, "PEC-TE-2", "has the form"}},
		{"no id", family, "id: PEC-TE-001", "id: ''", []string{family, "(an entry without id)", "has the form"}},
		{"id of another family", family, "id: PEC-TE-002", "id: PEC-XX-002", []string{family, "PEC-XX-002", "family XX"}},
		{"id given twice", family, "id: PEC-TE-002", "id: PEC-TE-001", []string{family, "PEC-TE-001", "already in", "next free number"}},
		{"ids out of order", family, "id: PEC-TE-001", "id: PEC-TE-003", []string{family, "PEC-TE-002", "comes after PEC-TE-003"}},
		{"title in one language", family, "{en: One, it: Uno}", "{en: One}", []string{family, "PEC-TE-001", "lacks a title"}},
		{"no oracle", family, "    oracle: a header\n", "", []string{family, "PEC-TE-001", "lacks its oracle"}},
		{"no antecedent", family, "    antecedent: an envelope\n", "", []string{family, "PEC-TE-001", "lacks its antecedent"}},
		{"no stimulus", family, "    stimulus: a message\n", "", []string{family, "PEC-TE-001", "lacks its stimulus"}},
		{"one outcome", family, "[this, that]", "[this]", []string{family, "PEC-TE-001", "one outcome only"}},
		{"empty outcome", family, "[this, that]", "[this, '']", []string{family, "PEC-TE-001", "empty outcome"}},
		{"unknown level", family, "level: must", "level: shall", []string{family, "PEC-TE-001", `unknown level "shall"`, "must, should"}},
		{"unknown violation", family, "violation: fail", "violation: error", []string{family, "PEC-TE-001", `unknown violation "error"`}},
		{"unknown practice", family, "{violation: warn,", "{violation: ignore,", []string{family, "PEC-TE-001", `unknown violation of practice "ignore"`}},
		{"practice that does not forgive", family, "{violation: warn,", "{violation: fail,", []string{family, "PEC-TE-001", "practice only ever forgives"}},
		{"practice without because", family, "because: seen so", "because: ''", []string{family, "PEC-TE-001", "lacks its because"}},
		{"no role", family, "roles: [access-point]", "roles: []", []string{family, "PEC-TE-001", "has no role"}},
		{"unknown role", family, "roles: [access-point]", "roles: [postman]", []string{family, "PEC-TE-001", `unknown role "postman"`}},
		{"role twice", family, "roles: [access-point]", "roles: [relay, relay]", []string{family, "PEC-TE-001", "role twice"}},
		{"no views", family, "views: [[U], [P]]", "views: []", []string{family, "PEC-TE-001", "has no views"}},
		{"empty view", family, "views: [[U], [P]]", "views: [[U], []]", []string{family, "PEC-TE-001", "empty view"}},
		{"unknown seat", family, "views: [[U], [P]]", "views: [[U, X]]", []string{family, "PEC-TE-001", `unknown seat "X"`}},
		{"seat twice", family, "views: [[U], [P]]", "views: [[U, U]]", []string{family, "PEC-TE-001", "seat twice"}},
		{"unknown capability", family, "capability: html-text", "capability: magic", []string{family, "PEC-TE-001", `unknown capability "magic"`}},
		{"unknown section", family, `rfc6109: ["3.1.5"]`, `rfc6109: ["9.9"]`, []string{family, "PEC-TE-001", `section "9.9"`}},
		{"unknown source", family, "A6.3.4~", "somewhere", []string{family, "PEC-TE-001", `"somewhere"`}},
		{"binding without a text", family, "    rfc6109: [\"3.1.5\"]\n    italian: [\"A6.3.4~\"]\n", "", []string{family, "PEC-TE-001", "names no text"}},
		{"dangling decision", family, "decisions: [D-01]", "decisions: [D-09]", []string{family, "PEC-TE-001", `"D-09"`, decisions}},
		{"dangling question", family, "questions: [Q-01]", "questions: [Q-09]", []string{family, "PEC-TE-001", `"Q-09"`, decisions}},
		{"dangling duplicate", family, "duplicateOf: PEC-TE-001", "duplicateOf: PEC-TE-009", []string{family, "PEC-TE-002", `"PEC-TE-009"`}},
		{"duplicate of itself", family, "duplicateOf: PEC-TE-001", "duplicateOf: PEC-TE-002", []string{family, "PEC-TE-002", "duplicates itself"}},
		{"duplicate of a duplicate", family, "    decisions: [D-01]\n", "    duplicateOf: PEC-TE-002\n", []string{family, "PEC-TE-001", "itself a duplicate"}},
		{"unknown exclusion", family, "kind: unobservable", "kind: boring", []string{family, "PEC-TE-002", `unknown kind of exclusion "boring"`}},
		{"exclusion without reason", family, "reason: hidden", "reason: ''", []string{family, "PEC-TE-002", "without a reason"}},
		{"decision of another form", decisions, "id: D-01", "id: D1", []string{decisions, "D1", "has the form"}},
		{"decision in one language", decisions, "it: così", "it: ''", []string{decisions, "D-01", "lacks a text"}},
		{"question in one language", decisions, "it: cosa", "it: ''", []string{decisions, "Q-01", "lacks a text"}},
		{"decision given twice", decisions, "questions:", "  - {id: D-01, issue: {en: a, it: b}, decision: {en: a, it: b}}\nquestions:", []string{decisions, "D-01", "is there twice"}},
		{"question of another form", decisions, "id: Q-01", "id: Q", []string{decisions, "has the form Q-01"}},
		{"section given twice", sections, "", soundSections + soundSections, []string{sections, "3.1.5", "is there twice"}},
		{"section without title", sections, "it: Busta", "it: ''", []string{sections, "3.1.5", "title in both"}},
		{"statement of an unknown rule", statements, "TE-002", "TE-009", []string{statements, "line 2", "PEC-TE-009"}},
		{"statement of an unknown section", statements, "3.1.5 | MUST", "9.9 | MUST", []string{statements, "line 2", `"9.9"`}},
		{"statement with fewer fields", statements, "| MUST ", "", []string{statements, "line 2", "has 3 fields"}},
		{"statement that says nothing", statements, "a statement", "", []string{statements, "line 2", "says nothing"}},
		{"rule in two files", "catalogue/02_AP.yaml", "", strings.Replace(second, "PEC-AP-001", "PEC-TE-001", 1), []string{"02_AP.yaml", "PEC-TE-001", "already in rules/catalogue/01_TE.yaml"}},
		{"file of another name", "catalogue/AP.yaml", "", second, []string{"catalogue/AP.yaml", "expected a name such as 01_GEN.yaml"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			files := soundCatalogue()
			if test.old == "" {
				files[test.file] = test.new
			} else {
				if !strings.Contains(files[test.file], test.old) {
					t.Fatalf("%q does not occur in %s", test.old, test.file)
				}
				files[test.file] = strings.Replace(files[test.file], test.old, test.new, 1)
			}
			_, err := loadFrom(files)
			if err == nil {
				t.Fatal("accepted")
			}
			for _, part := range test.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q\nlacks %q", err, part)
				}
			}
		})
	}
}

func TestLoadRefusesMissingFiles(t *testing.T) {
	t.Parallel()
	for name := range soundCatalogue() {
		files := maps.Clone(soundCatalogue())
		delete(files, name)
		if _, err := loadFrom(files); err == nil {
			t.Errorf("accepted without %s", name)
		}
	}
}

// All that is wrong is said at once, so that it can be corrected at once.
func TestLoadSaysAllThatIsWrong(t *testing.T) {
	t.Parallel()
	files := soundCatalogue()
	files["catalogue/01_TE.yaml"] = strings.NewReplacer("level: must", "level: shall", "roles: [access-point]", "roles: []", "decisions: [D-01]", "decisions: [D-44]").Replace(soundFamily)
	_, err := loadFrom(files)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, part := range []string{"shall", "has no role", "D-44"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q lacks %q", err, part)
		}
	}
}

func TestSourceText(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		source  Source
		certain bool
		want    Text
	}{
		{"A6.3.1", true, Text{"annex to the decree of 2 November 2005, section 6.3.1", "allegato al decreto 2 novembre 2005, punto 6.3.1"}},
		{"A7.4~", false, Text{"annex to the decree of 2 November 2005, section 7.4*", "allegato al decreto 2 novembre 2005, punto 7.4*"}},
		{"DM12(2)(a)", true, Text{"decree of 2 November 2005, article 12(2)(a)", "decreto 2 novembre 2005, articolo 12(2)(a)"}},
		{"DPR11(2)?", false, Text{"DPR 68/2005, article 11(2)**", "DPR 68/2005, articolo 11(2)**"}},
		{"AgID note 12", true, Text{"AgID integrative note 12", "nota integrativa AgID n. 12"}},
		{"CR/51 point 6", true, Text{"circular CR/51, point 6", "circolare CR/51, punto 6"}},
		{"CR/51 table A", true, Text{"circular CR/51, table A", "circolare CR/51, tabella A"}},
		{"hearsay", true, Text{}},
	} {
		if diff := cmp.Diff(test.want, test.source.Text()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.source, diff)
		}
		if got := test.source.Certain(); got != test.certain {
			t.Errorf("%s.Certain() = %v, want %v", test.source, got, test.certain)
		}
	}
}

func TestFootnotes(t *testing.T) {
	t.Parallel()
	for cite, want := range map[string]int{"section 7.4": 0, "section 7.4*": 1, "article 11(2)**": 1, "section 7.4*; article 11(2)**": 2} {
		if got := FootnotesOf(Text{EN: cite}); len(got) != want {
			t.Errorf("%q has footnotes %v, want %d", cite, got, want)
		}
	}
}

func TestCite(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule Rule
		want Text
	}{
		{
			Rule{Sections: []string{"2.1", "3.1.5"}, Italian: []Source{"A6.1"}},
			Text{"RFC 6109 2.1, 3.1.5; annex to the decree of 2 November 2005, section 6.1", "RFC 6109 2.1, 3.1.5; allegato al decreto 2 novembre 2005, punto 6.1"},
		},
		{Rule{Level: LevelPractice}, Text{"practice, seen in the field and written nowhere", "prassi, osservata in uso e scritta da nessuna parte"}},
		{Rule{Level: LevelOwn}, Text{"a rule of this project, for robustness", "una regola di questo progetto, per robustezza"}},
	} {
		if diff := cmp.Diff(test.want, test.rule.Cite()); diff != "" {
			t.Errorf("Cite (-want +got):\n%s", diff)
		}
	}
}
