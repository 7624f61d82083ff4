package tickets

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/collaudo/collaudo/simulator/clock"
)

// WriteText writes a ticket as its reporter reads it, in Italian, lines ended
// by CRLF.
func (t Ticket) WriteText(w io.Writer) error {
	words := map[State]string{
		Open: "aperta", InProgress: "in lavorazione", Waiting: "in attesa di una risposta del richiedente",
		Resolved: "risolta", Rejected: "respinta", Closed: "chiusa",
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Richiesta %s: %s\r\nStato: %s\r\n", t.ID, t.Subject, words[t.State])
	if t.Mailbox != "" {
		fmt.Fprintf(&b, "Casella: %s\r\n", t.Mailbox)
	}
	if !t.Due.IsZero() {
		fmt.Fprintf(&b, "Risposta prevista entro: %s\r\n", t.Due.Format("02/01/2006"))
	}
	for _, e := range t.History {
		fmt.Fprintf(&b, "\r\n%s  %s\r\n", e.At.Format("02/01/2006 15:04:05 (-0700)"), words[e.State])
		if e.Note != "" {
			fmt.Fprintf(&b, "  %s\r\n", strings.Join(strings.Fields(e.Note), " "))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WorkingDays is the instant so many working days later: Saturdays and Sundays
// do not count, in legal time.
func WorkingDays(from time.Time, n int) time.Time {
	at := clock.Legal(from)
	for n > 0 {
		at = at.AddDate(0, 0, 1)
		if d := at.Weekday(); d != time.Saturday && d != time.Sunday {
			n--
		}
	}
	return at
}
