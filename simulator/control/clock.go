package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Clock is the answer about the clock.
type Clock struct {
	Now       time.Time `json:"now"`
	Steppable bool      `json:"steppable"`
}

// ErrClock says that the clock shows real time and cannot be moved.
var ErrClock = errors.New("the clock of this world shows real time and cannot be advanced; start the world with a stepped clock")

func (h *handler) idle(rw http.ResponseWriter, r *http.Request) {
	q := asking(r, "wait")
	wait := q.wait("wait", 10*time.Second)
	if q.err != nil {
		fail(rw, http.StatusBadRequest, q.err)
		return
	}
	unhurried(rw)
	ctx, cancel := context.WithTimeout(r.Context(), wait)
	defer cancel()
	if err := h.world.Settle(ctx); err != nil {
		fail(rw, http.StatusServiceUnavailable, err)
		return
	}
	rw.WriteHeader(http.StatusNoContent)
}

func (h *handler) clock(rw http.ResponseWriter, _ *http.Request) {
	answer(rw)(Clock{Now: h.world.Now(), Steppable: h.world.Steppable()}, nil)
}

// move answers POST /v1/clock {"by": DURATION} or {"at": INSTANT}.
func (h *handler) move(rw http.ResponseWriter, r *http.Request) {
	const want = `{"by": "12h"} or {"at": "2026-03-28T10:00:00+01:00"}`
	var asked struct {
		By string    `json:"by"`
		At time.Time `json:"at"`
	}
	if !decode(rw, r, maxBody, &asked, want) {
		return
	}
	if (asked.By == "") == asked.At.IsZero() {
		fail(rw, http.StatusBadRequest, errors.New("want one of "+want))
		return
	}
	by := time.Duration(0)
	if asked.By != "" {
		var err error
		if by, err = time.ParseDuration(asked.By); err != nil {
			fail(rw, http.StatusBadRequest, err)
			return
		}
	} else {
		by = asked.At.Sub(h.world.Now())
	}
	h.advanceBy(rw, r, by)
}

// advance answers POST /v1/clock/advance {"by": DURATION} or {"seconds": N}.
func (h *handler) advance(rw http.ResponseWriter, r *http.Request) {
	var asked struct {
		By      string  `json:"by"`
		Seconds float64 `json:"seconds"`
	}
	if !decode(rw, r, maxBody, &asked, `{"by": "12h"} or {"seconds": 43200}`) {
		return
	}
	by := time.Duration(asked.Seconds * float64(time.Second))
	if asked.By != "" {
		var err error
		if by, err = time.ParseDuration(asked.By); err != nil {
			fail(rw, http.StatusBadRequest, err)
			return
		}
	}
	h.advanceBy(rw, r, by)
}

// maxAdvance bounds one step of the clock: enough for what the rules keep for 30
// months, and little enough that a slip of the finger costs no century, since
// legal time does not go back.
const maxAdvance = 5 * 366 * 24 * time.Hour

func (h *handler) advanceBy(rw http.ResponseWriter, r *http.Request, by time.Duration) {
	if by < 0 {
		fail(rw, http.StatusBadRequest, errors.New("legal time does not go back"))
		return
	}
	if by > maxAdvance {
		fail(rw, http.StatusBadRequest, fmt.Errorf("by %v: at a time legal time moves at most %v; is it hours that you mean?", by, maxAdvance))
		return
	}
	if !h.world.Steppable() {
		fail(rw, http.StatusConflict, ErrClock)
		return
	}
	unhurried(rw)
	ctx, cancel := context.WithTimeout(r.Context(), maxWait)
	defer cancel()
	if err := h.world.Advance(ctx, by); err != nil {
		fail(rw, http.StatusServiceUnavailable, err)
		return
	}
	h.clock(rw, r)
}
