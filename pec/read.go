package pec

import (
	"errors"
	"fmt"
	"strings"

	"github.com/collaudo/collaudo/pec/certification"
	"github.com/collaudo/collaudo/pec/rawmime"
)

// Codes of Message.Findings. Damage of the MIME structure is told in
// Root.Findings instead.
const (
	FindingHeaderRepeated        = "header-repeated"         // X-Ricevuta, X-Trasporto or X-VerificaSicurezza more than once
	FindingReceiptAndTransport   = "receipt-and-transport"   // both X-Ricevuta and X-Trasporto
	FindingUnknownKind           = "kind-header-unknown"     // a value of them that RFC 6109 does not know
	FindingKindCase              = "kind-header-case"        // a known value in another case
	FindingKindVsData            = "kind-header-vs-data"     // certification data of another kind
	FindingDataWithoutKind       = "data-without-kind"       // certification data, but no header of certified mail
	FindingDataInAnomaly         = "data-in-anomaly"         // an anomaly envelope with certification data (RFC 6109 3.2.2)
	FindingVirusVsData           = "virus-header-vs-data"    // X-VerificaSicurezza and postacert@errore disagree
	FindingSecurityUnknown       = "security-header-unknown" // X-VerificaSicurezza with another value than errore
	FindingSecurityMisplaced     = "security-header-misplaced"
	FindingReceiptTypeVsData     = "receipt-type-header-vs-data" // X-TipoRicevuta and ricevuta@tipo of an envelope disagree
	FindingUnsigned              = "unsigned"                    // certified mail that is no multipart/signed
	FindingOpaqueSigned          = "signed-opaque"               // application/pkcs7-mime instead
	FindingSignedParts           = "signed-parts"                // multipart/signed without exactly two parts
	FindingContentType           = "content-not-mixed"           // the signed part is no multipart/mixed
	FindingTextNotFirst          = "text-not-first"              // the first part of the content is no text
	FindingCertificationMissing  = "certification-missing"
	FindingCertificationRepeated = "certification-repeated"
	FindingCertificationName     = "certification-name" // certdata.xml, as RFC 6109 has it
	FindingCertificationEncoding = "certification-encoding"
	FindingOriginalMissing       = "original-missing" // an envelope without the message it carries
	FindingOriginalRepeated      = "original-repeated"
	FindingOriginalUnreadable    = "original-unreadable" // a part for it that encloses no message
)

// Read takes a message apart. The only error is an empty input: whatever else
// is wrong is in the findings, in CertificationErr, or a nil field.
func Read(raw []byte) (*Message, error) {
	root, err := rawmime.Parse(raw, rawmime.Limits{})
	if err != nil {
		if errors.Is(err, rawmime.ErrEmpty) {
			err = errors.New("pec: expected a message, got no octets at all")
		}
		return nil, err
	}
	m := &Message{Raw: raw, Root: root}
	m.readKind()
	m.readStructure()
	names := m.names()
	m.readCertification(names)
	m.readOriginal(names)
	m.compare()
	return m, nil
}

func (m *Message) find(code string, at *rawmime.Entity, format string, arguments ...any) {
	offset := 0
	if at != nil {
		offset = at.Start
	}
	m.Findings = append(m.Findings, rawmime.Finding{Code: code, Offset: offset, Detail: fmt.Sprintf(format, arguments...)})
}

// certified reports whether the header claims to be certified mail.
func (m *Message) certified() bool { return m.Kind != Ordinary }

// readKind tells the kind by the header alone.
func (m *Message) readKind() {
	receipts, transports := m.Root.Values(HeaderReceipt), m.Root.Values(HeaderTransport)
	switch {
	case len(receipts)+len(transports) == 0:
		m.Kind = Ordinary
	case len(receipts) > 0 && len(transports) > 0:
		m.Kind = Unclear
		m.find(FindingReceiptAndTransport, m.Root, "the header has both %s and %s", HeaderReceipt, HeaderTransport)
	case len(receipts) > 0:
		m.Kind = m.kindOfField(HeaderReceipt, receipts, KindOfReceipt)
	default:
		m.Kind = m.kindOfField(HeaderTransport, transports, KindOfTransport)
	}
	m.readSecurity()
}

