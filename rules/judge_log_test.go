package rules

import (
	"slices"
	"testing"
	"time"

	"github.com/collaudo/collaudo/evidence"
)

// journalOf is what both providers log of the standard exchange.
func journalOf() []evidence.JournalEntry {
	entry := func(provider, event string, after time.Duration, related ...string) evidence.JournalEntry {
		return evidence.JournalEntry{
			Provider: provider, Event: event, At: acceptedAt.Add(after + 300*time.Millisecond), MessageID: clientMessageID, Identifier: identifier,
			Sender: anna, Recipients: []string{bruno, elena, carla}, Subject: "Preventivo 7f3a", Related: related, Issuer: aurora,
		}
	}
	return []evidence.JournalEntry{
		entry(aurora, "acceptance", 0, "<acceptance.20260114@gestore.aurora.example>"),
		entry(aurora, "envelope", 0, "<"+identifier+">"),
		entry(borea, "taken-in-charge", time.Second, "<taken-in-charge.20260114@gestore.borea.example>"),
		entry(borea, "delivery", 2*time.Second, "<delivery.20260114@gestore.borea.example>"),
	}
}

// logged is the standard exchange with the log, altered.
func logged(alter func([]evidence.JournalEntry) []evidence.JournalEntry) func(*testCase) {
	return func(c *testCase) {
		c.exchange()
		c.add(evidence.Event{Type: evidence.JournalRead, Journal: alter(journalOf())})
	}
}

// stored is an infected submission and what the stores hold of it.
func stored(f aftermath, knownTo []string, provider, kept string) func(*testCase) {
	return func(c *testCase) {
		c.submitted(originalText, planted(knownTo...))
		f(c)
		var list []evidence.Quarantined
		if kept != "" {
			list = append(list, evidence.Quarantined{Provider: provider, At: acceptedAt, Found: "Test-Virus", Blob: c.blobs.keep([]byte(crlf(kept)))})
		}
		c.add(evidence.Event{Type: evidence.QuarantineRead, Quarantine: list})
	}
}

func TestLogJudges(t *testing.T) {
	t.Parallel()
	whole := func(list []evidence.JournalEntry) []evidence.JournalEntry { return list }
	lost := func(event string) func([]evidence.JournalEntry) []evidence.JournalEntry {
		return func(list []evidence.JournalEntry) []evidence.JournalEntry {
			return slices.DeleteFunc(list, func(j evidence.JournalEntry) bool { return j.Event == event })
		}
	}
	changed := func(change func(*evidence.JournalEntry)) func([]evidence.JournalEntry) []evidence.JournalEntry {
		return func(list []evidence.JournalEntry) []evidence.JournalEntry {
			change(&list[3])
			return list
		}
	}
	refused := func(c *testCase) { c.put(correct("non-acceptance-virus")); c.settled() }
	trials := []trial{
		{rule: "PEC-LOG-001", name: "all there", build: logged(whole), want: holds},
		{rule: "PEC-LOG-001", name: "delivery lost", build: logged(lost("delivery")), want: broken},
		{rule: "PEC-LOG-001", name: "in another provider's log", build: logged(changed(func(j *evidence.JournalEntry) { j.Provider = aurora })), want: broken},
		{rule: "PEC-LOG-001", name: "not read", build: func(c *testCase) { c.exchange() }, none: true},
		{rule: "PEC-LOG-002", name: "complete", build: logged(whole), want: holds},
		{rule: "PEC-LOG-002", name: "encoded subject", build: logged(changed(func(j *evidence.JournalEntry) { j.Subject = "=?utf-8?q?Preventivo_7f3a?=" })), want: holds},
		{rule: "PEC-LOG-002", name: "no recipients", build: logged(changed(func(j *evidence.JournalEntry) { j.Recipients = nil })), want: broken},
		{rule: "PEC-LOG-002", name: "the first recipient only", build: logged(func(list []evidence.JournalEntry) []evidence.JournalEntry {
			list[0].Recipients = list[0].Recipients[:1]
			return list
		}), want: broken},
		{rule: "PEC-LOG-002", name: "no msgid", build: logged(changed(func(j *evidence.JournalEntry) { j.MessageID = "" })), want: broken},
		{rule: "PEC-LOG-002", name: "another sender", build: logged(changed(func(j *evidence.JournalEntry) { j.Sender = bruno })), want: broken},
		{rule: "PEC-LOG-002", name: "no related", build: logged(changed(func(j *evidence.JournalEntry) { j.Related = nil })), want: broken},
		{rule: "PEC-LOG-002", name: "no sending provider", build: logged(changed(func(j *evidence.JournalEntry) { j.Issuer = "" })), want: broken},
		{rule: "PEC-LOG-003", name: "all types", build: logged(whole), want: holds},
		{rule: "PEC-LOG-003", name: "one type missing", build: logged(lost("taken-in-charge")), want: broken},
		{rule: "PEC-LOG-006", name: "same second", build: logged(whole), want: holds},
		{rule: "PEC-LOG-006", name: "another second", build: logged(changed(func(j *evidence.JournalEntry) { j.At = j.At.Add(time.Second) })), want: broken},
	}
	for _, rule := range []string{"PEC-NAV-007", "PEC-STO-003"} {
		trials = append(trials,
			trial{rule: rule, name: "as is", build: stored(refused, nil, aurora, originalText), want: holds},
			trial{rule: rule, name: "with trace", build: stored(refused, nil, aurora, returnPath+traced+originalText), want: holds},
			trial{rule: rule, name: "with a PEC msgid", build: stored(refused, nil, aurora, certifiedOriginal()), want: broken},
			trial{rule: rule, name: "body removed", build: stored(refused, nil, aurora, originalHead+"\nrimosso\n"), want: broken},
			trial{rule: rule, name: "not kept", build: stored(refused, nil, aurora, ""), want: broken},
			trial{rule: rule, name: "at the other provider", build: stored(refused, nil, borea, originalText), want: broken},
		)
	}
	trials = append(trials,
		trial{rule: "PEC-STO-001", name: "stored", build: stored(refused, nil, aurora, originalText), want: holds},
		trial{rule: "PEC-STO-001", name: "not stored", build: stored(refused, nil, aurora, ""), want: broken},
		trial{rule: "PEC-STO-001", name: "nothing to know", build: stored(acceptedWhole, []string{borea}, borea, originalText), none: true},
		trial{rule: "PEC-STO-002", name: "stored", build: stored(acceptedWhole, []string{borea}, borea, certifiedOriginal()), want: holds},
		trial{rule: "PEC-STO-002", name: "not stored", build: stored(acceptedWhole, []string{borea}, aurora, certifiedOriginal()), want: broken},
		trial{rule: "PEC-STO-002", name: "other octets stored", build: func(c *testCase) {
			stored(acceptedWhole, []string{borea}, borea, certifiedOriginal())(c)
			c.add(evidence.Event{Type: evidence.RelayRead, Relay: []evidence.RelayExchange{{From: aurora, To: borea, Code: 250, SHA256: c.blobs.keep([]byte("whole"))}}})
		}, want: broken},
		trial{rule: "PEC-STO-002", name: "found before", build: stored(refused, nil, aurora, originalText), none: true},
	)
	runTrials(t, logJudges(), trials)
}
