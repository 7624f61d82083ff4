package reports

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"path"
	"time"

	"github.com/collaudo/collaudo/rules"
)

// EARLFile is the result in W3C's Evaluation and Report Language 1.0, as
// JSON-LD: for tools that gather test results of any kind.
const EARLFile = "earl.jsonld"

// Addresses by which the things of the report are named; nothing is fetched.
const (
	earlRules = "urn:collaudo:rule:"
	earlRun   = "urn:collaudo:run:"
	earlWhole = earlRun + "verdict" // what the run as a whole is asked: does the target keep the rules?
)

// earlContext maps the names in the file to the vocabularies. It stands in the
// file: a context that had to be fetched would need a network.
var earlContext = map[string]any{
	"earl":        "http://www.w3.org/ns/earl#",
	"dct":         "http://purl.org/dc/terms/",
	"doap":        "http://usefulinc.com/ns/doap#",
	"xsd":         "http://www.w3.org/2001/XMLSchema#",
	"collaudo":    "urn:collaudo:vocabulary:",
	"assertedBy":  map[string]string{"@id": "earl:assertedBy", "@type": "@id"},
	"subject":     map[string]string{"@id": "earl:subject", "@type": "@id"},
	"test":        map[string]string{"@id": "earl:test", "@type": "@id"},
	"mode":        map[string]string{"@id": "earl:mode", "@type": "@id"},
	"outcome":     map[string]string{"@id": "earl:outcome", "@type": "@id"},
	"result":      "earl:result",
	"info":        map[string]string{"@id": "earl:info", "@language": "en"},
	"title":       map[string]string{"@id": "dct:title", "@container": "@language"},
	"name":        "dct:title",
	"description": map[string]string{"@id": "dct:description", "@language": "en"},
	"source":      map[string]string{"@id": "dct:source", "@container": "@language"},
	"date":        map[string]string{"@id": "dct:date", "@type": "xsd:dateTime"},
	"version":     "doap:revision",
	"verdict":     "collaudo:verdict",
	"profile":     "collaudo:profile",
	"scope":       "collaudo:scope",
	"scenario":    map[string]string{"@id": "collaudo:scenario", "@container": "@set"},
	"evidence":    map[string]string{"@id": "collaudo:evidence", "@container": "@set"},
}

type earlDocument struct {
	Context map[string]any `json:"@context"`
	Graph   []any          `json:"@graph"`
}

// earlThing is the software that judges, and what it judges.
type earlThing struct {
	ID          string   `json:"@id"`
	Type        []string `json:"@type"`
	Name        string   `json:"name"`
	Version     string   `json:"version,omitempty"`
	Description string   `json:"description,omitempty"`
	Verdict     string   `json:"verdict,omitempty"`
	Profile     string   `json:"profile,omitempty"`
	Scope       string   `json:"scope,omitempty"`
}

type earlTest struct {
	ID     string            `json:"@id"`
	Type   string            `json:"@type"`
	Title  map[string]string `json:"title"`
	Source map[string]string `json:"source,omitempty"`
}

type earlAssertion struct {
	ID         string     `json:"@id"`
	Type       string     `json:"@type"`
	AssertedBy string     `json:"assertedBy"`
	Subject    string     `json:"subject"`
	Test       string     `json:"test"`
	Mode       string     `json:"mode"`
	Result     earlResult `json:"result"`
}

type earlResult struct {
	Type        string   `json:"@type"`
	Outcome     string   `json:"outcome"`
	Verdict     string   `json:"verdict"` // in this project's own words, which are finer
	Date        string   `json:"date,omitempty"`
	Description string   `json:"description,omitempty"`
	Info        string   `json:"info,omitempty"`
	Scenario    []string `json:"scenario,omitempty"`
	Evidence    []string `json:"evidence,omitempty"`
}

