package relay

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/collaudo/collaudo/simulator/store"
)

// Taken is the receiving end of a lost 250. A host that dies after it has kept
// a message and before the other side has heard so gets the message again, and
// must not take it for another one. So each transaction that is taken is noted
// with what it brought, and those of a life that was cut off are known again in
// the next, once each.
//
// After an orderly end nothing is known again: a message that then comes twice
// was sent twice. An end in which a reply did not leave is none, and the host does
// not Close. Safe for concurrent use.
type Taken struct {
	store store.Store
	life  life

	mu     sync.Mutex
	known  map[string]int // transactions of lives that were cut off, and how often each was taken
	next   int            // number of the next note
	recent []note         // of this life, oldest first
}

// note is the number and the instant of a transaction in the ledger.
type note struct {
	number int
	at     time.Time
}

// noted is a record of the ledger.
type noted struct {
	Transaction string    `json:"transaction"`
	At          time.Time `json:"at"`
	Life        int       `json:"life"`
}

const (
	takenLedger = "taken"
	lifeLedger  = "life"
	// unheard is how long before the end of a life a transaction may have been
	// taken and its 250 not heard, in legal time.
	unheard = time.Minute
	// bundle is after how many notes those that are old enough are let go of.
	bundle = 1000
)

// life is what is noted of a life; it is running until it has ended in order.
type life struct {
	Number  int  `json:"number"`
	Since   int  `json:"since"` // the first of those that were cut off one after the other, up to this one
	Running bool `json:"running"`
}

// OpenTaken begins a life of the host whose store it is.
func OpenTaken(s store.Store) (*Taken, error) {
	t := &Taken{store: s, known: map[string]int{}}
	var last life
	if data, there := s.Recorded(lifeLedger, lifeLedger); there {
		if err := json.Unmarshal(data, &last); err != nil {
			return nil, fmt.Errorf("the last life of the host: %w", err)
		}
	}
	t.life = life{Number: last.Number + 1, Since: last.Number + 1, Running: true}
	if last.Running {
		t.life.Since = last.Since
	}
	var all []noted
	ends := map[int]time.Time{}
	for _, r := range s.Records(takenLedger) {
		var n noted
		if err := json.Unmarshal(r.Data, &n); err != nil {
			return nil, fmt.Errorf("transaction %s that was taken: %w", r.Key, err)
		}
		number, err := strconv.Atoi(r.Key)
		if err != nil {
			return nil, fmt.Errorf("transaction %s that was taken: %w", r.Key, err)
		}
		t.next = max(t.next, number+1)
		if n.At.After(ends[n.Life]) {
			ends[n.Life] = n.At
		}
		all = append(all, n)
	}
	for _, n := range all {
		if n.Life >= t.life.Since && n.At.After(ends[n.Life].Add(-unheard)) {
			t.known[n.Transaction]++
		}
	}
	return t, t.write(t.life, !last.Running)
}

// write notes how the life stands; with forgetting, what was taken up to now is
// not known again.
func (t *Taken) write(l life, forgetting bool) error {
	data, err := json.Marshal(l)
	if err != nil {
		return err
	}
	return t.store.Together(func(tx store.Tx) error {
		if forgetting && t.next > 0 {
			tx.Forget(takenLedger, strconv.Itoa(t.next-1))
		}
		return tx.Record(lifeLedger, lifeLedger, data)
	})
}

// Again tells whether the transaction was taken in a life that was cut off. It
// says so once for each time.
func (t *Taken) Again(reversePath string, recipients []string, octets []byte) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.known) == 0 { // nothing is hashed for nothing
		return false
	}
	key := transaction(reversePath, recipients, store.Hash(octets))
	n := t.known[key]
	if n == 0 {
		return false
	}
	if t.known[key] = n - 1; n == 1 {
		delete(t.known, key)
	}
	return true
}

// Note notes a transaction, with the octets of that hash, within the store's
// transaction that keeps what it brought.
func (t *Taken) Note(tx store.Tx, at time.Time, reversePath string, recipients []string, hash string) error {
	data, err := json.Marshal(noted{Transaction: transaction(reversePath, recipients, hash), At: at, Life: t.life.Number})
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	number := t.next
	t.next++
	t.recent = append(t.recent, note{number, at})
	if len(t.recent) > bundle {
		old := 0
		for old < len(t.recent)-1 && t.recent[old].at.Before(at.Add(-unheard)) {
			old++
		}
		if old > bundle/2 {
			tx.Forget(takenLedger, strconv.Itoa(t.recent[old].number))
			t.recent = append([]note(nil), t.recent[old:]...)
		}
	}
	return tx.Record(takenLedger, strconv.Itoa(number), data)
}

// Close ends the life in order: every reply has left.
func (t *Taken) Close() error {
	if t == nil {
		return nil
	}
	return t.write(life{Number: t.life.Number}, true)
}

// transaction tells one transaction from another.
func transaction(reversePath string, recipients []string, hash string) string {
	return store.Hash([]byte(strings.Join(append([]string{hash, reversePath}, recipients...), "\n")))
}
