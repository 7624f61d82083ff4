package rules

import "time"

// handoverTrials are about envelopes that a provider's host does not take.
func handoverTrials() []trial {
	const hour = time.Hour
	only := []string{paolo}
	bounce := func(after time.Duration) act { return told("non-delivery", paolo, after) }
	down := func(acts ...act) func(*testCase) {
		return unhanded(only, append([]act{tried(time.Second, nil), tried(hour, nil)}, acts...)...)
	}
	return []trial{
		{rule: "PEC-TMO-024", name: "told after 24 hours", build: down(firstTold(paolo), secondTold(), bounce(24*hour), until(25*hour)), want: holds},
		{rule: "PEC-TMO-024", name: "never told", build: down(firstTold(paolo), secondTold(), until(25*hour)), want: broken},
		{rule: "PEC-TMO-024", name: "half an hour more", build: down(firstTold(paolo), secondTold(), until(24*hour)), want: unable},
		{rule: "PEC-TMO-024", name: "given up after an hour", build: down(bounce(hour), until(25*hour)), want: broken},
		{rule: "PEC-TMO-024", name: "tried on the second day", build: down(bounce(24*hour), tried(26*hour, nil), until(48*hour)), want: broken},
		{rule: "PEC-TMO-024", name: "refused for good", build: unhanded(only, tried(time.Second, refusedWith(550)), bounce(time.Minute), until(25*hour)), none: true},
		{rule: "PEC-TMO-024", name: "taken in the end", build: unhanded(only, tried(time.Second, nil), handed(paolo, hour), until(25*hour)), none: true},

		{rule: "PEC-TE-021", name: "tried again", build: down(until(2 * hour)), want: holds},
		{rule: "PEC-TE-021", name: "handed over", build: unhanded(only, tried(time.Second, nil), handed(paolo, hour), until(2*hour)), want: holds},
		{rule: "PEC-TE-021", name: "tried once", build: unhanded(only, tried(time.Second, nil), until(5*hour)), want: broken},
		{rule: "PEC-TE-021", name: "deferred once", build: unhanded(only, tried(time.Second, refusedWith(450)), until(5*hour)), want: broken},
		{rule: "PEC-TE-021", name: "withdrawn", build: down(told("non-acceptance", paolo, time.Minute), until(2*hour)), want: broken},
		{rule: "PEC-TE-021", name: "too soon to tell", build: unhanded(only, tried(time.Second, nil), until(hour)), none: true},

		{rule: "PEC-ND-012", name: "told", build: unhanded(only, tried(time.Second, refusedWith(550)), bounce(time.Minute)), want: holds},
		{rule: "PEC-ND-012", name: "not told", build: unhanded(only, tried(time.Second, refusedWith(550))), want: broken},
		{rule: "PEC-ND-012", name: "not settled", build: notYetSettled(unhanded(only, tried(time.Second, refusedWith(550)))), want: unable},
		{rule: "PEC-ND-012", name: "deferred", build: unhanded(only, tried(time.Second, refusedWith(450))), none: true},

		{rule: "PEC-IP-022", name: "refused", build: unhanded(only, tried(time.Second, refusedWith(550)), bounce(time.Minute)), want: observed},
		{rule: "PEC-IP-022", name: "refused in silence", build: unhanded(only, tried(time.Second, refusedWith(550))), want: observed},
		{rule: "PEC-IP-022", name: "deferred and tried again", build: unhanded(only, tried(time.Second, refusedWith(450)), handed(paolo, hour)), want: observed},
		{rule: "PEC-IP-022", name: "taken", build: waiting(), none: true},
	}
}
