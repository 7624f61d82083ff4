package compose

import (
	"strings"
	"time"

	"github.com/collaudo/collaudo/simulator/clock"
)

// Certification is the writer's own model of the certification data
// (daticert.xml, RFC 6109 4.4). A field left empty means that its element is
// not written, where the DTD allows that.
type Certification struct {
	Type  string // postacert@tipo
	Error string // postacert@errore

	Sender     string
	Recipients []CertifiedRecipient
	ReplyTo    string
	Subject    string
	HasSubject bool

	Issuer     string
	Zone       string // +0100
	Day        string // dd/mm/yyyy
	Time       string // hh:mm:ss
	Identifier string // without angle brackets

	MessageID     string   // with angle brackets, as the client sent it
	ReceiptType   string   // ricevuta@tipo
	Delivery      string   // consegna
	Reception     []string // ricezione
	ExtendedError string   // errore-esteso
}

// CertifiedRecipient is one destinatari element.
type CertifiedRecipient struct {
	Address string
	Type    string // certificato or esterno
}

// SetInstant writes day, time and zone of Italian legal time.
func (c *Certification) SetInstant(at time.Time) {
	legal := clock.Legal(at)
	c.Day, c.Time, c.Zone = legal.Format("02/01/2006"), legal.Format("15:04:05"), legal.Format("-0700")
}

// XML writes the document. Text is escaped whole, and characters that XML 1.0
// does not allow at all are dropped: two providers seen in the field copied them
// from the subject, and signed documents that no parser reads.
func (c *Certification) XML() []byte {
	var x xmlWriter
	x.out.Grow(2048)
	x.out.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
	x.open(0, "postacert", "tipo", c.Type, "errore", c.Error)
	x.open(1, "intestazione")
	x.element(2, "mittente", c.Sender)
	for _, r := range c.Recipients {
		x.element(2, "destinatari", r.Address, "tipo", r.Type)
	}
	x.element(2, "risposte", c.ReplyTo)
	if c.HasSubject {
		x.element(2, "oggetto", c.Subject)
	}
	x.close(1, "intestazione")
	x.open(1, "dati")
	x.element(2, "gestore-emittente", c.Issuer)
	x.open(2, "data", "zona", c.Zone)
	x.element(3, "giorno", c.Day)
	x.element(3, "ora", c.Time)
	x.close(2, "data")
	x.element(2, "identificativo", c.Identifier)
	x.optional(2, "msgid", c.MessageID)
	if c.ReceiptType != "" {
		x.out.WriteString("        <ricevuta tipo=\"" + escapeXML(c.ReceiptType) + "\"/>\n")
	}
	x.optional(2, "consegna", c.Delivery)
	for _, r := range c.Reception {
		x.element(2, "ricezione", r)
	}
	x.optional(2, "errore-esteso", c.ExtendedError)
	x.close(1, "dati")
	x.close(0, "postacert")
	return []byte(x.out.String())
}

type xmlWriter struct{ out strings.Builder }

func (x *xmlWriter) indent(depth int) {
	for range depth {
		x.out.WriteString("    ")
	}
}

func (x *xmlWriter) tag(name string, attributes []string) {
	x.out.WriteByte('<')
	x.out.WriteString(name)
	for i := 0; i+1 < len(attributes); i += 2 {
		if attributes[i+1] != "" {
			x.out.WriteString(" " + attributes[i] + "=\"" + escapeXML(attributes[i+1]) + "\"")
		}
	}
	x.out.WriteString(">")
}

func (x *xmlWriter) open(depth int, name string, attributes ...string) {
	x.indent(depth)
	x.tag(name, attributes)
	x.out.WriteString("\n")
}

func (x *xmlWriter) close(depth int, name string) {
	x.indent(depth)
	x.out.WriteString("</" + name + ">\n")
}

func (x *xmlWriter) element(depth int, name, text string, attributes ...string) {
	x.indent(depth)
	x.tag(name, attributes)
	x.out.WriteString(escapeXML(text))
	x.out.WriteString("</")
	x.out.WriteString(name)
	x.out.WriteString(">\n")
}

func (x *xmlWriter) optional(depth int, name, text string) {
	if text != "" {
		x.element(depth, name, text)
	}
}

// plain tells text in which nothing is escaped: printable ASCII without markup.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '&' || c == '<' || c == '>' || c == '"' || c == '\'' {
			return false
		}
	}
	return true
}

// escapeXML escapes text for content and attributes. CR is written as a
// reference because a parser turns a literal one into LF.
func escapeXML(s string) string {
	if plain(s) {
		return s
	}
	var out strings.Builder
	out.Grow(len(s) + 16)
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case r == '&':
			out.WriteString("&amp;")
		case r == '<':
			out.WriteString("&lt;")
		case r == '>':
			out.WriteString("&gt;")
		case r == '"':
			out.WriteString("&quot;")
		case r == '\'':
			out.WriteString("&apos;")
		case r == '\r':
			out.WriteString("&#13;")
		case r == '\t' || r == '\n':
			out.WriteRune(r)
		case r < ' ' || r == 0xFFFE || r == 0xFFFF:
			// no character of XML 1.0, not even as a reference
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}
