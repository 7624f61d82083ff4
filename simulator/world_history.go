package simulator

import (
	"strconv"

	"github.com/collaudo/collaudo/simulator/events"
	"github.com/collaudo/collaudo/simulator/history"
)

// History is what was said in the protocol sessions of the world's hosts.
func (w *World) History() *history.Record { return w.history }

// openHistory begins the history; each session that has ended is an event.
func (w *World) openHistory() {
	if w.config.HistoryBytes < 0 {
		return
	}
	w.history = history.NewRecord(history.Options{
		Now: w.config.Clock.Now, Bytes: w.config.HistoryBytes,
		Ended: func(s history.Session) {
			e := events.Event{At: s.Ended, Type: events.Session, Provider: s.Host, Mailbox: s.Account, Event: s.Service, Detail: strconv.FormatInt(s.ID, 10)}
			if len(s.Messages) == 1 {
				e.SHA256 = s.Messages[0]
			}
			w.happened(e)
		},
	})
}
