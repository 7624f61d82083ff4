package rules

import (
	"errors"
	"slices"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/certification"
)

// formOf looks at the form of a message that a provider signed (RFC 6109 2.2.2,
// formal correctness): what it is by its header, the certification data, the
// original. Only what every reader of the rules must find wrong counts as
// wrong; what one may tolerate leaves the message open.
func formOf(m *pec.Message) reception {
	wrong := func(why string) reception { return reception{class: faulty, rule: faultRule(m), why: why} }
	c := m.Certification
	if m.Kind == pec.Ordinary && len(m.CertificationParts) == 0 {
		return reception{class: faulty, rule: "PEC-IP-014", why: "mail of a provider without headers of certified e-mail"}
	}
	switch {
	case m.Kind == pec.Ordinary:
		return wrong("without the field that says what it is")
	case m.Kind == pec.Unclear:
		return wrong("with fields that contradict each other or say nothing known")
	case m.Kind == pec.AnomalyEnvelope:
		return reception{}
	case len(m.CertificationParts) != 1:
		return wrong("with " + plural(len(m.CertificationParts), "part") + " of certification data")
	case c == nil && hostile(m.CertificationErr):
		return reception{class: faulty, rule: "PEC-XML-024", why: "with hostile certification data: " + m.CertificationErr.Error()}
	case c == nil:
		return wrong("with certification data that break their form: " + shownError(m.CertificationErr))
	case c.Type != tokenOf(m.Kind):
		return wrong("with certification data of the type " + shown(c.Type))
	case m.Kind == pec.TransportEnvelope && (len(m.OriginalParts) != 1 || m.Original == nil):
		return wrong("with " + plural(len(m.OriginalParts), "original"))
	case c.HasDoctype:
		return reception{rule: "PEC-XML-024", why: "with a DOCTYPE in its certification data"}
	case len(c.Subject) > longText:
		return reception{rule: "PEC-XML-024", why: "with " + plural(len(c.Subject), "octet") + " of text in one element"}
	case m.Kind == pec.TransportEnvelope && bareID(m.Root.Value("Message-ID")) != bareID(c.Identifier):
		return reception{why: "its Message-ID is not its identifier"}
	case len(m.Root.Findings) > 0 || !m.Root.Closed():
		return reception{why: "its MIME structure is damaged"}
	case m.Kind == pec.TransportEnvelope:
		return reception{class: correctEnvelope, rule: "PEC-IP-003", why: "a correct envelope"}
	default:
		return reception{class: correctReceipt, rule: "PEC-IP-004", why: "a correct " + tokenOf(m.Kind)}
	}
}

// longText is how long a text of the certification data may be before it is
// there to do harm.
const longText = 64 << 10

// faultRule returns the rule about formal errors that speaks of the message:
// that of receipts where header or certification data say that it is one.
func faultRule(m *pec.Message) string {
	receipt := m.Kind.IsReceipt()
	if c := m.Certification; m.Kind == pec.Ordinary && c != nil {
		receipt = c.Type != tokenOf(pec.TransportEnvelope)
	}
	if receipt {
		return "PEC-IP-032"
	}
	return "PEC-IP-013"
}

// hostile tells that the certification data cannot be read for what is there to
// do harm: entities and doubled elements.
func hostile(err error) bool {
	var broken *certification.Error
	return errors.As(err, &broken) && slices.Contains([]string{
		certification.CodeEntity, certification.CodeInternalSubset, certification.CodeRepeatedElement,
	}, broken.Code)
}

func shownError(err error) string {
	if err == nil {
		return "unreadable"
	}
	return err.Error()
}

// meantAs is what a dispatched message shows itself as: its nature, or that of
// its certification data where signature and header say nothing.
func (d *Dispatch) meantAs() pec.Kind {
	if d.PEC == nil {
		return pec.Ordinary
	}
	return nature(&Message{PEC: d.PEC})
}
