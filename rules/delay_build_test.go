package rules

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec/smime"
)

// Cases over time, for the tests of the delay judges: Anna's message to Paolo
// and Pia, whose provider the harness plays, and what is heard of it, hour by
// hour. Times are counted from the acceptance.
//
//	waiting(heard("taken-in-charge", paolo, 3*time.Hour), told("delay-24", paolo, 23*time.Hour), until(25*time.Hour))

const paolo, pia = "paolo@cirro.example", "pia@cirro.example"

// cirroSigner signs for the provider that the harness plays.
func cirroSigner() *smime.Signer { return cirroSigners()["correct"] }

// act is something that happens in a case over time.
type act func(t *testing.T, c *testCase)

// waiting is Anna's message to Paolo, handed over after a second, and the acts.
func waiting(acts ...act) func(*testCase) { return waitingFor([]string{paolo}, acts...) }

// waitingFor is waiting with other recipients.
func waitingFor(recipients []string, acts ...act) func(*testCase) {
	return func(c *testCase) {
		for _, r := range recipients {
			if strings.HasSuffix(r, "@cirro.example") {
				acts = append([]act{handed(r, time.Second)}, acts...)
			}
		}
		unhanded(recipients, acts...)(c)
	}
}

// unhanded is waitingFor where no envelope is handed over.
func unhanded(recipients []string, acts ...act) func(*testCase) {
	return func(c *testCase) {
		withCirro(c)
		c.World.Mailboxes = append(c.World.Mailboxes, evidence.Mailbox{Address: pia, Role: evidence.UserMailbox, Provider: cirro, Actor: "Pia"})
		text := strings.NewReplacer("Bruno <bruno@borea.example>", "Paolo <"+paolo+">", carla, pia).Replace(originalText)
		c.submitted(text, to(recipients...))
		c.put(overTime(c.t, "acceptance", paolo, 0))
		for _, a := range acts {
			a(c.t, c)
		}
		c.settled()
	}
}

// overTime is a sample about a recipient of the peer, so long after the
// acceptance.
func overTime(t *testing.T, name, about string, after time.Duration) message {
	t.Helper()
	s := samples()[name]
	s.after = after
	m := s.message(name + strings.ReplaceAll(after.String(), ".", "") + strings.TrimSuffix(about, "@cirro.example"))
	for _, part := range []*string{&m.Head, &m.Content} {
		*part = strings.ReplaceAll(*part, carla, pia)
		*part = strings.ReplaceAll(*part, bruno, paolo)
		if about == pia { // one recipient alone is named by these
			for _, frame := range []string{"<consegna>%s<", "destinato all'utente \"%s\"", "indirizzato a \"%s\""} {
				*part = strings.ReplaceAll(*part, fmt.Sprintf(frame, paolo), fmt.Sprintf(frame, pia))
			}
		}
	}
	return m
}

// handed: the envelope comes to the peer's incoming point.
func handed(recipient string, after time.Duration) act {
	return func(t *testing.T, c *testCase) {
		t.Helper()
		raw := overTime(t, "envelope", recipient, 0).sealed(t)
		at := acceptedAt.Add(after)
		c.received(recipient, raw, func(m *evidence.Message) { m.Delivered, m.Via = at, "smtp" })
		c.add(evidence.Event{Type: evidence.TakenIn, Intake: &evidence.Intake{
			Peer: cirro, Manner: "takes", From: "gestore.aurora.example", At: at, OfferedTLS: true, TLS: true,
			ReversePath: anna, Recipients: []string{recipient}, SHA256: c.blobs.keep(raw), Code: 250,
		}})
	}
}

// heard: the peer sends a receipt about the recipient. pairs of old and new
// text change it before it is signed.
func heard(name, about string, after time.Duration, pairs ...string) act {
	return func(t *testing.T, c *testCase) {
		t.Helper()
		c.heardAs(overTime(t, name, about, after).with(t, fromCirro(pairs)...), cirroSigner(), about, after)
	}
}

// heardFrom is heard with another signer.
func heardFrom(signer *smime.Signer, name, about string, after time.Duration, pairs ...string) act {
	return func(t *testing.T, c *testCase) {
		t.Helper()
		c.heardAs(overTime(t, name, about, after).with(t, fromCirro(pairs)...), signer, about, after)
	}
}

