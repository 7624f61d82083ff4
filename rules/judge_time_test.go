package rules

import (
	"testing"
	"time"
)

func TestTime(t *testing.T) {
	t.Parallel()
	runTrials(t, timeJudges(), []trial{
		holdsEverywhere("PEC-TIM-001"),
		{rule: "PEC-TIM-001", name: "envelope a second later", want: broken, build: func(c *testCase) {
			c.submitted(originalText)
			c.put(correct("acceptance"))
			c.put(correct("envelope").content(c.t, "<ora>10:20:30", "<ora>10:20:31"))
		}},
		{rule: "PEC-TIM-001", name: "another zone, same instant", want: holds, build: func(c *testCase) {
			c.submitted(originalText)
			c.put(correct("acceptance"))
			c.put(correct("envelope").with(c.t, "zona=\"+0100\"", "zona=\"+0000\"", "<ora>10:", "<ora>09:"))
		}},
		{rule: "PEC-TIM-001", name: "no envelope", build: alone("acceptance"), none: true},
		{rule: "PEC-TIM-002", name: "between submission and retrieval", build: alone("acceptance"), want: holds},
		{rule: "PEC-TIM-002", name: "three hours before it was submitted", build: alone("acceptance", "<ora>10:20:30", "<ora>07:20:30"), want: broken},
		{rule: "PEC-TIM-003", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-TIM-003", name: "leap second", build: alone("acceptance", "10:20:30", "23:59:60"), want: holds},
		{rule: "PEC-TIM-003", name: "last of February", build: alone("acceptance", "14/01/2026", "29/02/2028", "Wed, 14 Jan 2026", "Tue, 29 Feb 2028"), want: holds},
		{rule: "PEC-TIM-003", name: "30 February in the data", build: alone("acceptance", "<giorno>14/01", "<giorno>30/02"), want: broken},
		{rule: "PEC-TIM-003", name: "30 February in the text", build: alone("acceptance", "giorno 14/01", "giorno 30/02"), want: broken},
		{rule: "PEC-TIM-003", name: "24 o'clock", build: alone("acceptance", "<ora>10:20:30", "<ora>24:00:00"), want: broken},
		{rule: "PEC-TIM-003", name: "sixtieth second elsewhere", build: alone("acceptance", "<ora>10:20:30", "<ora>10:20:60"), want: broken},
		{rule: "PEC-TIM-003", name: "Date is none", build: alone("acceptance", "14 Jan 2026 10:20:30 +0100", "14 gen 2026 10:20:30 +0100"), want: broken},
		{rule: "PEC-TIM-003", name: "another day of the week", build: alone("acceptance", "Wed, 14 Jan", "Thu, 14 Jan"), want: warned},
		holdsEverywhere("PEC-TIM-004"),
		{rule: "PEC-TIM-004", name: "taken in charge before it was sent", want: broken, build: func(c *testCase) {
			c.submitted(originalText)
			c.put(correct("envelope"))
			c.put(correct("taken-in-charge").with(c.t, "<ora>10:20:31", "<ora>10:20:20"))
		}},
		{rule: "PEC-TIM-004", name: "clocks a second apart", want: holds, build: func(c *testCase) {
			c.submitted(originalText)
			c.put(correct("envelope"))
			c.put(correct("taken-in-charge").with(c.t, "<ora>10:20:31", "<ora>10:20:29"))
		}},
		{rule: "PEC-TIM-004", name: "delivered before it was accepted", want: broken, build: func(c *testCase) {
			c.submitted(originalText)
			c.put(correct("acceptance"))
			c.put(correct("delivery").with(c.t, "<ora>10:20:32", "<ora>10:19:32"))
		}},
		{rule: "PEC-TIM-003", name: "year end", build: alone("acceptance", "14/01/2026", "31/12/2026", "Wed, 14 Jan 2026", "Thu, 31 Dec 2026", "10:20:30", "23:59:59"), want: holds},
		{rule: "PEC-TIM-003", name: "29 February of a common year", build: alone("acceptance", "<giorno>14/01/2026", "<giorno>29/02/2026"), want: broken},
		{rule: "PEC-TIM-004", name: "non-delivery before the message was sent", build: afterAcceptance("non-delivery", "10:20:32", "10:20:20"), want: broken},
		{rule: "PEC-TIM-004", name: "non-delivery after it", build: afterAcceptance("non-delivery"), want: holds},
		{rule: "PEC-TIM-004", name: "virus found before the message was sent", build: afterAcceptance("virus-detection", "10:20:31", "10:20:20"), want: broken},
		{rule: "PEC-TIM-004", name: "user told before the virus was found", want: broken, build: func(c *testCase) {
			c.submitted(originalText)
			c.put(correct("acceptance"))
			c.put(correct("virus-detection").with(c.t, "10:20:31", "10:20:40"))
			c.put(correct("non-delivery-virus"))
		}},
		{rule: "PEC-TIM-004", name: "user told after the virus was found", want: holds, build: func(c *testCase) {
			c.submitted(originalText)
			c.put(correct("acceptance"))
			c.put(correct("virus-detection"))
			c.put(correct("non-delivery-virus"))
		}},
		{rule: "PEC-TIM-004", name: "delay notice before the message was sent", build: afterAcceptance("delay-12", "22:20:30", "10:20:20"), want: broken},
	})
}

// afterAcceptance is alone with the acceptance before it.
func afterAcceptance(name string, pairs ...string) func(*testCase) {
	return func(c *testCase) {
		c.submitted(originalText)
		c.put(correct("acceptance"))
		c.put(correct(name).with(c.t, pairs...))
		c.settled()
	}
}

// A provider that writes winter time all year is right in winter alone; at the
// switches the hour that is there twice, and the one that is not there, tell.
func TestLegalTimeThroughTheYear(t *testing.T) {
	t.Parallel()
	at := func(utc, zone string) func(*testCase) {
		return func(c *testCase) {
			instant, err := time.Parse(time.RFC3339, utc)
			if err != nil {
				c.t.Fatal(err)
			}
			offset, err := time.Parse("-0700", zone)
			if err != nil {
				c.t.Fatal(err)
			}
			local := instant.In(offset.Location())
			c.submitted(originalText)
			c.put(correct("acceptance").with(c.t, "14/01/2026", local.Format("02/01/2006"), "10:20:30", local.Format("15:04:05"),
				`zona="+0100"`, `zona="`+zone+`"`, "(+0100)", "("+zone+")"))
		}
	}
	rule := "PEC-GEN-030"
	var trials []trial
	for _, row := range []struct {
		name, utc, right, wrong string
	}{
		{"last second of winter time", "2026-03-29T00:59:59Z", "+0100", "+0200"},
		{"first second of summer time", "2026-03-29T01:00:00Z", "+0200", "+0100"},
		{"in summer", "2026-07-14T08:00:00Z", "+0200", "+0100"},
		{"last second of summer time", "2026-10-25T00:59:59Z", "+0200", "+0100"},
		{"first second of winter time", "2026-10-25T01:00:00Z", "+0100", "+0200"},
		{"last second of the year", "2026-12-31T22:59:59Z", "+0100", "+0200"},
		{"first second of the year", "2026-12-31T23:00:00Z", "+0100", "+0000"},
		{"leap day", "2028-02-29T11:00:00Z", "+0100", "+0200"},
	} {
		trials = append(trials,
			trial{rule: rule, name: row.name, build: at(row.utc, row.right), want: holds},
			trial{rule: rule, name: row.name + ", wrong offset", build: at(row.utc, row.wrong), want: broken})
	}
	var judges []Judge
	for _, j := range generalJudges() {
		if j.Rule == rule {
			judges = append(judges, j)
		}
	}
	runTrials(t, judges, trials)
}
