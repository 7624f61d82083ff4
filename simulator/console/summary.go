package console

import (
	"sync"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
)

// summary is what the lists show of a message. Its octets never change, and so
// neither does this.
type summary struct {
	SHA256    string
	Kind      pec.Kind
	Virus     bool
	MessageID string
	Reference string // the client's identifier that a certified message refers to
	From, To  string
	Subject   string
	Date      string
}

// placed is a message in a mailbox.
type placed struct {
	*summary
	Mailbox  string
	Folder   string
	UID      uint32
	Received time.Time
	Size     int64
	Seen     bool
	Flags    []string
}

// maxSummaries bounds what is remembered; beyond it all is read anew.
const maxSummaries = 20_000

// summaries remembers messages by their hash.
type summaries struct {
	mu   sync.Mutex
	list map[string]*summary
}

// of summarises a message; read gives its octets.
func (s *summaries) of(sha string, read func(string) ([]byte, error)) (*summary, error) {
	s.mu.Lock()
	known := s.list[sha]
	s.mu.Unlock()
	if known != nil {
		return known, nil
	}
	octets, err := read(sha)
	if err != nil {
		return nil, err
	}
	fresh := &summary{SHA256: sha}
	if m, err := pec.Read(octets); err == nil {
		fresh.Kind, fresh.Virus = m.Kind, m.Virus
		fresh.MessageID, fresh.Reference = m.Root.Value("Message-ID"), m.Root.Value(pec.HeaderReference)
		fresh.From, fresh.To = decoded(m.Root, "From"), decoded(m.Root, "To")
		fresh.Subject, fresh.Date = decoded(m.Root, "Subject"), m.Root.Value("Date")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.list == nil || len(s.list) >= maxSummaries {
		s.list = map[string]*summary{}
	}
	s.list[sha] = fresh
	return fresh, nil
}

// maxField bounds what a list shows of a header field, in octets.
const maxField = 1000

func decoded(e *rawmime.Entity, name string) string {
	return clip(rawmime.DecodeWords(e.Value(name)), maxField)
}

// clip cuts a text that is too long for its place, between two letters.
func clip(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && text[most]&0xC0 == 0x80 {
		most--
	}
	return text[:most] + "…"
}
