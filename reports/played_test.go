package reports

import (
	"strings"
	"testing"

	"github.com/collaudo/collaudo/rules"
)

// The ids of an attempt that was given up are not those of the one that counts:
// what is told of it names the attempt, and its own octets.
func TestAnEarlierAttemptIsTold(t *testing.T) {
	t.Parallel()
	e := &episode{
		Messages: []item{{ID: "m1", What: rules.Text{EN: "delivery"}, Who: bruno, Path: "evidence/received/other.eml.txt"}},
		octets:   func(hash string) string { return "evidence/received/" + hash + ".eml.txt" },
	}
	place, file := whereWords(rules.Where{Message: "m1", Part: "header Subject", Blob: "aa", Attempt: 2}, e)
	if place != "header Subject of m1 of the earlier attempt 2" || file != "evidence/received/aa.eml.txt" {
		t.Errorf("place %q, file %q", place, file)
	}
	result := &rules.Result{Scenarios: []rules.ScenarioResult{{ID: "a", Attempts: 2}, {ID: "b"}}}
	if told := begunAgain(result); !strings.Contains(told, "1 begun more than once") {
		t.Errorf("summary: %q", told)
	}
	if attemptsWords(english(), result.Scenarios[0]) == "" || attemptsWords(english(), result.Scenarios[1]) != "" {
		t.Error("a scenario says that it was begun more than once where it was not, or not where it was")
	}
}
