package steps

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/emersion/go-imap/v2"

	"github.com/collaudo/collaudo/evidence"
)

// What is tried with a mailbox as its user would, and what a provider is told
// about its policy.

// policies are a provider's, as the adapter has them: what the steps do not
// speak of is handed back as it came.
type policies struct {
	Provider string            `json:"provider"`
	Policy   map[string]any    `json:"policy"`
	Domains  map[string]any    `json:"domains,omitempty"`
	Own      map[string]string `json:"own,omitempty"`
}

// setPolicy changes what a provider chose for the lives of its mailboxes.
func (w *World) setPolicy(ctx context.Context, provider *Provider, change func(*policies)) error {
	var list []policies
	err := w.ask(ctx, "/v1/policies", url.Values{"provider": {provider.Name}}, &list)
	if err == nil && len(list) != 1 {
		err = fmt.Errorf("the adapter says %d policies of %s, expected one", len(list), provider.Name)
	}
	if errors.Is(err, errNotOffered) {
		return errors.New("the target says nothing of the lives of its mailboxes: the adapter needs GET and PUT /v1/policies")
	}
	if err != nil {
		return err
	}
	p := list[0]
	p.Provider = provider.Name
	if p.Policy == nil {
		p.Policy = map[string]any{}
	}
	if p.Own == nil {
		p.Own = map[string]string{}
	}
	change(&p)
	status, text, err := w.post(ctx, http.MethodPut, "/v1/policies", p)
	if err == nil && !statusOK(status) {
		err = fmt.Errorf("tell the adapter: PUT /v1/policies was answered with %d, expected 200: %s", status, text)
	}
	return err
}

func (w *World) ownDomain(ctx context.Context, party string) error {
	box, provider, err := w.mailboxOf(party)
	if err != nil {
		return err
	}
	return w.setPolicy(ctx, provider, func(p *policies) { p.Own[domainOf(box.Address)] = box.Address })
}

func (w *World) lockAfter(ctx context.Context, party, attempts string) error {
	provider, err := w.target.providerOf(Party(party))
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(attempts)
	if err != nil {
		return err
	}
	return w.setPolicy(ctx, provider, func(p *policies) { p.Policy["lockAttempts"] = n })
}

// maxWrongPasswords bounds what one step tries.
const maxWrongPasswords = 50

func (w *World) tryWrongPasswords(ctx context.Context, count, party string) error {
	box, _, err := w.mailboxOf(party)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(count)
	if err != nil || n < 1 || n > maxWrongPasswords {
		return fmt.Errorf("%s wrong passwords: expected between 1 and %d", count, maxWrongPasswords)
	}
	if err := w.watchLife(ctx, box); err != nil {
		return err
	}
	wrong := *box
	wrong.Password = wrongPassword
	for i := range n {
		try := w.trySMTP
		if i%2 == 1 {
			try = w.tryIMAP
		}
		if err := try(ctx, &wrong, true); err != nil {
			return err
		}
	}
	w.disturbed()
	return w.readLives(ctx)
}

// tryMailbox tries what the user of a mailbox would: to sign in and to send by
// SMTP, to sign in and to read by IMAP. No message is sent.
func (w *World) tryMailbox(ctx context.Context, party string) error {
	box, _, err := w.mailboxOf(party)
	if err != nil {
		return err
	}
	if err := w.settleFully(ctx); err != nil {
		return err
	}
	if err := w.watchLife(ctx, box); err != nil {
		return err
	}
	if err := w.trySMTP(ctx, box, false); err != nil {
		return err
	}
	return w.tryIMAP(ctx, box, false)
}

// tried records one thing that was tried with a mailbox.
func (w *World) tried(box *Mailbox, use evidence.MailboxUse) error {
	use.Mailbox, use.Provider, use.At = box.Address, box.Provider, w.now().UTC()
	return w.recorder.Record(evidence.Event{Type: evidence.MailboxTried, MailboxUse: &use})
}

