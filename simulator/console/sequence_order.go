package console

import (
	"slices"

	"github.com/collaudo/collaudo/simulator/journal"
)

// Each provider's log is in its true order, and states instants to the second;
// in a second everything happens. What orders the lines of different providers
// is that nothing comes of a message at a host before it has reached it. The log
// says that a message was handed over only after the other host has answered, so
// that line (the hop) may stand too late, and is moved forward to where what
// follows from it begins.

// hop is a message handed to another host.
type hop struct {
	line LogLine
	from string
	id   string // Message-ID of what was handed over
	used bool
}

// step is a line at its place: a hop, or what a host did.
type step struct {
	line LogLine
	hop  bool
}

// ordered puts the lines of an exchange into an order in which they can have
// happened.
func ordered(lines []LogLine) []step {
	var providers []string
	queues := map[string][]LogLine{}
	for _, l := range lines {
		if !slices.Contains(providers, l.Provider) {
			providers = append(providers, l.Provider)
		}
		queues[l.Provider] = append(queues[l.Provider], l)
	}
	o := ordering{made: map[string]bool{}, reached: map[string]bool{}, entered: map[string]bool{}}
	for _, p := range providers {
		var rest []LogLine
		for _, l := range queues[p] {
			if l.Event == journal.Relayed {
				o.hops = append(o.hops, &hop{line: l, from: p, id: first(l.Related)})
			}
			rest = append(rest, l)
		}
		queues[p] = rest
	}
	for {
		best := ""
		for _, able := range []bool{true, false} { // when nothing can have happened yet, take what says it did
			for _, p := range providers {
				if len(queues[p]) == 0 || able && !o.able(queues[p][0]) {
					continue
				}
				if best == "" || earlier(queues[p][0], queues[best][0]) {
					best = p
				}
			}
			if best != "" {
				break
			}
		}
		if best == "" {
			return o.steps
		}
		o.take(queues[best][0])
		queues[best] = queues[best][1:]
	}
}

func earlier(a, b LogLine) bool {
	if !a.At.Equal(b.At) {
		return a.At.Before(b.At)
	}
	return rank(a.Event) < rank(b.Event)
}

// rank is where an event stands in the life of a message, for what nothing
// else orders.
func rank(event string) int {
	return slices.Index([]string{
		journal.Refused, journal.NonAcceptance, journal.Envelope, journal.Acceptance,
		journal.TakenInCharge, journal.Quarantined, journal.Repeated, journal.Anomaly, journal.Stored, journal.Virus, journal.Delivery, journal.NonDelivery,
		journal.ReceiptArrived, journal.Discarded, journal.Deferred, journal.NotRelayed, journal.Delay, journal.Relayed,
	}, event)
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

type ordering struct {
	hops    []*hop
	made    map[string]bool // messages by Message-ID that somebody has made
	reached map[string]bool // host and Message-ID
	entered map[string]bool // hosts that something has reached
	steps   []step
}

// needed is the hop without which the line cannot have happened, nil when there
// is none or it has happened.
func (o *ordering) needed(l LogLine) *hop {
	for _, h := range o.hops {
		if h.used || h.line.Detail != l.Provider {
			continue
		}
		switch l.Event {
		case journal.Stored, journal.ReceiptArrived:
			if h.id == first(l.Related) && !o.reached[l.Provider+h.id] {
				return h
			}
		case journal.TakenInCharge, journal.Delivery, journal.NonDelivery, journal.Virus, journal.Anomaly, journal.Quarantined, journal.Discarded, journal.Repeated:
			if !o.entered[l.Provider] {
				return h
			}
		}
	}
	return nil
}

// able tells whether the line can have happened by now.
func (o *ordering) able(l LogLine) bool {
	if h := o.needed(l); h != nil {
		return h.id == "" || o.made[h.id] || !o.willBeMade(h)
	}
	return true
}

// willBeMade tells that the log of who handed it over says where the message
// was made. Those that come from further away do not.
func (o *ordering) willBeMade(h *hop) bool { return h.line.Issuer == h.from }

func (o *ordering) take(l LogLine) {
	if l.Event == journal.Relayed {
		for _, h := range o.hops {
			if h.from == l.Provider && !h.used && slices.Equal(h.line.Related, l.Related) && h.line.Detail == l.Detail && slices.Equal(h.line.Recipients, l.Recipients) {
				o.depart(h)
				return
			}
		}
		return // it was moved forward
	}
	if h := o.needed(l); h != nil {
		o.depart(h)
	}
	if made(l.Event) {
		for _, id := range l.Related {
			o.made[id] = true
		}
	}
	o.steps = append(o.steps, step{line: l})
}

func (o *ordering) depart(h *hop) {
	h.used = true
	o.reached[h.line.Detail+h.id], o.entered[h.line.Detail] = true, true
	o.steps = append(o.steps, step{line: h.line, hop: true})
}

// made tells that at such a line the provider made a message.
func made(event string) bool {
	switch event {
	case journal.Acceptance, journal.NonAcceptance, journal.Envelope, journal.TakenInCharge, journal.Delivery,
		journal.NonDelivery, journal.Virus, journal.Anomaly, journal.Delay:
		return true
	}
	return false
}
