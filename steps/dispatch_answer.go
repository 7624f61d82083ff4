package steps

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec"
)

// answerOrder is an answer that a step asks of a peer.
type answerOrder struct {
	peer   string // a user of it
	kind   string
	damage string
	about  string // party; "" for all recipients that it took
}

// answer sends what the peer owes, or should not send, for the last envelope
// that it took in. What it speaks of stays "it" for the steps that follow.
func (w *World) answer(ctx context.Context, o answerOrder) error {
	peer, _ := w.target.peerUser(o.peer)
	if peer == nil {
		return fmt.Errorf("the target gives the harness no provider to play with a user %q: add one under `peers`", o.peer)
	}
	if err := w.settleFully(ctx); err != nil { // what was sent has to have arrived
		return err
	}
	taken := w.peers[peer.Name].lastEnvelope()
	if taken == nil {
		return fmt.Errorf("%s has taken in no envelope that it could answer", peer.Name)
	}
	about := taken.recipients
	if o.about != "" {
		one, err := w.target.person(Party(o.about))
		if err != nil {
			return err
		}
		about = []string{one.address}
	}
	return w.sendAnswers(ctx, peer, taken, o.kind, o.damage, about)
}

// sendAnswers sends one receipt for all of these recipients, or one for each
// where the kind is about one.
func (w *World) sendAnswers(ctx context.Context, peer *Peer, taken *takenIn, words, damage string, about []string) error {
	kind, err := dispatchKindOf(words)
	if err != nil {
		return err
	}
	if kind.template == "taken-in-charge" {
		return w.sendAnswer(ctx, peer, taken, kind, damage, about)
	}
	for _, one := range about {
		if err := w.sendAnswer(ctx, peer, taken, kind, damage, []string{one}); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) sendAnswer(ctx context.Context, peer *Peer, taken *takenIn, kind dispatchKind, damaged string, about []string) error {
	damage, err := damageOf(damaged, kind)
	if err != nil {
		return err
	}
	facts, err := factsOf(taken.message)
	if err != nil {
		return err
	}
	emitter, err := w.target.emitting(taken.message)
	if err != nil {
		return err
	}
	at := w.now().Truncate(time.Second)
	b := &blueprint{template: kind.template, damage: damage, at: at, facts: facts}
	b.encloses = kind.encloses && (facts.ReceiptType == "" || !strings.EqualFold(facts.ReceiptType, "sintetica")) && primary(taken.message, about[0])
	f := &b.facts
	f.setPeer(peer)
	f.setTime(at)
	f.OwnID = fmt.Sprintf("ricevuta.%s.%d@%s", strings.ToLower(strings.TrimPrefix(w.token(), "COL-")), at.Unix(), f.Host)
	f.About, f.Covered, f.To = about[0], about, f.Sender
	if kind.service {
		f.To = emitter.ServiceMailbox
	}
	if damage.Body != "" {
		f.Original, f.OriginalTo, f.Writer, f.Token = "", about[0], f.Sender, "risposta"
	}
	d, err := w.finishDispatch(b, kind, peer)
	if err != nil {
		return err
	}
	d.envelope, d.provider = []string{f.To}, emitter
	d.record.About = w.submissionOf(taken.message)
	if len(about) > 1 {
		d.record.Recipient = ""
	}
	w.mu.Lock()
	w.lastDispatch = d
	w.mu.Unlock()
	return w.sendDispatch(ctx, d)
}

// emitting finds the provider that made an envelope, by its From.
func (t *Target) emitting(m *pec.Message) (*Provider, error) {
	from := strings.ToLower(m.Root.Value("From"))
	for i := range t.Providers {
		if strings.Contains(from, strings.ToLower(t.Providers[i].ServiceAddress)) {
			if t.Providers[i].ServiceMailbox == "" {
				return nil, fmt.Errorf("the target names no service mailbox of %s to answer to", t.Providers[i].Name)
			}
			return &t.Providers[i], nil
		}
	}
	return nil, errors.New("the envelope comes from none of the target's providers, so there is nobody to answer")
}

// primary tells that a recipient counts as one in To: who is in Cc only gets
// less (RFC 6109 3.3.2).
func primary(m *pec.Message, address string) bool {
	in := func(field string) bool {
		list, err := pec.ParseAddressList(m.Root.Value(field))
		if err != nil {
			return false
		}
		for _, a := range list {
			if pec.SameAddress(a.String(), address) {
				return true
			}
		}
		return false
	}
	return in("To") || !in("Cc")
}

// submissionOf finds the submission that an envelope carries: by the token in
// its subject, or by the client's identifier.
func (w *World) submissionOf(m *pec.Message) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	subject, reference := "", m.Root.Value(pec.HeaderReference)
	if m.Certification != nil {
		subject = m.Certification.Subject
	}
	for _, s := range w.sent {
		if strings.Contains(subject, s.token) || reference != "" && strings.Contains(reference, s.token) {
			return s.id
		}
	}
	return ""
}
