package evidence

// Others is what arrived during a run at places of a real target that the run
// shares with others, and was none of the run's: counted by the head of each
// message, and not kept.
type Others struct {
	Mailboxes []MailboxOthers `json:"mailboxes,omitempty"`
	// Late counts messages that came to a provider which the harness plays when
	// no scenario was there for them.
	Late int64 `json:"late,omitempty"`
}

// MailboxOthers counts messages in one mailbox that arrived since the run began.
type MailboxOthers struct {
	Address string `json:"address"`
	Taken   int    `json:"taken"`  // of the run: read, and still there
	Others  int    `json:"others"` // of nobody here: not read, not kept
}
