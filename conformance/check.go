package conformance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/collaudo/collaudo/rules"
	"github.com/collaudo/collaudo/steps"
	"github.com/collaudo/collaudo/steps/reach"
)

// Check is what was found of a target before any run: whether its services can
// be reached, whether messages come through, and what a run would play.
type Check struct {
	Looks  []steps.Look
	Trips  []Trip    // none where a look found trouble
	Played int       // scenarios that a run would play
	Waits  int       // of these, how many wait for legal time to pass, in real time
	Left   []LeftOut // and those that it would not, by what they lack
	Claims []string  // capabilities that the target says it has
	// Contradicted are those that the trips do not bear out.
	Contradicted []rules.Contradiction
	Rules        RuleForecast // what a run could say
}

// Trip is one exchange of messages, there and back.
type Trip struct {
	Name    string
	Took    time.Duration
	Lacking []string // what the target does not give for it; it was not tried
	Trouble string   // why it did not come about; empty: it did
}

// LeftOut are scenarios that a target cannot be played, for one reason.
type LeftOut struct {
	Need      string
	Scenarios []string // ids
}

// RuleForecast counts rules by what a run could say of them.
type RuleForecast struct {
	Staged int // rules that a scenario which would be played asks about
	Left   int // rules that only scenarios which would not be played ask about
}

// trip is a scenario by which a check sees that messages go there and back.
type trip struct {
	name, scenario string
	claim          rules.Capability // without which it is not tried; "": it always is
	hint           string           // what to look at when it does not come about
}

func trips() []trip {
	return []trip{
		{name: "a message between two users", scenario: "complete-transaction"},
		{
			name: "a message to a provider that the harness plays, and its receipts", scenario: "exchange-with-a-peer",
			hint: "does the target reach the address at which the harness listens for each of its peers, and does its directory hold their records?",
		},
		{name: "a message to ordinary mail", scenario: "only-an-ordinary-recipient", claim: rules.ClaimOrdinaryRecipients},
		{name: "ordinary mail to a user", scenario: "ordinary-mail", claim: rules.ClaimOrdinaryMail},
	}
}

// CheckTarget looks at every service of the target, signs in to every mailbox,
// and sends one message each way. The error is ErrUsage where the description
// does not hold together or does not allow that; what a service does wrong is in
// the check, see Trouble.
func CheckTarget(ctx context.Context, o Options) (*Check, error) {
	if o.Target == nil {
		return nil, fmt.Errorf("%w: only a target of kind %s can be checked: a mail client is tried by running it", ErrUsage, steps.KindProvider)
	}
	if err := o.askEndpoint(); err != nil {
		return nil, err
	}
	all, err := Scenarios()
	if err != nil {
		return nil, err
	}
	door, err := o.door(len(trips()))
	if err != nil {
		return nil, err
	}
	c := &Check{Claims: o.Target.Claims}
	c.plan(o.Target, all)
	c.Looks = steps.LookAt(ctx, o.Target, o.looking(door))
	if ctx.Err() != nil { // what then fails says nothing of the target
		return nil, fmt.Errorf("%w before the check was over", ErrInterrupted)
	}
	if c.lookTrouble() != nil {
		return c, nil //nolint:nilerr // Check.Trouble tells it
	}
	for _, trip := range trips() {
		if trip.claim != "" && !slices.Contains(o.Target.Claims, string(trip.claim)) {
			continue
		}
		i := slices.IndexFunc(all, func(s Scenario) bool { return s.ID == trip.scenario })
		if i < 0 {
			return nil, fmt.Errorf("%w: there is no scenario %s", ErrHarness, trip.scenario)
		}
		t := Trip{Name: trip.name, Lacking: o.Target.Lacks(all[i].start())}
		if len(t.Lacking) == 0 {
			contradicted, err := o.travel(ctx, &t, trip)
			if ctx.Err() != nil {
				return nil, fmt.Errorf("%w before the check was over", ErrInterrupted)
			}
			if err != nil {
				return c, err
			}
			c.contradict(trip, contradicted)
		}
		c.Trips = append(c.Trips, t)
	}
	return c, nil
}

func (o *Options) looking(door *reach.Door) steps.Options {
	return steps.Options{Now: o.Now, Door: door, Patience: o.Target.Patience}
}

// contradict takes in what a trip showed of the claims: of any, where the trip is
// always made, and else of its own.
func (c *Check) contradict(trip trip, found []rules.Contradiction) {
	for _, one := range found {
		known := slices.ContainsFunc(c.Contradicted, func(k rules.Contradiction) bool { return k.Claim == one.Claim })
		if !known && (trip.claim == "" || trip.claim == one.Claim) {
			c.Contradicted = append(c.Contradicted, one)
		}
	}
}

