package rules

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/evidence"
)

// A whole exchange for the tests of families and lifecycle: Anna's message to
// Bruno (To), Elena (To, ordinary) and Carla (Cc) with everything that is owed,
// altered piece by piece.

// pieces names what is in a whole exchange, in order.
var pieces = []string{"acceptance", "envelope-bruno", "envelope-carla", "envelope-elena", "taken-in-charge", "delivery-bruno", "delivery-carla"}

// change alters the pieces of an exchange before they are put into the case.
type change func(t *testing.T, all map[string][]placed)

// placed is a message in a mailbox.
type placed struct {
	message
	raw []byte // instead of the sealed message
	at  time.Time
}

func piece(m message, mailbox string) placed {
	m.Mailbox = mailbox
	return placed{message: m}
}

func wholeExchange(t *testing.T) map[string][]placed {
	t.Helper()
	carlas := correct("delivery-concise").with(t, `ed indirizzato a "bruno@`, `ed indirizzato a "carla@`, "<consegna>bruno@", "<consegna>carla@", `tipo="sintetica"`, `tipo="completa"`)
	return map[string][]placed{
		"acceptance":      {piece(correct("acceptance"), anna)},
		"envelope-bruno":  {piece(correct("envelope"), bruno)},
		"envelope-carla":  {piece(correct("envelope"), carla)},
		"envelope-elena":  {piece(correct("envelope"), elena)},
		"taken-in-charge": {piece(correct("taken-in-charge"), serviceAurora)},
		"delivery-bruno":  {piece(correct("delivery"), anna)},
		"delivery-carla":  {piece(carlas, anna)},
	}
}

// whole builds the exchange with these changes.
func whole(changes ...change) func(*testCase) {
	return wholeOf(originalText, nil, changes...)
}

// wholeOf is whole with another submission.
func wholeOf(text string, submission func(*evidence.Submission), changes ...change) func(*testCase) {
	return func(c *testCase) {
		if submission == nil {
			submission = func(*evidence.Submission) {}
		}
		c.submitted(text, submission)
		all := wholeExchange(c.t)
		for _, alter := range changes {
			alter(c.t, all)
		}
		var names []string
		for name := range all {
			names = append(names, name)
		}
		slices.SortFunc(names, func(a, b string) int {
			return 100*(slices.Index(pieces, a)-slices.Index(pieces, b)) + strings.Compare(a, b)
		})
		for _, name := range names {
			for _, p := range all[name] {
				raw := p.raw
				if raw == nil {
					raw = p.sealed(c.t)
				}
				c.received(p.Mailbox, raw, func(m *evidence.Message) {
					if !p.message.At.IsZero() {
						m.Delivered = p.message.At
					}
					if !p.at.IsZero() {
						m.Delivered = p.at
					}
				})
			}
		}
		c.settled()
	}
}

// notYetSettled is a case without the last event that says it settled.
func notYetSettled(build func(*testCase)) func(*testCase) {
	return func(c *testCase) {
		build(c)
		c.events = slices.DeleteFunc(c.events, func(e evidence.Event) bool { return e.Type == evidence.SettledSeen })
	}
}

func drop(names ...string) change {
	return func(_ *testing.T, all map[string][]placed) {
		for _, name := range names {
			delete(all, name)
		}
	}
}

func twice(name string) change {
	return func(_ *testing.T, all map[string][]placed) { all[name] = append(all[name], all[name][0]) }
}

// edit replaces text in one piece: pairs of old and new.
func edit(name string, pairs ...string) change {
	return func(t *testing.T, all map[string][]placed) {
		t.Helper()
		for i := range all[name] {
			all[name][i].message = all[name][i].message.with(t, pairs...)
		}
	}
}

// move lays one piece into another mailbox.
func move(name, mailbox string) change {
	return func(_ *testing.T, all map[string][]placed) {
		for i := range all[name] {
			all[name][i].Mailbox = mailbox
		}
	}
}

// extra adds a correct message, altered by pairs of old and new text.
func extra(sample, mailbox string, pairs ...string) change {
	return func(t *testing.T, all map[string][]placed) {
		t.Helper()
		all["z-"+sample+mailbox] = append(all["z-"+sample+mailbox], piece(correct(sample).with(t, pairs...), mailbox))
	}
}

// corrupted changes an octet of one piece after it was signed.
func corrupted(name, old, now string) change {
	return func(t *testing.T, all map[string][]placed) {
		t.Helper()
		for i := range all[name] {
			raw := string(all[name][i].sealed(t))
			if !strings.Contains(raw, old) {
				t.Fatalf("%s holds no %q", name, old)
			}
			all[name][i].raw = []byte(strings.Replace(raw, old, now, 1))
		}
	}
}

// only keeps these pieces.
func only(names ...string) change {
	return func(_ *testing.T, all map[string][]placed) {
		for name := range all {
			if !slices.Contains(names, name) {
				delete(all, name)
			}
		}
	}
}

// to sets the recipients of a submission, all accepted.
func to(addresses ...string) func(*evidence.Submission) {
	return func(s *evidence.Submission) {
		s.Recipients = nil
		for _, a := range addresses {
			s.Recipients = append(s.Recipients, evidence.RecipientReply{Address: a, Reply: evidence.Reply{Code: 250}})
		}
	}
}

// sequence applies several alterations of a submission.
func sequence(all ...func(*evidence.Submission)) func(*evidence.Submission) {
	return func(s *evidence.Submission) {
		for _, alter := range all {
			alter(s)
		}
	}
}

// allFamilies are the judges whose tests use this builder.
func allFamilies() []Judge {
	var all []Judge
	for _, family := range [][]Judge{
		incomingJudges(), takenInChargeJudges(), anomalyJudges(), virusJudges(),
		deliveryJudges(), briefJudges(), nonDeliveryJudges(), flowJudges(),
	} {
		all = append(all, family...)
	}
	return all
}

// keepsAll demands that no judge of the families finds anything wrong.
func keepsAll(t *testing.T, build func(*testCase)) {
	t.Helper()
	c := newCase(t)
	build(c)
	v := c.view()
	for _, j := range allFamilies() {
		if v.missing(j.Needs) != "" {
			continue
		}
		var f Findings
		j.Look(v, &f)
		for _, x := range f.list {
			if x.answer != holds && x.answer != observed {
				t.Errorf("%s %s: expected %q, seen %q %s (%+v)", j.Rule, x.answer.name(), x.expected, x.seen, x.need, x.where)
			}
		}
	}
}
