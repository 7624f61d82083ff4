package steps

import "slices"

// actors are the names that a mailbox of the target can have in scenarios.
func actors() []string {
	all := []string{fullActor}
	for _, p := range parties() {
		all = append(all, string(p))
	}
	return all
}

// fullActor is whose mailbox can receive nothing.
const fullActor = "Piena"

// checkFigures says what cannot be meant: a value that nothing would complain of
// later, but that leaves scenarios out or judges by a limit that nobody has.
func (t *Target) checkFigures(complain func(format string, a ...any)) {
	for name, value := range map[string]int64{
		"maxRecipients": int64(t.Limits.MaxRecipients), "maxTotalBytes": t.Limits.MaxTotalBytes,
		"noticeBytes": t.Limits.NoticeBytes, "relayQueueSeconds": t.Limits.RelayQueueSeconds,
	} {
		if value < 0 {
			complain("limits.%s is %d: give a number above zero, or leave it out where there is no limit", name, value)
		}
	}
	for _, m := range t.Mailboxes {
		if m.Actor != "" && !slices.Contains(actors(), m.Actor) {
			complain("mailbox %s has the actor %q, whom no scenario knows%s; leave actor out of a mailbox that plays no part", m.Address, m.Actor, suggestion(m.Actor, actors()))
		}
	}
}
