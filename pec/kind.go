package pec

import (
	"fmt"
	"strings"
)

// Kind is what a system message of certified e-mail is, told by its header and
// its certification data and never by its subject (RFC 6109 2.1.1).
type Kind int

// The nine kinds. The two virus variants (of NonAcceptance and NonDelivery)
// are told apart by Message.Virus.
const (
	Ordinary          Kind = iota // no certified e-mail header at all
	Acceptance                    // X-Ricevuta: accettazione
	NonAcceptance                 // X-Ricevuta: non-accettazione
	TakenInCharge                 // X-Ricevuta: presa-in-carico
	Delivery                      // X-Ricevuta: avvenuta-consegna
	NonDelivery                   // X-Ricevuta: errore-consegna
	Delay                         // X-Ricevuta: preavviso-errore-consegna
	VirusDetection                // X-Ricevuta: rilevazione-virus
	TransportEnvelope             // X-Trasporto: posta-certificata
	AnomalyEnvelope               // X-Trasporto: errore
	Unclear                       // certified e-mail headers that contradict each other or hold an unknown value
)

// Header fields of certified e-mail (RFC 6109 8.1, appendix A).
const (
	HeaderReceipt       = "X-Ricevuta"
	HeaderTransport     = "X-Trasporto"
	HeaderReceiptType   = "X-TipoRicevuta"
	HeaderSecurityCheck = "X-VerificaSicurezza"
	HeaderSender        = "X-Mittente"
	HeaderReference     = "X-Riferimento-Message-ID"
)

// kinds pairs each kind with its name here and its token on the wire.
var kinds = [...]struct {
	name, token string
	envelope    bool
}{
	Ordinary:          {name: "Ordinary"},
	Acceptance:        {name: "Acceptance", token: "accettazione"},
	NonAcceptance:     {name: "NonAcceptance", token: "non-accettazione"},
	TakenInCharge:     {name: "TakenInCharge", token: "presa-in-carico"},
	Delivery:          {name: "Delivery", token: "avvenuta-consegna"},
	NonDelivery:       {name: "NonDelivery", token: "errore-consegna"},
	Delay:             {name: "Delay", token: "preavviso-errore-consegna"},
	VirusDetection:    {name: "VirusDetection", token: "rilevazione-virus"},
	TransportEnvelope: {name: "TransportEnvelope", token: "posta-certificata", envelope: true},
	AnomalyEnvelope:   {name: "AnomalyEnvelope", token: "errore", envelope: true},
	Unclear:           {name: "Unclear"},
}

// String returns the name of the kind as it is written in Go.
func (k Kind) String() string {
	if k < 0 || int(k) >= len(kinds) {
		return fmt.Sprintf("Kind(%d)", int(k))
	}
	return kinds[k].name
}

// Token returns the value of X-Ricevuta or X-Trasporto that stands for the
// kind, and "" for Ordinary and Unclear.
func (k Kind) Token() string {
	if k < 0 || int(k) >= len(kinds) {
		return ""
	}
	return kinds[k].token
}

// IsReceipt reports whether the kind is announced by X-Ricevuta.
func (k Kind) IsReceipt() bool { return k.Token() != "" && !kinds[k].envelope }

// IsEnvelope reports whether the kind is announced by X-Trasporto.
func (k Kind) IsEnvelope() bool { return k.Token() != "" && kinds[k].envelope }

// KindOfReceipt returns the kind that a value of X-Ricevuta stands for. The
// whole token must match; case does not count.
func KindOfReceipt(token string) (Kind, bool) { return kindOf(token, false) }

// KindOfTransport returns the kind that a value of X-Trasporto stands for, as
// KindOfReceipt does.
func KindOfTransport(token string) (Kind, bool) { return kindOf(token, true) }

func kindOf(token string, envelope bool) (Kind, bool) {
	for k, kind := range kinds {
		if kind.token != "" && kind.envelope == envelope && strings.EqualFold(kind.token, token) {
			return Kind(k), true
		}
	}
	return Unclear, false
}
