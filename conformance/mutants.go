package conformance

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/collaudo/collaudo/rules"
	"github.com/collaudo/collaudo/simulator/faults"
)

//go:embed mutants/*.yaml
var mutantFiles embed.FS

// Mutant says what a fault of the simulator is worth to the judges. The
// simulator does not know: it only knows what to do wrong.
type Mutant struct {
	Fault     string   `yaml:"fault" json:"fault"`
	Breaks    []string `yaml:"breaks" json:"breaks"`           // rules that must come out worse than in the clean run
	ByThen    []string `yaml:"byThen" json:"byThen,omitempty"` // of these, the rules that only the Then of a scenario catches: no proof of their judges
	Also      []string `yaml:"also" json:"also,omitempty"`     // rules that may
	Scenarios []string `yaml:"scenarios" json:"scenarios"`     // ids of the scenarios in which it shows
}

// Mutants returns every mutant, checked against the faults of the simulator,
// the catalogue and the scenarios.
func Mutants() ([]Mutant, error) {
	entries, err := mutantFiles.ReadDir("mutants")
	if err != nil {
		return nil, err
	}
	var list []Mutant
	for _, e := range entries {
		if e.Name() == notMutantsFile {
			continue
		}
		data, err := mutantFiles.ReadFile("mutants/" + e.Name())
		if err != nil {
			return nil, err
		}
		decoder := yaml.NewDecoder(bytes.NewReader(data))
		decoder.KnownFields(true)
		var some []Mutant
		if err := decoder.Decode(&some); err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("mutants/%s: %w", e.Name(), err)
		}
		list = append(list, some...)
	}
	return list, checkMutants(list)
}

func checkMutants(list []Mutant) error {
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		return err
	}
	scenarios, err := Scenarios()
	if err != nil {
		return err
	}
	var found []error
	seen := map[string]bool{}
	for _, m := range list {
		complain := func(text string, arguments ...any) {
			found = append(found, fmt.Errorf("mutants: %s: %s", m.Fault, fmt.Sprintf(text, arguments...)))
		}
		if seen[m.Fault] {
			complain("stands there twice")
		}
		seen[m.Fault] = true
		if _, err := faults.Lookup(m.Fault); err != nil {
			complain("%v", err)
		}
		if len(m.Breaks) == 0 || len(m.Scenarios) == 0 {
			complain("names no rule that it breaks, or no scenario")
		}
		for _, id := range slices.Concat(m.Breaks, m.Also) {
			if _, known := catalogue.Rule(id); !known {
				complain("the catalogue has no rule %s", id)
			}
		}
		for _, id := range m.Scenarios {
			if !slices.ContainsFunc(scenarios, func(s Scenario) bool { return s.ID == id }) {
				complain("there is no scenario %s", id)
			}
		}
	}
	return errors.Join(found...)
}
