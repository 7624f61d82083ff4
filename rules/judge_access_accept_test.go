package rules

import (
	"strings"

	"github.com/collaudo/collaudo/evidence"
)

// Trials of the judges of what the access point accepts, and of the identifiers
// and labels that it gives; run by TestAccessJudges.

func toleranceTrials() []trial {
	fifty := func(alter ...func(*evidence.Submission)) []func(*evidence.Submission) {
		return append([]func(*evidence.Submission){func(s *evidence.Submission) {
			rcpt(manyRecipients()...)(s)
		}}, alter...)
	}
	many := []string{toLine, "To: " + strings.Join(manyRecipients(), ",\n "), "Cc: carla@borea.example\n", ""}
	sized := func(octets int64) func(*evidence.Submission) { return func(s *evidence.Submission) { s.Size = octets } }
	forms := []string{toLine, "To: Amici: Bruno (in ufficio)\n <bruno@borea.example>, =?utf-8?q?El=C3=A8na?= <elena@posta.example>;"}
	return []trial{
		{rule: "PEC-AP-007", name: "two mailboxes", build: submittedAs(refusedByNotice, []string{fromLine, "From: anna@aurora.example, gino@aurora.example"}), want: observed},
		holdsEverywhere("PEC-AP-011"),
		{rule: "PEC-AP-011", name: "domain in capitals", build: submittedAs(acceptedWhole, []string{fromLine, "From: anna@AURORA.example"}), want: holds},
		{rule: "PEC-AP-011", name: "domain in capitals refused", build: submittedAs(refusedByNotice, []string{fromLine, "From: anna@AURORA.example"}), want: broken},
		{rule: "PEC-AP-011", name: "local part in capitals", build: submittedAs(refusedByNotice, []string{fromLine, "From: Anna@aurora.example"}), want: observed},
		{rule: "PEC-AP-013", name: "no RCPT", build: submittedAs(acceptedWhole, nil, rcpt(bruno, elena)), want: observed},
		{rule: "PEC-AP-015", name: "empty", build: submittedAs(acceptedWhole, []string{"Subject:", "Bcc:\nSubject:"}), want: observed},
		{rule: "PEC-AP-020", name: "accepted", build: submittedAs(acceptedWhole, many, fifty()...), want: holds},
		{rule: "PEC-AP-020", name: "refused", build: submittedAs(silence, many, fifty(refusedBySMTP(554))...), want: broken},
		{rule: "PEC-AP-020", name: "too many for RCPT", build: submittedAs(acceptedWhole, many, fifty(func(s *evidence.Submission) {
			s.Recipients[49].Reply = evidence.Reply{Code: 452}
		})...), want: broken},
		{rule: "PEC-AP-021", name: "accepted", build: submittedAs(acceptedWhole, nil, sized(10_000_000)), want: holds},
		{rule: "PEC-AP-021", name: "refused", build: submittedAs(silence, nil, sized(10_000_000), refusedBySMTP(552)), want: broken},
		{rule: "PEC-AP-021", name: "refused far below", build: submittedAs(silence, nil, refusedBySMTP(552)), want: broken},
		{rule: "PEC-AP-021", name: "between the readings", build: submittedAs(silence, nil, sized(10_200_000), refusedBySMTP(552)), want: observed},
		{rule: "PEC-AP-021", name: "small", build: submittedAs(acceptedWhole, nil), none: true},
		{rule: "PEC-AP-035", name: "once", build: submittedAs(acceptedWhole, nil, rcpt(bruno, elena, carla, bruno)), want: holds},
		{rule: "PEC-AP-035", name: "two entries", build: func(c *testCase) {
			c.submitted(originalText, rcpt(bruno, elena, carla, bruno))
			entry := `<destinatari tipo="certificato">bruno@borea.example</destinatari>`
			c.put(correct("acceptance").with(c.t, entry, entry+entry))
			c.settled()
		}, want: broken},
		{rule: "PEC-AP-035", name: "two receipts", build: submittedAs(func(c *testCase) {
			c.put(correct("delivery"))
			c.put(correct("delivery"))
			acceptedWhole(c)
		}, nil, rcpt(bruno, elena, carla, bruno)), want: broken},
		{rule: "PEC-AP-036", name: "accepted", build: submittedAs(acceptedWhole, forms), want: holds},
		{rule: "PEC-AP-036", name: "refused", build: submittedAs(refusedByNotice, forms), want: broken},
		{rule: "PEC-AP-036", name: "a recipient lost", build: func(c *testCase) {
			c.submitted(textAs(c.t, forms...))
			c.put(correct("acceptance").with(c.t, `<destinatari tipo="esterno">elena@posta.example</destinatari>`, ""))
			c.settled()
		}, want: broken},
		{rule: "PEC-AP-036", name: "plain", build: submittedAs(acceptedWhole, nil), none: true},
		{rule: "PEC-AP-037", name: "accepted", build: submittedAs(acceptedWhole, nil), want: observed},
	}
}

