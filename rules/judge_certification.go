package rules

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/certification"
)

// certificationJudges answer for the family XML: the certification data of
// receipts, notices and transport envelopes (RFC 6109 4.4). PEC-XML-022 and 024
// are about what consumers do and take a peer.
func certificationJudges() []Judge {
	return slices.Concat(certificationFormJudges(), certificationHeadJudges(), certificationBodyJudges(), certificationErrorJudges())
}

// certifiedBy makes a judge that looks at the certification data of messages of
// the kinds given (all that have such data when none is). Data that cannot be
// read as XML at all reach no judge but that of PEC-XML-001.
func certifiedBy(rule, looks string, look func(*View, *Message, *dataNode, *Findings), kinds ...pec.Kind) Judge {
	return everySystemMessage(rule, looks, func(v *View, m *Message, f *Findings) {
		if m.PEC.Kind == pec.AnomalyEnvelope || len(m.PEC.CertificationParts) == 0 {
			return
		}
		if root := certificationTree(m); root != nil {
			look(v, m, root, f)
		}
	}, kinds...)
}

// dataNode is one element of certification data, read without regard to the
// content model: so that a document with one flaw can be judged in the rest.
type dataNode struct {
	Name       string
	Attributes map[string]string
	Text       string
	Children   []*dataNode
}

// certificationTree reads the first certification data part; nil when it is not
// well-formed.
func certificationTree(m *Message) *dataNode {
	return m.data.or(func() *dataNode { return readCertificationTree(m) })
}

func readCertificationTree(m *Message) *dataNode {
	octets, err := m.PEC.CertificationParts[0].Decoded()
	if err != nil {
		return nil
	}
	decoder := xml.NewDecoder(bytes.NewReader(octets))
	decoder.Strict = true
	decoder.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	root := &dataNode{}
	open := []*dataNode{root}
	for {
		token, err := decoder.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil
		}
		top := open[len(open)-1]
		switch t := token.(type) {
		case xml.StartElement:
			n := &dataNode{Name: t.Name.Local, Attributes: map[string]string{}}
			for _, a := range t.Attr {
				n.Attributes[a.Name.Local] = a.Value
			}
			top.Children = append(top.Children, n)
			open = append(open, n)
		case xml.EndElement:
			if len(open) == 1 || top.Name != t.Name.Local {
				return nil
			}
			open = open[:len(open)-1]
		case xml.CharData:
			top.Text += string(t)
		}
		if len(open) > 50 {
			return nil
		}
	}
	if len(open) != 1 || len(root.Children) != 1 {
		return nil
	}
	return root.Children[0]
}

// all returns the elements at a path below n, e.g. "intestazione/destinatari".
func (n *dataNode) all(path string) []*dataNode {
	name, rest, deeper := strings.Cut(path, "/")
	var found []*dataNode
	for _, c := range n.Children {
		switch {
		case c.Name != name:
		case deeper:
			found = append(found, c.all(rest)...)
		default:
			found = append(found, c)
		}
	}
	return found
}

// text returns the text of the first element at a path, untrimmed.
func (n *dataNode) text(path string) (string, bool) {
	found := n.all(path)
	if len(found) == 0 {
		return "", false
	}
	return found[0].Text, true
}

// attribute returns an attribute of the first element at a path ("" is n).
func (n *dataNode) attribute(path, name string) (string, bool) {
	if path != "" {
		found := n.all(path)
		if len(found) == 0 {
			return "", false
		}
		n = found[0]
	}
	value, ok := n.Attributes[name]
	return value, ok
}

func (n *dataNode) texts(path string) []string {
	var all []string
	for _, c := range n.all(path) {
		all = append(all, c.Text)
	}
	return all
}

func certificationFormJudges() []Judge {
	return []Judge{
		everySystemMessage("PEC-XML-001", "whether the certification data are well-formed XML 1.0 in UTF-8 without entities", judgeWellFormed, certifiedKinds...),
		everySystemMessage("PEC-XML-002", "the certification data against the DTD", judgeValid, certifiedKinds...),
		certifiedBy("PEC-XML-021", "the order of the elements of dati", judgeDataOrder),
		everySystemMessage("PEC-XML-023", "how many certification data parts a message has", judgeOnePart, certifiedKinds...),
	}
}

