// Package certification reads the certification data of certified e-mail
// (daticert.xml, RFC 6109 4.4): the model and a strict reader that enforces
// the content model of the DTD token by token.
//
// It never fetches anything, expands no entity of its own making, and does not
// write XML: what composes certification data lives with the simulator.
package certification

// Data is one <postacert> document, values as decoded from XML, untrimmed.
type Data struct {
	Type  string // postacert@tipo
	Error string // postacert@errore; "nessuno" when absent, see ErrorGiven

	ErrorGiven bool

	Sender     string      // intestazione/mittente
	Recipients []Recipient // intestazione/destinatari, in document order
	ReplyTo    string      // intestazione/risposte
	Subject    string      // intestazione/oggetto
	HasSubject bool

	Issuer     string // dati/gestore-emittente
	Zone       string // dati/data@zona
	Day        string // dati/data/giorno
	Time       string // dati/data/ora
	Identifier string // dati/identificativo: the PEC msgid

	MessageID    string // dati/msgid: the client's identifier
	HasMessageID bool

	ReceiptType    string // dati/ricevuta@tipo
	HasReceiptType bool

	Delivery    string // dati/consegna
	HasDelivery bool

	Reception []string // dati/ricezione

	ExtendedError    string // dati/errore-esteso
	HasExtendedError bool

	HasDoctype bool // a bare DOCTYPE was there (and ignored)
	HasBOM     bool
}

// Recipient is one destinatari element.
type Recipient struct {
	Address   string
	Type      string // "certificato" or "esterno"; "certificato" when absent, see TypeGiven
	TypeGiven bool
}

// Finding is an oddity that does not make the document invalid.
type Finding struct {
	Code   string // e.g. "doctype", "byte-order-mark"
	Detail string
}
