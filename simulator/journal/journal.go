// Package journal is a provider's legal log (RFC 6109 2.3): one line per
// operation on a message, in order, never changed, without any content; the
// daily files in which it is saved, each with a time stamp; and the extract that
// a holder can ask for.
//
// It records; what its lines must hold is judged elsewhere. It reads no clock of
// its own and starts nothing by itself.
package journal

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/store"
)

// Events of the log.
const (
	Acceptance     = "acceptance"
	NonAcceptance  = "non-acceptance"
	Envelope       = "envelope"
	TakenInCharge  = "taken-in-charge"
	Delivery       = "delivery"
	NonDelivery    = "non-delivery"
	Virus          = "virus"
	Anomaly        = "anomaly"
	Delay          = "delay"
	Stored         = "stored"          // a message of a system was put into a mailbox as it came
	Repeated       = "repeated"        // an envelope came again, and was not delivered again
	Relayed        = "relayed"         // handed to another host
	Deferred       = "deferred"        // another host could not take it now; it is tried again
	NotRelayed     = "not-relayed"     // another host refused it, or could not be reached in time
	Refused        = "refused"         // refused at SMTP level
	Discarded      = "discarded"       // not delivered, and nobody is told
	Quarantined    = "quarantined"     // put into the store for infected messages
	ReceiptArrived = "receipt-arrived" // a correct receipt of another provider came in
)

// Entry is one line of the log.
type Entry struct {
	At         time.Time `json:"at"` // legal time: the same instant as in the messages of that operation
	Event      string    `json:"event"`
	MessageID  string    `json:"messageId,omitempty"`  // the client's identifier of the original, with angle brackets
	Identifier string    `json:"identifier,omitempty"` // the PEC msgid, without brackets
	Sender     string    `json:"sender,omitempty"`
	Recipients []string  `json:"recipients,omitempty"`
	Subject    string    `json:"subject,omitempty"`
	Related    []string  `json:"related,omitempty"` // Message-IDs of the messages generated, with angle brackets
	Issuer     string    `json:"issuer,omitempty"`  // the sending provider
	Detail     string    `json:"detail,omitempty"`
}

// Ledgers of the store.
const (
	linesLedger = "log-lines"
	filesLedger = "log-files"
	beginLedger = "log-begin"
)

// Options of a journal.
type Options struct {
	Provider string           // whose it is, as its files name it
	Ledgers  store.Store      // where it is kept, so that it outlives a restart
	Now      func() time.Time // legal time
	// Stamp gives a time-stamp token over a file, DER; see Stamper. nil: the files
	// bear no time stamp.
	Stamp  func(octets []byte, at time.Time) ([]byte, error)
	Months int           // for which a line is kept; default 30
	Every  time.Duration // between two saved files; default 24 h of legal time
	// Saving is asked about each file before it is kept; false leaves it out.
	Saving func(*File) bool
}

// Journal is an append-only log. Safe for concurrent use.
type Journal struct {
	*book
	tx store.Tx // within which lines are written; nil: each by itself
}

// book is the log as it stands.
type book struct {
	o     Options
	begin time.Time // of the first file

	// saving is held while files are made and lines let go of; it is taken before
	// mu, which is not held while anything is written to the store.
	saving sync.Mutex

	mu      sync.Mutex
	lines   []line    // in the order in which they were kept
	next    int       // number of the next line
	saved   time.Time // end of the last file
	unsaved int       // lines before this one are in files
}

// line is an entry with its place in the store: lines that are written at the
// same time may be kept in another order than that of their numbers.
type line struct {
	Entry
	number int
}

// In is the journal within a transaction of its store: what is appended is in
// the log once the transaction is kept.
func (j *Journal) In(tx store.Tx) *Journal { return &Journal{book: j.book, tx: tx} }

