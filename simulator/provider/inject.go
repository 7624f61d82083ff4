package provider

import (
	"fmt"
	"strings"
	"time"

	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/collaudo/collaudo/simulator/faults"
	"github.com/collaudo/collaudo/simulator/journal"
	"github.com/collaudo/collaudo/simulator/relay"
	"github.com/collaudo/collaudo/simulator/store"
)

// Injection asks a provider for a message of any kind out of turn: what tests
// put into a world. What is left empty is made up, so that a kind and an address
// are enough.
type Injection struct {
	Variant string // one of the Variant constants of package compose
	To      []string

	// What the message is about. Of receipts the sender is the first of To unless
	// it is said; of envelopes the recipients are To.
	Sender      string
	Recipients  []compose.Recipient
	Recipient   string // the one a receipt is about; the first of Recipients when empty
	Subject     string
	MessageID   string // of the client, with angle brackets
	Identifier  string // PEC msgid
	ReceiptType string
	Original    []byte // a short message when empty
	Failure     compose.Failure
	Found       string // the virus

	Acts []faults.Act // what is wrong with it; nothing when empty
}

// Injected is what became of it.
type Injected struct {
	MessageID  string // of the message itself
	Identifier string // PEC msgid of what it is about
	Reference  string // the client's identifier of what it is about
	Octets     []byte
}

// Inject composes such a message and sends it by SMTP, by the one door out.
func (p *Provider) Inject(i Injection) (Injected, error) {
	e, err := p.injection(i)
	if err != nil {
		return Injected{}, err
	}
	if err := p.emit(e); err != nil {
		return Injected{}, err
	}
	return injected(e, nil), nil
}

// Compose composes such a message and sends it nowhere.
func (p *Provider) Compose(i Injection) (Injected, error) {
	e, err := p.injection(i)
	if err != nil {
		return Injected{}, err
	}
	octets, err := p.seal(e.draft, e.faults)
	return injected(e, octets), err
}

func injected(e emission, octets []byte) Injected {
	return Injected{
		MessageID: e.draft.Value("Message-ID"), Identifier: e.facts.Identifier, Reference: e.facts.ClientMessageID, Octets: octets,
	}
}

// InjectRaw sends octets as they are to another host's incoming point, or to
// this provider's own, after so much legal time.
func (p *Provider) InjectRaw(reversePath string, to []string, octets []byte, after time.Duration) error {
	return p.relay.Submit(relay.Message{ReversePath: reversePath, Recipients: to, Octets: octets, After: after})
}

// Put puts octets as they are into a mailbox of this provider, past every door:
// as mail that was always there. The quota is not looked at.
func (p *Provider) Put(mailbox, folder, reversePath string, octets []byte) (uid uint32, err error) {
	if folder == "" {
		folder = store.Inbox
	}
	m := store.Message{Received: p.now(), Trace: store.Trace{ReversePath: reversePath, Recipient: mailbox}}
	return p.c.Store.Append(p.mailboxOf(mailbox), folder, octets, m, true)
}

