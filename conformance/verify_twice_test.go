package conformance

import (
	"encoding/json"
	"strings"
	"testing"
)

// What stands in run.json twice, word for word, differs in nothing from the evidence
// but in how often it is told.
func TestAnElementThatStandsThereTwiceIsFound(t *testing.T) {
	t.Parallel()
	const a, b = `{"id":"PEC-AP-005","verdict":"pass"}`, `{"id":"PEC-AP-006","verdict":"pass"}`
	shown := json.RawMessage("[" + a + "," + b + "]")
	for name, test := range map[string]struct{ said, want string }{
		"each once":           {"[" + a + "," + b + "]", ""},
		"one twice":           {"[" + a + "," + b + "," + b + "]", "one stands there twice"},
		"one twice, one lost": {"[" + a + "," + a + "]", "says nothing at PEC-AP-006"},
	} {
		for _, list := range []string{"rules", "scenarios"} {
			found := compareLists(list, json.RawMessage(test.said), shown)
			said := ""
			for _, f := range found {
				said += f.String() + "\n"
			}
			if (len(found) > 0) != (test.want != "") || !strings.Contains(said, test.want) {
				t.Errorf("%s in %q: %q, want %q", name, list, said, test.want)
			}
		}
	}
}
