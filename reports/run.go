package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
)

// ResultFile is the name of the result in a run folder.
const ResultFile = "run.json"

// Schema is the version of the result's form. It changes when a reader of the
// old form would misread the new one.
const Schema = "collaudo/run/1"

// document is run.json.
type document struct {
	Schema  string                `json:"schema"`
	Verdict rules.Outcome         `json:"verdict"`
	Reason  string                `json:"reason"`
	Scope   string                `json:"scope"` // full, subset or shard: what the verdict speaks for
	Profile rules.Profile         `json:"profile"`
	Run     evidence.Run          `json:"run"`
	Counts  map[rules.Verdict]int `json:"counts"`
	// Contradicted are claims that the run does not bear out; absent where there
	// are none.
	Contradicted []rules.Contradiction  `json:"contradictedClaims,omitempty"`
	Scenarios    []rules.ScenarioResult `json:"scenarios"`
	Rules        []rules.RuleResult     `json:"rules"`
}

// encodeResult writes a result as run.json has it: one line for each field,
// each scenario and each rule, so that two runs can be compared by line.
func encodeResult(result *rules.Result) ([]byte, error) {
	var b bytes.Buffer
	type field struct {
		name  string
		value any
	}
	fields := []field{
		{"schema", Schema},
		{"verdict", result.Verdict},
		{"reason", result.Reason},
		{"scope", result.Run.Scope},
		{"profile", result.Profile},
		{"run", result.Run},
		{"counts", result.Counts},
	}
	if len(result.Contradicted) > 0 {
		fields = append(fields, field{"contradictedClaims", result.Contradicted})
	}
	b.WriteString("{\n")
	for _, f := range fields {
		b.WriteString(`"` + f.name + `": `)
		if err := encodeLine(&b, f.value); err != nil {
			return nil, err
		}
		b.WriteString(",\n")
	}
	if err := encodeList(&b, "scenarios", result.Scenarios); err != nil {
		return nil, err
	}
	b.WriteString(",\n")
	if err := encodeList(&b, "rules", result.Rules); err != nil {
		return nil, err
	}
	b.WriteString("\n}\n")
	return b.Bytes(), nil
}

// encodeList writes a list one line an element. A list that is nil stays null:
// what is read back has to be what was judged, to the last detail.
func encodeList[T any](b *bytes.Buffer, name string, list []T) error {
	b.WriteString(`"` + name + `": `)
	if list == nil {
		b.WriteString("null")
		return nil
	}
	b.WriteString("[")
	for i, element := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		if err := encodeLine(b, element); err != nil {
			return err
		}
	}
	b.WriteString("\n]")
	return nil
}

// encodeLine writes a value on one line, without HTML escapes: the file is read
// by people too.
func encodeLine(b *bytes.Buffer, value any) error {
	encoder := json.NewEncoder(b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("encode %s: %w", ResultFile, err)
	}
	b.Truncate(b.Len() - 1) // the line end that Encode adds
	return nil
}

// MaxResult bounds run.json: that of a full run has some ten million bytes.
const MaxResult = 256 << 20

// Read reads the result of a run back from its folder, exactly as it was
// judged. It refuses a form that it does not know: a result that is half
// understood must not be shown.
func Read(dir string) (*rules.Result, error) {
	path := filepath.Join(dir, ResultFile)
	octets, err := evidence.ReadPlain(path, MaxResult)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s is no finished run: it holds no %s", dir, ResultFile)
	}
	if err != nil {
		return nil, err
	}
	var d document
	if err := json.Unmarshal(octets, &d); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	switch {
	case d.Schema != Schema:
		return nil, fmt.Errorf("%s: its schema is %q: expected %q; read it with the version of Collaudo that wrote it", path, d.Schema, Schema)
	case d.Scope != d.Run.Scope:
		return nil, fmt.Errorf("%s: says that its scope is %q and that %q was run: the file was altered", path, d.Scope, d.Run.Scope)
	case d.Verdict == "":
		return nil, fmt.Errorf("%s: holds no verdict", path)
	}
	if err := d.unsound(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	result := &rules.Result{
		Verdict: d.Verdict, Reason: d.Reason, Profile: d.Profile, Run: d.Run,
		Scenarios: d.Scenarios, Rules: d.Rules, Counts: d.Counts, Contradicted: d.Contradicted,
	}
	result.Regroup()
	return result, nil
}
