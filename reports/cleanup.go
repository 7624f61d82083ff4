package reports

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// CleanupFile says what a run against a system that was there before it left
// behind, for whoever cleans up. It is written into the run folder.
const CleanupFile = "cleanup.txt"

// remains are what a run did to a target, over all its attempts: also what a
// scenario sent before it was interrupted and played again lies somewhere.
type remains struct {
	sent      map[string]*sentBy   // by who sent: an account, a provider that the harness plays, an ordinary host
	left      map[string][]leftIn  // by mailbox
	outside   map[string]int       // recipients whose mailbox the harness cannot see
	passwords map[string]int       // wrong ones tried, by where
	changed   map[string]time.Time // mailboxes whose life was changed, by when it was last
	cut       map[string]time.Time // networks between providers, by when they were cut and nobody healed them
	boxes     map[string]bool
	others    map[string]int // messages that are not ours, by mailbox
	late      int64          // at peers
}

type sentBy struct{ accepted, refused, infected int }

// leftIn is one message of the run in a mailbox.
type leftIn struct{ place string } // UIDVALIDITY/UID

// renderCleanup makes the file for runs against a target that stays; nil: the
// world was made for the run and is gone.
func renderCleanup(dir string) ([]byte, error) {
	r := &remains{
		sent: map[string]*sentBy{}, left: map[string][]leftIn{}, outside: map[string]int{},
		passwords: map[string]int{}, changed: map[string]time.Time{}, cut: map[string]time.Time{}, boxes: map[string]bool{}, others: map[string]int{},
	}
	log, err := evidence.Each(dir, func(e evidence.Event) error { r.add(e); return nil })
	if err != nil || log.Run.TargetFile == "" || log.Run.Kind == evidence.KindClient {
		return nil, err
	}
	return r.render(log), nil
}

func (r *remains) add(e evidence.Event) {
	switch e.Type {
	case evidence.WorldSeen:
		for _, m := range e.World.Mailboxes {
			r.boxes[strings.ToLower(m.Address)] = true
		}
	case evidence.Submitted:
		s := e.Submission
		by := s.Account
		if by == "" {
			by = "without signing in, as " + s.ReversePath
		}
		r.sending(by, s.DataReply, s.Recipients, s.Infected)
	case evidence.Dispatched:
		by := "an ordinary host"
		if e.Dispatch.Peer != "" {
			by = e.Dispatch.Peer + ", which the harness plays"
		}
		r.sending(by, e.Dispatch.DataReply, e.Dispatch.Recipients, e.Dispatch.Infected)
	case evidence.MessageSeen:
		if e.Message.Via == "imap" {
			r.left[e.Message.Mailbox] = append(r.left[e.Message.Mailbox], leftIn{e.Message.Place})
		}
	case evidence.Probed:
		if strings.HasPrefix(e.Probe.Name, "wrong-password") {
			r.passwords[e.Probe.Provider]++
		}
	case evidence.MailboxTried:
		if e.MailboxUse.Wrong {
			r.passwords[e.MailboxUse.Mailbox]++
		}
	case evidence.OthersSeen: // once for each time that the run was taken up, and for each shard: what overlaps counts once
		for _, m := range e.Others.Mailboxes {
			r.others[m.Address] = max(r.others[m.Address], m.Others)
		}
		r.late += e.Others.Late
	case evidence.NetworkChanged:
		if between := e.Network.Between[0] + " and " + e.Network.Between[1]; e.Network.Cut {
			r.cut[between] = e.Network.At
		} else {
			delete(r.cut, between)
		}
	case evidence.LifeSeen:
		if e.MailboxLife.State != evidence.MailboxActive {
			r.changed[e.MailboxLife.Mailbox] = e.MailboxLife.At
		} else {
			delete(r.changed, e.MailboxLife.Mailbox)
		}
	}
}

func (r *remains) sending(by string, final evidence.Reply, recipients []evidence.RecipientReply, infected string) {
	s := r.sent[by]
	if s == nil {
		s = &sentBy{}
		r.sent[by] = s
	}
	if !final.OK() {
		s.refused++
		return
	}
	s.accepted++
	if infected != "" {
		s.infected++
	}
	for _, recipient := range recipients {
		if recipient.Reply.OK() && !r.boxes[strings.ToLower(recipient.Address)] {
			r.outside[recipient.Address]++
		}
	}
}

