package steps

import (
	"context"
	"crypto/tls"
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
)

// probe is a protocol question that is not a mail transaction.
type probe struct {
	name    string // in evidence
	service string
	words   string // in scenarios
	ask     func(ctx context.Context, w *World, p *Provider, log *transcript) (evidence.Probe, error)
}

// probes lists the closed set.
func probes() []probe {
	return []probe{
		{"auth-in-clear", "submission", "to sign in without TLS", probeAuthInClear},
		{"wrong-password-submission", "submission", "to sign in with a wrong password on submission", probeWrongPassword},
		{"wrong-password-imap", "imap", "to sign in with a wrong password on IMAP", probeWrongPasswordIMAP},
		{"imap-in-clear", "imap", "to read mail without TLS", probeIMAPInClear},
		{"tls-1.1-submission", "submission", "TLS 1.1 on submission", probeVersion(tls.VersionTLS11)},
		{"tls-1.2-submission", "submission", "TLS 1.2 on submission", probeVersion(tls.VersionTLS12)},
		{"starttls-incoming", "incoming", "STARTTLS on the incoming point", probeSTARTTLS},
		{"commands-out-of-order", "incoming", "commands out of order on the incoming point", probeOutOfOrder},
		{"reset-and-noop", "incoming", "RSET and NOOP on the incoming point", probeResetAndNoop},
	}
}

func probesPattern() string {
	var words []string
	for _, p := range probes() {
		words = append(words, strings.ReplaceAll(p.words, ".", `\.`))
	}
	return strings.Join(words, "|")
}

// try carries a probe out and records it.
func (w *World) try(ctx context.Context, words string, party Party) error {
	provider, err := w.target.providerOf(party)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(probes(), func(p probe) bool { return p.words == words })
	if i < 0 {
		return fmt.Errorf("no probe is known as %q", words)
	}
	one := probes()[i]
	account, err := w.accountOf(provider)
	if err != nil {
		return err
	}
	log := newSessionTranscript(account.User, account.Password.Reveal()) // bounded: a server may answer without end
	found, err := one.ask(ctx, w, provider, log)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("try %s at %s: %w", words, provider.Name, err)
	}
	found.Name, found.Service, found.Provider, found.Asked = one.name, one.service, provider.Name, words
	if found.Transcript, err = w.recorder.Keep(evidence.Transcript, log.octets(), false); err != nil {
		return err
	}
	w.disturbed()
	w.lastProbe = one.name
	return w.recorder.Record(evidence.Event{Type: evidence.Probed, Probe: &found})
}

// accountOf returns a user mailbox of the provider to sign in with.
func (w *World) accountOf(p *Provider) (*Mailbox, error) {
	for i, m := range w.target.Mailboxes {
		if m.Provider == p.Name && m.Role == evidence.UserMailbox {
			return &w.target.Mailboxes[i], nil
		}
	}
	return nil, fmt.Errorf("the target names no user mailbox at %s", p.Name)
}

func probeAuthInClear(ctx context.Context, w *World, p *Provider, log *transcript) (evidence.Probe, error) {
	session, err := w.dialSMTP(ctx, p.SubmissionSTARTTLS, nil, log)
	if err != nil {
		return evidence.Probe{}, err
	}
	defer session.quit()
	account, err := w.accountOf(p)
	if err != nil {
		return evidence.Probe{}, err
	}
	hello := session.hello("EHLO", clientName)
	r := session.auth("PLAIN", account.User, account.Password.Reveal())
	return evidence.Probe{Replies: []evidence.Reply{hello, r}, Refused: r.Code >= 400}, nil
}

func probeWrongPassword(ctx context.Context, w *World, p *Provider, log *transcript) (evidence.Probe, error) {
	config, err := w.tlsConfig(p.TLSName, p.SubmissionTLS)
	if err != nil {
		return evidence.Probe{}, err
	}
	session, err := w.dialSMTP(ctx, p.SubmissionTLS, config, log)
	if err != nil {
		return evidence.Probe{}, err
	}
	defer session.quit()
	account, err := w.accountOf(p)
	if err != nil {
		return evidence.Probe{}, err
	}
	session.hello("EHLO", clientName)
	auth := session.auth("PLAIN", account.User, wrongPassword)
	mail := session.command("MAIL FROM:<" + account.Address + ">")
	return evidence.Probe{Replies: []evidence.Reply{auth, mail}, Refused: auth.Code >= 400 && mail.Code >= 400}, nil
}

