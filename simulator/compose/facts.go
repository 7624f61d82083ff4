package compose

import "io"

// Provider is who composes.
type Provider struct {
	Name           string // as in the directory; gestore-emittente of the certification data
	ServiceAddress string // posta-certificata@ the service domain; From of everything, SAN of the certificate
	Domain         string // service domain, right side of the identifiers

	// SignatureType is the media type of the signature, application/pkcs7-signature
	// when empty; application/x-pkcs7-signature is the other one in use.
	SignatureType string
	// PartOrder puts the enclosed original before the certification data when
	// set; both orders are in use (RFC 6109 4.3).
	OriginalFirst bool
	// Random feeds boundaries. It has to be safe for concurrent use.
	Random io.Reader
	// IdentifierForm is how identifiers look, see NewIdentifier; as the rules
	// have them when empty.
	IdentifierForm string
}

// Recipient is one forward path of a message.
type Recipient struct {
	Address   string // bare
	Certified bool   // its domain is in the directory
}

// Facts is what is known of the message that a system message is about.
type Facts struct {
	Sender           string      // reverse path, bare
	Recipients       []Recipient // in the order of RCPT TO
	ReplyTo          string      // raw header value, "" when absent
	Subject          string      // raw header value as sent: unfolded, not decoded
	HasSubject       bool
	ClientMessageID  string // with angle brackets; "" when the client gave none
	Identifier       string // PEC msgid, without angle brackets
	ReceiptType      string // completa, breve, sintetica; anything else counts as completa
	ReceiptTypeAsked bool   // the submitted message held X-TipoRicevuta
}

// Reason is why something was refused or failed: Code is an enhanced status
// code ("5.1.1"), Text the rest in Italian ("indirizzo non valido").
type Reason struct {
	Code string
	Text string
}

// Failure is why a delivery failed. Error is the certification data's errore:
// no-dest, no-dominio or altro.
type Failure struct {
	Error string
	Reason
}

// Values of X-TipoRicevuta and of ricevuta@tipo.
const (
	Complete = "completa"
	Brief    = "breve"
	Concise  = "sintetica"
)
