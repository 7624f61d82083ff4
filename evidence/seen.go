package evidence

import "time"

// Channel says which door a submission went through.
type Channel string

// Channels into a provider.
const (
	SubmissionTLS      Channel = "submission-tls"      // implicit TLS
	SubmissionSTARTTLS Channel = "submission-starttls" // STARTTLS, then AUTH
	SubmissionClear    Channel = "submission-clear"    // no TLS at all
	IncomingPoint      Channel = "incoming"            // as another mail host
)

// Reply is one SMTP reply; Code 0 means none came.
type Reply struct {
	Code     int    `json:"code"`
	Enhanced string `json:"enhanced,omitempty"`
	Text     string `json:"text,omitempty"`
}

// OK tells a positive completion reply (2xx, or 354 to DATA).
func (r Reply) OK() bool { return r.Code >= 200 && r.Code < 400 }

// RecipientReply is one RCPT TO and its answer.
type RecipientReply struct {
	Address string `json:"address"`
	Reply   Reply  `json:"reply"`
}

// Submission is one SMTP transaction that the harness carried out against the
// target, as a user (submission) or as an ordinary mail host (incoming point).
type Submission struct {
	ID    string `json:"id"`    // "s1", "s2" …, unique in the scenario
	Token string `json:"token"` // stands in the subject where the subject is ours to choose
	Actor string `json:"actor"` // Anna, Elena …
	Twin  bool   `json:"twin,omitempty"`

	Channel       Channel `json:"channel"`
	Host          string  `json:"host,omitempty"` // provider name spoken to
	Account       string  `json:"account,omitempty"`
	Authenticated bool    `json:"authenticated"`
	TLS           bool    `json:"tls"`

	ReversePath string           `json:"reversePath"`
	MailReply   Reply            `json:"mailReply"`
	Recipients  []RecipientReply `json:"recipients"`
	DataReply   Reply            `json:"dataReply"` // to the final dot; Code 0 when DATA was not reached

	Blob       string    `json:"blob"` // the octets sent
	Size       int64     `json:"size"`
	Infected   string    `json:"infected,omitempty"` // name of the planted test virus
	KnownTo    []string  `json:"knownTo,omitempty"`  // providers whose scanner is told to know it; empty: all
	Started    time.Time `json:"started"`
	Ended      time.Time `json:"ended"`
	Transcript string    `json:"transcript,omitempty"` // blob: the SMTP dialogue, secrets removed
	Intent     Intent    `json:"intent,omitzero"`
}

// Accepted tells that the target took responsibility: 2xx to the final dot.
func (s Submission) Accepted() bool { return s.DataReply.Code >= 200 && s.DataReply.Code < 300 }

// Message is a message found in a mailbox, octets as retrieved.
type Message struct {
	ID        string    `json:"id"` // "m1" …, unique in the scenario, in order of retrieval
	Mailbox   string    `json:"mailbox"`
	Role      Role      `json:"role"`
	Provider  string    `json:"provider,omitempty"` // owner of the mailbox; empty for an ordinary host
	Emitter   Emitter   `json:"emitter"`
	Blob      string    `json:"blob"`
	Size      int64     `json:"size"`
	Delivered time.Time `json:"delivered"`          // INTERNALDATE
	Via       string    `json:"via,omitempty"`      // "imap"; "smtp" where a peer that the harness plays took it in
	Place     string    `json:"place,omitempty"`    // UIDVALIDITY/UID, in a mailbox that stays after the run
	Dispatch  string    `json:"dispatch,omitempty"` // id of the dispatch whose message this is, "d1": Emitter is then Harness
	Intent    Intent    `json:"intent,omitzero"`
}

// Probe is a protocol question that is not a mail transaction.
type Probe struct {
	Name       string  `json:"name"` // closed list: see steps
	Service    string  `json:"service"`
	Provider   string  `json:"provider"`
	Asked      string  `json:"asked"`
	Replies    []Reply `json:"replies,omitempty"`
	Refused    bool    `json:"refused"`
	TLSVersion string  `json:"tlsVersion,omitempty"`
	Transcript string  `json:"transcript,omitempty"`
}

// JournalEntry is one line of a provider's legal log, through the adapter.
type JournalEntry struct {
	Provider   string    `json:"provider"`
	At         time.Time `json:"at"`
	Event      string    `json:"event"` // acceptance, non-acceptance, taken-in-charge, delivery, non-delivery, virus, anomaly, envelope, delay
	MessageID  string    `json:"messageId,omitempty"`
	Identifier string    `json:"identifier,omitempty"`
	Sender     string    `json:"sender,omitempty"`
	Recipients []string  `json:"recipients,omitempty"`
	Subject    string    `json:"subject,omitempty"`
	Related    []string  `json:"related,omitempty"`
	Issuer     string    `json:"issuer,omitempty"` // sending provider
	Detail     string    `json:"detail,omitempty"`
}

// Quarantined is one message in a provider's store of infected messages.
type Quarantined struct {
	Provider string    `json:"provider"`
	At       time.Time `json:"at"`
	Found    string    `json:"found"`
	Blob     string    `json:"blob"` // as stored by the provider
}

// RelayExchange is one SMTP transaction between two hosts of the world.
type RelayExchange struct {
	From        string    `json:"from"` // provider name
	To          string    `json:"to"`   // provider name or ordinary host
	At          time.Time `json:"at"`
	TLS         bool      `json:"tls"`
	ReversePath string    `json:"reversePath"`
	Recipients  []string  `json:"recipients"`
	SHA256      string    `json:"sha256"` // of the octets after DATA
	Code        int       `json:"code"`
}

// Expectation is what a Then of a scenario asks, by name; it is judged later,
// from the evidence, and holds no answer.
type Expectation struct {
	ID         string            `json:"id"`
	Text       string            `json:"text"`  // the step
	Check      string            `json:"check"` // closed list: see rules
	Submission string            `json:"submission,omitempty"`
	Parameters map[string]string `json:"parameters,omitempty"`
}
