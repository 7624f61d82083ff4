package imap

import (
	"slices"

	"github.com/collaudo/collaudo/simulator/store"
	imap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// view is a folder as the client has been told of it. Sequence numbers are
// those of the view, which moves on only when the client may be told (RFC 3501
// 7.4.1); UIDs that are gone from the store stay until then.
type view struct {
	session  *session
	name     string
	readOnly bool
	known    []store.Message
	changed  <-chan struct{}
}

func newView(s *session, f store.Folder, readOnly bool) *view {
	return &view{session: s, name: f.Name, readOnly: readOnly, known: f.Messages, changed: f.Changed}
}

// refresh tells the client what has changed. Without allowExpunge removals wait.
func (v *view) refresh(w *imapserver.UpdateWriter, allowExpunge bool) error {
	now, err := v.session.o.Store.Folder(v.session.mailbox, v.name)
	if err != nil {
		return answer(err)
	}
	current := make(map[uint32]store.Message, len(now.Messages))
	for _, m := range now.Messages {
		current[m.UID] = m
	}
	if allowExpunge {
		for i := len(v.known) - 1; i >= 0; i-- { // from the end, so that the numbers before stay true
			if _, there := current[v.known[i].UID]; there {
				continue
			}
			if err := w.WriteExpunge(uint32(i + 1)); err != nil {
				return err
			}
			v.known = slices.Delete(v.known, i, i+1)
		}
	}
	for i, m := range v.known {
		c, there := current[m.UID]
		if !there || slices.Equal(c.Flags, m.Flags) {
			continue
		}
		if err := w.WriteMessageFlags(uint32(i+1), imap.UID(m.UID), flagsOf(c)); err != nil {
			return err
		}
		v.known[i] = c
	}
	before := len(v.known)
	last := uint32(0)
	if before > 0 {
		last = v.known[before-1].UID
	}
	for _, m := range now.Messages {
		if m.UID > last {
			v.known = append(v.known, m)
		}
	}
	if allowExpunge || len(v.known) > before {
		v.changed = now.Changed
	}
	if len(v.known) > before {
		return w.WriteNumMessages(uint32(len(v.known)))
	}
	return nil
}

func (s *session) Poll(w *imapserver.UpdateWriter, allowExpunge bool) error {
	if s.view == nil {
		return nil
	}
	return s.view.refresh(w, allowExpunge)
}

func (s *session) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	if s.view == nil {
		<-stop
		return nil
	}
	for {
		if err := s.view.refresh(w, true); err != nil {
			return err
		}
		select {
		case <-s.view.changed:
		case <-stop:
			return nil
		}
	}
}

// each calls f for the messages of the set, with their sequence numbers.
func (v *view) each(set imap.NumSet, f func(number uint32, i int) error) error {
	set = v.fixed(set)
	for i, m := range v.known {
		var in bool
		switch set := set.(type) {
		case imap.SeqSet:
			in = set.Contains(uint32(i + 1))
		case imap.UIDSet:
			in = set.Contains(imap.UID(m.UID))
		}
		if in {
			if err := f(uint32(i+1), i); err != nil {
				return err
			}
		}
	}
	return nil
}

// fixed replaces "*" in a set by the last number there is.
func (v *view) fixed(set imap.NumSet) imap.NumSet {
	switch set := set.(type) {
	case imap.SeqSet:
		out := slices.Clone(set)
		for i := range out {
			fixRange(&out[i].Start, &out[i].Stop, uint32(len(v.known)))
		}
		return out
	case imap.UIDSet:
		last := uint32(0)
		if n := len(v.known); n > 0 {
			last = v.known[n-1].UID
		}
		out := slices.Clone(set)
		for i := range out {
			fixRange((*uint32)(&out[i].Start), (*uint32)(&out[i].Stop), last)
		}
		return out
	default:
		return set
	}
}

func fixRange(start, stop *uint32, last uint32) {
	open := *start == 0 || *stop == 0
	if *start == 0 {
		*start = last
	}
	if *stop == 0 {
		*stop = last
	}
	if open && *start > *stop {
		*start, *stop = *stop, *start
	}
}
