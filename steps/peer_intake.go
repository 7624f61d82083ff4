package steps

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
)

// answering bounds the sending of the answers to one envelope.
const answering = sessionPatience

// took reads what was taken in, and has it answered where the manner says so.
// It is called before the message is acknowledged, so that whoever sees the
// target at rest sees this work too.
func (s *peerSession) took(octets []byte) {
	p, record, manner := s.point, s.record, s.manner
	message, err := pec.Read(octets)
	if err != nil || message.Kind != pec.TransportEnvelope {
		return
	}
	taken := &takenIn{message, slices.Clone(record.Recipients)}
	p.mu.Lock()
	if !s.kept(nil) || p.house != nil && !s.owner.belongs(headText(headOf(octets))) {
		p.mu.Unlock()
		return
	}
	ctx, owner := p.answering, p.world
	p.taken = append(p.taken, taken)
	closed := p.closed
	if closed || manner != mannerTakesInCharge && manner != mannerAnswers {
		p.mu.Unlock()
		return
	}
	p.working++
	p.activity++
	p.running.Add(1)
	p.mu.Unlock()
	go func() {
		defer p.running.Done()
		defer p.ends()
		ctx, cancel := context.WithTimeout(ctx, answering)
		defer cancel()
		err := owner.sendAnswers(ctx, p.peer, taken, "taken-in-charge receipt", "", taken.recipients)
		for _, r := range taken.recipients {
			if err == nil && manner == mannerAnswers {
				err = owner.sendAnswers(ctx, p.peer, taken, deliveryWords(taken), "", []string{r})
			}
		}
		if err != nil {
			p.mu.Lock()
			defer p.mu.Unlock()
			if p.world != owner {
				return // the scenario is over
			}
			p.failed = append(p.failed, err)
		}
	}()
}

// deliveryWords names the receipt that a recipient owes: what the sender asked
// for. A brief one needs the attachments replaced by hashes, which the harness
// does for no message but its own; it gives the complete one instead.
func deliveryWords(taken *takenIn) string {
	if strings.EqualFold(taken.message.Certification.ReceiptType, "sintetica") {
		return "concise delivery receipt"
	}
	return "delivery receipt"
}

// readPeers takes into evidence what the peers took in since it was last asked.
func (w *World) readPeers() error {
	for i := range w.target.Peers {
		p := w.peers[w.target.Peers[i].Name]
		if p == nil {
			continue
		}
		p.mu.Lock()
		seen := p.seen
		p.seen = nil
		p.mu.Unlock()
		for _, one := range seen {
			if err := w.keepIntake(p.peer, one); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *World) keepIntake(peer *Peer, one intake) error {
	var err error
	if one.record.Transcript, err = w.recorder.Keep(evidence.Transcript, one.log.octets(), false); err != nil {
		return err
	}
	if err := w.recorder.Record(evidence.Event{Type: evidence.TakenIn, Intake: &one.record}); err != nil {
		return err
	}
	if one.octets == nil {
		return nil
	}
	w.learn("", one.octets)
	w.mu.Lock()
	infected := containsAny(one.octets, w.needles)
	w.mu.Unlock()
	blob, err := w.recorder.Keep(evidence.Received, one.octets, infected)
	if err != nil {
		return err
	}
	for _, address := range one.record.Recipients {
		m := &evidence.Message{
			ID: w.nextMessage(), Mailbox: address, Role: evidence.UserMailbox, Provider: peer.Name,
			Emitter: w.target.emitterOfRelayed(one.octets), Blob: blob, Size: int64(len(one.octets)),
			Delivered: one.record.At, Via: "smtp",
		}
		if pec.SameAddress(address, peer.ServiceMailbox) {
			m.Role = evidence.ServiceMailbox
		}
		w.recognise(m, one.octets)
		if err := w.recorder.Record(evidence.Event{Type: evidence.MessageSeen, Message: m}); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) nextMessage() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.messages++
	return fmt.Sprintf("m%d", w.messages)
}

// recognise marks a message of the harness that came back: the same outer
// Message-ID under the same From. An anomaly envelope inherits the first and
// not the second.
func (w *World) recognise(m *evidence.Message, octets []byte) {
	entity, err := rawmime.Parse(octets, rawmime.Limits{})
	if err != nil {
		return
	}
	id, from := entity.Value("Message-ID"), entity.Value("From")
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, own := range w.own {
		if own.messageID == id && own.from == from {
			m.Emitter, m.Dispatch, m.Intent = evidence.Harness, own.id, own.intent
			return
		}
	}
}
