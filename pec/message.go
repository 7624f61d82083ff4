// Package pec is the grammar of Italian certified e-mail (RFC 6109): what a
// message is, where its parts are and what its certification data say.
//
// It reads, signs and verifies, and reports neutral facts. It does not compose
// messages, talk to a network, read a clock, or judge whether a rule is kept.
package pec

import (
	"github.com/collaudo/collaudo/pec/certification"
	"github.com/collaudo/collaudo/pec/rawmime"
)

// Message is a view of one received message. Fields are nil where the message
// does not have the part; Findings say what is odd.
type Message struct {
	Raw  []byte
	Root *rawmime.Entity

	Kind  Kind // by the header; Unclear where headers contradict each other
	Virus bool // X-VerificaSicurezza: errore on a NonAcceptance or NonDelivery

	Signed        *rawmime.Entity // first part of the outer multipart/signed: what the signature covers
	SignaturePart *rawmime.Entity // second part: the CMS signature (decode it to get DER)
	Content       *rawmime.Entity // the multipart/mixed that holds the parts: Signed, or Root when unsigned
	Text          *rawmime.Entity // first child of Content: text/plain or multipart/alternative
	PlainText     *rawmime.Entity // the text/plain leaf of Text
	HTMLText      *rawmime.Entity // the text/html leaf of Text

	CertificationParts []*rawmime.Entity   // direct children of Content named daticert.xml (or certdata.xml)
	Certification      *certification.Data // of the first of them; nil when unreadable
	CertificationErr   error               // why Certification is nil although there is a part
	CertificationNotes []certification.Finding

	OriginalParts []*rawmime.Entity // direct children of Content that are message/rfc822 (or named postacert.eml)
	Original      *rawmime.Entity   // the message enclosed in the first of them

	Findings []rawmime.Finding // contradictions between header and certification data, oddities of structure
}

// names are the file names of the parts of the content.
func (m *Message) names() []string {
	if m.Content == nil {
		return nil
	}
	names := make([]string, len(m.Content.Parts))
	for i, part := range m.Content.Parts {
		names[i] = part.FileName()
	}
	return names
}
