package reports

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
	"github.com/collaudo/collaudo/rules"
)

// placeWords says where in the message the reason lies, with its line where
// that can be told.
func placeWords(m *pec.Message, c rules.Check) string {
	part := c.Where.Part
	if m.Kind == pec.AnomalyEnvelope && !strings.HasPrefix(c.Rule, "PEC-ANO") && !strings.HasPrefix(c.Rule, "PEC-SIG") {
		return part // it may be about the envelope inside
	}
	at := -1
	name, isHeader := strings.CutPrefix(part, "header ")
	first := func(parts []*rawmime.Entity) {
		if len(parts) > 0 {
			at = parts[0].Start
		}
	}
	switch {
	case isHeader:
		if fields := m.Root.Lookup(name); len(fields) > 0 {
			at = fields[0].Start
		} else if !strings.ContainsAny(name, " ,") {
			return part + " (absent)"
		}
	case strings.HasPrefix(part, "daticert.xml"):
		first(m.CertificationParts)
	case strings.HasPrefix(part, "postacert.eml"):
		first(m.OriginalParts)
	case part == "text" || part == "text/plain":
		first([]*rawmime.Entity{cmp.Or(m.PlainText, m.Text, m.Root)})
	case part == "text/html":
		first([]*rawmime.Entity{cmp.Or(m.HTMLText, m.Root)})
	case part == "signed content" && m.Signed != nil:
		at = m.Signed.Start
	case part == "signature part" && m.SignaturePart != nil:
		at = m.SignaturePart.Start
	}
	if at <= 0 && !isHeader || at < 0 {
		return part
	}
	return fmt.Sprintf("%s, line %d", part, bytes.Count(m.Raw[:at], []byte("\n"))+1)
}
