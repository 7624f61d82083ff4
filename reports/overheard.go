package reports

import (
	"cmp"
	"strings"

	"github.com/collaudo/collaudo/evidence"
)

// overheard is a dialogue with a mailbox or with another service, as a reader is
// shown it: a link to what was said.
type overheard struct {
	With     string // the mailbox, or the address of the service
	Protocol string // "IMAP"
	Sessions int
	Path     string // of the transcript, relative to the run folder
}

// overheardItems lists those of a scenario. One whose transcript is not there is
// left out: there is nothing to open, and what is missing is for the verification
// to say.
func overheardItems(record *evidence.Record, c *evidence.Case) []overheard {
	var list []overheard
	for _, d := range c.Dialogues {
		if path := record.Path(d.Transcript); path != "" {
			list = append(list, overheard{cmp.Or(d.Mailbox, d.Address), strings.ToUpper(d.Protocol), d.Sessions, path})
		}
	}
	return list
}
