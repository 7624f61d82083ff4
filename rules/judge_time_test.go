package rules

import "testing"

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
	})
}