// travel plays one scenario and keeps nothing of it.
func (o *Options) travel(ctx context.Context, t *Trip, trip trip) ([]rules.Contradiction, error) {
	dir, err := os.MkdirTemp("", "collaudo-check-")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	one := *o
	one.Out, one.Rules, one.Tags, one.Yes = dir, nil, "@id:"+trip.scenario, true // it was asked already
	one.unreported = true
	one.Chosen, one.Begun, one.Progress, one.Stage, one.Resume, one.Wait, one.Shard = nil, nil, nil, nil, "", false, Shard{}
	report, err := Try(ctx, one)
	if err != nil {
		t.Trouble = err.Error()
		return nil, ctx.Err()
	}
	t.Took = report.Took
	for _, s := range report.Result.Scenarios {
		t.Trouble = cmp.Or(t.Trouble, s.Error, firstTrouble(s))
	}
	if t.Trouble != "" && trip.hint != "" {
		t.Trouble += "; " + trip.hint
	}
	return report.Result.Contradicted, ctx.Err()
}

// firstTrouble is the worst check of a scenario, in its own words, "" where all
// went well. A judge who would have to look where the target shows nothing says
// nothing of the message.
func firstTrouble(s rules.ScenarioResult) string {
	for _, worst := range []rules.Verdict{rules.Error, rules.Fail, rules.Inconclusive} {
		for _, check := range s.Checks {
			if check.Verdict == worst && (worst != rules.Inconclusive || check.By != "judge") {
				said := fmt.Sprintf("%s (%s): ", check.Rule, worst)
				if check.Seen != "" && check.Expected != "" {
					return fmt.Sprintf("%sexpected %s, seen %s", said, check.Expected, check.Seen)
				}
				return said + cmp.Or(check.Seen, check.Need)
			}
		}
	}
	return ""
}

// plan works out what a run would play.
func (c *Check) plan(target *steps.Target, all []Scenario) {
	c.Played, c.Waits, c.Left = 0, 0, nil
	staged := map[string]bool{}
	for _, s := range all {
		lacking := target.Lacks(s.start())
		for _, rule := range s.Rules {
			staged[rule] = staged[rule] || len(lacking) == 0
		}
		if len(lacking) == 0 {
			c.Played++
			if target.Waits(s.start()) > 0 {
				c.Waits++
			}
		}
		for _, need := range lacking {
			i := slices.IndexFunc(c.Left, func(l LeftOut) bool { return l.Need == need })
			if i < 0 {
				i, c.Left = len(c.Left), append(c.Left, LeftOut{Need: need})
			}
			c.Left[i].Scenarios = append(c.Left[i].Scenarios, s.ID)
		}
	}
	slices.SortStableFunc(c.Left, func(a, b LeftOut) int { return len(b.Scenarios) - len(a.Scenarios) })
	for _, played := range staged {
		if played {
			c.Rules.Staged++
		} else {
			c.Rules.Left++
		}
	}
}

// Trouble is what keeps the target from being run against: ErrUsage where this
// machine or the description is to blame, ErrUnreachable where the target is.
func (c *Check) Trouble() error {
	if err := c.lookTrouble(); err != nil {
		return err
	}
	for _, wrong := range c.Contradicted {
		return fmt.Errorf("%w: claim contradicted: the file claims %s (%s), but %s; take the claim out of the file, or mend the target", ErrUsage, wrong.Claim, wrong.Expected, wrong.Seen)
	}
	for _, t := range c.Trips {
		if t.Trouble != "" {
			return fmt.Errorf("%w: %s did not come through: %s", ErrUnreachable, t.Name, t.Trouble)
		}
	}
	return nil
}

func (c *Check) lookTrouble() error { return troubleOf(c.Looks) }

// troubleOf joins what looks found wrong, each sentence once.
func troubleOf(looks []steps.Look) error {
	var found []error
	kind := ErrUnreachable
	for _, l := range looks {
		if l.Trouble == nil {
			continue
		}
		if errors.Is(l.Trouble, reach.ErrNotAllowed) || errors.Is(l.Trouble, steps.ErrListen) {
			kind = ErrUsage
		}
		found = append(found, l.Trouble)
	}
	if len(found) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %w", kind, errors.Join(found...))
}

// abandon closes a run that cannot begin, and empties its folder again: nothing
// was there before, and nothing was seen.
func (t *trial) abandon() error {
	err := t.recorder.Close()
	if t.earlier != nil {
		return err
	}
	entries, readErr := os.ReadDir(t.options.Out)
	err = errors.Join(err, readErr)
	for _, e := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(t.options.Out, e.Name())))
	}
	return err
}

// look looks at the target before the first message of a run, so that what is
// wrong is one sentence at the beginning and not the error of every scenario.
func (t *trial) look(ctx context.Context) error {
	if t.endpoint == nil {
		return nil
	}
	return troubleOf(steps.LookAt(ctx, t.options.Target, t.options.looking(t.door)))
}
