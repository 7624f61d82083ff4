package conformance

import (
	"time"

	"github.com/collaudo/collaudo/rules"
	"github.com/collaudo/collaudo/steps"
)

// Options say what to try, by which reading, and where to put the evidence.
type Options struct {
	Rules   []string      // rule ids or families; empty: all
	Tags    string        // tag expression; empty: all
	Profile rules.Profile // Practice when empty
	Faults  []string      // faults of the simulated providers that are on; none: as faithful as they can be
	// Personality of the simulated providers: legal but unusual; empty: plain.
	Personality string
	// Client is the mail client under test; nil: the built-in pair is.
	Client  *steps.Client
	Seed    int64 // of everything that is drawn at random
	Workers int   // scenarios at a time; 0: as many as suit the machine

	Out     string // run folder; it must not exist, or be empty
	Version string // of the tool, for the record

	Now      func() time.Time    // the harness's clock
	Begun    func(scenarios int) // called once all that was asked is known to make sense; may be nil
	Progress func(Progress)      // called after each scenario, one call at a time; may be nil
}

// Progress says that a scenario has been played. It says nothing of a verdict:
// that is given when the evidence is judged.
type Progress struct {
	Done, Total int
	Scenario    string
	Error       string // trouble of the harness
	Took        time.Duration
}

// Report is a finished run.
type Report struct {
	Dir    string // run folder, as given
	Result *rules.Result
	Took   time.Duration // playing the scenarios
	Judged time.Duration // judging the evidence and writing the report
}
