package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/certification"
	"github.com/collaudo/collaudo/pec/rawmime"
	"github.com/collaudo/collaudo/reports/words"
)

// dataFacts is what the certification data of a message say.
type dataFacts struct {
	Facts      factList
	Recipients []fact // type, address
	More       int    // recipients that are not shown
	Trouble    string // why they cannot be read
	Raw        *excerpt
}

// originalFacts is the message that another one encloses, in short.
type originalFacts struct {
	Facts factList
	Count int // enclosed messages; more than one is odd
}

// page makes the page of one message. What goes wrong in it is told on it: it
// must not keep the pages of all others from being written.
func (m *messagePages) page(hash string) (p *messagePage) {
	seen := slices.Clone(m.seen[hash])
	p = &messagePage{words: words.In(m.told.options.Language), Hash: hash, Seen: seen, Worse: m.checks.worse[hash], Kept: m.checks.kept[hash]}
	defer func() {
		if r := recover(); r != nil {
			p.Trouble = shown(fmt.Sprintf("reading it panicked: %v", r))
		}
	}()
	for i := range p.Seen {
		s := &p.Seen[i]
		s.Who, s.Whom, s.Answer = value(s.Who), value(s.Whom), value(s.Answer)
		if s.Dialogue != "" {
			s.Dialogue = relative(m.told.record.Path(s.Dialogue))
		}
	}
	p.What = p.T("kind.unread")
	file := m.told.record.Path(hash)
	if p.Octets = relative(file); p.Octets == "" {
		p.Trouble = "the evidence does not hold the octets"
		return p
	}
	if p.Encoded = evidence.Encoded(file); p.Encoded {
		p.What = p.T("kind.encoded")
		p.Facts = factList{{p.T("size"), sizeWords(seen[0].size)}, {"SHA-256", hash}}
		return p
	}
	octets, err := seen[0].trust.Blob(hash)
	if err == nil {
		var read *pec.Message
		if read, err = pec.Read(octets); err == nil {
			m.fill(p, read, seen[0])
			return p
		}
	}
	p.Trouble = shown(err.Error())
	return p
}

// fill tells what a message is.
func (m *messagePages) fill(p *messagePage, read *pec.Message, first sighting) {
	p.What = p.kind(read)
	p.Subject = value(rawmime.DecodeWords(clipOctets(read.Root.Value("Subject"), maxHeaderShown)))
	p.Facts = append(p.headerFacts(read.Root, "From", "To", "Cc", "Date"), fact{p.T("size"), sizeWords(int64(len(read.Raw)))}, fact{"SHA-256", p.Hash})
	p.Data = p.data(read)
	p.Signature = m.signature(p, read, first)
	p.Original = p.original(read)
	p.Text = p.text(read)
	p.Tree = p.tree(read)
	p.Header = p.headerOf(read.Root.HeaderBytes())
	for _, f := range slices.Concat(read.Root.Findings, read.Findings) {
		if len(p.Oddities) == maxListShown {
			p.Oddities = append(p.Oddities, "…")
			break
		}
		p.Oddities = append(p.Oddities, value(f.Detail))
	}
}

// kind names what a message is, by its header.
func (p *messagePage) kind(m *pec.Message) string {
	key := map[pec.Kind]string{
		pec.Acceptance: "acceptance", pec.NonAcceptance: "non-acceptance", pec.TakenInCharge: "taken-in-charge",
		pec.Delivery: "delivery", pec.NonDelivery: "non-delivery", pec.Delay: "delay", pec.VirusDetection: "virus-detection",
		pec.TransportEnvelope: "transport-envelope", pec.AnomalyEnvelope: "anomaly-envelope", pec.Unclear: "unclear",
	}[m.Kind]
	text := p.T("kind." + cmp.Or(key, "ordinary"))
	if m.Virus {
		text += " " + p.T("kind.for-virus")
	}
	return text
}

