package conformance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/collaudo/collaudo/evidence"
)

// Wait is a scenario that waits for legal time to pass.
type Wait struct {
	Scenario string
	Until    time.Time // when it can go on
	Latest   time.Time // when it is too late to go on
	// Present says that the harness has to be there all the while.
	Present bool
}

// lookAgain bounds how long the harness sleeps at a time: a machine that was
// itself asleep must not oversleep by more.
const lookAgain = time.Second

// Waits lists the scenarios of a run that wait, by when they can go on.
func Waits(dir string) ([]Wait, error) {
	record, err := evidence.Open(dir)
	if err != nil {
		return nil, err
	}
	var all []Wait
	for _, c := range record.Cases {
		if c.Standing() == evidence.Suspended {
			all = append(all, waitOf(c.Start.ID, &c.Suspension.Waiting))
		}
	}
	slices.SortFunc(all, func(a, b Wait) int { return cmp.Or(a.Until.Compare(b.Until), cmp.Compare(a.Scenario, b.Scenario)) })
	return all, nil
}

func waitOf(id string, w *evidence.Waiting) Wait { return Wait{id, w.Until, w.Latest, w.Present} }

// until waits for an instant of legal time and tells whoever listens.
func (t *trial) until(ctx context.Context, j *job, w *evidence.Waiting) error {
	if t.options.Waits != nil {
		t.telling.Lock()
		t.options.Waits(waitOf(j.scenario.ID, w))
		t.telling.Unlock()
	}
	for {
		left := w.Until.Sub(t.options.Now())
		if left <= 0 {
			return ctx.Err()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(left, lookAgain)):
		}
	}
}

// stay goes on with a scenario that waits, as often as it does, where the run
// was told to. What needs the harness in the meantime is left to attend.
func (t *trial) stay(ctx context.Context, j *job) error {
	for t.options.Wait && j.waits != nil && !j.waits.Present {
		if t.until(ctx, j, j.waits) != nil {
			return nil //nolint:nilerr // interrupted: evidence says until when it waits
		}
		if err := t.goOn(j); err != nil {
			return fmt.Errorf("go on with %s: %w", j.scenario.ID, err)
		}
		if _, err := t.play(ctx, j); err != nil {
			return err
		}
	}
	return nil
}

// goOn has a scenario whose time has come go on from its evidence, or from the
// first step where the machine slept too long.
func (t *trial) goOn(j *job) error {
	if now := t.options.Now(); now.After(j.waits.Latest) {
		return t.supersede(j, fmt.Sprintf("it was to go on by %s, and the harness came to it at %s", j.waits.Latest.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339)))
	}
	record, err := evidence.Open(t.options.Out)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(record.Cases, func(c *evidence.Case) bool { return c.Start.ID == j.scenario.ID })
	if i < 0 {
		return errors.New("its evidence is gone")
	}
	j.suspends, j.waits, j.attempt = record.Cases[i], nil, j.attempt+1
	return nil
}

// attend plays the scenarios in which the harness has to stay while they wait:
// one after the other and from the first step, when nobody else needs the
// providers that it plays.
func (t *trial) attend(ctx context.Context, jobs []*job) error {
	if !t.options.Wait {
		return nil
	}
	for _, j := range jobs {
		if j.waits == nil || !j.waits.Present || ctx.Err() != nil {
			continue
		}
		if err := t.supersede(j, "it waits again with the harness there all the while"); err != nil {
			return err
		}
		j.attended = true
		if _, err := t.play(ctx, j); err != nil {
			return err
		}
	}
	return nil
}
