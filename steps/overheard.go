package steps

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/collaudo/collaudo/evidence"
)

// maxDialogue bounds what is kept of all sessions of a scenario with one service
// and one mailbox, in octets.
const maxDialogue = 256 << 10

// dialogues are those of a scenario that no other evidence carries. They are
// written when it is over, each as a whole: a mailbox is looked into dozens of
// times, and mostly nothing is new.
type dialogues struct {
	mu   sync.Mutex
	list []*dialogue
}

// dialogue is what was said with one service for one mailbox.
type dialogue struct {
	evidence.Dialogue

	sessions []session // not those that are left out: their numbers are lacking
	size     int       // of their texts, in octets
}

// session is what was said once, and in those right after it that went alike.
type session struct {
	from, to int // their numbers, from 1
	text     string
	key      string // what makes it alike
}

// overheard takes what was said into the dialogue that it belongs to, where the
// scenario keeps evidence.
func (w *World) overheard(with evidence.Dialogue, log *transcript) {
	if w.recorder == nil || log == nil {
		return
	}
	text, cut := log.take()
	if text == "" {
		return
	}
	w.said.mu.Lock()
	defer w.said.mu.Unlock()
	i := slices.IndexFunc(w.said.list, func(d *dialogue) bool {
		return d.Protocol == with.Protocol && d.Mailbox == with.Mailbox && d.Address == with.Address
	})
	if i < 0 {
		i = len(w.said.list)
		w.said.list = append(w.said.list, &dialogue{Dialogue: with})
	}
	w.said.list[i].add(text, cut)
}

// add takes one session.
func (d *dialogue) add(text string, cut int64) {
	d.Sessions++
	d.Cut += cut
	key := untagged(text)
	if last := len(d.sessions) - 1; last >= 0 && d.sessions[last].key == key {
		d.sessions[last].to = d.Sessions
		return
	}
	d.sessions = append(d.sessions, session{d.Sessions, d.Sessions, text, key})
	d.size += len(text)
	// The first sessions say how things are read, and the last how it ended: what
	// lies between is given up.
	for d.size > maxDialogue && len(d.sessions) > 2 {
		at := len(d.sessions) - 2
		out := d.sessions[at]
		d.size, d.Cut = d.size-len(out.text), d.Cut+int64(len(out.text))*int64(out.to-out.from+1)
		d.sessions = slices.Delete(d.sessions, at, at+1)
	}
}

// text is the whole dialogue, for people.
func (d *dialogue) text() string {
	what := "session"
	var b strings.Builder
	if d.Shared {
		what = "look"
		fmt.Fprintf(&b, "%s(scenarios share the connection: this is what was said on it for this one)\n", saidByNobody)
	}
	last := 0
	for _, s := range d.sessions {
		if first, until := last+1, s.from-1; first == until {
			fmt.Fprintf(&b, "%s(%s %d is not kept: of a dialogue %d octets are)\n\n", saidByNobody, what, first, maxDialogue)
		} else if first < until {
			fmt.Fprintf(&b, "%s(%ss %d to %d are not kept: of a dialogue %d octets are)\n\n", saidByNobody, what, first, until, maxDialogue)
		}
		last = s.to
		fmt.Fprintf(&b, "%s(%s %d)\n%s", saidByNobody, what, s.from, s.text)
		if more := s.to - s.from; more == 1 {
			fmt.Fprintf(&b, "%s(%s %d went alike)\n", saidByNobody, what, s.to)
		} else if more > 1 {
			fmt.Fprintf(&b, "%s(%ss %d to %d went alike)\n", saidByNobody, what, s.from+1, s.to)
		}
		b.WriteString("\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// untagged leaves out by which number an IMAP command is known: on a connection
// that stays open every look has others.
func untagged(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for line := range strings.Lines(text) {
		who, rest := line[:min(len(line), len(saidByClient))], line[min(len(line), len(saidByClient)):]
		if who != saidByNobody && strings.HasPrefix(rest, "T") {
			rest = "T" + strings.TrimLeft(rest[1:], "0123456789")
		}
		b.WriteString(who)
		b.WriteString(rest)
	}
	return b.String()
}

// KeepDialogues writes into evidence what was said with mailboxes and directory
// and is not there yet. It is to be called when the scenario is over or waits,
// also when a step failed: what a server said then is what one wants to read.
func (w *World) KeepDialogues() error {
	if w.recorder == nil {
		return nil
	}
	w.said.mu.Lock()
	list := w.said.list
	w.said.list = nil
	w.said.mu.Unlock()
	if len(list) == 0 {
		return nil
	}
	kept := make([]evidence.Dialogue, len(list))
	for i, d := range list {
		blob, err := w.recorder.Keep(evidence.Transcript, []byte(d.text()), false)
		if err != nil {
			return err
		}
		kept[i] = d.Dialogue
		kept[i].Transcript = blob
	}
	slices.SortFunc(kept, func(a, b evidence.Dialogue) int { // mailboxes are read several at a time
		return strings.Compare(a.Protocol+" "+a.Mailbox+" "+a.Address, b.Protocol+" "+b.Mailbox+" "+b.Address)
	})
	return w.recorder.Record(evidence.Event{Type: evidence.DialoguesHeld, Dialogues: kept})
}