// illFormed are the reader's codes for what is no XML 1.0, or not in UTF-8, or
// declares or uses entities: the rest is against the DTD.
var illFormed = []string{
	certification.CodeEmpty, certification.CodeEncoding, certification.CodeControlCharacter, certification.CodeDeclaration,
	certification.CodeSyntax, certification.CodeTruncated, certification.CodeDoctype, certification.CodeInternalSubset,
	certification.CodeEntity, certification.CodeAfterRoot, certification.CodeTagMismatch, certification.CodeRepeatedAttribute,
}

func judgeWellFormed(_ *View, m *Message, f *Findings) {
	if len(m.PEC.CertificationParts) == 0 {
		return
	}
	where := m.Where("daticert.xml")
	if err := certificationFlaw(m, true); err != nil {
		f.Broken(where, "well-formed XML 1.0 in UTF-8 without entities", err.Error())
		return
	}
	for _, note := range m.PEC.CertificationNotes {
		if note.Code == certification.NoteDoctype || note.Code == certification.NoteByteOrderMark {
			f.Warns(where, "certification data without DOCTYPE and without byte order mark", note.Detail)
		}
	}
	f.Holds(where, "well-formed")
}

func judgeValid(_ *View, m *Message, f *Findings) {
	if len(m.PEC.CertificationParts) == 0 || certificationFlaw(m, true) != nil {
		return // PEC-GEN-013, PEC-XML-001
	}
	where := m.Where("daticert.xml")
	if err := certificationFlaw(m, false); err != nil {
		f.Broken(where, "certification data that the DTD of RFC 6109 4.4 allows", err.Error())
		return
	}
	f.Holds(where, "valid")
}

// certificationFlaw returns why the data were refused, as far as that is about
// form (well-formedness) or else about the DTD.
func certificationFlaw(m *Message, form bool) error {
	err := m.PEC.CertificationErr
	if err == nil {
		return nil
	}
	var flaw *certification.Error
	if !errors.As(err, &flaw) {
		if form { // the part itself cannot be decoded
			return err
		}
		return nil
	}
	if slices.Contains(illFormed, flaw.Code) == form {
		return err
	}
	return nil
}

// dataModel is the order of the children of dati, and which may repeat.
var dataModel = []string{"gestore-emittente", "data", "identificativo", "msgid", "ricevuta", "consegna", "ricezione", "errore-esteso"}

func judgeDataOrder(_ *View, m *Message, root *dataNode, f *Findings) {
	data := root.all("dati")
	if len(data) != 1 {
		return // PEC-XML-002
	}
	where := m.Where("daticert.xml")
	var names []string
	at, flaw := -1, ""
	for _, c := range data[0].Children {
		names = append(names, c.Name)
		i := slices.Index(dataModel, c.Name)
		switch {
		case i < 0:
			flaw = c.Name + " is no element of dati"
		case i < at:
			flaw = c.Name + " comes after " + dataModel[at]
		case i == at && c.Name != "ricezione":
			flaw = c.Name + " occurs twice"
		}
		at = max(at, i)
	}
	for _, required := range dataModel[:3] {
		if !slices.Contains(names, required) {
			flaw = required + " is missing"
		}
	}
	if flaw != "" {
		f.Broken(where, "in dati: "+strings.Join(dataModel[:3], ", ")+", then as far as present "+strings.Join(dataModel[3:], ", "), flaw+": "+strings.Join(names, ", "))
		return
	}
	f.Holds(where, strings.Join(names, ", "))
}

func judgeOnePart(_ *View, m *Message, f *Findings) {
	if m.PEC.Content == nil {
		return
	}
	n := len(m.PEC.CertificationParts)
	seen := fmt.Sprintf("%d in the %s", n, about(m))
	if n != 1 {
		f.Broken(m.Where("daticert.xml"), "exactly one certification data part", seen)
		return
	}
	f.Holds(m.Where("daticert.xml"), seen)
}