// headerFacts shows fields of a header that are there, encoded words decoded.
func (p *messagePage) headerFacts(e *rawmime.Entity, names ...string) factList {
	var list factList
	for _, name := range names {
		for i, v := range e.Values(name) {
			if i == 3 {
				break
			}
			list = append(list, fact{name, value(rawmime.DecodeWords(clipOctets(v, maxHeaderShown)))})
		}
	}
	return list
}

// data shows the certification data.
func (p *messagePage) data(m *pec.Message) *dataFacts {
	if len(m.CertificationParts) == 0 {
		return nil
	}
	d := &dataFacts{}
	part := m.CertificationParts[0]
	if len(part.Body()) <= maxTextDecoded {
		octets, err := part.Decoded()
		d.Raw = p.excerptOf(string(octets[:min(len(octets), maxDataShown)]), maxDataShown, len(octets))
		if err != nil {
			d.Trouble = value(err.Error())
		}
	}
	c := m.Certification
	if c == nil {
		if m.CertificationErr != nil {
			d.Trouble = value(m.CertificationErr.Error())
		}
		return d
	}
	add := func(name, text string, present bool) {
		if present {
			d.Facts = append(d.Facts, fact{name, value(text)})
		}
	}
	add("tipo", c.Type, true)
	add("errore", c.Error, c.ErrorGiven)
	add("mittente", c.Sender, true)
	add("risposte", c.ReplyTo, true)
	add("oggetto", c.Subject, c.HasSubject)
	add("gestore-emittente", c.Issuer, true)
	add("data", strings.Join([]string{c.Day, c.Time, c.Zone}, " "), true)
	add("identificativo", c.Identifier, true)
	add("msgid", c.MessageID, c.HasMessageID)
	add("ricevuta", c.ReceiptType, c.HasReceiptType)
	add("consegna", c.Delivery, c.HasDelivery)
	for _, r := range c.Reception[:min(len(c.Reception), maxListShown)] {
		add("ricezione", r, true)
	}
	add("errore-esteso", c.ExtendedError, c.HasExtendedError)
	d.recipients(c)
	return d
}

func (d *dataFacts) recipients(c *certification.Data) {
	for i, r := range c.Recipients {
		if i == maxListShown {
			d.More = len(c.Recipients) - i
			return
		}
		d.Recipients = append(d.Recipients, fact{value(r.Type), value(r.Address)})
	}
}

// original shows the message that is enclosed as postacert.eml.
func (p *messagePage) original(m *pec.Message) *originalFacts {
	if m.Original == nil {
		return nil
	}
	facts := p.headerFacts(m.Original, "From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID", "X-TipoRicevuta")
	return &originalFacts{Facts: append(facts, fact{p.T("size"), sizeWords(int64(len(m.Original.Raw())))}), Count: len(m.OriginalParts)}
}

// text shows the beginning of what a reader's mail program shows.
func (p *messagePage) text(m *pec.Message) *excerpt {
	part := m.PlainText
	if part == nil {
		m.Root.Walk(func(e *rawmime.Entity) bool {
			if mediaType, _ := e.MediaType(); part == nil && mediaType == "text/plain" && len(e.Parts) == 0 {
				part = e
			}
			return part == nil
		})
	}
	switch {
	case part == nil || len(part.Body()) == 0:
		return nil
	case len(part.Body()) > maxTextDecoded:
		return &excerpt{Cut: p.T("text.long", sizeWords(int64(len(part.Body()))))}
	}
	text, _ := part.Text() // with an error comes the best text that could be made, and the tree tells what is broken
	return p.excerptOf(text, maxTextShown, len(text))
}

// legal writes an instant in Italian legal time.
func legal(at time.Time) string { return at.In(pec.Zone()).Format("02/01/2006 15:04:05 -0700") }

// At is when a message was seen; "" where the evidence does not say.
func (s sighting) At() string {
	if s.When.IsZero() {
		return ""
	}
	return legal(s.When)
}
