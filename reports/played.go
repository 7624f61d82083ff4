package reports

import (
	"fmt"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// span is how long the scenarios took by the evidence, as the report says it;
// without evidence, how long whoever asks says.
func span(o SummaryOptions) time.Duration {
	if o.Dir == "" {
		return o.Took
	}
	played, err := evidence.Played(o.Dir)
	if err != nil {
		return o.Took
	}
	return played
}

// Took is how long the scenario was played, on the clock of the run.
func (e *episode) Took() time.Duration {
	if e == nil {
		return 0
	}
	return e.Played
}

// resumedWords says that the run was not played in one go.
func (s *story) resumedWords(w *words.Words) string {
	switch s.Resumed {
	case 0:
		return ""
	case 1:
		return w.Text("page.resumed-once")
	}
	return w.Text("page.resumed", s.Resumed)
}

// begunAgain says how many scenarios were played from their first step more than
// once.
func begunAgain(result *rules.Result) string {
	n := 0
	for _, s := range result.Scenarios {
		if s.Attempts > 1 {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d begun more than once: the messages of each attempt are judged)", n)
}

// attemptsWords says how often a scenario was begun; "" for once.
func attemptsWords(w *words.Words, s rules.ScenarioResult) string {
	if s.Attempts < 2 {
		return ""
	}
	return w.Text("page.attempts", s.Attempts)
}
