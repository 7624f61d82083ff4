package steps

// MailboxCount says what a run left in a mailbox, and what it did not look at.
type MailboxCount struct {
	Address string
	Taken   int // messages of the run, which stay in the mailbox
	Others  int // messages that arrived meanwhile and belong to nobody here: not read, not kept
}

// Counts says for each mailbox, in the order of the target file, what the run
// left there.
func (m *Mailroom) Counts() []MailboxCount {
	var all []MailboxCount
	for i := range m.world.target.Mailboxes {
		p := m.boxes[m.world.target.Mailboxes[i].Address]
		if p == nil {
			continue
		}
		p.turn <- struct{}{}
		count := MailboxCount{Address: p.box.Address}
		for _, h := range p.heads {
			if h.taken {
				count.Taken++
			} else {
				count.Others++
			}
		}
		p.leave()
		all = append(all, count)
	}
	return all
}

// Begins says from where each mailbox is read, by address.
func (m *Mailroom) Begins() map[string]MailboxMark {
	marks := map[string]MailboxMark{}
	for address, p := range m.boxes {
		p.turn <- struct{}{}
		marks[address] = MailboxMark{Validity: p.validity, Next: uint32(p.begins)}
		p.leave()
	}
	return marks
}

// MailboxMark is a place in a mailbox: what lies before Next is nobody's
// business in a run, and is never read.
type MailboxMark struct {
	Validity uint32 // UIDVALIDITY
	Next     uint32 // UIDNEXT when the run began
}
