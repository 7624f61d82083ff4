package imap

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec/rawmime"
	"github.com/collaudo/collaudo/simulator/store"
	imap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-message/mail"
)

func (s *session) Search(kind imapserver.NumKind, criteria *imap.SearchCriteria, _ *imap.SearchOptions) (*imap.SearchData, error) {
	if s.view == nil {
		return nil, errNothingSelected
	}
	var numbers imap.SeqSet
	var uids imap.UIDSet
	data := &imap.SearchData{}
	for i, m := range s.view.known {
		c := candidate{session: s, number: uint32(i + 1), message: m}
		if !c.matches(criteria) {
			continue
		}
		number := uint32(i + 1)
		if kind == imapserver.NumKindUID {
			number = m.UID
			uids.AddNum(imap.UID(m.UID))
		} else {
			numbers.AddNum(number)
		}
		if data.Count == 0 {
			data.Min = number
		}
		data.Max = number
		data.Count++
	}
	if kind == imapserver.NumKindUID {
		data.All = uids
	} else {
		data.All = numbers
	}
	return data, nil
}

// candidate is a message that is compared with criteria; it is read and parsed
// only if they ask for its content.
type candidate struct {
	session *session
	number  uint32
	message store.Message
	octets  []byte
	entity  *rawmime.Entity
}

func (c *candidate) matches(o *imap.SearchCriteria) bool {
	for _, set := range o.SeqNum {
		if fixed, _ := c.session.view.fixed(set).(imap.SeqSet); !fixed.Contains(c.number) {
			return false
		}
	}
	for _, set := range o.UID {
		if fixed, _ := c.session.view.fixed(set).(imap.UIDSet); !fixed.Contains(imap.UID(c.message.UID)) {
			return false
		}
	}
	for _, f := range o.Flag {
		if !has(c.message.Flags, string(f)) {
			return false
		}
	}
	for _, f := range o.NotFlag {
		if has(c.message.Flags, string(f)) {
			return false
		}
	}
	switch {
	case !within(c.message.Received, o.Since, o.Before),
		o.Larger != 0 && c.message.Size <= o.Larger,
		o.Smaller != 0 && c.message.Size >= o.Smaller,
		!c.contentMatches(o):
		return false
	}
	for i := range o.Not {
		if c.matches(&o.Not[i]) {
			return false
		}
	}
	for i := range o.Or {
		if !c.matches(&o.Or[i][0]) && !c.matches(&o.Or[i][1]) {
			return false
		}
	}
	return true
}

func (c *candidate) contentMatches(o *imap.SearchCriteria) bool {
	if len(o.Header) == 0 && len(o.Body) == 0 && len(o.Text) == 0 && o.SentSince.IsZero() && o.SentBefore.IsZero() {
		return true
	}
	if !c.read() {
		return false
	}
	for _, h := range o.Header {
		if !c.header(h.Key, h.Value) {
			return false
		}
	}
	if !o.SentSince.IsZero() || !o.SentBefore.IsZero() {
		var h mail.Header
		h.Set("Date", c.entity.Value("Date"))
		sent, err := h.Date()
		if err != nil || !within(sent, o.SentSince, o.SentBefore) {
			return false
		}
	}
	for _, text := range o.Body {
		if !c.body(text) {
			return false
		}
	}
	for _, text := range o.Text {
		if !contains(string(c.entity.HeaderBytes()), text) && !c.body(text) {
			return false
		}
	}
	return true
}

func (c *candidate) read() bool {
	if c.entity != nil {
		return true
	}
	octets, err := c.session.o.Bodies.Octets(c.message.Body)
	if err != nil {
		return false
	}
	c.octets = octets
	c.entity, err = rawmime.Parse(octets, rawmime.Limits{})
	return err == nil
}

func (c *candidate) header(name, text string) bool {
	return slices.ContainsFunc(c.entity.Values(name), func(value string) bool {
		return contains(value, text) || contains(rawmime.DecodeWords(value), text)
	})
}

// body looks at the readable text of every part, and at the raw octets.
func (c *candidate) body(text string) bool {
	if contains(string(c.entity.Body()), text) {
		return true
	}
	found := false
	c.entity.Walk(func(e *rawmime.Entity) bool {
		if mediaType, _ := e.MediaType(); !found && strings.HasPrefix(mediaType, "text/") {
			if readable, err := e.Text(); err == nil {
				found = contains(readable, text)
			}
		}
		return !found
	})
	return found
}

func contains(text, part string) bool {
	return bytes.Contains(bytes.ToLower([]byte(text)), bytes.ToLower([]byte(part)))
}

// within compares days, without regard to time zones, as RFC 3501 6.4.4 wants.
func within(t, since, before time.Time) bool {
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	return (since.IsZero() || !day.Before(since)) && (before.IsZero() || day.Before(before))
}
