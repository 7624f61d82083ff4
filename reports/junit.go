package reports

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/collaudo/collaudo/rules"
)

// junitSuites is the root of junit.xml, in the form that Jenkins and GitLab
// read: counters on every level, a child element for every case that did not
// pass.
type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string           `xml:"name,attr"`
	Tests      int              `xml:"tests,attr"`
	Failures   int              `xml:"failures,attr"`
	Errors     int              `xml:"errors,attr"`
	Skipped    int              `xml:"skipped,attr"`
	Time       string           `xml:"time,attr"`
	Timestamp  string           `xml:"timestamp,attr,omitempty"`
	Properties *junitProperties `xml:"properties"`
	Cases      []junitCase      `xml:"testcase"`

	took time.Duration
}

type junitProperties struct {
	List []junitProperty `xml:"property"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name      string       `xml:"name,attr"`
	Classname string       `xml:"classname,attr"`
	File      string       `xml:"file,attr,omitempty"`
	Time      string       `xml:"time,attr"`
	Failure   *junitReason `xml:"failure"`
	Error     *junitReason `xml:"error"`
	Skipped   *junitReason `xml:"skipped"`
	Output    string       `xml:"system-out,omitempty"`
}

type junitReason struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// renderJUnit writes a suite for each feature, with a case for each scenario,
// and a last one for the verdict of the run: rules can stay inconclusive
// although no scenario shows it, and CI must not be green then.
func renderJUnit(result *rules.Result, catalogue *rules.Catalogue, s *story, gate *Gate) ([]byte, error) {
	root := junitSuites{Name: "collaudo"}
	index := map[string]int{}
	for _, scenario := range result.Scenarios {
		i, known := index[scenario.Feature]
		if !known {
			i = len(root.Suites)
			index[scenario.Feature] = i
			root.Suites = append(root.Suites, junitSuite{Name: scenario.Feature})
		}
		root.Suites[i].add(junitScenario(scenario, catalogue, s), s.Scenarios[scenario.ID])
	}
	root.Suites = append(root.Suites, junitVerdict(result))
	junitKnown(&root, result, gate)
	var took time.Duration
	for i := range root.Suites {
		suite := &root.Suites[i]
		suite.Time = seconds(suite.took)
		took += suite.took
		root.Tests += suite.Tests
		root.Failures += suite.Failures
		root.Errors += suite.Errors
		root.Skipped += suite.Skipped
	}
	root.Time = seconds(took)
	var b bytes.Buffer
	b.WriteString(xml.Header)
	encoder := xml.NewEncoder(&b)
	encoder.Indent("", "  ")
	if err := encoder.Encode(root); err != nil {
		return nil, fmt.Errorf("encode %s: %w", JUnitFile, err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

func (suite *junitSuite) add(c junitCase, e *episode) {
	took := e.Took()
	c.Time = seconds(took)
	suite.took += took
	if e != nil && suite.Timestamp == "" {
		suite.Timestamp = e.Began.UTC().Format("2006-01-02T15:04:05")
	}
	suite.Tests++
	switch {
	case c.Failure != nil:
		suite.Failures++
	case c.Error != nil:
		suite.Errors++
	case c.Skipped != nil:
		suite.Skipped++
	}
	suite.Cases = append(suite.Cases, c)
}

// junitScenario gives a scenario the child that its verdict asks for. What is
// inconclusive is an error, not a skip: most readers take a skip for green.
func junitScenario(scenario rules.ScenarioResult, catalogue *rules.Catalogue, s *story) junitCase {
	c := junitCase{
		Name:      scenario.ID + ": " + scenario.Name,
		Classname: "collaudo." + strings.ReplaceAll(strings.TrimSuffix(path.Base(scenario.File), ".feature"), ".", "-"),
		File:      scenario.File,
	}
	reason := func(verdict rules.Verdict) *junitReason {
		r := &junitReason{Type: string(verdict), Message: string(verdict)}
		var lines []string
		for _, check := range scenario.Checks {
			if check.Verdict != verdict {
				continue
			}
			if len(lines) == 0 {
				r.Message = check.Rule + ": " + titleOf(catalogue, check.Rule)
			}
			lines = append(lines, checkLines(check, catalogue, s.Scenarios[scenario.ID]))
		}
		r.Text = "\n" + strings.Join(lines, "\n")
		return r
	}
	switch scenario.Verdict {
	case rules.Fail:
		c.Failure = reason(rules.Fail)
	case rules.Error:
		c.Error = reason(rules.Error)
		if scenario.Error != "" {
			c.Error.Message = scenario.Error
		}
	case rules.Inconclusive:
		c.Error = reason(rules.Inconclusive)
	case rules.NotExercised, rules.Inapplicable:
		c.Skipped = &junitReason{Message: string(scenario.Verdict)}
	case rules.Warn:
		c.Output = reason(rules.Warn).Text
	case rules.Pass, rules.Observed:
	default:
		c.Error = &junitReason{Type: "unknown verdict", Message: "the verdict " + string(scenario.Verdict) + " is not known"}
	}
	return c
}

// checkLines tells one check in plain text.
func checkLines(c rules.Check, catalogue *rules.Catalogue, e *episode) string {
	lines := []string{c.Rule + ": " + titleOf(catalogue, c.Rule)}
	add := func(label, text string) {
		if text != "" {
			lines = append(lines, "  "+label+": "+text)
		}
	}
	add("expected", c.Expected)
	add("seen", c.Seen)
	add("missing", c.Need)
	add("forgiven because", c.Because)
	place, file := whereWords(c.Where, e)
	add("where", place)
	add("octets", file)
	return strings.Join(lines, "\n") + "\n"
}

func junitVerdict(result *rules.Result) junitSuite {
	c := junitCase{Name: string(result.Verdict), Classname: "collaudo.verdict", Time: seconds(0)}
	switch result.Verdict {
	case rules.Conformant, rules.ConformantWithWarnings:
		c.Output = result.Reason
	case rules.NotConformant:
		c.Failure = &junitReason{Message: result.Reason, Type: string(result.Verdict)}
	default:
		c.Error = &junitReason{Message: result.Reason, Type: string(result.Verdict)}
	}
	suite := junitSuite{Name: "Verdict of the run", Properties: &junitProperties{[]junitProperty{
		{"verdict", string(result.Verdict)},
		{"profile", string(result.Profile)},
		{"scope", result.Run.Scope},
		{"target", result.Run.Target},
		{"version", result.Run.Version},
	}}}
	suite.add(c, nil)
	return suite
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