// injection makes the emission.
func (p *Provider) injection(i Injection) (emission, error) {
	if len(i.To) == 0 {
		return emission{}, fmt.Errorf("provider %s: a message out of turn needs somebody to go to", p.identity.Name)
	}
	if err := p.fill(&i); err != nil {
		return emission{}, err
	}
	at := p.now()
	id, err := p.identifier(at)
	if err != nil {
		return emission{}, err
	}
	facts := compose.FactsOf(i.Original)
	facts.Sender, facts.Recipients, facts.Identifier, facts.ReceiptType = i.Sender, i.Recipients, i.Identifier, i.ReceiptType
	e := emission{facts: facts, to: i.To, detail: "injected"}
	switch original := compose.RewriteOriginal(i.Original, i.Identifier); i.Variant {
	case compose.VariantAcceptance:
		e.event, e.draft = journal.Acceptance, compose.Acceptance(p.identity, facts, at, id)
	case compose.VariantNonAcceptance:
		e.event, e.draft = journal.NonAcceptance, compose.NonAcceptance(p.identity, facts, at, id, i.Failure.Reason)
	case compose.VariantNonAcceptanceVirus:
		e.event, e.draft = journal.NonAcceptance, compose.NonAcceptanceVirus(p.identity, facts, at, id, i.Found)
	case compose.VariantTransportEnvelope:
		e.event, e.reversePath = journal.Envelope, i.Sender
		e.draft = compose.TransportEnvelope(p.identity, facts, at, original, compose.Inherited(original, false))
	case compose.VariantTakenInCharge:
		e.event, e.draft = journal.TakenInCharge, compose.TakenInCharge(p.identity, facts, at, id, addresses(facts.Recipients), i.To[0])
	case compose.VariantAnomalyEnvelope:
		e.event, e.reversePath = journal.Anomaly, i.Sender
		e.draft = compose.AnomalyEnvelope(p.identity, facts, at, i.Original, compose.Inherited(i.Original, true), i.Failure.Text)
	case compose.VariantVirusDetection:
		e.event, e.draft = journal.Virus, compose.VirusDetection(p.identity, facts, at, id, i.Recipient, i.Found, i.To[0])
	case compose.VariantNonDelivery:
		e.event, e.draft = journal.NonDelivery, compose.NonDelivery(p.identity, facts, at, id, i.Recipient, i.Failure)
	case compose.VariantNonDeliveryVirus:
		e.event, e.draft = journal.NonDelivery, compose.NonDeliveryVirus(p.identity, facts, at, id, i.Recipient, i.Found)
	case compose.VariantDelay12, compose.VariantDelay24:
		e.event, e.draft = journal.Delay, compose.Delay(p.identity, facts, at, id, i.Recipient, i.Variant == compose.VariantDelay12)
	case compose.VariantDeliveryComplete, compose.VariantDeliveryBrief, compose.VariantDeliveryConcise:
		e.event = journal.Delivery
		if e.draft, err = compose.Delivery(p.identity, facts, at, id, i.Recipient, true, original); err != nil {
			return emission{}, err
		}
	default:
		return emission{}, fmt.Errorf("%q is no kind of message: want one of %s", i.Variant, strings.Join(faults.Kinds(), ", "))
	}
	e.faults, err = p.c.Faults.About(faults.MatterOf(e.draft)).And(i.Acts)
	return e, err
}

// fill makes up what an injection leaves open.
func (p *Provider) fill(i *Injection) error {
	envelope := i.Variant == compose.VariantTransportEnvelope || i.Variant == compose.VariantAnomalyEnvelope
	if i.Sender == "" {
		i.Sender = i.To[0]
		if envelope {
			i.Sender = "mittente@" + p.c.Domains[len(p.c.Domains)-1]
		}
	}
	if len(i.Recipients) == 0 {
		i.Recipients = []compose.Recipient{{Address: "destinatario@" + p.c.Domains[len(p.c.Domains)-1], Certified: true}}
		if envelope {
			i.Recipients = nil
			for _, to := range i.To {
				i.Recipients = append(i.Recipients, compose.Recipient{Address: to, Certified: true})
			}
		}
	}
	if i.Recipient == "" {
		i.Recipient = i.Recipients[0].Address
	}
	if i.Subject == "" {
		i.Subject = "Messaggio di prova"
	}
	if i.Failure.Error == "" {
		i.Failure = unknownMailbox
		if i.Variant == compose.VariantNonAcceptance || i.Variant == compose.VariantAnomalyEnvelope {
			i.Failure = compose.Failure{Error: "altro", Reason: compose.Reason{Code: "5.6.0", Text: "il messaggio non è conforme"}}
		}
	}
	if i.Found == "" {
		i.Found = "Virus-Di-Prova"
	}
	switch i.Variant {
	case compose.VariantDeliveryBrief:
		i.ReceiptType = compose.Brief
	case compose.VariantDeliveryConcise:
		i.ReceiptType = compose.Concise
	}
	var err error
	if i.Identifier == "" {
		if i.Identifier, err = p.identifier(p.now()); err != nil {
			return err
		}
	}
	if len(i.Original) == 0 {
		i.Original, err = p.letter(letter{
			from: i.Sender, to: addresses(i.Recipients), subject: i.Subject, messageID: i.MessageID, text: "Messaggio di prova.",
		})
	}
	return err
}