func fromCirro(pairs []string) []string {
	return append([]string{"posta-certificata@gestore.borea.example", cirroAddress, borea, cirro}, pairs...)
}

// heardAltered: heard, and an octet changed after signing.
func heardAltered(name string, after time.Duration) act {
	const about = paolo
	return func(t *testing.T, c *testCase) {
		t.Helper()
		m := overTime(t, name, about, after).with(t, fromCirro(nil)...)
		m.Signer = cirroSigner()
		c.dispatched(bytes.Replace(m.sealed(t), []byte("Identificativo"), []byte("identificativo"), 1), about, after)
	}
}

func (c *testCase) heardAs(m message, signer *smime.Signer, about string, after time.Duration) {
	m.Signer = copySigner(signer)
	c.dispatched(m.sealed(c.t), about, after)
}

// dispatched adds a dispatch of the peer about the first submission.
func (c *testCase) dispatched(raw []byte, about string, after time.Duration) *evidence.Dispatch {
	at := acceptedAt.Add(after)
	n := 1
	for _, e := range c.events {
		if e.Dispatch != nil {
			n++
		}
	}
	d := &evidence.Dispatch{
		ID: fmt.Sprintf("d%d", n), Peer: cirro, Host: aurora, About: "s1", Recipient: about,
		Identifier: identifier, Blob: c.blobs.keep(raw), DataReply: evidence.Reply{Code: 250}, TLS: true, Started: at, Ended: at,
	}
	c.add(evidence.Event{Type: evidence.Dispatched, Dispatch: d})
	return d
}

// foundLast: the last dispatch lies in Anna's mailbox.
func foundLast() act {
	return func(t *testing.T, c *testCase) {
		t.Helper()
		for i := len(c.events) - 1; i >= 0; i-- {
			if d := c.events[i].Dispatch; d != nil {
				c.received(anna, c.blobs[d.Blob], func(m *evidence.Message) {
					m.Emitter, m.Dispatch, m.Delivered = evidence.Harness, d.ID, d.Ended
				})
				return
			}
		}
		t.Fatal("nothing was dispatched")
	}
}

// told: a notice of the target about the recipient comes to Anna.
func told(name, about string, after time.Duration, pairs ...string) act {
	return func(t *testing.T, c *testCase) {
		t.Helper()
		c.toldAs(overTime(t, name, about, after).with(t, pairs...), after)
	}
}

func (c *testCase) toldAs(m message, after time.Duration) {
	c.received(m.Mailbox, m.sealed(c.t), func(e *evidence.Message) { e.Delivered = acceptedAt.Add(after) })
}

// firstTold and secondTold are the two notices at their proper times.
func firstTold(about string) act { return told("delay-12", about, 12*time.Hour) }
func secondTold() act            { return told("delay-24", paolo, 23*time.Hour) }

// until: legal time is moved to so long after the acceptance.
func until(after time.Duration) act {
	return func(_ *testing.T, c *testCase) {
		c.add(evidence.Event{Type: evidence.ClockMoved, Clock: &evidence.ClockMove{Now: acceptedAt.Add(after)}})
	}
}

// restarts: Anna's provider is restarted.
func restarts(after time.Duration) act {
	return func(_ *testing.T, c *testCase) {
		c.add(evidence.Event{Type: evidence.Restarted, Restart: &evidence.Restart{Provider: aurora, At: acceptedAt.Add(after)}})
	}
}

// tried: a session with the peer that ended without a message.
func tried(after time.Duration, alter func(*evidence.Intake)) act {
	return func(_ *testing.T, c *testCase) {
		i := &evidence.Intake{Peer: cirro, Manner: "refuses-connections", At: acceptedAt.Add(after)}
		if alter != nil {
			alter(i)
		}
		c.add(evidence.Event{Type: evidence.TakenIn, Intake: i})
	}
}

// refusedWith is an answer of the peer to RCPT.
func refusedWith(code int) func(*evidence.Intake) {
	return func(i *evidence.Intake) {
		i.Manner, i.From, i.OfferedTLS, i.TLS = "refuses", "gestore.aurora.example", true, true
		i.ReversePath, i.Recipients, i.Code = anna, []string{paolo}, code
	}
}