func (m *Message) kindOfField(name string, values []string, kindOf func(string) (Kind, bool)) Kind {
	if len(values) > 1 {
		m.find(FindingHeaderRepeated, m.Root, "the header has %s %d times", name, len(values))
		return Unclear
	}
	kind, ok := kindOf(values[0])
	switch {
	case !ok:
		m.find(FindingUnknownKind, m.Root, "%s has the unknown value %q", name, shorten(values[0]))
	case kind.Token() != values[0]:
		m.find(FindingKindCase, m.Root, "expected %s: %s, got %q", name, kind.Token(), values[0])
	}
	return kind
}

func (m *Message) readSecurity() {
	values := m.Root.Values(HeaderSecurityCheck)
	if len(values) == 0 {
		return
	}
	if len(values) > 1 {
		m.find(FindingHeaderRepeated, m.Root, "the header has %s %d times", HeaderSecurityCheck, len(values))
	}
	if !strings.EqualFold(values[0], "errore") {
		m.find(FindingSecurityUnknown, m.Root, "expected %s: errore, got %q", HeaderSecurityCheck, shorten(values[0]))
		return
	}
	if m.Kind != NonAcceptance && m.Kind != NonDelivery {
		m.find(FindingSecurityMisplaced, m.Root, "%s stands on a message of kind %s", HeaderSecurityCheck, m.Kind)
		return
	}
	m.Virus = true
}

// readStructure finds the signed part, the signature, the content and its text.
func (m *Message) readStructure() {
	m.Content = m.Root
	mediaType, _ := m.Root.MediaType()
	switch {
	case mediaType == "multipart/signed":
		m.Content = nil
		if len(m.Root.Parts) > 0 {
			m.Signed = m.Root.Parts[0]
			m.Content = m.Signed
		}
		if len(m.Root.Parts) > 1 {
			m.SignaturePart = m.Root.Parts[1]
		}
		if len(m.Root.Parts) != 2 {
			m.find(FindingSignedParts, m.Root, "expected multipart/signed with two parts, got %d", len(m.Root.Parts))
		}
	case mediaType == "application/pkcs7-mime" || mediaType == "application/x-pkcs7-mime":
		if m.certified() {
			m.find(FindingOpaqueSigned, m.Root, "expected multipart/signed, got %s: the content is inside the signature", mediaType)
		}
	case m.certified():
		m.find(FindingUnsigned, m.Root, "expected multipart/signed, got %s", mediaType)
	}
	if m.Content == nil {
		return
	}
	contentType, _ := m.Content.MediaType()
	if !strings.HasPrefix(contentType, "multipart/") {
		if m.certified() {
			m.find(FindingContentType, m.Content, "expected the content to be multipart/mixed, got %s", contentType)
		}
		m.Content = nil
		return
	}
	if contentType != "multipart/mixed" && m.certified() {
		m.find(FindingContentType, m.Content, "expected the content to be multipart/mixed, got %s", contentType)
	}
	m.readText()
}

func (m *Message) readText() {
	if len(m.Content.Parts) == 0 {
		return
	}
	first := m.Content.Parts[0]
	switch mediaType, _ := first.MediaType(); mediaType {
	case "text/plain":
		m.Text, m.PlainText = first, first
	case "multipart/alternative":
		m.Text = first
		first.Walk(func(e *rawmime.Entity) bool {
			switch mediaType, _ := e.MediaType(); {
			case mediaType == "text/plain" && m.PlainText == nil:
				m.PlainText = e
			case mediaType == "text/html" && m.HTMLText == nil:
				m.HTMLText = e
			}
			return true
		})
	default:
		if m.certified() {
			m.find(FindingTextNotFirst, first, "expected text/plain or multipart/alternative as the first part, got %s", mediaType)
		}
	}
}