// Open takes up the log that the store holds, or begins one now.
func Open(o Options) (*Journal, error) {
	if o.Months <= 0 {
		o.Months = 30
	}
	if o.Every <= 0 {
		o.Every = 24 * time.Hour
	}
	j := &Journal{book: &book{o: o, begin: clock.Legal(o.Now())}}
	if data, there := o.Ledgers.Recorded(beginLedger, beginLedger); there {
		if err := json.Unmarshal(data, &j.begin); err != nil {
			return nil, fmt.Errorf("log of %s: its beginning: %w", o.Provider, err)
		}
	} else if err := put(o.Ledgers, beginLedger, beginLedger, j.begin); err != nil {
		return nil, fmt.Errorf("log of %s: %w", o.Provider, err)
	}
	j.begin = clock.Legal(j.begin)
	j.saved = j.begin
	for _, r := range o.Ledgers.Records(linesLedger) {
		l := line{}
		if err := json.Unmarshal(r.Data, &l.Entry); err != nil {
			return nil, fmt.Errorf("log of %s, line %s: %w", o.Provider, r.Key, err)
		}
		l.At = clock.Legal(l.At)
		var err error
		if l.number, err = strconv.Atoi(r.Key); err != nil {
			return nil, fmt.Errorf("log of %s, line %s: %w", o.Provider, r.Key, err)
		}
		j.lines, j.next = append(j.lines, l), max(j.next, l.number+1)
	}
	return j, j.readSaved()
}

func put(l store.Ledgers, ledger, key string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return l.Record(ledger, key, data)
}

// Append adds a line. Its instant is told in legal time, to the second, as in
// the messages that it is about.
func (j *Journal) Append(e Entry) error {
	e.Recipients, e.Related, e.At = slices.Clone(e.Recipients), slices.Clone(e.Related), clock.Legal(e.At)
	if err := j.prune(); err != nil {
		return err
	}
	write := func(tx store.Tx) error {
		j.mu.Lock()
		l := line{Entry: e, number: j.next}
		j.next++
		j.mu.Unlock()
		tx.Afterwards(func() {
			j.mu.Lock()
			defer j.mu.Unlock()
			j.lines = append(j.lines, l)
		})
		return put(tx, linesLedger, strconv.Itoa(l.number), e)
	}
	var err error
	if j.tx != nil {
		err = write(j.tx)
	} else {
		err = j.o.Ledgers.Together(write)
	}
	if err != nil {
		return fmt.Errorf("log of %s: %w", j.o.Provider, err)
	}
	return nil
}

// Entries returns the log, oldest first.
func (j *Journal) Entries() ([]Entry, error) {
	if err := j.prune(); err != nil {
		return nil, err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	all := make([]Entry, len(j.lines))
	for i, l := range j.lines {
		all[i] = l.Entry
		all[i].Recipients, all[i].Related = slices.Clone(l.Recipients), slices.Clone(l.Related)
	}
	return all, nil
}

// expired tells that what was written at an instant need not be kept any more.
// Months are those of the calendar, in legal time.
func (j *book) expired(at, now time.Time) bool {
	return now.After(clock.Legal(at).AddDate(0, j.o.Months, 0))
}

// expiredLines counts the lines that need not be kept any more.
func (j *book) expiredLines(now time.Time) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	n := 0
	for n < len(j.lines) && j.expired(j.lines[n].At, now) {
		n++
	}
	return n
}

// prune lets go of lines that have been kept long enough, after seeing to it
// that the files hold them.
func (j *book) prune() error {
	now := j.o.Now()
	if j.expiredLines(now) == 0 {
		return nil
	}
	j.saving.Lock()
	defer j.saving.Unlock()
	if err := j.save(now); err != nil {
		return err
	}
	n := j.expiredLines(now) // whoever was here before has let go of them
	if n == 0 {
		return nil
	}
	// When all of them go the last one stays in the store: it bears the number
	// from which the next life of the log goes on.
	j.mu.Lock()
	first := strconv.Itoa(j.lines[min(n, len(j.lines)-1)].number)
	j.mu.Unlock()
	j.o.Ledgers.Forget(linesLedger, first)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = slices.Delete(j.lines, 0, n)
	j.unsaved = max(j.unsaved-n, 0)
	return nil
}
