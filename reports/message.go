package reports

import (
	"cmp"
	"io"
	"strings"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
	"github.com/collaudo/collaudo/rules"
)

// messageWidth is the width of the answer about a message or another file.
const messageWidth = 100

// Message prints what can be said of one message from a file: what it is, who
// signed it, the facts that it certifies, the verdict, which rules it breaks,
// how many it keeps, and what could not be judged and why.
func Message(w io.Writer, catalogue *rules.Catalogue, file string, single *rules.Single) error {
	p := newPrinter(w, messageWidth, false)
	p.line(printable(file))
	p.wrapped("", sentence(whatWords(single)))
	p.line("")
	p.facts(single)
	p.line("")
	by := rulesOf(single.Checks)
	p.wrapped("verdict     ", singleVerdict(single, by))
	p.wrapped("cut         ", single.Cut)
	if ordinary(single) {
		return p.err
	}
	p.wrapped("trust       ", trustWords(single))
	p.checkGroups(catalogue, single.Checks, single.Kept(), single.Missing, "the message", func(c rules.Check) string { return placeWords(single.Message, c) })
	return p.err
}

// ordinary tells that the message is none of certified e-mail.
func ordinary(single *rules.Single) bool {
	return single.Message.Kind == pec.Ordinary && len(single.Checks) == 0
}

// whatWords says what a message is, by what its header says.
func whatWords(single *rules.Single) string {
	m := single.Message
	size := ", " + sizeWords(int64(len(m.Raw)))
	switch {
	case ordinary(single) && single.Verdict == rules.Fail:
		return "what this is cannot be told: the header breaks off before it says" + size
	case ordinary(single):
		return "ordinary mail, no certified e-mail: it has neither " + pec.HeaderReceipt + " nor " + pec.HeaderTransport + size
	case m.Kind == pec.Ordinary:
		return "certified e-mail of no kind: it holds certification data, but neither " + pec.HeaderReceipt + " nor " + pec.HeaderTransport + size
	case m.Kind == pec.Unclear:
		return "certified e-mail of no clear kind: see what " + pec.HeaderReceipt + " and " + pec.HeaderTransport + " say" + size
	case m.Kind.IsEnvelope():
		return kindWords(m) + " (" + pec.HeaderTransport + ": " + m.Kind.Token() + ")" + size
	}
	return kindWords(m) + " (" + pec.HeaderReceipt + ": " + m.Kind.Token() + ")" + size
}

// facts prints who wrote, to whom, and what is certified.
func (p *printer) facts(single *rules.Single) {
	root, c := single.Message.Root, single.Message.Certification
	p.wrapped("from        ", brief(rawmime.DecodeWords(root.Value("From"))))
	p.wrapped("to          ", brief(rawmime.DecodeWords(root.Value("To"))))
	p.wrapped("subject     ", brief(rawmime.DecodeWords(root.Value("Subject"))))
	if c == nil {
		p.wrapped("date        ", brief(root.Value("Date")))
	}
	if ordinary(single) {
		return
	}
	p.wrapped("signed by   ", signerWords(single))
	if c == nil {
		if err := single.Message.CertificationErr; err != nil {
			p.wrapped("certified   ", "nothing that can be read: "+err.Error())
		}
		return
	}
	p.wrapped("provider    ", brief(c.Issuer))
	p.wrapped("instant     ", brief(strings.TrimSpace(c.Day+" "+c.Time+" "+c.Zone)))
	p.wrapped("identifier  ", brief(c.Identifier))
	p.wrapped("msgid       ", brief(c.MessageID))
	p.wrapped("sender      ", brief(c.Sender))
	var recipients []string
	for _, r := range c.Recipients {
		recipients = append(recipients, r.Address+" ("+cmp.Or(r.Type, "certificato")+")")
	}
	p.wrapped("recipients  ", atMost(recipients, 10))
	p.wrapped("delivery    ", brief(c.Delivery))
	if c.Error != "" && c.Error != "nessuno" {
		p.wrapped("error       ", brief(strings.TrimSuffix(c.Error+": "+c.ExtendedError, ": ")))
	}
}
