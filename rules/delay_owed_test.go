package rules

import (
	"testing"
	"time"

	"github.com/collaudo/collaudo/evidence"
)

func TestDelaysOwed(t *testing.T) {
	t.Parallel()
	const hour = time.Hour
	both := []string{paolo, pia}
	unlisted := keys().stranger
	notYet := func(build func(*testCase)) func(*testCase) { return notYetSettled(build) }
	trials := []trial{
		{rule: "PEC-TMO-001", name: "told once", build: waiting(firstTold(paolo), until(13*hour)), want: holds},
		{rule: "PEC-TMO-001", name: "never told", build: waiting(until(13 * hour)), want: broken},
		{rule: "PEC-TMO-001", name: "told twice", build: waiting(firstTold(paolo), told("delay-12", paolo, 12*hour+time.Minute), until(13*hour)), want: broken},
		{rule: "PEC-TMO-001", name: "not settled", build: notYet(waiting(until(13 * hour))), want: unable},
		{rule: "PEC-TMO-001", name: "too soon to tell", build: waiting(until(11 * hour)), none: true},
		{rule: "PEC-TMO-001", name: "taken in charge", build: waiting(heard("taken-in-charge", paolo, hour), until(13*hour)), none: true},
		{rule: "PEC-TMO-001", name: "provider within the world", build: func(c *testCase) { c.exchange(); until(25*hour)(c.t, c); c.settled() }, none: true},

		{rule: "PEC-TMO-002", name: "told twice in all", build: waiting(firstTold(paolo), secondTold(), until(25*hour)), want: holds},
		{rule: "PEC-TMO-002", name: "no second", build: waiting(firstTold(paolo), until(25*hour)), want: broken},
		{rule: "PEC-TMO-002", name: "a third", build: waiting(firstTold(paolo), secondTold(), told("delay-24", paolo, 30*hour), until(36*hour)), want: broken},
		{rule: "PEC-TMO-002", name: "taken in charge", build: waiting(heard("taken-in-charge", paolo, hour), until(25*hour)), none: true},
		{rule: "PEC-TMO-002", name: "never handed over, ended by an error", build: unhanded([]string{paolo}, firstTold(paolo), told("non-delivery", paolo, 24*hour+time.Minute), until(26*hour)), none: true},

		{rule: "PEC-TMO-003", name: "second only", build: waiting(heard("taken-in-charge", paolo, hour), secondTold(), until(25*hour)), want: holds},
		{rule: "PEC-TMO-003", name: "first too", build: waiting(heard("taken-in-charge", paolo, hour), firstTold(paolo), secondTold(), until(25*hour)), want: broken},
		{rule: "PEC-TMO-003", name: "none", build: waiting(heard("taken-in-charge", paolo, hour), until(25*hour)), want: broken},
		{rule: "PEC-TMO-003", name: "not a day yet", build: waiting(heard("taken-in-charge", paolo, hour), until(13*hour)), none: true},

		{rule: "PEC-TMO-004", name: "first only", build: waiting(firstTold(paolo), heard("delivery", paolo, 15*hour), until(25*hour)), want: holds},
		{rule: "PEC-TMO-004", name: "second too", build: waiting(firstTold(paolo), heard("delivery", paolo, 15*hour), secondTold(), until(25*hour)), want: broken},
		{rule: "PEC-TMO-004", name: "none", build: waiting(heard("delivery", paolo, 15*hour), until(25*hour)), want: broken},
		{rule: "PEC-TMO-004", name: "second before a late delivery", build: waiting(firstTold(paolo), told("delay-24", paolo, 22*hour+time.Minute), heard("delivery", paolo, 23*hour), until(25*hour)), want: holds},

		{rule: "PEC-TMO-005", name: "quiet", build: waiting(heard("delivery", paolo, 3*hour), until(25*hour)), want: holds},
		{rule: "PEC-TMO-005", name: "first", build: waiting(heard("delivery", paolo, 3*hour), firstTold(paolo), until(25*hour)), want: broken},
		{rule: "PEC-TMO-005", name: "second", build: waiting(heard("delivery", paolo, 3*hour), secondTold(), until(25*hour)), want: broken},
		{rule: "PEC-TMO-005", name: "a first notice before it, too early", build: waiting(told("delay-12", paolo, 10*hour), heard("delivery", paolo, 11*hour), until(25*hour)), want: holds},
		{rule: "PEC-TMO-005", name: "a signature that nobody may believe", build: waiting(heardAltered("delivery", 3*hour), until(25*hour)), none: true},

		{rule: "PEC-TMO-006", name: "quiet", build: waiting(heard("taken-in-charge", paolo, time.Second), heard("delivery", paolo, time.Minute), until(25*hour)), want: holds},
		{rule: "PEC-TMO-006", name: "second", build: waiting(heard("taken-in-charge", paolo, time.Second), heard("delivery", paolo, time.Minute), secondTold(), until(25*hour)), want: broken},
		{rule: "PEC-TMO-006", name: "not settled", build: notYet(waiting(heard("taken-in-charge", paolo, time.Second), heard("delivery", paolo, time.Minute), until(25*hour))), want: unable},
		{rule: "PEC-TMO-006", name: "no time passed", build: waiting(heard("taken-in-charge", paolo, time.Second), heard("delivery", paolo, time.Minute)), none: true},

		{rule: "PEC-TMO-007", name: "at 12 hours", build: waiting(firstTold(paolo), until(13*hour)), want: holds},
		{rule: "PEC-TMO-007", name: "a second early", build: waiting(told("delay-12", paolo, 12*hour-time.Second), until(13*hour)), want: broken},
		{rule: "PEC-TMO-007", name: "at 6 hours", build: waiting(told("delay-12", paolo, 6*hour), until(13*hour)), want: broken},
		{rule: "PEC-TMO-007", name: "at 6 hours, text without hours", build: waiting(told("delay-12", paolo, 6*hour, "prime dodici ore", "prime ore", "prossime dodici ore", "prossime ore", "dodici ore</errore", "ore</errore"), until(13*hour)), want: broken},

		{rule: "PEC-TMO-008", name: "at 22 hours", build: waiting(told("delay-24", paolo, 22*hour), until(25*hour)), want: holds},
		{rule: "PEC-TMO-008", name: "at 24 hours", build: waiting(told("delay-24", paolo, 24*hour), until(25*hour)), want: holds},
		{rule: "PEC-TMO-008", name: "a second before 22", build: waiting(told("delay-24", paolo, 22*hour-time.Second), until(25*hour)), want: broken},
		{rule: "PEC-TMO-008", name: "two seconds after 24", build: waiting(told("delay-24", paolo, 24*hour+2*time.Second), until(25*hour)), want: broken},
		{rule: "PEC-TMO-008", name: "at 15 hours", build: waiting(told("delay-24", paolo, 15*hour), until(25*hour)), want: broken},
		{rule: "PEC-TMO-008", name: "both at 12 hours", build: waiting(firstTold(paolo), told("delay-24", paolo, 12*hour), until(25*hour)), want: broken},
		{rule: "PEC-TMO-008", name: "texts swapped", build: waiting(told("delay-24", paolo, 12*hour), told("delay-12", paolo, 23*hour), until(25*hour)), want: holds},
		{rule: "PEC-TMO-008", name: "handed over after an hour", build: unhanded([]string{paolo}, handed(paolo, hour), told("delay-24", paolo, 25*hour-time.Second), until(25*hour)), want: holds},

		{rule: "PEC-TMO-015", name: "the silent one only", build: waitingFor(both, heard("delivery", pia, hour), firstTold(paolo), until(13*hour)), want: holds},
		{rule: "PEC-TMO-015", name: "both", build: waitingFor(both, heard("delivery", pia, hour), firstTold(paolo), firstTold(pia), until(13*hour)), want: broken},
		{rule: "PEC-TMO-015", name: "the wrong one", build: waitingFor(both, heard("delivery", pia, hour), firstTold(pia), until(13*hour)), want: broken},
		{rule: "PEC-TMO-015", name: "about nobody", build: waitingFor(both, heard("delivery", pia, hour), firstTold(paolo), told("delay-12", paolo, 12*hour+time.Minute, paolo, "nessuno@cirro.example"), until(13*hour)), want: broken},
		{rule: "PEC-TMO-015", name: "both silent", build: waitingFor(both, firstTold(paolo), firstTold(pia), until(13*hour)), want: holds},
		{rule: "PEC-TMO-015", name: "one notice for both", build: waitingFor(both, firstTold(paolo), until(13*hour)), want: broken},
		{rule: "PEC-TMO-015", name: "one ended late, one never", build: waitingFor(both, heard("taken-in-charge", paolo, hour), heard("delivery", pia, 2*hour), secondTold(), until(25*hour)), want: holds},
		{rule: "PEC-TMO-015", name: "the end of one taken for both", build: waitingFor(both, heard("taken-in-charge", paolo, hour), heard("delivery", pia, 2*hour), until(25*hour)), want: broken},
		{rule: "PEC-TMO-015", name: "all heard of", build: waitingFor(both, heard("delivery", paolo, hour), heard("delivery", pia, hour), until(25*hour)), none: true},

		{rule: "PEC-TMO-017", name: "quiet after a non-delivery", build: waiting(heard("non-delivery", paolo, hour), until(25*hour)), want: holds},
		{rule: "PEC-TMO-017", name: "quiet after a virus", build: waiting(heard("virus-detection", paolo, hour), until(25*hour)), want: holds},
		{rule: "PEC-TMO-017", name: "told all the same", build: waiting(heard("non-delivery", paolo, hour), secondTold(), until(25*hour)), want: broken},

		{rule: "PEC-TMO-018", name: "in the mailbox", build: waiting(firstTold(paolo), secondTold(), until(30*hour), heard("delivery", paolo, 30*hour), foundLast()), want: holds},
		{rule: "PEC-TMO-018", name: "lost", build: waiting(firstTold(paolo), secondTold(), until(30*hour), heard("delivery", paolo, 30*hour)), want: broken},
		{rule: "PEC-TMO-018", name: "a notice after it", build: waiting(firstTold(paolo), secondTold(), until(30*hour), heard("delivery", paolo, 30*hour), foundLast(), told("delay-24", paolo, 36*hour), until(40*hour)), want: broken},
		{rule: "PEC-TMO-018", name: "not settled", build: notYet(waiting(firstTold(paolo), secondTold(), until(30*hour), heard("delivery", paolo, 30*hour))), want: unable},

		{rule: "PEC-TMO-019", name: "quiet", build: unhanded([]string{elena}, until(25*hour)), want: holds},
		{rule: "PEC-TMO-019", name: "told", build: unhanded([]string{elena}, told("delay-12", paolo, 12*hour, paolo, elena), until(25*hour)), want: broken},

		{rule: "PEC-TMO-020", name: "altered, told", build: waiting(heardAltered("taken-in-charge", hour), firstTold(paolo), until(13*hour)), want: holds},
		{rule: "PEC-TMO-020", name: "altered, believed", build: waiting(heardAltered("taken-in-charge", hour), until(13*hour)), want: broken},
		{rule: "PEC-TMO-020", name: "stranger, believed", build: waiting(heardFrom(unlisted, "taken-in-charge", paolo, hour), until(13*hour)), want: broken},
		{rule: "PEC-TMO-020", name: "altered delivery, believed later", build: waiting(firstTold(paolo), heardAltered("delivery", 15*hour), until(25*hour)), want: broken},
		{rule: "PEC-TMO-020", name: "taken in charge, then an altered delivery", build: waiting(heard("taken-in-charge", paolo, hour), heardAltered("delivery", 2*hour), secondTold(), until(25*hour)), want: holds},
		{rule: "PEC-TMO-020", name: "taken in charge, then an altered delivery believed", build: waiting(heard("taken-in-charge", paolo, hour), heardAltered("delivery", 2*hour), until(25*hour)), want: broken},
		{rule: "PEC-TMO-020", name: "good", build: waiting(heard("taken-in-charge", paolo, hour), until(13*hour)), none: true},

		{rule: "PEC-TMO-021", name: "the other is told of", build: waitingFor(both, heard("taken-in-charge", paolo, hour, "    <ricezione>"+pia+"</ricezione>", ""), firstTold(pia), until(13*hour)), want: holds},
		{rule: "PEC-TMO-021", name: "nobody is told of", build: waitingFor(both, heard("taken-in-charge", paolo, hour, "    <ricezione>"+pia+"</ricezione>", ""), until(13*hour)), want: broken},
		{rule: "PEC-TMO-021", name: "both are told of", build: waitingFor(both, heard("taken-in-charge", paolo, hour, "    <ricezione>"+pia+"</ricezione>", ""), firstTold(paolo), firstTold(pia), until(13*hour)), want: broken},
		{rule: "PEC-TMO-021", name: "both covered", build: waitingFor(both, heard("taken-in-charge", paolo, hour), until(13*hour)), none: true},

		{rule: "PEC-TMO-022", name: "told in spite of a restart", build: waiting(restarts(6*hour), firstTold(paolo), secondTold(), until(25*hour)), want: holds},
		{rule: "PEC-TMO-022", name: "forgotten", build: waiting(restarts(6*hour), until(13*hour)), want: broken},
		{rule: "PEC-TMO-022", name: "told again", build: waiting(firstTold(paolo), restarts(13*hour), told("delay-12", paolo, 13*hour), until(14*hour)), want: broken},
		{rule: "PEC-TMO-022", name: "before the sending", build: waiting(restarts(-6*hour), firstTold(paolo), until(13*hour)), none: true},

		{rule: "PEC-TMO-023", name: "second came", build: waiting(firstTold(paolo), heard("taken-in-charge", paolo, 15*hour), secondTold(), until(25*hour)), want: observed},
		{rule: "PEC-TMO-023", name: "second did not come", build: waiting(firstTold(paolo), heard("taken-in-charge", paolo, 15*hour), until(25*hour)), want: observed},
		{rule: "PEC-TMO-023", name: "taken before", build: waiting(heard("taken-in-charge", paolo, hour), secondTold(), until(25*hour)), none: true},
	}
	trials = append(trials, noticeTrials()...)
	trials = append(trials, handoverTrials()...)
	runTrials(t, delayJudges(), trials, "PEC-TMO-023", "PEC-IP-022")
}

// A wait is about recipients of other providers, and about messages that were
// accepted.
func TestWaits(t *testing.T) {
	t.Parallel()
	table := []struct {
		name  string
		build func(*testCase)
		want  int
	}{
		{"one", waiting(), 1},
		{"two", waitingFor([]string{paolo, pia}), 2},
		{"ordinary beside it", waitingFor([]string{paolo, elena}), 1},
		{"the standard exchange", func(c *testCase) { c.exchange() }, 2},
		{"not accepted", func(c *testCase) { c.submitted(originalText); c.settled() }, 0},
		{"at home", neighbour("carla@aurora.example"), 0},
		{"another's message", func(c *testCase) {
			c.exchange()
			c.World.Providers[0].Emitter = evidence.ThirdParty
		}, 0},
	}
	for _, row := range table {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			c := newCase(t)
			row.build(c)
			if got := len(c.view().waits()); got != row.want {
				t.Errorf("%d waits, want %d", got, row.want)
			}
		})
	}
}
