package reports

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// sampleMatrix has a mutant that is killed, one that survives and one that is
// failed by the wrong rule.
func sampleMatrix() *Matrix {
	return &Matrix{
		Schema: MatrixSchema, Profile: "practice", Sample: "all", Seed: 1,
		Rules: []string{"PEC-GEN-001", "PEC-GEN-002", "PEC-SIG-001", "PEC-SIG-002"},
		Kills: []Kill{
			{
				Fault: "acceptance-unsigned", Title: "No signature", Breaks: []string{"PEC-GEN-001"}, Scenarios: []string{"one"}, Killed: true,
				By:     []rules.Check{{Rule: "PEC-GEN-001", Scenario: "one", By: "judge", Verdict: rules.Fail}},
				Judges: []string{"PEC-GEN-001"}, Cells: "K.a ",
			},
			{Fault: "quiet", Title: "<b>Nothing</b> shows", Breaks: []string{"PEC-GEN-002"}, Scenarios: []string{"one"}, Survived: []string{"PEC-GEN-002"}, Cells: ".S. "},
			{Fault: "astray", Title: "Wrong rule", Breaks: []string{"PEC-SIG-001"}, Scenarios: []string{"one"}, Killed: true, Misattributed: []string{"PEC-GEN-001"}, Cells: "M.K "},
		},
		Personalities: []PersonalityTrial{{Name: "plain-old", Title: "Plain", Scenarios: 3, Failed: []rules.Check{{Rule: "PEC-SIG-002", Scenario: "one", Seen: "SHA-1"}}}},
		Unbroken:      []string{"PEC-SIG-002"}, Unproven: []string{},
	}
}

func TestWriteMatrix(t *testing.T) {
	t.Parallel()
	dir, m := t.TempDir(), sampleMatrix()
	if err := WriteMatrix(dir, m, loadCatalogue(t), ""); err != nil {
		t.Fatal(err)
	}
	octets, err := os.ReadFile(filepath.Join(dir, MatrixFile))
	if err != nil {
		t.Fatal(err)
	}
	var back Matrix
	if err := json.Unmarshal(octets, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, &back); diff != "" {
		t.Errorf("%s reads back otherwise (-want +got):\n%s", MatrixFile, diff)
	}
	page, err := os.ReadFile(filepath.Join(dir, MatrixHTMLFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Not every judge is proven", "1 of 3", "0 of 1", "the judge of PEC-GEN-002 did not notice", "PEC-GEN-001 failed, and should not have",
		"PEC-SIG-002 in one: <span >SHA-1", "no mutant breaks it", `class="c killed"`, `class="c survived"`, `class="c unrun"`, "&lt;b&gt;Nothing", "also PEC-SIG-001",
	} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(string(page), "<b>Nothing") {
		t.Error("the page does not escape what it is told")
	}
	italian, err := renderMatrix(words.In(words.Italian), m, loadCatalogue(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<html lang="it">`, "Non ogni giudice ha dato prova di sé", "1 su 3", `<small lang="en">&lt;b&gt;Nothing`, "il giudice di PEC-GEN-002 non se n&#39;è accorto"} {
		if !strings.Contains(string(italian), want) {
			t.Errorf("the Italian page does not say %q", want)
		}
	}
}

func TestMatrixIsGoodOnlyWhenAllIs(t *testing.T) {
	t.Parallel()
	good := func() *Matrix {
		m := sampleMatrix()
		m.Kills, m.Personalities, m.Unbroken = m.Kills[:1], nil, []string{}
		return m
	}
	if !good().Good() {
		t.Fatal("one mutant, killed, is not good")
	}
	tests := map[string]func(*Matrix){
		"a survivor":               func(m *Matrix) { m.Kills = append(m.Kills, sampleMatrix().Kills[1]) },
		"a misattributed one":      func(m *Matrix) { m.Kills = append(m.Kills, sampleMatrix().Kills[2]) },
		"a failed personality":     func(m *Matrix) { m.Personalities = sampleMatrix().Personalities },
		"a rule nobody breaks":     func(m *Matrix) { m.Unbroken = []string{"PEC-SIG-002"} },
		"a judge that never fails": func(m *Matrix) { m.Unproven = []string{"PEC-SIG-001"} },
		"nothing that was tried":   func(m *Matrix) { m.Kills, m.Unseen = nil, []Unseen{{Fault: "quiet"}} },
		"trouble of the harness":   func(m *Matrix) { m.Kills[0].Error = "no ports" },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := good()
			spoil(m)
			if m.Good() {
				t.Error("it counts as good")
			}
		})
	}
}