// File names of the parts (RFC 6109 4.3, as on the wire and as in the RFC).
const (
	certificationName    = "daticert.xml"
	certificationNameRFC = "certdata.xml"
	originalName         = "postacert.eml"
)

// readCertification looks at direct children of the content only: a certified
// message forwarded inside the original has certification data of its own.
func (m *Message) readCertification(names []string) {
	if m.Content == nil {
		return
	}
	for i, part := range m.Content.Parts {
		if name := names[i]; strings.EqualFold(name, certificationName) || strings.EqualFold(name, certificationNameRFC) {
			m.CertificationParts = append(m.CertificationParts, part)
		}
	}
	switch {
	case len(m.CertificationParts) == 0:
		if m.certified() && m.Kind != AnomalyEnvelope {
			m.find(FindingCertificationMissing, m.Content, "no part of the content is named %s", certificationName)
		}
		return
	case len(m.CertificationParts) > 1:
		m.find(FindingCertificationRepeated, m.CertificationParts[1], "%d parts of the content are named %s", len(m.CertificationParts), certificationName)
	}
	part := m.CertificationParts[0]
	if name := part.FileName(); strings.EqualFold(name, certificationNameRFC) {
		m.find(FindingCertificationName, part, "the certification data are named %s instead of %s", name, certificationName)
	}
	xml, err := part.Decoded()
	if err != nil {
		m.find(FindingCertificationEncoding, part, "the transfer encoding of the certification data is damaged: %v", err)
	}
	m.Certification, m.CertificationNotes, m.CertificationErr = certification.Read(xml)
}

func (m *Message) readOriginal(names []string) {
	if m.Content == nil {
		return
	}
	for i, part := range m.Content.Parts {
		mediaType, _ := part.MediaType()
		if mediaType == "message/rfc822" || mediaType == "message/global" || strings.EqualFold(names[i], originalName) {
			m.OriginalParts = append(m.OriginalParts, part)
		}
	}
	switch {
	case len(m.OriginalParts) == 0:
		if m.Kind.IsEnvelope() {
			m.find(FindingOriginalMissing, m.Content, "the envelope has no part message/rfc822")
		}
		return
	case len(m.OriginalParts) > 1 && m.certified():
		m.find(FindingOriginalRepeated, m.OriginalParts[1], "%d parts of the content are messages", len(m.OriginalParts))
	}
	m.Original = m.OriginalParts[0].Enclosed
	if m.Original == nil && m.certified() {
		m.find(FindingOriginalUnreadable, m.OriginalParts[0], "the part for the original message encloses no message that can be read")
	}
}

// compare finds contradictions between the header and the certification data.
func (m *Message) compare() {
	if len(m.CertificationParts) == 0 {
		return
	}
	part := m.CertificationParts[0]
	if m.Kind == AnomalyEnvelope {
		m.find(FindingDataInAnomaly, part, "an anomaly envelope holds certification data")
		return
	}
	data := m.Certification
	if data == nil {
		return
	}
	switch m.Kind {
	case Ordinary:
		m.find(FindingDataWithoutKind, part, "there are certification data of %s, but neither %s nor %s", data.Type, HeaderReceipt, HeaderTransport)
		return
	case Unclear:
		return
	}
	if data.Type != m.Kind.Token() {
		m.find(FindingKindVsData, part, "the header says %s, the certification data say %s", m.Kind.Token(), data.Type)
	}
	if (m.Kind == NonAcceptance || m.Kind == NonDelivery) && m.Virus != (data.Error == "virus") {
		m.find(FindingVirusVsData, part, "%s: errore is %s, the certification data say errore=%q", HeaderSecurityCheck, presence(m.Virus), data.Error)
	}
	if m.Kind == TransportEnvelope && m.Root.Has(HeaderReceiptType) {
		if said := m.Root.Value(HeaderReceiptType); !strings.EqualFold(said, data.ReceiptType) {
			m.find(FindingReceiptTypeVsData, part, "%s says %q, the certification data say %q", HeaderReceiptType, shorten(said), data.ReceiptType)
		}
	}
}

func presence(there bool) string {
	if there {
		return "present"
	}
	return "absent"
}
