package control

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/collaudo/collaudo/simulator/summary"
)

// MailboxWorld shows what lies in mailboxes.
type MailboxWorld interface {
	// Mailboxes lists the mailboxes of a host by name or domain, of all for "".
	Mailboxes(host string) ([]Mailbox, error)
	// Messages lists what a mailbox holds. ErrNotFound.
	Messages(address string, choice MessageChoice) ([]MailboxMessage, error)
	// Message returns the octets that some host of the world keeps under that
	// SHA-256 in hexadecimal; not to be changed. ErrNotFound.
	Message(sha256 string) ([]byte, error)
}

// Mailbox is a mailbox with its folders.
type Mailbox struct {
	Address  string   `json:"address"`
	Provider string   `json:"provider"` // name of the provider or ordinary host
	Service  bool     `json:"service"`  // a provider's service mailbox
	Bytes    int64    `json:"bytes"`
	Quota    int64    `json:"quota"` // bytes; 0 for none
	Folders  []Folder `json:"folders"`
}

// Folder is a folder of a mailbox.
type Folder struct {
	Name        string `json:"name"`
	UIDValidity uint32 `json:"uidValidity"`
	UIDNext     uint32 `json:"uidNext"`
	Messages    int    `json:"messages"`
}

// MessageChoice chooses messages of a mailbox. What is empty chooses all.
type MessageChoice struct {
	Folder    string // all folders when empty
	After     uint32 // UID; messages after it, for who looks at one folder again and again
	Kind      string // as pec.Kind writes it or as it stands on the wire
	Reference string // the client's identifier, with or without angle brackets: the message itself and what is about it
	Subject   string // part of it
	Limit     int    // the newest so many; 0 for all
}

// MailboxMessage is a message in a mailbox.
type MailboxMessage struct {
	Mailbox     string    `json:"mailbox"`
	Folder      string    `json:"folder"`
	UIDValidity uint32    `json:"uidValidity"`
	UID         uint32    `json:"uid"`
	Received    time.Time `json:"received"` // legal time
	Flags       []string  `json:"flags"`
	SHA256      string    `json:"sha256"` // of its octets: see GET /v1/messages/{sha256}
	Size        int64     `json:"size"`
	ReversePath string    `json:"reversePath"`
	Recipient   string    `json:"recipient"`
	summary.Summary
}

func (h *handler) mailboxRoutes() []route {
	return []route{
		{"GET /v1/mailboxes", func(rw http.ResponseWriter, r *http.Request) { answer(rw)(untyped(h.world.Mailboxes(asked(r)))) }},
		{"GET /v1/mailboxes/{address}/messages", h.messages},
		{"GET /v1/messages/{sha256}", h.message},
	}
}

func (h *handler) messages(rw http.ResponseWriter, r *http.Request) {
	q := asking(r, "folder", "after", "kind", "reference", "subject", "limit")
	choice := MessageChoice{
		Folder: q.text("folder"), After: uint32(q.number("after", 0, 1<<32-1)), Kind: q.text("kind"),
		Reference: q.text("reference"), Subject: q.text("subject"), Limit: int(q.number("limit", 0, 1<<20)),
	}
	if q.err != nil {
		fail(rw, http.StatusBadRequest, q.err)
		return
	}
	answer(rw)(untyped(h.world.Messages(r.PathValue("address"), choice)))
}

var hash = regexp.MustCompile(`^[0-9a-f]{64}$`)

// message answers GET /v1/messages/{sha256} with the octets as they are kept.
// They are hostile for all we know, so browsers are told to leave them alone.
func (h *handler) message(rw http.ResponseWriter, r *http.Request) {
	name := r.PathValue("sha256")
	if !hash.MatchString(name) {
		fail(rw, http.StatusBadRequest, fmt.Errorf("%q: want a SHA-256 as 64 hexadecimal digits in lower case", name))
		return
	}
	octets, err := h.world.Message(name)
	if err != nil {
		answer(rw)(nil, err)
		return
	}
	header := rw.Header()
	header.Set("Content-Type", "message/rfc822")
	header.Set("Content-Length", strconv.Itoa(len(octets)))
	header.Set("Content-Disposition", `attachment; filename="`+name+`.eml"`)
	header.Set("X-Content-Type-Options", "nosniff")
	_, _ = rw.Write(octets) // the client is gone; there is nobody to tell
}