// renderEARL writes one assertion for each rule that was asked for, and a last one
// for the run as a whole: rules can pass in a run that is not conformant, or that
// concludes nothing. A rule that no harness can judge has one too, untested: EARL's
// readers count assertions.
func renderEARL(result *rules.Result, catalogue *rules.Catalogue, s *story) ([]byte, error) {
	run := result.Run
	tool, target := earlRun+"tool", earlRun+"target"
	graph := []any{
		earlThing{ID: tool, Type: []string{"earl:Software", "earl:Assertor"}, Name: cmp.Or(run.Tool, "collaudo"), Version: run.Version},
		earlThing{
			ID: target, Type: []string{"earl:TestSubject"}, Name: printable(run.Target), Description: result.Reason,
			Verdict: string(result.Verdict), Profile: string(result.Profile), Scope: run.Scope,
		},
	}
	date := ""
	if !s.Ended.IsZero() {
		date = s.Ended.UTC().Format(time.RFC3339)
	}
	for i := range result.Rules {
		r := &result.Rules[i]
		test := earlTest{ID: earlRules + r.ID, Type: "earl:TestRequirement", Title: map[string]string{"en": r.ID}}
		if law, known := catalogue.Rule(r.ID); known {
			cite := law.Cite()
			test.Title = map[string]string{"en": law.Title.EN, "it": law.Title.IT}
			test.Source = map[string]string{"en": cite.EN, "it": cite.IT}
		}
		graph = append(graph, test, earlAssertion{
			ID: earlRun + "assertion:" + r.ID, Type: "earl:Assertion", AssertedBy: tool, Subject: target, Test: test.ID,
			Mode: "earl:automatic", Result: earlResultOf(r, result.Verdict, date, s),
		})
	}
	graph = append(graph, earlTest{
		ID: earlWhole, Type: "earl:TestCriterion",
		Title: map[string]string{"en": "The verdict of the run", "it": "L'esito della prova"},
	}, earlAssertion{
		ID: earlRun + "assertion:verdict", Type: "earl:Assertion", AssertedBy: tool, Subject: target, Test: earlWhole, Mode: "earl:automatic",
		Result: earlResult{Type: "earl:TestResult", Outcome: earlOutcomeOfRun(result.Verdict), Verdict: string(result.Verdict), Date: date, Description: printable(result.Reason)},
	})
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(earlDocument{earlContext, graph}); err != nil {
		return nil, fmt.Errorf("encode %s: %w", EARLFile, err)
	}
	return b.Bytes(), nil
}

func earlResultOf(r *rules.RuleResult, run rules.Outcome, date string, s *story) earlResult {
	told := earlResult{Type: "earl:TestResult", Outcome: earlOutcome(r, run), Verdict: string(r.Verdict), Date: date, Description: printable(r.Reason)}
	worst, _ := worstCheck(r, r.Verdict)
	if worst == nil || !worst.Verdict.Worse(rules.Pass) {
		return told
	}
	told.Info = printable(clip(cmp.Or(worst.Expected, worst.Need)))
	if worst.Seen != "" {
		told.Info = "expected: " + told.Info + "; seen: " + printable(clip(worst.Seen))
	}
	for i := range r.Checks {
		c := &r.Checks[i]
		if c.Verdict != r.Verdict || len(told.Scenario) == mostListed {
			continue
		}
		told.Scenario = appendNew(told.Scenario, c.Scenario)
		if _, file := whereWords(c.Where, s.Scenarios[c.Scenario]); file != "" {
			told.Evidence = appendNew(told.Evidence, path.Clean(file))
		}
	}
	return told
}

// earlOutcome is the nearest of EARL's five outcomes. A warning passed: no rule
// that binds is broken. What was only recorded was not decided, and what is not
// known passed nothing. Nor did anything pass in a run that concludes nothing: what
// was still to come could have broken the rule. What is broken stays so.
func earlOutcome(r *rules.RuleResult, run rules.Outcome) string {
	switch r.Verdict {
	case rules.Pass, rules.Warn:
		if !concludes(run) {
			return "earl:cantTell"
		}
		return "earl:passed"
	case rules.Fail:
		return "earl:failed"
	case rules.Inapplicable:
		return "earl:inapplicable"
	case rules.NotExercised:
		return "earl:untested"
	}
	return "earl:cantTell" // error, inconclusive, observed, and a verdict that is not known
}

// earlOutcomeOfRun is the nearest of EARL's outcomes to the verdict of a run.
func earlOutcomeOfRun(o rules.Outcome) string {
	switch o {
	case rules.Conformant, rules.ConformantWithWarnings:
		return "earl:passed"
	case rules.NotConformant:
		return "earl:failed"
	}
	return "earl:cantTell" // inconclusive, interrupted, invalid, and a verdict that is not known
}
