package steps

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
)

// dispatchOrder is what a step asks a peer to send, in the words of the
// scenario.
type dispatchOrder struct {
	sender string // Paolo, Delia; "" for the ordinary host
	kind   string
	damage string // phrase; "" for none
	to, cc string // lists of parties
	split  bool   // the first recipient in one transaction, the others in the next
}

// dispatching is one message of the harness, made and not yet sent.
type dispatching struct {
	record   evidence.Dispatch
	octets   []byte
	envelope []string
	from     string // value of its outer From, by which it is known again
	infected bool
	provider *Provider // whose incoming point it goes to
	hello    string
}

// dispatch carries one order out; "it" is then what was sent.
func (w *World) dispatch(ctx context.Context, o dispatchOrder) error {
	d, err := w.prepareDispatch(o)
	if err != nil {
		return err
	}
	var first string
	for i, group := range w.transactionsOf(d.envelope, o.split) {
		one := *d
		one.envelope, one.record.Recipients = group, nil
		if one.provider, err = w.target.receiving(group[0]); err != nil {
			return err
		}
		if i > 0 {
			one.record.Again = first
		}
		if err := w.sendDispatch(ctx, &one); err != nil {
			return err
		}
		if i == 0 {
			first = one.record.ID
			w.mu.Lock()
			w.lastDispatch = &one
			w.mu.Unlock()
		}
	}
	w.mu.Lock()
	w.latest = []string{first}
	w.mu.Unlock()
	return nil
}

// transactionsOf groups recipients by the provider that takes them, in order;
// split asks for the first of them apart.
func (w *World) transactionsOf(recipients []string, split bool) [][]string {
	var groups [][]string
	var names []string
	for i, r := range recipients {
		name := ""
		if p, err := w.target.receiving(r); err == nil {
			name = p.Name
		}
		if split && i == 0 {
			groups, names = append(groups, []string{r}), append(names, "")
			continue
		}
		if at := slices.Index(names, name); at >= 0 && name != "" {
			groups[at] = append(groups[at], r)
			continue
		}
		groups, names = append(groups, []string{r}), append(names, name)
	}
	return groups
}

// receiving finds the provider whose incoming point takes mail for an address:
// the one that manages its domain, or a domain above.
func (t *Target) receiving(address string) (*Provider, error) {
	for domain := domainOf(address); domain != ""; {
		for i := range t.Providers {
			if managesDomain(t.Providers[i].Domains, domain) {
				return &t.Providers[i], nil
			}
		}
		_, rest, found := strings.Cut(domain, ".")
		if !found {
			break
		}
		domain = rest
	}
	return nil, fmt.Errorf("no provider of the target takes mail for %s", address)
}

// again sends the octets of the last dispatch once more, to the same recipients
// or to others. "It" stays what was sent first.
func (w *World) again(ctx context.Context, to string) error {
	w.mu.Lock()
	last := w.lastDispatch
	w.mu.Unlock()
	if last == nil {
		return fmt.Errorf("the step speaks of what was sent before, but nothing was sent to an incoming point in this scenario")
	}
	d := *last
	d.record.Again, d.record.Recipients = last.record.ID, nil
	if to != "" {
		people, err := w.target.people(to)
		if err != nil {
			return err
		}
		d.envelope = addresses(people)
		if d.provider, err = w.target.receiving(d.envelope[0]); err != nil {
			return err
		}
	}
	return w.sendDispatch(ctx, &d)
}

// sendDispatch numbers a dispatch, makes it known, and goes through the SMTP
// transaction. Its octets go out exactly as they are.
func (w *World) sendDispatch(ctx context.Context, d *dispatching) error {
	if err := w.options.Door.Message(ctx); err != nil {
		return fmt.Errorf("%s sends: %w", d.hello, err)
	}
	w.mu.Lock()
	w.dispatches++
	d.record.ID = fmt.Sprintf("d%d", w.dispatches)
	w.settled = false
	if d.record.Again == "" {
		w.own = append(w.own, ownMessage{id: d.record.ID, messageID: d.record.MessageID, from: d.from, intent: d.record.Intent})
	}
	if d.infected {
		w.needles = append(w.needles, needles(eicar())...)
	}
	w.mu.Unlock()
	log := newTranscript("", "")
	d.record.Host, d.record.Started = d.provider.Name, w.now().UTC()
	session, err := w.openDispatch(ctx, d, log)
	if err != nil {
		return fmt.Errorf("%s sends to %s: %w", d.hello, d.record.Host, err)
	}
	defer session.quit()
	d.record.TLS = session.secure
	w.transactDispatch(session, d)
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s sends to %s: %w", d.hello, d.record.Host, err)
	}
	d.record.Ended, d.record.Size = w.now().UTC(), int64(len(d.octets))
	w.noteDispatch(d)
	if d.record.Blob, err = w.recorder.Keep(evidence.Sent, d.octets, d.infected); err != nil {
		return err
	}
	if d.record.Transcript, err = w.recorder.Keep(evidence.Transcript, log.octets(), false); err != nil {
		return err
	}
	return w.recorder.Record(evidence.Event{Type: evidence.Dispatched, Dispatch: &d.record})
}

// openDispatch connects to the incoming point, over TLS where it is offered.
func (w *World) openDispatch(ctx context.Context, d *dispatching, log *transcript) (*smtpSession, error) {
	config, err := w.tlsConfig(d.provider.TLSName, d.provider.Incoming)
	if err != nil {
		return nil, err
	}
	session, err := w.dialSMTP(ctx, d.provider.Incoming, nil, log)
	if err != nil {
		return nil, err
	}
	as := &sending{record: evidence.Submission{Channel: evidence.IncomingPoint}, hello: "EHLO"}
	if err := w.greet(ctx, session, as, config, d.hello); err != nil {
		session.close()
		return nil, err
	}
	return session, nil
}

func (w *World) transactDispatch(session *smtpSession, d *dispatching) {
	as := &sending{octets: d.octets}
	d.record.MailReply = session.command("MAIL FROM:<" + d.record.ReversePath + ">" + as.parameters(session))
	if !d.record.MailReply.OK() {
		return
	}
	accepted := false
	for _, address := range d.envelope {
		r := session.command("RCPT TO:<" + address + ">")
		d.record.Recipients = append(d.record.Recipients, evidence.RecipientReply{Address: address, Reply: r})
		accepted = accepted || r.OK()
	}
	if accepted {
		d.record.DataReply = session.data(d.octets)
	}
}

// ownMessage is how a message of the harness is known again where the target
// put it.
type ownMessage struct {
	id, messageID, from string
	intent              evidence.Intent
}
