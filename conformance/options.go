package conformance

import (
	"time"

	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
	"github.com/collaudo/collaudo/simulator/authority"
	"github.com/collaudo/collaudo/steps"
)

// Options say what to try, by which reading, and where to put the evidence.
type Options struct {
	Rules   []string      // rule ids or families; empty: all
	Tags    string        // tag expression; empty: all
	Shard   Shard         // one part of the selection, to be merged with the others; zero: all of it
	Profile rules.Profile // Practice when empty
	Faults  []string      // faults of the simulated providers that are on; none: as faithful as they can be
	// Personality of the simulated providers: legal but unusual; empty: plain.
	Personality string
	// Client is the mail client under test; nil: providers are.
	Client *steps.Client
	// Target is the endpoint under test, over the network; nil: the built-in pair.
	Target  *steps.Target
	Seed    int64 // of everything that is drawn at random
	Workers int   // scenarios at a time; 0: as many as suit the machine

	Out string // run folder; it must not exist, or be empty
	// Resume is the folder of an earlier run that is taken up again, with the
	// same options: see Recall. Out is then that folder. Empty: a new run.
	Resume string
	// Wait keeps the run until scenarios that wait for legal time have gone on.
	Wait bool
	// Yes says that a target which is not on this machine may be tested, without
	// asking. What the target file does not allow stays forbidden.
	Yes bool
	// Confirm asks a person whether it may be; nil: there is nobody to ask.
	Confirm func(question string) (agreed bool, err error)
	Version string // of the tool, for the record
	// Language of the report; empty: English.
	Language words.Language
	// Baseline is what is known to fail; nil: nothing is. It changes no verdict.
	Baseline *Baseline
	// Compare is the folder of an earlier run that the report shows beside this
	// one; empty: none.
	Compare string

	Now      func() time.Time    // the harness's clock
	Chosen   func(Selection)     // called before Begun, with what was asked for and is played; may be nil
	Begun    func(scenarios int) // called once all that was asked is known to make sense; may be nil
	Progress func(Progress)      // called after each scenario, one call at a time; may be nil
	Waits    func(Wait)          // called when a scenario begins to wait; may be nil
	Stage    func(Stage)         // called when what follows the playing begins; may be nil

	unreported bool          // nothing is written of the verdicts: the folder is about to go
	atMost     time.Duration // in place of patience, for the tests here; zero: patience

	keys *authority.Pool // of the simulated world; nil: new ones, as every run has but those of the tests here
}

// Progress says that a scenario has been played. It says nothing of a verdict:
// that is given when the evidence is judged.
type Progress struct {
	Done, Total int
	Scenario    string
	Error       string // trouble of the harness
	Took        time.Duration
}

// Stage is what a run does once all was played: on a large run each takes seconds.
type Stage int

// Stages, in the order in which they come.
const (
	StageJudging Stage = iota + 1 // the evidence is judged
	StageWriting                  // the report is written, and the folder sealed
)

// enter tells that a stage begins.
func (o *Options) enter(stage Stage) {
	if o.Stage != nil {
		o.Stage(stage)
	}
}

// Report is a finished run.
type Report struct {
	Dir    string // run folder, as given
	Result *rules.Result
	Gate   *reports.Gate // what the baseline makes of the run; nil: it was given none
	Took   time.Duration // playing the scenarios
	Judged time.Duration // judging the evidence and writing the report
}

// ExitCode is the exit code of the run: that of its verdict, unless a baseline
// knows of every failure, or has to be looked at.
func (r *Report) ExitCode() int {
	if r.Gate != nil {
		return r.Gate.Code
	}
	return ExitCode(r.Result.Verdict)
}