func manyRecipients() []string {
	all := []string{bruno, carla}
	for len(all) < 50 {
		all = append(all, "casella"+strings.Repeat("x", len(all))+"@borea.example")
	}
	return all
}

// envelopeOf is a case with a submission and its envelope, both altered.
func envelopeOf(sent, envelope []string) func(*testCase) {
	return func(c *testCase) {
		c.submitted(textAs(c.t, sent...))
		c.put(correct("acceptance"))
		c.put(correct("envelope").with(c.t, envelope...))
		c.settled()
	}
}

func identifierTrials() []trial {
	idLine := "Message-ID: <c1@pc.aurora.example>\n"
	forged := []string{"Subject:", "X-Trasporto: errore\nX-Ricevuta: accettazione\nX-Mittente: x@x.example\nSubject:"}
	second := func(id string) func(*testCase) {
		return func(c *testCase) {
			twin(c, true)
			c.submitted(originalText)
			c.put(correct("acceptance").with(c.t, "identificativo>pec1", "identificativo> "+id))
			c.settled()
		}
	}
	return []trial{
		holdsEverywhere("PEC-AP-023"),
		{rule: "PEC-AP-023", name: "blank inside", build: alone("acceptance", "pec1.2026", "pec 1.2026"), want: broken},
		{rule: "PEC-AP-023", name: "no domain", build: alone("envelope", "<pec1.20260114@gestore.aurora.example>", "<pec1.20260114>"), want: broken},
		{rule: "PEC-AP-024", name: "distinct", build: second("pec1"), want: holds},
		{rule: "PEC-AP-024", name: "the same", build: second("pec0"), want: broken},
		{rule: "PEC-AP-024", name: "only one", build: alone("acceptance"), none: true},
		holdsEverywhere("PEC-AP-025"),
		{rule: "PEC-AP-025", name: "client's kept inside", build: envelopeOf(nil, []string{"Message-ID: <pec1.20260114@gestore.aurora.example>\nX-Riferimento", "Message-ID: <c1@pc.aurora.example>\nX-Riferimento"}), want: broken},
		holdsEverywhere("PEC-AP-026"),
		{rule: "PEC-AP-026", name: "not inside", build: envelopeOf(nil, []string{"example>\nX-Riferimento-Message-ID: <c1@pc.aurora.example>\nMIME", "example>\nMIME"}), want: broken},
		{rule: "PEC-AP-026", name: "another", build: func(c *testCase) {
			c.submitted(originalText)
			c.put(correct("envelope").content(c.t, "X-Riferimento-Message-ID: <c1@", "X-Riferimento-Message-ID: <c2@"))
		}, want: broken},
		{rule: "PEC-AP-027", name: "did not surface", build: envelopeOf(forged, nil), want: holds},
		{rule: "PEC-AP-027", name: "surfaced", build: func(c *testCase) {
			c.submitted(textAs(c.t, forged...))
			c.put(correct("envelope").head(c.t, "X-Trasporto:", "X-Mittente: x@x.example\nX-Trasporto:"))
		}, want: broken},
		{rule: "PEC-AP-027", name: "nothing forged", build: envelopeOf(nil, nil), none: true},
		{rule: "PEC-AP-038", name: "supplied", build: envelopeOf([]string{idLine, ""}, nil), want: holds},
		{rule: "PEC-AP-038", name: "not supplied", build: envelopeOf([]string{idLine, ""}, []string{"Message-ID: <pec1.20260114@gestore.aurora.example>\nX-Riferimento", "X-Riferimento"}), want: broken},
	}
}