func (w *World) trySMTP(ctx context.Context, box *Mailbox, wrong bool) error {
	s := &sending{
		record:  evidence.Submission{Channel: evidence.SubmissionTLS, Account: box.Address},
		account: box, provider: w.target.provider(box.Provider), login: "PLAIN", hello: "EHLO",
	}
	use := evidence.MailboxUse{Protocol: "smtp", What: evidence.MailboxSignIn, Wrong: wrong}
	log := newSessionTranscript(box.User, box.Password.Reveal())
	defer w.overheard(evidence.Dialogue{Protocol: "smtp", Mailbox: box.Address, Provider: box.Provider, Address: s.provider.SubmissionTLS}, log)
	session, err := w.open(ctx, s, log)
	if errors.Is(err, ErrLogin) {
		use.Answer = err.Error()
		return w.tried(box, use)
	}
	if err != nil {
		return fmt.Errorf("sign in to %s: %w", box.Address, err)
	}
	defer session.quit()
	use.Allowed = true
	if err := w.tried(box, use); err != nil || wrong {
		return err
	}
	reply := session.command("MAIL FROM:<" + box.Address + ">")
	if reply.OK() {
		reply = session.command("RCPT TO:<" + box.Address + ">")
	}
	session.command("RSET")
	return w.tried(box, evidence.MailboxUse{Protocol: "smtp", What: evidence.MailboxSend, Allowed: reply.OK(), Answer: describeReply(reply)})
}

func (w *World) tryIMAP(ctx context.Context, box *Mailbox, wrong bool) error {
	provider := w.target.provider(box.Provider)
	log := newSessionTranscript(box.User, box.Password.Reveal())
	defer w.overheardIMAP(box, provider.IMAP, false, log)
	client, err := w.dialIMAP(ctx, provider.IMAP, provider.TLSName, log)
	if err != nil {
		return fmt.Errorf("sign in to %s: %w", box.Address, log.hideIn(err))
	}
	defer func() { _ = client.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = client.Close() })
	defer stop()
	err = client.Login(box.User, box.Password.Reveal()).Wait()
	use := evidence.MailboxUse{Protocol: "imap", What: evidence.MailboxSignIn, Wrong: wrong, Allowed: err == nil, Answer: answerOf(err, log)}
	if err := w.tried(box, use); err != nil || wrong || !use.Allowed {
		return err
	}
	selected, err := client.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait()
	use = evidence.MailboxUse{Protocol: "imap", What: evidence.MailboxRead, Allowed: err == nil, Answer: answerOf(err, log)}
	if err == nil {
		use.Messages, use.Validity = int(selected.NumMessages), selected.UIDValidity
		_ = client.Logout().Wait()
	}
	return w.tried(box, use)
}

// shutOrOpen records that a mailbox did not let the harness in, where what the
// target says of it explains that, or that it does so again; another error is
// passed on.
func (w *World) shutOrOpen(box *Mailbox, err error) error {
	l, watched := w.lifeOf(box)
	refused := errors.Is(err, ErrLogin)
	if !watched || err != nil && (!refused || l.State == evidence.MailboxActive) {
		return err
	}
	w.mu.Lock()
	was := w.shut[box.Address]
	w.shut[box.Address] = refused
	w.mu.Unlock()
	if was == refused {
		return nil
	}
	use := evidence.MailboxUse{Protocol: "imap", What: evidence.MailboxRead, Allowed: !refused}
	if refused {
		use.Answer = "the target refuses the login"
	}
	return w.tried(box, use)
}

// askRecovery asks for a new password twice: as the holder of a mailbox would,
// and for a mailbox that nobody has.
func (w *World) askRecovery(ctx context.Context, party string) error {
	box, _, err := w.mailboxOf(party)
	if err != nil {
		return err
	}
	if err := w.tellAccount(ctx, box, "holder", map[string]any{"holder": map[string]string{"taxCode": holderCode}}); err != nil {
		return err
	}
	asked := &evidence.MailboxRecovery{
		Known:   evidence.RecoveryAnswer{Mailbox: box.Address},
		Unknown: evidence.RecoveryAnswer{Mailbox: w.target.nobody() + "@" + domainOf(box.Address)},
	}
	for _, a := range []*evidence.RecoveryAnswer{&asked.Known, &asked.Unknown} {
		a.Status, a.Text, err = w.post(ctx, http.MethodPost, "/v1/portal/recovery", map[string]string{
			"address": a.Mailbox, "taxCode": holderCode, "channel": "email",
		})
		if err != nil {
			return err
		}
	}
	asked.At = w.now().UTC()
	w.disturbed()
	return w.recorder.Record(evidence.Event{Type: evidence.RecoveryAsked, MailboxRecovery: asked})
}
