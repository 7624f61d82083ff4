package conformance

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/steps"
)

// A scenario waits or lacks something only where nothing else went wrong.
func TestHowAScenarioEnded(t *testing.T) {
	t.Parallel()
	waits := &steps.SuspendedError{Waiting: evidence.Waiting{Step: 3}}
	lacks := &steps.LackingError{Needs: []string{"white box: clock"}}
	trouble := errors.New("connection refused")
	step := func(err error) error { return fmt.Errorf("step %q: %w", "And 12 hours pass", err) }
	for _, tt := range []struct {
		name   string
		failed error
		want   *evidence.End
	}{
		{"well", nil, &evidence.End{Completed: true}},
		{"trouble", step(trouble), &evidence.End{Error: step(trouble).Error()}},
		{"waits", step(waits), &evidence.End{Waiting: &waits.Waiting}},
		{"lacks", errors.Join(step(lacks), nil), &evidence.End{Lacking: []string{"white box: clock"}}},
		{"lacks twice", errors.Join(step(lacks), lacks, &steps.LackingError{Needs: []string{"role peer"}}), &evidence.End{Lacking: []string{"role peer", "white box: clock"}}},
		{"lacks, and trouble", errors.Join(step(lacks), trouble), &evidence.End{Error: errors.Join(step(lacks), trouble).Error()}},
		{"waits, and trouble", errors.Join(errors.Join(step(waits)), trouble), &evidence.End{Error: errors.Join(step(waits), trouble).Error()}},
		{"waits and lacks, which nobody can", errors.Join(waits, lacks), &evidence.End{Error: errors.Join(waits, lacks).Error()}},
		{"wraps several", fmt.Errorf("%w, and then %w", lacks, trouble), &evidence.End{Error: "the scenario lacks: white box: clock, and then connection refused"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, endOf(tt.failed)); diff != "" {
				t.Errorf("end (-want +got):\n%s", diff)
			}
		})
	}
}

// A real target that is down for a while is no fault of the harness, and nothing
// else that goes wrong is taken for that.
func TestATargetThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	down := fmt.Errorf("step %q: %w", "And so on", fmt.Errorf("%w: %w", steps.ErrUnreachable, errors.New("connection refused")))
	refused := fmt.Errorf("read the mailbox: %w", steps.ErrLogin)
	for _, tt := range []struct {
		name   string
		failed error
		want   bool
	}{
		{"well", nil, false},
		{"down", down, true},
		{"login refused", refused, true},
		{"both", errors.Join(down, errors.Join(refused, down)), true},
		{"other trouble", errors.New("connection refused"), false},
		{"other trouble beside it", errors.Join(down, errors.New("evidence cannot be written")), false},
	} {
		var lacks *steps.LackingError
		if got := errors.As(unanswered(tt.failed), &lacks); got != tt.want {
			t.Errorf("%s: taken for a target that does not answer: %t, want %t", tt.name, got, tt.want)
		}
	}
}
