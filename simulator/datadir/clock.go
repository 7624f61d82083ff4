package datadir

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/collaudo/collaudo/simulator/clock"
)

// ErrAhead says that a folder's legal time is ahead of real time, so that its
// world can only go on with a clock that can be.
var ErrAhead = errors.New("legal time was moved on in this folder, and does not go back")

// Ahead is how far legal time of the folder is ahead of real time.
func (d *Dir) Ahead() (time.Duration, error) {
	octets, err := os.ReadFile(d.clockFile())
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	ahead, err := time.ParseDuration(strings.TrimSpace(string(octets)))
	if err != nil || ahead < 0 {
		return 0, fmt.Errorf("%s holds %.40q: how far legal time is ahead was expected, such as 12h0m0s", d.clockFile(), octets)
	}
	return ahead, nil
}

func (d *Dir) clockFile() string { return filepath.Join(d.path, "clock") }

// Stepped is a clock that begins where legal time of the folder is, now being
// real time, and leaves in the folder how far it was moved on: before anything
// that comes of it happens, so that a crash cannot turn time back.
func (d *Dir) Stepped(now time.Time) (*clock.Offset, error) {
	ahead, err := d.Ahead()
	if err != nil {
		return nil, err
	}
	o := clock.NewOffset(now.Add(ahead))
	var once sync.Once
	o.Moving(func(moved time.Duration) {
		if err := d.keepClock(ahead + moved); err != nil {
			once.Do(func() { d.report(fmt.Errorf("legal time could not be kept, and is lost when the world ends: %w", err)) })
		}
	})
	return o, nil
}

// Real is the clock of the machine, for a folder whose time was never moved on.
func (d *Dir) Real() (clock.Clock, error) {
	ahead, err := d.Ahead()
	if err != nil {
		return nil, err
	}
	if ahead > 0 {
		return nil, fmt.Errorf("%w: it is %v ahead of real time; go on with a stepped clock, or with another folder", ErrAhead, ahead.Round(time.Second))
	}
	return clock.System(), nil
}

func (d *Dir) keepClock(ahead time.Duration) error {
	half := d.clockFile() + ".new"
	if err := os.WriteFile(half, []byte(ahead.String()+"\n"), 0o600); err != nil {
		return err
	}
	return os.Rename(half, d.clockFile())
}
