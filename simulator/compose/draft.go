package compose

import (
	"io"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec"
)

// unfolded removes line ends.
var unfolded = strings.NewReplacer("\r\n", "", "\n", "")

// HeaderField is a field of the outer header. Value is unfolded: the writer
// folds. Raw, when set, is the whole field as it came with a message, line end
// included, and is written as it is instead of Name and Value.
type HeaderField struct {
	Name  string
	Value string
	Raw   []byte
}

// Draft is a system message before it is rendered and signed. All of it may be
// altered until Render.
type Draft struct {
	Kind    pec.Kind
	Virus   bool   // the virus variant of NonAcceptance and NonDelivery
	Receipt string // of a Delivery: Complete, Brief or Concise, what it really is
	Second  bool   // of a Delay: the notice of 24 hours

	Header []HeaderField // outer header without the MIME fields, in the order written
	Plain  string        // readable text, lines end with \n
	HTML   string        // the same facts

	Certification    *Certification // nil: the kind has none
	CertificationXML []byte         // nil: Render writes it from Certification

	Original []byte // enclosed as postacert.eml; nil: nothing is enclosed
	Format   Format
	At       time.Time // the one instant: Date, certification data, text, signing time

	// What the message is about, for whoever decides where it goes.
	Sender    string // reverse path of the original
	ReplyTo   string // bare Reply-To address of the original, "" when it had none
	Recipient string // of a receipt about one recipient
	Service   string // service address of who composes
	Given     []byte // of a Delivery: postacert.eml of the envelope, whether enclosed or not
	Facts     Facts  // of the message that this one is about

	random io.Reader
	eight  bool // Render found octets in the original that 7 bits do not hold
}

// Format is how a draft is put into MIME. Zero values mean the lawful default.
type Format struct {
	PlainOnly    bool   // text/plain alone instead of multipart/alternative
	HTMLOnly     bool   // multipart/alternative with text/html alone
	Charset      string // of the readable text; default iso-8859-1
	TextEncoding string // quoted-printable (default), base64, 8bit

	Mixed string // media type of what is signed; default multipart/mixed
	Order string // parts, separated by blanks; default "text certification original"

	CertificationName     string // default daticert.xml
	CertificationType     string // default application/xml
	CertificationCharset  string // default UTF-8; "none" leaves the parameter out
	CertificationEncoding string // base64 (default), quoted-printable, 7bit (quoted-printable where it does not do), 8bit
	CertificationPlace    string // Content-Disposition: inline (default), attachment; "none" leaves the field out

	OriginalName     string // default postacert.eml
	OriginalType     string // default message/rfc822
	OriginalEncoding string // default 7bit, or 8bit where the octets need it; base64 really encodes; "none" leaves 7bit unsaid
	OriginalPlace    string // as CertificationPlace

	HeaderOrder       string // names of outer fields, in order; "*" all others, "mime" the MIME fields; trace fields not named come first
	SignedFields      string // fields repeated in the header of what is signed: Message-ID, MIME-Version
	Preamble          string // before the first boundary; default a line that says what follows, "none" nothing
	Boundary          string // how boundaries begin; default "----=_"
	CompositeEncoding string // Content-Transfer-Encoding of multiparts where nothing else demands one, "binary"
	FoldedParameters  string // what stands before the line end of a folded Content-Type; unset, types of multiparts are not folded so
	BareNames         bool   // file names without quotes
	Descriptions      bool   // Content-Description on parts
	SMIMEType         bool   // smime-type=signed-data on the message

	Outer         string // media type of the message; default multipart/signed
	Protocol      string // parameter of multipart/signed; default the type of the signature part
	SignatureType string // default application/pkcs7-signature
	SignatureName string // default smime.p7s
	MicAlg        string // default what the signer's digest is called, "sha-256"
	TrailingPart  bool   // a third body part after the signature
}

// Names of draft variants, as Variant gives them.
const (
	VariantAcceptance         = "acceptance"
	VariantNonAcceptance      = "non-acceptance"
	VariantNonAcceptanceVirus = "non-acceptance-virus"
	VariantTransportEnvelope  = "transport-envelope"
	VariantTakenInCharge      = "taken-in-charge"
	VariantAnomalyEnvelope    = "anomaly-envelope"
	VariantVirusDetection     = "virus-detection"
	VariantNonDelivery        = "non-delivery"
	VariantNonDeliveryVirus   = "non-delivery-virus"
	VariantDelay12            = "delay-12h"
	VariantDelay24            = "delay-24h"
	VariantDeliveryComplete   = "delivery-complete"
	VariantDeliveryBrief      = "delivery-brief"
	VariantDeliveryConcise    = "delivery-concise"
)

// Variant names kind and variant of the draft, one of the Variant constants; ""
// for a draft of no system kind.
func (d *Draft) Variant() string {
	switch d.Kind {
	case pec.Acceptance:
		return VariantAcceptance
	case pec.NonAcceptance:
		if d.Virus {
			return VariantNonAcceptanceVirus
		}
		return VariantNonAcceptance
	case pec.TransportEnvelope:
		return VariantTransportEnvelope
	case pec.TakenInCharge:
		return VariantTakenInCharge
	case pec.AnomalyEnvelope:
		return VariantAnomalyEnvelope
	case pec.VirusDetection:
		return VariantVirusDetection
	case pec.NonDelivery:
		if d.Virus {
			return VariantNonDeliveryVirus
		}
		return VariantNonDelivery
	case pec.Delay:
		if d.Second {
			return VariantDelay24
		}
		return VariantDelay12
	case pec.Delivery:
		switch d.Receipt {
		case Brief:
			return VariantDeliveryBrief
		case Concise:
			return VariantDeliveryConcise
		}
		return VariantDeliveryComplete
	}
	return ""
}

// Value is the value of the first field of that name, unfolded; "" when there
// is none.
func (d *Draft) Value(name string) string {
	for i := range d.Header {
		if strings.EqualFold(d.Header[i].Name, name) {
			return d.Header[i].value()
		}
	}
	return ""
}

// Set gives the first field of that name another value, or adds the field at
// the end.
func (d *Draft) Set(name, value string) {
	for i := range d.Header {
		if strings.EqualFold(d.Header[i].Name, name) {
			d.Header[i].Value, d.Header[i].Raw = value, nil
			return
		}
	}
	d.Add(name, value)
}

// Add puts one more field at the end of the header.
func (d *Draft) Add(name, value string) {
	d.Header = append(d.Header, HeaderField{Name: name, Value: value})
}

// Drop takes every field of that name away.
func (d *Draft) Drop(name string) {
	kept := d.Header[:0:0]
	for _, f := range d.Header {
		if !strings.EqualFold(f.Name, name) {
			kept = append(kept, f)
		}
	}
	d.Header = kept
}

// value is the field's value however it is held.
func (f HeaderField) value() string {
	if f.Raw == nil {
		return f.Value
	}
	_, after, _ := strings.Cut(string(f.Raw), ":")
	return strings.TrimSpace(unfold(after))
}

func unfold(s string) string {
	return unfolded.Replace(s)
}