func labelTrials() []trial {
	entry := func(label, address string) string {
		return `<destinatari tipo="` + label + `">` + address + `</destinatari>`
	}
	relabelled := func(address, was, is string) func(*testCase) {
		return alone("acceptance", entry(was, address), entry(is, address))
	}
	written := func(address, label string) func(*testCase) {
		return func(c *testCase) {
			c.submitted(textAs(c.t, bruno, address), rcpt(address, elena, carla))
			c.put(correct("acceptance").with(c.t, entry("certificato", bruno), entry(label, bruno)+" ", bruno, address))
			c.settled()
		}
	}
	asked := func(values string, pairs ...string) func(*testCase) {
		return func(c *testCase) {
			c.submitted(textAs(c.t, "Subject:", values+"Subject:"))
			c.put(correct("envelope").with(c.t, pairs...))
			c.settled()
		}
	}
	const brief = "X-TipoRicevuta: breve\n"
	return []trial{
		{rule: "PEC-AP-028", name: "certified", build: written("bruno@BOREA.example", "certificato"), want: holds},
		{rule: "PEC-AP-028", name: "not certified", build: written("bruno@BOREA.example", "esterno"), want: broken},
		{rule: "PEC-AP-028", name: "same case", build: alone("acceptance"), none: true},
		holdsEverywhere("PEC-AP-029"),
		{rule: "PEC-AP-029", name: "copy not certified", build: relabelled(carla, "certificato", "esterno"), want: broken},
		holdsEverywhere("PEC-AP-030"),
		{rule: "PEC-AP-030", name: "ordinary certified", build: relabelled(elena, "esterno", "certificato"), want: broken},
		{rule: "PEC-AP-030", name: "text says otherwise", build: alone("acceptance", `elena@posta.example ("posta ordinaria")`, `elena@posta.example ("posta certificata")`), want: broken},
		{rule: "PEC-AP-031", name: "ordinary", build: written("bruno@sede.borea.example", "esterno"), want: holds},
		{rule: "PEC-AP-031", name: "certified", build: written("bruno@sede.borea.example", "certificato"), want: broken},
		{rule: "PEC-AP-032", name: "carried", build: asked(brief, `ricevuta tipo="completa"`, `ricevuta tipo="breve"`, "X-Trasporto:", brief+"X-Trasporto:"), want: holds},
		{rule: "PEC-AP-032", name: "not in the data", build: asked(brief, "X-Trasporto:", brief+"X-Trasporto:"), want: broken},
		{rule: "PEC-AP-032", name: "not in the header", build: asked(brief, `ricevuta tipo="completa"`, `ricevuta tipo="breve"`), want: broken},
		holdsEverywhere("PEC-AP-033"),
		{rule: "PEC-AP-033", name: "sintetica by itself", build: asked("", `ricevuta tipo="completa"`, `ricevuta tipo="sintetica"`), want: broken},
		{rule: "PEC-AP-034", name: "unknown", build: asked("X-TipoRicevuta: lunga\n"), want: holds},
		{rule: "PEC-AP-034", name: "capitals", build: asked("X-TipoRicevuta: BREVE\n"), want: holds},
		{rule: "PEC-AP-034", name: "carried along", build: asked("X-TipoRicevuta: lunga\n", "X-Trasporto:", "X-TipoRicevuta: lunga\nX-Trasporto:"), want: broken},
		{rule: "PEC-AP-034", name: "twice", build: asked(brief+"X-TipoRicevuta: sintetica\n", `ricevuta tipo="completa"`, `ricevuta tipo="sintetica"`), want: broken},
	}
}
