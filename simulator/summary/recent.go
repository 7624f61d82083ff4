package summary

import (
	"sync"

	"github.com/collaudo/collaudo/pec"
)

// recentKept is how many messages Recent remembers: more than are between a
// provider's incoming point and its mailboxes at a time.
const recentKept = 512

// Recent remembers what messages are that were read a moment ago, so that one
// need not be read once more when it reaches a mailbox as it came. It goes by the
// SHA-256 of the octets: what was altered on the way is another message. The zero
// value is ready; nil remembers nothing. Safe for concurrent use.
type Recent struct {
	mu    sync.Mutex
	known map[string]Summary // by hash
	order []string           // the hashes, in a ring
	next  int                // where in it the next one goes
}

// Note remembers a message that has been read. hash is the SHA-256 of its octets
// in hex; "" (not known) is not remembered.
func (r *Recent) Note(hash string, m *pec.Message) {
	if r == nil || hash == "" {
		return
	}
	s := of(m)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil {
		r.known, r.order = make(map[string]Summary, recentKept), make([]string, recentKept)
	}
	if _, again := r.known[hash]; !again {
		delete(r.known, r.order[r.next])
		r.order[r.next] = hash
		r.next = (r.next + 1) % recentKept
	}
	r.known[hash] = s
}

// Of is what the message with that hash is, if it was noted lately.
func (r *Recent) Of(hash string) (s Summary, ok bool) {
	if r == nil {
		return Summary{}, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s, ok = r.known[hash]
	return s, ok
}
