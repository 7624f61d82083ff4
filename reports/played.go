package reports

import (
	"fmt"
	"time"

	"github.com/collaudo/collaudo/evidence"
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
func (s *story) resumedWords() string {
	switch s.Resumed {
	case 0:
		return ""
	case 1:
		return ", taken up again once"
	}
	return fmt.Sprintf(", taken up again %d times", s.Resumed)
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
func attemptsWords(s rules.ScenarioResult) string {
	if s.Attempts < 2 {
		return ""
	}
	return fmt.Sprintf("Begun %d times: earlier attempts were interrupted or came too late. The last one is held to what the scenario expects; what is wrong in messages of the others counts too.", s.Attempts)
}