func (r *remains) render(log *evidence.Log) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "What the run against %s left behind\n", log.Run.Target)
	fmt.Fprintf(&b, "Begun %s, %s. Times are Italian legal time.\n\n", cleanupTime(log.Began), endOf(log))
	b.WriteString("The harness deleted nothing. Each message that it sent bears the header field X-Collaudo with a word of its own,\n" +
		"COL- and ten letters. Where the subject was free the word stands there too, and so in what came back: search the\n" +
		"mailboxes for COL- to find what is to be removed; the rest is named below by its UID.\n")
	part(&b, "Sent", r.sent, func(by string) string {
		s := r.sent[by]
		if s.accepted == 0 {
			return plural(s.refused, "message") + " refused"
		}
		text := plural(s.accepted, "message") + " accepted"
		if s.infected > 0 {
			text += fmt.Sprintf(" (%d with a test virus)", s.infected)
		}
		if s.refused > 0 {
			text += fmt.Sprintf(", %d refused", s.refused)
		}
		return text
	})
	part(&b, "Left in mailboxes: read, and still there", r.left, func(box string) string {
		return plural(len(r.left[box]), "message") + uids(r.left[box])
	})
	part(&b, "Arrived meanwhile, not ours", r.strangers(), func(where string) string { return r.strangers()[where] })
	outside := gathered(r.outside)
	part(&b, "Sent to recipients whose mailbox the harness cannot see", outside, func(address string) string { return outside[address] })
	part(&b, "Wrong passwords tried (they may have locked somebody out)", r.passwords, func(where string) string { return plainNumber(r.passwords[where]) })
	part(&b, "Mailboxes last seen locked, expired, suspended or gone", r.changed, func(box string) string { return cleanupTime(r.changed[box]) })
	part(&b, "Networks between providers that were cut and not made whole again", r.cut, func(between string) string { return "since " + cleanupTime(r.cut[between]) })
	return b.Bytes()
}

// strangers says where messages arrived that were let alone.
func (r *remains) strangers() map[string]string {
	told := map[string]string{}
	for box, n := range r.others {
		if n > 0 {
			told[box] = fmt.Sprintf("%s that %s not ours arrived and %s not read", plural(n, "message"), form(n, "is", "are"), form(n, "was", "were"))
		}
	}
	if n := int(r.late); n > 0 {
		told["providers that the harness plays"] = fmt.Sprintf("%s that no scenario waited for arrived and %s not kept", plural(n, "message"), form(n, "was", "were"))
	}
	return told
}

func form(n int, one, several string) string {
	if n == 1 {
		return one
	}
	return several
}

// part writes one part of the file, a line each; one with nothing says so.
func part[T any](b *bytes.Buffer, heading string, of map[string]T, say func(string) string) {
	fmt.Fprintf(b, "\n%s\n", heading)
	for _, name := range slices.Sorted(maps.Keys(of)) {
		fmt.Fprintf(b, "  %s: %s\n", name, say(name))
	}
	if len(of) == 0 {
		b.WriteString("  none\n")
	}
}

// numbered is an address with a number at the end of its local part, as the
// recipients of a large message have.
var numbered = regexp.MustCompile(`^(.*?)(\d+)(@.+)$`)

// gathered says how many messages went to each address. Addresses that differ
// only in their number, one after another and with as many messages, are told
// together: a message to a hundred of them is no hundred lines.
func gathered(outside map[string]int) map[string]string {
	told := map[string]string{}
	var first, last string // of addresses that go together
	n := 0
	tell := func() {
		switch {
		case n == 1:
			told[first] = plural(outside[first], "message")
		case n > 1:
			told[first+" … "+last] = fmt.Sprintf("%s to each of %d addresses", plural(outside[first], "message"), n)
		}
	}
	for _, address := range slices.Sorted(maps.Keys(outside)) {
		if n > 0 && follows(last, address) && outside[address] == outside[last] {
			last = address
			n++
			continue
		}
		tell()
		first, last, n = address, address, 1
	}
	tell()
	return told
}

// follows tells that an address is another one with the next number.
func follows(before, address string) bool {
	a, b := numbered.FindStringSubmatch(before), numbered.FindStringSubmatch(address)
	if a == nil || b == nil || a[1] != b[1] || a[3] != b[3] {
		return false
	}
	x, errX := strconv.Atoi(a[2])
	y, errY := strconv.Atoi(b[2])
	return errX == nil && errY == nil && y == x+1
}

func cleanupTime(t time.Time) string { return t.In(pec.Zone()).Format("2 January 2006, 15:04:05 MST") }

func endOf(log *evidence.Log) string {
	if log.Ended.IsZero() {
		return "interrupted " + cleanupTime(log.Last)
	}
	return "ended " + cleanupTime(log.Ended)
}

// uids lists them by UIDVALIDITY, as IMAP writes sets of them: 1:4,9.
func uids(all []leftIn) string {
	byValidity := map[string][]int{}
	for _, l := range all {
		validity, text, _ := strings.Cut(l.place, "/")
		if uid, err := strconv.Atoi(text); err == nil {
			byValidity[validity] = append(byValidity[validity], uid)
		}
	}
	var b strings.Builder
	for _, validity := range slices.Sorted(maps.Keys(byValidity)) {
		numbers := slices.Compact(slices.Sorted(slices.Values(byValidity[validity])))
		var sets []string
		for len(numbers) > 0 {
			n := 1
			for n < len(numbers) && numbers[n] == numbers[0]+n {
				n++
			}
			set := strconv.Itoa(numbers[0])
			if n > 1 {
				set += ":" + strconv.Itoa(numbers[n-1])
			}
			sets, numbers = append(sets, set), numbers[n:]
		}
		noun := "UIDs"
		if len(sets) == 1 && !strings.Contains(sets[0], ":") {
			noun = "UID"
		}
		fmt.Fprintf(&b, ", %s %s (UIDVALIDITY %s)", noun, strings.Join(sets, ","), validity)
	}
	return b.String()
}
