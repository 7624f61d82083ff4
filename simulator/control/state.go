package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// StateWorld describes the world as a whole, empties it, fills it and hands out
// what it holds.
type StateWorld interface {
	// Description is a simulator.Description.
	Description() (any, error)
	// Reset brings the world back to its configuration: mailboxes and logs are
	// empty, nothing is queued, what was switched on is off. Legal time and
	// cursors of events go on.
	Reset(ctx context.Context) error
	// Export writes all that the world holds as a tar archive.
	Export(ctx context.Context, to io.Writer) error
	// Seed puts messages into mailboxes and submits others. ErrInvalid for what
	// cannot be meant.
	Seed(ctx context.Context, s Seed) (Seeded, error)
}

// ErrInvalid is wrapped by errors about something asked that cannot be meant.
var ErrInvalid = errors.New("this cannot be done as asked")

// Seed is what to fill a world with.
type Seed struct {
	Messages    []SeedMessage    `json:"messages,omitempty"`
	Submissions []SeedSubmission `json:"submissions,omitempty"`
}

// SeedMessage is put into a mailbox as it is; no receipt is made about it.
type SeedMessage struct {
	Mailbox  string    `json:"mailbox"`
	Folder   string    `json:"folder,omitempty"` // INBOX when empty; made when there is none
	Octets   []byte    `json:"octets"`
	Flags    []string  `json:"flags,omitempty"`
	Received time.Time `json:"received,omitzero"` // legal time; now when there is none
}

// SeedSubmission is sent by a user of a provider through its access point.
type SeedSubmission struct {
	From       string   `json:"from"` // whose mailbox; also the reverse path
	Recipients []string `json:"recipients"`
	Octets     []byte   `json:"octets"`
	Password   string   `json:"password,omitempty"` // as configured when empty
}

// Seeded says what became of a Seed, in the same order.
type Seeded struct {
	Messages    []SeededMessage    `json:"messages"`
	Submissions []SeededSubmission `json:"submissions"`
}

// SeededMessage is where a message was put.
type SeededMessage struct {
	Mailbox string `json:"mailbox"`
	Folder  string `json:"folder"`
	UID     uint32 `json:"uid"`
	SHA256  string `json:"sha256"`
}

// SeededSubmission is what the access point answered.
type SeededSubmission struct {
	Code    int      `json:"code"` // 250 when it was taken for at least one recipient
	Text    string   `json:"text"`
	Refused []string `json:"refused,omitempty"` // recipients that were refused
}

// maxSeed is the largest body of a seed: a message of 30 MB, encoded, or many
// small ones. It is held whole, and more than once, while it is read.
const maxSeed = 48 << 20

func (h *handler) stateRoutes() []route {
	return []route{
		{"GET /v1/world", func(rw http.ResponseWriter, _ *http.Request) { answer(rw)(h.world.Description()) }},
		{"POST /v1/reset", h.reset},
		{"GET /v1/export", h.export},
		{"POST /v1/seed", h.seed},
	}
}

func (h *handler) reset(rw http.ResponseWriter, r *http.Request) {
	unhurried(rw)
	ctx, cancel := context.WithTimeout(r.Context(), maxWait)
	defer cancel()
	if err := h.world.Reset(ctx); err != nil {
		answer(rw)(nil, err)
		return
	}
	rw.WriteHeader(http.StatusNoContent)
}

// export answers with a tar archive, which is made while it is read. When
// something goes wrong on the way the connection is cut, so that half of an
// archive does not pass for a whole one.
func (h *handler) export(rw http.ResponseWriter, r *http.Request) {
	rw.Header().Set("Content-Type", "application/x-tar")
	rw.Header().Set("Content-Disposition", `attachment; filename="world.tar"`)
	if err := h.world.Export(r.Context(), rw); err != nil {
		panic(http.ErrAbortHandler)
	}
}

func (h *handler) seed(rw http.ResponseWriter, r *http.Request) {
	var s Seed
	if !decode(rw, r, maxSeed, &s, `{"messages": [{"mailbox", "octets", …}], "submissions": [{"from", "recipients", "octets"}]}`) {
		return
	}
	if len(s.Messages)+len(s.Submissions) == 0 {
		fail(rw, http.StatusBadRequest, fmt.Errorf(`%w: want "messages", "submissions" or both`, ErrInvalid))
		return
	}
	unhurried(rw)
	ctx, cancel := context.WithTimeout(r.Context(), maxWait)
	defer cancel()
	answer(rw)(untyped(h.world.Seed(ctx, s)))
}
