package evidence

import "time"

// Dispatch is one SMTP transaction in which the harness, playing a provider of
// its own or an ordinary mail host, handed a message of its making to an
// incoming point of the target.
type Dispatch struct {
	ID       string `json:"id"`               // "d1", "d2" …, unique in the scenario
	Peer     string `json:"peer"`             // name of the provider that the harness plays; empty as an ordinary host
	Host     string `json:"host"`             // name of the target's provider it was given to
	Template string `json:"template"`         // what it was made from, e.g. "transport-envelope"
	Damage   string `json:"damage,omitempty"` // what was done to it, by name; empty: nothing
	Intent   Intent `json:"intent,omitzero"`  // the rule that the damage breaks; empty: meant as correct
	Again    string `json:"again,omitempty"`  // id of the earlier dispatch whose octets are sent once more

	Token      string `json:"token"`               // in the subject
	MessageID  string `json:"messageId"`           // of its outer header, with brackets
	Identifier string `json:"identifier"`          // PEC msgid that its certification data state, without brackets
	Original   string `json:"original,omitempty"`  // blob: the original message that it encloses
	About      string `json:"about,omitempty"`     // id of the submission that it answers, "s1"
	Recipient  string `json:"recipient,omitempty"` // whom the answer is about

	TLS         bool             `json:"tls"`
	ReversePath string           `json:"reversePath"`
	MailReply   Reply            `json:"mailReply"`
	Recipients  []RecipientReply `json:"recipients"`
	DataReply   Reply            `json:"dataReply"`
	Blob        string           `json:"blob"` // the octets sent
	Size        int64            `json:"size"`
	Infected    string           `json:"infected,omitempty"` // name of the planted test virus
	KnownTo     []string         `json:"knownTo,omitempty"`  // providers whose scanner is told to know it; empty: all
	Started     time.Time        `json:"started"`            // legal time
	Ended       time.Time        `json:"ended"`
	Transcript  string           `json:"transcript,omitempty"`
}

// Accepted tells that the target took responsibility: 2xx to the final dot.
func (d Dispatch) Accepted() bool { return d.DataReply.Code >= 200 && d.DataReply.Code < 300 }

// Intake is one SMTP session that a host of the target opened to the incoming
// point that the harness plays. What came through DATA is a Message besides.
type Intake struct {
	Peer        string    `json:"peer"`
	Manner      string    `json:"manner"`         // how the peer behaved: "takes", "refuses-connections", "defers", …
	From        string    `json:"from,omitempty"` // what it said in EHLO
	At          time.Time `json:"at"`             // legal time
	OfferedTLS  bool      `json:"offeredTLS"`
	TLS         bool      `json:"tls"` // the session was secured before MAIL
	ReversePath string    `json:"reversePath,omitempty"`
	Recipients  []string  `json:"recipients,omitempty"`
	SHA256      string    `json:"sha256,omitempty"` // of the octets after DATA; empty when none came
	Code        int       `json:"code,omitempty"`   // the peer's last reply; 0: the connection was dropped
	Transcript  string    `json:"transcript,omitempty"`
}

// ClockMove is legal time being moved on.
type ClockMove struct {
	By  time.Duration `json:"by"`
	Now time.Time     `json:"now"` // legal time after it, and after all that fell due
}

// Restart is a provider that was stopped and started again on what it had stored.
type Restart struct {
	Provider string    `json:"provider"`
	At       time.Time `json:"at"` // legal time
}

// NetworkChange is the network between two providers being cut, or made whole again.
type NetworkChange struct {
	Between [2]string `json:"between"` // names of the providers
	Cut     bool      `json:"cut"`
	At      time.Time `json:"at"` // legal time
	// Closing says that the scenario was over, or interrupted: the harness left
	// the network as it had found it.
	Closing bool `json:"closing,omitempty"`
}

// LogFile is one of the files in which a provider saves its log, through the
// adapter.
type LogFile struct {
	Provider string    `json:"provider"`
	Name     string    `json:"name"`
	From     time.Time `json:"from"`  // first instant it covers
	Until    time.Time `json:"until"` // end of what it covers
	Blob     string    `json:"blob"`
	Stamp    string    `json:"stamp,omitempty"` // blob: RFC 3161 token over Blob, DER; empty: none
}

// LogExtract is what a provider answers to a holder who asks for the trace of
// a message.
type LogExtract struct {
	Provider  string         `json:"provider"`
	Address   string         `json:"address"`
	MessageID string         `json:"messageId"`
	Entries   []JournalEntry `json:"entries"`
	Blob      string         `json:"blob,omitempty"` // the document as it was handed out
}
