package conformance

import (
	"bytes"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// notMutantsFile lies beside the mutants and is none of them.
const notMutantsFile = "not_mutants.yaml"

// NotMutant is a fault of the simulator that no judge answers for, and why.
type NotMutant struct {
	Fault  string `yaml:"fault"`
	Reason string `yaml:"reason"`
}

// NotMutants returns the faults that are mutants of nothing. They serve those
// who test a client against the simulator, or show what practice tolerates.
func NotMutants() ([]NotMutant, error) {
	data, err := mutantFiles.ReadFile("mutants/" + notMutantsFile)
	if err != nil {
		return nil, err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	var list []NotMutant
	if err := decoder.Decode(&list); err != nil {
		return nil, fmt.Errorf("mutants/%s: expected a list of faults with a reason: %w", notMutantsFile, err)
	}
	return list, nil
}
