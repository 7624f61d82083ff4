package evidence

import "time"

// Actions of a mail client under test.
const (
	ClientSend   = "send"   // hand a message to the provider
	ClientFetch  = "fetch"  // take what lies in the mailbox
	ClientStatus = "status" // say what became of a message
	ClientShow   = "show"   // say what a message reads like
)

// ClientRun is one thing that a mail client under test was told to do, and how
// that ended.
type ClientRun struct {
	ID        string        `json:"id"` // "c1", "c2" …, unique in the scenario
	Action    string        `json:"action"`
	Account   string        `json:"account"`           // address of the mailbox that it acts for
	Asked     []string      `json:"asked"`             // the command as it was run, or the URL; passwords removed
	Exit      int           `json:"exit"`              // of the command; of a URL 0, or the HTTP status when that is no success
	TimedOut  bool          `json:"timedOut"`          // it had not ended when its time was over
	Failed    string        `json:"failed,omitempty"`  // why it could not be run at all
	Started   time.Time     `json:"started"`           // legal time
	Ended     time.Time     `json:"ended"`             //
	Took      time.Duration `json:"took"`              // real time
	Output    string        `json:"output,omitempty"`  // blob: what it wrote; empty: nothing
	Trouble   string        `json:"trouble,omitempty"` // blob: what it complained of; empty: nothing
	Order     *ClientOrder  `json:"order,omitempty"`   // what it had to send
	MessageID string        `json:"messageId,omitempty"`
	Recipient string        `json:"recipient,omitempty"` // of a question for a status
}

// Succeeded tells that the client says that it did what it was told.
func (r ClientRun) Succeeded() bool { return r.Failed == "" && !r.TimedOut && r.Exit == 0 }

// ClientOrder is a message that a client was told to send.
type ClientOrder struct {
	Token      string   `json:"token"` // in the subject
	MessageID  string   `json:"messageId"`
	Subject    string   `json:"subject"`
	Text       string   `json:"text"` // blob, UTF-8 with LF line ends
	Recipients []string `json:"recipients"`
	Composed   bool     `json:"composed"` // the client wrote the message; else it was handed one to pass on
	Infected   string   `json:"infected,omitempty"`
}

// ClientSession is one session of a protocol that the client opened while it
// ran, as the provider's history has it.
type ClientSession struct {
	Run        string    `json:"run"` // id of the run
	ID         int64     `json:"id"`  // in the history
	Host       string    `json:"host"`
	Protocol   string    `json:"protocol"` // smtp, imap, pop3 …
	Service    string    `json:"service,omitempty"`
	TLS        bool      `json:"tls"` // when it ended
	TLSVersion string    `json:"tlsVersion,omitempty"`
	Account    string    `json:"account,omitempty"` // that it authenticated as; empty: it did not
	Began      time.Time `json:"began"`
	Ended      time.Time `json:"ended"`
	Messages   []string  `json:"messages,omitempty"` // SHA-256 of those that went over it
	BytesIn    int64     `json:"bytesIn"`
	BytesOut   int64     `json:"bytesOut"`
	Truncated  bool      `json:"truncated,omitempty"`
	// Transcript is a blob: one line each, "C: " before what the client said and
	// "S: " before what the server said; secrets removed.
	Transcript string `json:"transcript"`
}

// ClientStanding is what a client concluded about a message and one of its
// recipients.
type ClientStanding struct {
	ID        string `json:"id"`  // "a1", "a2" …, unique in the scenario
	Run       string `json:"run"` // the run that asked
	Sending   string `json:"sending"`
	MessageID string `json:"messageId"`
	Recipient string `json:"recipient"`
	Said      string `json:"said"`   // its own words, one line
	Status    string `json:"status"` // in the words of this project; empty when Said is none of the words that the client file lists
}

// ClientTruth is what the world's own logs say of a message at the moment when
// the client was asked about it.
type ClientTruth struct {
	Standing  string         `json:"standing"` // id of the question
	MessageID string         `json:"messageId"`
	Recipient string         `json:"recipient"`
	Entries   []JournalEntry `json:"entries"`
}

// ClientPlacing is something that the harness put into the client's mailbox, or
// an order that it gave to what lies there.
type ClientPlacing struct {
	Mailbox string `json:"mailbox"`
	What    string `json:"what"`           // as the scenario says it
	Blob    string `json:"blob,omitempty"` // what was put there
}
