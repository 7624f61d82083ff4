package simulator

import (
	"slices"
	"strings"

	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/journal"
)

// Search returns the lines of the legal logs that are asked for, oldest first
// for each provider.
func (w *World) Search(s control.LogSearch) ([]control.JournalEntry, error) {
	all, err := w.Journal(s.Provider)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(e control.JournalEntry) bool { return !chosen(s, e.Entry) })
	if s.Limit > 0 && len(all) > s.Limit {
		slices.SortStableFunc(all, func(a, b control.JournalEntry) int { return a.At.Compare(b.At) })
		all = all[len(all)-s.Limit:]
	}
	return all, nil
}

func chosen(s control.LogSearch, e journal.Entry) bool {
	bare := func(id string) string { return strings.ToLower(strings.Trim(id, "<>")) }
	concerns := func(address string) bool {
		return strings.EqualFold(e.Sender, address) || slices.ContainsFunc(e.Recipients, func(r string) bool { return strings.EqualFold(r, address) })
	}
	identified := func(id string) bool {
		return slices.ContainsFunc(append([]string{e.MessageID, e.Identifier}, e.Related...), func(own string) bool { return own != "" && bare(own) == bare(id) })
	}
	return (s.Address == "" || concerns(s.Address)) &&
		(s.Counterparty == "" || concerns(s.Counterparty)) &&
		(s.Identifier == "" || identified(s.Identifier)) &&
		(s.Event == "" || strings.EqualFold(s.Event, e.Event)) &&
		strings.Contains(strings.ToLower(e.Subject), strings.ToLower(s.Subject)) &&
		(s.From.IsZero() || !e.At.Before(s.From)) &&
		(s.Until.IsZero() || e.At.Before(s.Until))
}
