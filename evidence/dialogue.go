package evidence

// Dialogue is what was said with one service of the target for one scenario,
// beyond the mail transactions and probes, which carry their dialogues
// themselves: mailboxes read over IMAP, the directory asked over LDAP, and what
// a user tried with a mailbox. It is there to be read by people, and no verdict
// rests on it: the messages and entries that it brought are evidence of their own.
type Dialogue struct {
	Protocol string `json:"protocol"`           // imap, ldap, ldaps, smtp
	Mailbox  string `json:"mailbox,omitempty"`  // whose user signed in; empty: nobody's
	Provider string `json:"provider,omitempty"` // that has the mailbox
	Address  string `json:"address"`            // host:port, or the URL of a directory
	// Sessions counts those that were opened. Where scenarios share a connection
	// (Shared) it counts how often it was used for this one.
	Sessions int   `json:"sessions"`
	Shared   bool  `json:"shared,omitempty"`
	Cut      int64 `json:"cut,omitempty"` // octets of it that are not kept, because of its length
	// Transcript is a blob: one line each, "C: " before what the harness said and
	// "S: " before what the server said; secrets removed. Sessions that went like
	// the one before are counted and not written again, and of the content of
	// messages there is the size and the SHA-256 only.
	Transcript string `json:"transcript"`
}
