package steps

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"fmt"

	"github.com/collaudo/collaudo/evidence"
)

// keepUnsent is the size up to which a message that never went through DATA is
// kept as evidence; larger ones were never sent and prove nothing.
const keepUnsent = 1 << 20

// sending is one submission, worked out and not yet carried out.
type sending struct {
	record   evidence.Submission
	octets   []byte
	planted  []byte // test virus inside; nil for none
	envelope []string
	account  *Mailbox // signs in; nil: as another mail host
	provider *Provider
	login    string // SASL mechanism; "" for none
	hello    string // EHLO or HELO
	inClear  bool   // no STARTTLS even where it is offered
	reset    bool   // begins another transaction first and resets it
}

// carryOut goes through the SMTP transaction and records it, refusals and
// broken connections included. An error means that the harness could not even
// ask: nobody answers, or the login is refused.
func (w *World) carryOut(ctx context.Context, s *sending) error {
	user, password := "", ""
	if s.account != nil {
		user, password = s.account.User, s.account.Password.Reveal()
	}
	if err := w.options.Door.Message(ctx); err != nil {
		return fmt.Errorf("%s submits: %w", s.record.Actor, err)
	}
	log := newTranscript(user, password)
	s.record.Started = w.now().UTC()
	if s.provider != nil {
		s.record.Host = s.provider.Name
	}
	session, err := w.open(ctx, s, log)
	if err != nil {
		return fmt.Errorf("%s submits to %s: %w", s.record.Actor, s.record.Host, err)
	}
	defer session.quit()
	s.record.TLS = session.secure
	sent := w.transact(session, s)
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s submits to %s: %w", s.record.Actor, s.record.Host, err)
	}
	s.record.Ended = w.now().UTC()
	w.noteSent(s.record.Ended, s.record.Account, s.record.Host, s.octets)
	if sent || len(s.octets) <= keepUnsent {
		if s.record.Blob, err = w.recorder.Keep(evidence.Sent, s.octets, s.planted != nil); err != nil {
			return err
		}
	}
	if s.record.Transcript, err = w.recorder.Keep(evidence.Transcript, log.octets(), false); err != nil {
		return err
	}
	w.mu.Lock()
	w.handed = append(w.handed, s.record)
	w.mu.Unlock()
	return w.recorder.Record(evidence.Event{Type: evidence.Submitted, Submission: &s.record})
}

// clientName is what a mail client says in EHLO, and a mail host of a target
// that gives the harness none.
const clientName = "cliente.example"

// hostName is the name of the ordinary mail host that the harness plays.
func (t *Target) hostName() string { return cmp.Or(t.Ordinary.Name, clientName) }

// open connects through the channel of the submission, up to where MAIL can be
// asked.
func (w *World) open(ctx context.Context, s *sending, log *transcript) (*smtpSession, error) {
	address, name, tlsName := "", clientName, ""
	if s.provider != nil {
		tlsName = s.provider.TLSName
		switch s.record.Channel {
		case evidence.SubmissionTLS:
			address = s.provider.SubmissionTLS
		case evidence.SubmissionSTARTTLS, evidence.SubmissionClear:
			address = s.provider.SubmissionSTARTTLS
		case evidence.IncomingPoint:
			address, name = s.provider.Incoming, w.target.hostName()
		}
	}
	config, err := w.tlsConfig(tlsName, address)
	if err != nil {
		return nil, err
	}
	implicit := config
	if s.record.Channel != evidence.SubmissionTLS {
		implicit = nil
	}
	session, err := w.dialSMTP(ctx, address, implicit, log)
	if err != nil {
		return nil, err
	}
	if err := w.greet(ctx, session, s, config, name); err != nil {
		session.close()
		return nil, err
	}
	return session, nil
}

func (w *World) greet(ctx context.Context, session *smtpSession, s *sending, config *tls.Config, name string) error {
	if r := session.hello(s.hello, name); !r.OK() {
		return fmt.Errorf("%w: it answered %s with %q", ErrUnreachable, s.hello, describeReply(r))
	}
	upgrade := s.record.Channel == evidence.SubmissionSTARTTLS ||
		s.record.Channel == evidence.IncomingPoint && !s.inClear && session.offers("STARTTLS")
	if upgrade {
		r, err := session.startTLS(ctx, config)
		if err != nil {
			return err
		}
		if session.secure {
			session.hello(s.hello, name)
		} else if s.record.Channel == evidence.SubmissionSTARTTLS {
			return fmt.Errorf("%w: it answered STARTTLS with %q", ErrUnreachable, describeReply(r))
		}
	}
	if s.login == "" {
		return nil
	}
	r := session.auth(s.login, s.account.User, s.account.Password.Reveal())
	s.record.Authenticated = r.Code == 235
	// In clear text a refusal is what the scenario wants to see; the
	// transaction then goes on to show that MAIL is refused too.
	if !s.record.Authenticated && s.record.Channel != evidence.SubmissionClear {
		return fmt.Errorf("%w: %s got %q", ErrLogin, s.account.User, describeReply(r))
	}
	return nil
}

// transact goes from MAIL to the final dot and tells whether the message went
// over the wire.
func (w *World) transact(session *smtpSession, s *sending) (sent bool) {
	if s.reset {
		session.command("MAIL FROM:<" + s.record.ReversePath + ">")
		session.command("NOOP")
		session.command("RSET")
	}
	s.record.MailReply = session.command("MAIL FROM:<" + s.record.ReversePath + ">" + s.parameters(session))
	if !s.record.MailReply.OK() {
		return false
	}
	accepted := false
	for _, address := range s.envelope {
		r := session.command("RCPT TO:<" + address + ">")
		s.record.Recipients = append(s.record.Recipients, evidence.RecipientReply{Address: address, Reply: r})
		accepted = accepted || r.OK()
	}
	if !accepted {
		return false
	}
	s.record.DataReply = session.data(s.octets)
	return true
}

func (s *sending) parameters(session *smtpSession) string {
	var parameters string
	if session.offers("SIZE") {
		parameters += fmt.Sprintf(" SIZE=%d", len(s.octets))
	}
	if session.offers("8BITMIME") && bytes.ContainsFunc(s.octets, func(r rune) bool { return r > 127 }) {
		parameters += " BODY=8BITMIME"
	}
	return parameters
}