const wrongPassword = "certainly-not-the-password"

// probeVersion offers one version of TLS and nothing else.
func probeVersion(version uint16) func(context.Context, *World, *Provider, *transcript) (evidence.Probe, error) {
	return func(ctx context.Context, w *World, p *Provider, log *transcript) (evidence.Probe, error) {
		config, err := w.tlsConfig(p.TLSName, p.SubmissionTLS)
		if err != nil {
			return evidence.Probe{}, err
		}
		config.MinVersion, config.MaxVersion = version, version
		conn, err := w.options.Door.DialContext(ctx, "tcp", p.SubmissionTLS)
		if err != nil {
			return evidence.Probe{}, fmt.Errorf("%w: %w", ErrUnreachable, err)
		}
		defer conn.Close()
		over := tls.Client(conn, config)
		if err := over.HandshakeContext(ctx); err != nil {
			log.note("%s refused: %v", tls.VersionName(version), err)
			return evidence.Probe{Refused: true}, nil
		}
		name := tls.VersionName(over.ConnectionState().Version)
		log.note("%s", name)
		return evidence.Probe{TLSVersion: name}, nil
	}
}

func probeSTARTTLS(ctx context.Context, w *World, p *Provider, log *transcript) (evidence.Probe, error) {
	config, err := w.tlsConfig(p.TLSName, p.Incoming)
	if err != nil {
		return evidence.Probe{}, err
	}
	session, err := w.dialSMTP(ctx, p.Incoming, nil, log)
	if err != nil {
		return evidence.Probe{}, err
	}
	defer session.quit()
	hello := session.hello("EHLO", w.target.hostName())
	found := evidence.Probe{Replies: []evidence.Reply{hello}, Refused: true}
	if !session.offers("STARTTLS") {
		return found, nil
	}
	r, err := session.startTLS(ctx, config)
	found.Replies = append(found.Replies, r)
	if err != nil {
		log.note("%v", err)
		return found, nil
	}
	if over, is := session.conn.(*tls.Conn); is {
		found.TLSVersion, found.Refused = tls.VersionName(over.ConnectionState().Version), false
		found.Replies = append(found.Replies, session.hello("EHLO", w.target.hostName()))
	}
	return found, nil
}

// probeOutOfOrder asks for what cannot be yet: RCPT and DATA before MAIL, DATA
// before RCPT, and a command that does not exist.
func probeOutOfOrder(ctx context.Context, w *World, p *Provider, log *transcript) (evidence.Probe, error) {
	account, err := w.accountOf(p)
	if err != nil {
		return evidence.Probe{}, err
	}
	return w.dialogue(ctx, p, log, []string{
		"RCPT TO:<" + account.Address + ">", "DATA", "INVENTATO",
		"MAIL FROM:<mittente@" + w.target.hostName() + ">", "DATA",
	}, []bool{false, false, false, true, false})
}

func probeResetAndNoop(ctx context.Context, w *World, p *Provider, log *transcript) (evidence.Probe, error) {
	mail := "MAIL FROM:<mittente@" + w.target.hostName() + ">"
	found, err := w.dialogue(ctx, p, log, []string{"NOOP", "RSET", mail, "NOOP", "RSET", mail, "RSET"}, []bool{true, true, true, true, true, true, true})
	// Here the dialogue went well when nothing was refused.
	found.Refused = !found.Refused
	return found, err
}

// dialogue sends commands to the incoming point. Refused tells that each got
// the kind of reply that RFC 5321 prescribes: positive, or a permanent error.
func (w *World) dialogue(ctx context.Context, p *Provider, log *transcript, commands []string, positive []bool) (evidence.Probe, error) {
	session, err := w.dialSMTP(ctx, p.Incoming, nil, log)
	if err != nil {
		return evidence.Probe{}, err
	}
	defer session.quit()
	found := evidence.Probe{Replies: []evidence.Reply{session.hello("EHLO", w.target.hostName())}, Refused: true}
	for i, command := range commands {
		r := session.command(command)
		found.Replies = append(found.Replies, r)
		if r.OK() != positive[i] || !positive[i] && r.Code/100 != 5 {
			found.Refused = false
		}
	}
	return found, nil
}
