package rules

import (
	"strings"
	"testing"
)

func TestGeneralReference(t *testing.T) {
	t.Parallel()
	// What follows from a submission without Message-ID.
	without := func(names []string, pairs ...string) func(*testCase) {
		return altered(strings.Replace(originalText, "Message-ID: <c1@pc.aurora.example>\n", "", 1), names, pairs...)
	}
	noField := []string{"X-Riferimento-Message-ID: <c1@pc.aurora.example>\n", "", "\n    <msgid>&lt;c1@pc.aurora.example&gt;</msgid>", ""}
	runTrials(t, generalReferenceJudges(), []trial{
		{rule: "PEC-GEN-022", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-GEN-022", name: "folded", build: alone("acceptance", "Message-ID: <c1@", "Message-ID:\n <c1@"), want: holds},
		{rule: "PEC-GEN-022", name: "without brackets", build: alone("acceptance", "-Message-ID: <c1@pc.aurora.example>", "-Message-ID: c1@pc.aurora.example"), want: broken},
		{rule: "PEC-GEN-022", name: "absent", build: alone("acceptance", "X-Riferimento-Message-ID: <c1@pc.aurora.example>\n", ""), want: broken},
		{rule: "PEC-GEN-022", name: "absent in the original", build: func(c *testCase) {
			c.submitted(originalText)
			c.put(correct("envelope").content(c.t, "X-Riferimento-Message-ID: <c1@pc.aurora.example>\n", ""))
		}, want: broken},
		{rule: "PEC-GEN-022", name: "no submission known", build: func(c *testCase) { c.put(correct("envelope")) }, want: holds},
		{rule: "PEC-GEN-023", name: "none, none", build: without([]string{"acceptance", "envelope"}, noField...), want: holds},
		{rule: "PEC-GEN-023", name: "invented in the header", build: without([]string{"acceptance"}, noField[2:]...), want: broken},
		{rule: "PEC-GEN-023", name: "invented in the data", build: without([]string{"acceptance"}, noField[:2]...), want: broken},
		{rule: "PEC-GEN-023", name: "with Message-ID", build: alone("acceptance"), none: true},
		{rule: "PEC-GEN-031", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-GEN-031", name: "another in the text", build: alone("acceptance", "messaggio: pec1.", "messaggio: pec2."), want: broken},
		{rule: "PEC-GEN-031", name: "another in the envelope's header", build: func(c *testCase) {
			c.submitted(originalText)
			c.put(correct("envelope").head(c.t, "<pec1.", "<pec2."))
		}, want: broken},
		{rule: "PEC-GEN-031", name: "receipt with another", build: func(c *testCase) {
			c.submitted(originalText)
			c.put(correct("envelope"))
			c.put(correct("delivery").with(c.t, "pec1.", "pec2."))
		}, want: broken},
		{rule: "PEC-GEN-031", name: "non-acceptance has one of its own", build: alone("non-acceptance", "pec1.", "pec2."), want: holds},
		{rule: "PEC-GEN-032", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-GEN-032", name: "absent", build: alone("acceptance", "Message-ID: <acceptance.20260114@gestore.aurora.example>\n", ""), want: broken},
		{rule: "PEC-GEN-032", name: "that of the envelope", build: alone("acceptance", "<acceptance.20260114@", "<pec1.20260114@"), want: broken},
		{rule: "PEC-GEN-032", name: "that of another receipt", build: func(c *testCase) {
			c.put(correct("acceptance"))
			c.put(correct("delivery").with(c.t, "<delivery.20260114@gestore.borea", "<acceptance.20260114@gestore.aurora"))
		}, want: broken},
	})
}

func TestGeneralSubject(t *testing.T) {
	t.Parallel()
	about := func(subject, became string) func(*testCase) {
		return func(c *testCase) {
			c.submitted(strings.Replace(originalText, "Preventivo 7f3a", subject, 1))
			c.put(correct("acceptance").head(c.t, "ACCETTAZIONE: Preventivo 7f3a", became))
			c.settled()
		}
	}
	noSubject := strings.Replace(originalText, "Subject: Preventivo 7f3a\n", "", 1)
	runTrials(t, generalSubjectJudges(), []trial{
		{rule: "PEC-GEN-024", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-GEN-024", name: "inside the encoded word", build: about("Preventivo 7f3a", "=?UTF-8?Q?ACCETTAZIONE=3A_Preventivo_7f3a?="), want: holds},
		{rule: "PEC-GEN-024", name: "folded after the prefix", build: about("Preventivo 7f3a", "ACCETTAZIONE:\n Preventivo 7f3a"), want: holds},
		{rule: "PEC-GEN-024", name: "another case", build: about("Preventivo 7f3a", "Accettazione: Preventivo 7f3a"), want: broken},
		{rule: "PEC-GEN-024", name: "no blank", build: about("Preventivo 7f3a", "ACCETTAZIONE:Preventivo 7f3a"), want: broken},
		{rule: "PEC-GEN-024", name: "that of another kind", build: alone("delivery", "CONSEGNA: ", "ACCETTAZIONE: "), want: broken},
		{rule: "PEC-GEN-024", name: "that of the virus variant", build: alone("non-delivery", "CONSEGNA: ", "CONSEGNA PER VIRUS: "), want: broken},
		{rule: "PEC-GEN-024", name: "absent", build: alone("delivery", "Subject: CONSEGNA: Preventivo 7f3a\n", ""), want: broken},
		{rule: "PEC-GEN-025", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-GEN-025", name: "encoded otherwise", build: about("=?UTF-8?Q?Perch=C3=A9?= 7f3a", "ACCETTAZIONE: =?ISO-8859-1?Q?Perch=E9_7f3a?="), want: holds},
		{rule: "PEC-GEN-025", name: "white space", build: about("Preventivo  7f3a", "ACCETTAZIONE: Preventivo 7f3a"), want: deviates},
		{rule: "PEC-GEN-025", name: "encoded line break dropped", build: about("=?UTF-8?Q?prima=0D=0ABcc:_x?= 7f3a", "ACCETTAZIONE: primaBcc: x 7f3a"), want: deviates},
		{rule: "PEC-GEN-025", name: "tab of a fold", build: about("Preventivo\n\t7f3a", "ACCETTAZIONE: Preventivo 7f3a"), want: holds},
		{rule: "PEC-GEN-025", name: "anomaly envelope around a bounce", want: holds, build: func(c *testCase) {
			c.submitted(originalText)
			c.put(correct("anomaly").with(c.t, "Preventivo 7f3a", "Undelivered 7f3a"))
		}},
		{rule: "PEC-GEN-025", name: "characters replaced", build: about("=?UTF-8?Q?Preventivo_=E2=82=AC_7f3a?=", "ACCETTAZIONE: Preventivo ? 7f3a"), want: deviates},
		{rule: "PEC-GEN-025", name: "cut", build: about("Preventivo per il 2026 7f3a", "ACCETTAZIONE: Preventivo"), want: broken},
		{rule: "PEC-GEN-025", name: "not decoded", build: about("=?UTF-8?Q?Perch=C3=A9?= 7f3a", "ACCETTAZIONE: Perche 7f3a"), want: broken},
		{rule: "PEC-GEN-025", name: "raw octets", build: about("=?UTF-8?Q?Perch=C3=A9?= 7f3a", "ACCETTAZIONE: Perché 7f3a"), want: broken},
		{rule: "PEC-GEN-025", name: "no submission known", build: func(c *testCase) { c.put(correct("envelope")) }, want: holds},
		{rule: "PEC-GEN-025", name: "no submission known, not that of the original", build: func(c *testCase) {
			c.put(correct("envelope").head(c.t, "Preventivo 7f3a", "Preventivo 8f3a"))
		}, want: broken},
		{rule: "PEC-GEN-026", name: "absent", build: altered(noSubject, []string{"acceptance"}, " Preventivo 7f3a", "", "Preventivo 7f3a", ""), want: holds},
		{rule: "PEC-GEN-026", name: "empty", build: altered(strings.Replace(originalText, "Preventivo 7f3a", "", 1), []string{"acceptance"}, " Preventivo 7f3a", "", "Preventivo 7f3a", ""), want: holds},
		{rule: "PEC-GEN-026", name: "invented", build: altered(noSubject, []string{"acceptance"}, "Preventivo 7f3a", "nessun oggetto"), want: broken},
		{rule: "PEC-GEN-026", name: "no prefix", build: altered(noSubject, []string{"acceptance"}, "ACCETTAZIONE: Preventivo 7f3a", "", "Preventivo 7f3a", ""), want: broken},
		{rule: "PEC-GEN-026", name: "invented in the data", build: func(c *testCase) {
			c.submitted(noSubject)
			c.put(correct("acceptance").head(c.t, " Preventivo 7f3a", ""))
		}, want: broken},
		{rule: "PEC-GEN-026", name: "no answer", build: altered(noSubject, nil), want: broken},
		{rule: "PEC-GEN-026", name: "with subject", build: alone("acceptance"), none: true},
	})
}

func TestGeneralTime(t *testing.T) {
	t.Parallel()
	runTrials(t, generalTimeJudges(), []trial{
		{rule: "PEC-GEN-027", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-GEN-027", name: "another zone in Date", build: alone("acceptance", "Date: Wed, 14 Jan 2026 10:20:30 +0100", "Date: Wed, 14 Jan 2026 09:20:30 +0000 (GMT)"), want: holds},
		{rule: "PEC-GEN-027", name: "six seconds", build: alone("acceptance", "2026 10:20:30 +0100", "2026 10:20:36 +0100"), want: deviates},
		{rule: "PEC-GEN-027", name: "a minute", build: alone("acceptance", "2026 10:20:30 +0100", "2026 10:21:30 +0100"), want: broken},
		{rule: "PEC-GEN-027", name: "another hour in the text", build: alone("acceptance", "alle ore 10:20:30", "alle ore 10:20:31"), want: broken},
		{rule: "PEC-GEN-027", name: "another day in the data", build: alone("acceptance", "<giorno>14/01", "<giorno>13/01"), want: broken},
		{rule: "PEC-GEN-027", name: "anomaly envelope", build: func(c *testCase) { c.put(correct("anomaly")) }, want: holds},
		{rule: "PEC-GEN-028", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-GEN-028", name: "no leading zero", build: alone("acceptance", "14/01/2026 alle", "14/1/2026 alle"), want: broken},
		{rule: "PEC-GEN-028", name: "two digits of the year", build: alone("acceptance", "14/01/2026 alle", "14/01/26 alle"), want: broken},
		{rule: "PEC-GEN-028", name: "dashes", build: alone("acceptance", "14/01/2026 alle", "14-01-2026 alle"), want: broken},
		{rule: "PEC-GEN-028", name: "no seconds", build: alone("acceptance", "ore 10:20:30", "ore 10:20"), want: broken},
		{rule: "PEC-GEN-028", name: "only in the subject", build: alone("acceptance", "Preventivo", "14/01/2026 10:20:30", "Il giorno 14/01/2026 alle ore 10:20:30", "Oggi"), want: broken},
		{rule: "PEC-GEN-029", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-GEN-029", name: "with colon", build: alone("acceptance", "(+0100)", "(+01:00)"), want: holds},
		{rule: "PEC-GEN-029", name: "no parentheses", build: alone("acceptance", "(+0100)", "+0100"), want: broken},
		{rule: "PEC-GEN-029", name: "day in another form", build: alone("acceptance", "14/01/2026 alle", "2026-01-14 alle"), want: holds},
		{rule: "PEC-GEN-029", name: "no hour", build: alone("acceptance", "alle ore 10:20:30 (+0100)", ""), none: true},
		{rule: "PEC-GEN-029", name: "name of the zone", build: alone("acceptance", "(+0100)", "(CET)"), want: broken},
		{rule: "PEC-GEN-030", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-GEN-030", name: "summer time in winter", build: alone("acceptance", "zona=\"+0100\"", "zona=\"+0200\"", "10:20:30", "11:20:30", "(+0100)", "(+0200)"), want: broken},
		{rule: "PEC-GEN-030", name: "winter time in summer", build: alone("acceptance", "14/01", "14/07"), want: broken},
		{rule: "PEC-GEN-030", name: "summer time in summer", build: alone("acceptance", "14/01", "14/07", "zona=\"+0100\"", "zona=\"+0200\"", "(+0100)", "(+0200)"), want: holds},
		{rule: "PEC-GEN-030", name: "UTC in the text", build: alone("acceptance", "ore 10:20:30 (+0100)", "ore 09:20:30 (+0000)"), want: broken},
	})
}

func TestGeneralFacts(t *testing.T) {
	t.Parallel()
	inPlain := func(old, now string) func(*testCase) {
		return func(c *testCase) {
			c.submitted(originalText)
			m := correct("acceptance")
			plain, html, _ := strings.Cut(m.Content, "text/html")
			if !strings.Contains(plain, old) {
				c.t.Fatalf("no %q", old)
			}
			m.Content = strings.ReplaceAll(plain, old, now) + "text/html" + html
			c.put(m)
		}
	}
	inHTML := func(old, now string) func(*testCase) {
		return func(c *testCase) {
			c.submitted(originalText)
			m := correct("acceptance")
			plain, html, _ := strings.Cut(m.Content, "text/html")
			html, data, _ := strings.Cut(html, "daticert.xml")
			if !strings.Contains(html, old) {
				c.t.Fatalf("no %q", old)
			}
			m.Content = plain + "text/html" + strings.ReplaceAll(html, old, now) + "daticert.xml" + data
			c.put(m)
		}
	}
	var trials []trial
	for name, change := range map[string][2]string{
		"subject": {"Preventivo 7f3a", "Preventivo"}, "sender": {"anna@", "giovanna@"}, "recipient": {"carla@", "dario@"},
		"identifier": {"pec1.", "pec2."}, "day": {"14/01/2026", "15/01/2026"}, "hour": {"10:20:30", "10:20:31"}, "zone": {"(+0100)", "(+0200)"},
	} {
		trials = append(trials, trial{rule: "PEC-GEN-008", name: name, build: inHTML(change[0], change[1]), want: broken})
	}
	runTrials(t, generalFactsJudges(), append(trials, []trial{
		{rule: "PEC-GEN-008", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-GEN-008", name: "with markup and entities", build: inHTML("Preventivo 7f3a", "<b>Preventivo</b>&#32;7f3a"), want: holds},
		{rule: "PEC-GEN-008", name: "plain only", build: alone("acceptance", "text/html", "text/enriched"), none: true},
		{rule: "PEC-GEN-036", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-GEN-036", name: "another subject", build: inPlain("Preventivo 7f3a", "Preventivo"), want: broken},
		{rule: "PEC-GEN-036", name: "another sender", build: inPlain("anna@", "giovanna@"), want: broken},
		{rule: "PEC-GEN-036", name: "another recipient", build: inPlain("carla@", "dario@"), want: broken},
		{rule: "PEC-GEN-036", name: "a recipient as a piece of another", build: inPlain("carla@borea.example", "carla@borea.example.example"), want: broken},
		{rule: "PEC-GEN-036", name: "characters lost", build: func(c *testCase) {
			c.submitted(originalText)
			c.put(correct("acceptance").with(c.t, "<oggetto>Preventivo 7f3a", "<oggetto>Preventivo € 7f3a", "\"Preventivo 7f3a\"", "\"Preventivo ? 7f3a\""))
		}, want: deviates},
		{rule: "PEC-GEN-036", name: "recipient of the receipt", build: alone("delivery", "indirizzato a \"bruno@", "indirizzato a \"carla@"), want: broken},
	}...))
}
