package reports

import (
	"fmt"
	"time"

	"github.com/collaudo/collaudo/evidence"
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
