package steps

import (
	"cmp"
	"errors"
	"fmt"
	"mime"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec"
)

// facts are what a message of a peer states. Templates of fixtures/peer name
// them; octets that go out as they are (an address field that is folded) have
// CRLF line ends already.
type facts struct {
	Provider string // name of the peer
	Service  string // its service address
	Host     string // domain of that address

	Token        string // in the subject; "" in an answer, whose subject is that of the message it answers
	Sender       string // bare address
	ReplyTo      string
	Writer       string // sender as the original's From has it
	Recipients   []factRecipient
	To, Cc       string // address fields of the outer header
	OriginalTo   string // To of the enclosed original
	Subject      string // decoded
	SubjectField string // as the header has it

	Identifier string // of the envelope, without brackets
	MessageID  string // of the client, with brackets; "" when it gave none
	OwnID      string // of a receipt, without brackets

	Date, Sent      string // of the message, and of the client
	Day, Time, Zone string

	ReceiptType      string // X-TipoRicevuta; "" for none
	InnerReceiptType string // in the enclosed original
	About            string // consegna
	Covered          []string

	// Filled in while the message is made.
	Body, Original, Readable, Certification string
}

type factRecipient struct {
	Address string
	Type    string // certificato, esterno
}

// setTime states one instant, in Italian legal time.
func (f *facts) setTime(at time.Time) {
	at = at.In(pec.Zone())
	f.Date = at.Format("Mon, 02 Jan 2006 15:04:05 -0700")
	f.Sent = at.Add(-clientSlow).Format("Mon, 02 Jan 2006 15:04:05 -0700")
	f.Day, f.Time, f.Zone = at.Format("02/01/2006"), at.Format("15:04:05"), at.Format("-0700")
}

// setPeer states who speaks.
func (f *facts) setPeer(p *Peer) {
	f.Provider, f.Service, f.Host = p.Name, p.ServiceAddress, domainOf(p.ServiceAddress)
}

func (f *facts) setSubject(text string) {
	f.Subject, f.SubjectField = text, mime.QEncoding.Encode("utf-8", text)
}

// identifiers makes those of a message that nobody has seen before.
func (f *facts) identifiers(token string, at time.Time) {
	f.Token = token
	name := strings.ToLower(strings.ReplaceAll(token, "-", ""))
	f.Identifier = fmt.Sprintf("%s.%d@%s", name, at.Unix(), f.Host)
	f.OwnID = fmt.Sprintf("ricevuta.%s.%d@%s", name, at.Unix(), f.Host)
	f.MessageID = fmt.Sprintf("<%s@cliente.example>", token)
}

// labels gives every recipient its label: who is with a provider that the
// target describes, or with a peer, has certified mail.
func (t *Target) labels(addresses []string) []factRecipient {
	var all []factRecipient
	for _, address := range addresses {
		label := "esterno"
		if t.providerAt(address) != nil || t.peerAt(address) != nil {
			label = "certificato"
		}
		all = append(all, factRecipient{address, label})
	}
	return all
}

// peerAt returns the peer that manages the domain of the address, or nil.
func (t *Target) peerAt(address string) *Peer {
	for i := range t.Peers {
		if t.Peers[i].manages(address) {
			return &t.Peers[i]
		}
	}
	return nil
}

// factsOf reads what an envelope of the target states: the facts of an answer.
func factsOf(m *pec.Message) (facts, error) {
	c := m.Certification
	if c == nil {
		return facts{}, fmt.Errorf("the envelope cannot be answered: %w", cmp.Or(m.CertificationErr, errors.New("it has no certification data")))
	}
	f := facts{Sender: c.Sender, ReplyTo: c.ReplyTo, Identifier: c.Identifier, ReceiptType: c.ReceiptType, MessageID: m.Root.Value(pec.HeaderReference)}
	f.setSubject(c.Subject)
	for _, r := range c.Recipients {
		f.Recipients = append(f.Recipients, factRecipient{r.Address, r.Type})
	}
	if m.Original != nil {
		f.Original = string(m.Original.Raw())
	}
	return f, nil
}
