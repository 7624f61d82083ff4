package reports

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
)

// compiledSchema is run.schema.json in the hands of a validator that is not ours.
func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(RunSchema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	if err := compiler.AddResource("run.schema.json", parsed); err != nil {
		t.Fatal(err)
	}
	return compiler.MustCompile("run.schema.json")
}

// fullResult has everything in it that a result can have.
func fullResult() *rules.Result {
	result := sampleResult()
	hash := strings.Repeat("0a", 32)
	result.Run.Faults, result.Run.Tags, result.Run.Personality = []string{"f"}, "@core", "p"
	result.Run.TargetFile, result.Run.TargetSHA256, result.Run.Kind = "t.yaml", hash, evidence.KindClient
	result.Run.Shard = &evidence.Shard{Index: 1, Count: 2, Scope: "full", Selected: []string{"a"}, Material: hash}
	result.Run.Merged = []evidence.Part{{Shard: "1/2", Events: hash}}
	result.Contradicted = []rules.Contradiction{{Claim: "log", Expected: "e", Seen: "s", Count: 1, Scenario: "a", Where: rules.Where{Message: "m1"}}}
	result.Scenarios[0].Lacking, result.Scenarios[0].Attempts = []string{"a role"}, 2
	result.Scenarios[0].Waiting = &evidence.Waiting{Until: noon, Latest: noon.Add(time.Hour), Step: 1, Present: true}
	result.Rules[0].Unmet, result.Rules[0].Unseen, result.Rules[0].Declared = 1, "the log", true
	result.Rules[0].Checks[0].Where.Attempt, result.Rules[0].Checks[0].Where.Blob = 1, hash
	return result
}

func encoded(t *testing.T, result *rules.Result) any {
	t.Helper()
	octets, err := encodeResult(result)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(octets))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestResultKeepsItsSchema(t *testing.T) {
	t.Parallel()
	schema := compiledSchema(t)
	empty := &rules.Result{Verdict: rules.Interrupted, Reason: "cut short", Profile: rules.Practice, Counts: map[rules.Verdict]int{}}
	empty.Run.Scope = "full"
	for name, result := range map[string]*rules.Result{"sample": sampleResult(), "full": fullResult(), "cut short before the first scenario": empty} {
		if err := schema.Validate(encoded(t, result)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What the schema does not allow has to be refused: a schema that takes
// everything says nothing.
func TestSchemaRefuses(t *testing.T) {
	t.Parallel()
	schema := compiledSchema(t)
	at := func(value any, steps ...any) map[string]any {
		for _, s := range steps {
			switch s := s.(type) {
			case string:
				value = value.(map[string]any)[s]
			case int:
				value = value.([]any)[s]
			}
		}
		return value.(map[string]any)
	}
	for name, spoil := range map[string]func(any){
		"another version":         func(v any) { at(v)["schema"] = "collaudo/run/2" },
		"no verdict":              func(v any) { delete(at(v), "verdict") },
		"a verdict in lower case": func(v any) { at(v)["verdict"] = "conformant" },
		"a rule that is green":    func(v any) { at(v, "rules", 0)["verdict"] = "green" },
		"a count of what is none": func(v any) { at(v, "counts")["passed"] = json.Number("1") },
		"a rule with no checks":   func(v any) { delete(at(v, "rules", 0), "checks") },
		"an id that is no rule's": func(v any) { at(v, "rules", 0)["id"] = "PEC-1" },
		"a word of one's own":     func(v any) { at(v)["note"] = "x" },
		"a field that is unknown": func(v any) { at(v, "rules", 0)["note"] = "x" },
		"a count of nothing":      func(v any) { at(v, "rules", 0, "checks", 0)["count"] = json.Number("0") },
		"a hash that is too long": func(v any) { at(v, "rules", 0, "checks", 0, "where")["blob"] = strings.Repeat("a", 65) },
		"a day that is none":      func(v any) { at(v, "scenarios", 0, "waiting")["until"] = "tomorrow" },
	} {
		value := encoded(t, fullResult())
		if err := schema.Validate(value); err != nil {
			t.Fatal(err)
		}
		spoil(value)
		if schema.Validate(value) == nil {
			t.Errorf("%s keeps the schema", name)
		}
	}
}

// Every field that Go writes is in the schema, and nothing else: one that is
// added here has to be added there.
func TestSchemaNamesEveryField(t *testing.T) {
	t.Parallel()
	var schema struct {
		Properties map[string]any                                 `json:"properties"`
		Defs       map[string]struct{ Properties map[string]any } `json:"$defs"`
	}
	if err := json.Unmarshal(RunSchema(), &schema); err != nil {
		t.Fatal(err)
	}
	compare := func(name string, of any, properties map[string]any) {
		var fields []string
		for f := range reflect.TypeOf(of).Fields() {
			if tag, _, _ := strings.Cut(f.Tag.Get("json"), ","); tag != "-" {
				fields = append(fields, tag)
			}
		}
		slices.Sort(fields)
		if diff := cmp.Diff(fields, slices.Sorted(maps.Keys(properties))); diff != "" {
			t.Errorf("%s (-Go +schema):\n%s", name, diff)
		}
	}
	compare("the document", document{}, schema.Properties)
	for name, of := range map[string]any{
		"run": evidence.Run{}, "shard": evidence.Shard{}, "part": evidence.Part{}, "where": rules.Where{}, "waiting": evidence.Waiting{},
		"contradiction": rules.Contradiction{}, "scenario": rules.ScenarioResult{}, "rule": rules.RuleResult{}, "check": rules.Check{},
	} {
		compare(name, of, schema.Defs[name].Properties)
	}
	enumeration := func(name string) []string {
		var whole struct {
			Defs map[string]struct{ Enum []string } `json:"$defs"`
		}
		if err := json.Unmarshal(RunSchema(), &whole); err != nil {
			t.Fatal(err)
		}
		return whole.Defs[name].Enum
	}
	var verdicts []string
	for _, v := range rules.Order() {
		verdicts = append(verdicts, string(v))
	}
	if diff := cmp.Diff(verdicts, enumeration("verdict")); diff != "" {
		t.Errorf("verdicts (-Go +schema):\n%s", diff)
	}
	outcomes := []string{
		string(rules.Conformant), string(rules.ConformantWithWarnings), string(rules.NotConformant), string(rules.Inconclusives),
		string(rules.Invalid), string(rules.Interrupted),
	}
	if diff := cmp.Diff(outcomes, enumeration("outcome")); diff != "" {
		t.Errorf("outcomes (-Go +schema):\n%s", diff)
	}
	if diff := cmp.Diff([]string{string(rules.Practice), string(rules.Strict)}, enumeration("profile")); diff != "" {
		t.Errorf("profiles (-Go +schema):\n%s", diff)
	}
}
