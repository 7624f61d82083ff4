package console

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/certification"
	"github.com/collaudo/collaudo/pec/rawmime"
)

// partView is a node of the MIME tree.
type partView struct {
	Path     string // from the message that was stored
	Depth    int
	Type     string
	Name     string
	Encoding string
	Size     int64  // of the body, as it was carried
	What     string // signed, signature, text, certification or original: a key of the words; empty for none
	Leaf     bool
	Encloses bool
}

// maxParts bounds the tree on a page.
const maxParts = 300

// partsOf lists the tree, depth first. Enclosed messages are nodes of their own.
func partsOf(m *pec.Message, of string) (list []partView, cut bool) {
	var walk func(e *rawmime.Entity, depth int)
	walk = func(e *rawmime.Entity, depth int) {
		if len(list) >= maxParts {
			cut = true
			return
		}
		kind, _ := e.MediaType()
		list = append(list, partView{
			Path: pathOf(e, of), Depth: min(depth, 12), Type: kind, Name: clip(e.FileName(), 200), Encoding: clip(e.Encoding(), 40),
			Size: int64(len(e.Body())), What: whatIs(m, e), Leaf: len(e.Parts) == 0, Encloses: e.Enclosed != nil,
		})
		for _, p := range e.Parts {
			walk(p, depth+1)
		}
		if e.Enclosed != nil {
			walk(e.Enclosed, depth+1)
		}
	}
	walk(m.Root, 0)
	return list, cut
}

func whatIs(m *pec.Message, e *rawmime.Entity) string {
	switch {
	case e == m.SignaturePart:
		return "signature"
	case e == m.Signed:
		return "signed"
	case m.Kind != pec.Ordinary && (e == m.PlainText || e == m.HTMLText):
		return "text"
	case slices.Contains(m.CertificationParts, e):
		return "certification"
	case slices.Contains(m.OriginalParts, e):
		return "original"
	}
	return ""
}

// pathOf writes where a part stands: numbers from 1 on of the parts, and m for
// the message that a part encloses; "0" is the message itself. of is the part
// that encloses the message, as it was asked for.
func pathOf(e *rawmime.Entity, of string) string {
	var names []string
	for e.Parent != nil {
		if e.Parent.Enclosed == e {
			names = append(names, "m")
		} else {
			names = append(names, fmt.Sprint(slices.Index(e.Parent.Parts, e)+1))
		}
		e = e.Parent
	}
	slices.Reverse(names)
	if of != "" {
		names = append([]string{of, "m"}, names...)
	}
	return cmp.Or(strings.Join(names, "."), "0")
}

// certificationView is the certification data, line by line.
type certificationView struct {
	Rows  []dataRow
	Notes []string
	Error string
}

// dataRow is one element with what it means.
type dataRow struct {
	Element string // as in the document
	Value   string
	Means   string
}

func readCertification(s speaker, m *pec.Message) *certificationView {
	if len(m.CertificationParts) == 0 {
		return nil
	}
	v := &certificationView{}
	for _, n := range m.CertificationNotes {
		v.Notes = append(v.Notes, n.Detail)
	}
	if m.CertificationErr != nil {
		v.Error = m.CertificationErr.Error()
		return v
	}
	v.rows(s, m.Certification)
	return v
}

func (v *certificationView) rows(s speaker, d *certification.Data) {
	add := func(there bool, element, value, key string) {
		if there {
			v.Rows = append(v.Rows, dataRow{Element: element, Value: clip(value, 4*maxField), Means: s.Say("data." + key)})
		}
	}
	add(true, "postacert tipo", d.Type, "type")
	add(true, "errore", d.Error, "error")
	add(true, "mittente", d.Sender, "sender")
	for i, r := range d.Recipients {
		if i == maxListed {
			v.Notes = append(v.Notes, s.Count("data.more", len(d.Recipients)-i))
			break
		}
		key := "recipient"
		if r.Type == "esterno" {
			key = "recipient.outside"
		}
		add(true, "destinatari", r.Address, key)
	}
	add(true, "risposte", d.ReplyTo, "reply")
	add(d.HasSubject, "oggetto", d.Subject, "subject")
	add(true, "gestore-emittente", d.Issuer, "issuer")
	when := strings.TrimSpace(d.Day + " " + d.Time + " " + d.Zone)
	add(true, "data", when, "instant")
	add(true, "identificativo", d.Identifier, "identifier")
	add(d.HasMessageID, "msgid", d.MessageID, "msgid")
	add(d.HasReceiptType, "ricevuta tipo", d.ReceiptType, "receipt")
	add(d.HasDelivery, "consegna", d.Delivery, "delivery")
	for i, r := range d.Reception {
		if i == maxListed {
			break
		}
		add(true, "ricezione", r, "reception")
	}
	add(d.HasExtendedError, "errore-esteso", d.ExtendedError, "extended")
}
