package rules

import (
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/evidence"
)

// labelling is the standard exchange, in which the acceptance and the envelope
// label these addresses the other way about.
func labelling(c *testCase, wrong ...string) {
	c.submitted(originalText)
	for _, name := range []string{"acceptance", "envelope", "taken-in-charge", "delivery"} {
		m := correct(name)
		for _, address := range wrong {
			was, is := "certificato", "esterno"
			if address == elena {
				was, is = is, was
			}
			if name == "acceptance" || name == "envelope" {
				m = m.with(c.t, `tipo="`+was+`">`+address, `tipo="`+is+`">`+address)
			}
		}
		c.put(m)
	}
	c.settled()
}

func TestDirectoryCopyJudges(t *testing.T) {
	t.Parallel()
	ordinaryToo := directoryText() + "managedDomains: posta.example\n" // Elena's domain, in Borea's entry
	known := func(c *testCase) { c.trusted(-2*time.Hour, directoryText(), keys().emptyCRL); c.withoutTrust() }
	addedBefore := func(what string, ago time.Duration, wrong ...string) func(*testCase) {
		return func(c *testCase) {
			known(c)
			c.changed(evidence.DirectoryChange{What: what, Manner: mannerGood, Provider: borea, Subject: "posta.example", At: acceptedAt.Add(-ago)}, nil)
			labelling(c, wrong...)
		}
	}
	down := func(wrong ...string) func(*testCase) {
		return func(c *testCase) {
			known(c)
			c.served(centralFile, mannerDown, nil, func(s *evidence.DirectoryServing) { s.Failed = "no answer" })
			labelling(c, wrong...)
		}
	}
	damagedFile := func(manner string, file []byte, wrong ...string) func(*testCase) {
		return func(c *testCase) {
			known(c)
			c.served(centralFile, manner, file)
			labelling(c, wrong...)
		}
	}
	tampered := tamperedFile(t, operator(), directoryText()+"managedDomains: rosta.example\n", "rosta.example", "posta.example")
	cut := packed(t, operator(), directoryText())[:900]
	printed := packed(t, operator(), strings.ReplaceAll(directoryText(), "\n\n", "\n"))
	printedMore := packed(t, operator(), strings.ReplaceAll(ordinaryToo, "\n\n", "\n"))
	trials := []trial{
		{rule: "PEC-DIR-022", name: "known after a day", want: holds, build: addedBefore(domainAdded, 25*time.Hour, elena)},
		{rule: "PEC-DIR-022", name: "known at once", want: holds, build: addedBefore(domainAdded, time.Minute, elena)},
		{rule: "PEC-DIR-022", name: "unknown after a day", want: broken, build: addedBefore(domainAdded, 25*time.Hour)},
		{rule: "PEC-DIR-022", name: "unknown as yet", none: true, build: addedBefore(domainAdded, 6*time.Hour)},
		{rule: "PEC-DIR-022", name: "published by a provider a day ago", none: true, build: addedBefore(filePublished, 25*time.Hour)},
		{rule: "PEC-DIR-022", name: "published by a provider two days ago", want: broken, build: addedBefore(filePublished, 49*time.Hour)},
		{rule: "PEC-DIR-022", name: "an older file came after", none: true, build: func(c *testCase) {
			known(c)
			c.changed(evidence.DirectoryChange{What: domainAdded, Manner: mannerGood, Provider: borea, Subject: "posta.example", At: acceptedAt.Add(-49 * time.Hour)}, nil)
			c.changed(evidence.DirectoryChange{What: filePublished, Manner: mannerRolledBack, Subject: "posta.example", At: acceptedAt.Add(-24 * time.Hour)}, nil)
			labelling(c)
		}},
		{rule: "PEC-DIR-022", name: "no domain was added", none: true, build: func(c *testCase) { c.exchange() }},
		{rule: "PEC-DIR-023", name: "goes on", want: holds, build: down()},
		{rule: "PEC-DIR-023", name: "knows nobody", want: broken, build: down(bruno, carla)},
		{rule: "PEC-DIR-023", name: "accepts nothing", want: broken, build: func(c *testCase) {
			known(c)
			c.served(centralFile, mannerDown, nil)
			c.submitted(originalText, func(s *evidence.Submission) { s.DataReply = evidence.Reply{Code: 451} })
			c.settled()
		}},
		{rule: "PEC-DIR-023", name: "up again", none: true, build: func(c *testCase) {
			known(c)
			c.served(centralFile, mannerDown, nil)
			c.served(centralFile, mannerGood, packed(c.t, operator(), directoryText()))
			labelling(c)
		}},
		{rule: "PEC-DIR-026", name: "a domain in capitals", want: holds, build: func(c *testCase) {
			c.LDIF = textWith(c.t, directoryText(), "managedDomains: borea.example", "managedDomains: BOREA.example")
			c.exchange()
		}},
		{rule: "PEC-DIR-026", name: "a domain in capitals, not found", want: broken, build: func(c *testCase) {
			c.LDIF = textWith(c.t, directoryText(), "managedDomains: borea.example", "managedDomains: BOREA.example")
			labelling(c, bruno, carla)
		}},
		{rule: "PEC-DIR-026", name: "searched for in capitals", want: holds, build: searched("AURORA.EXAMPLE", auroraEntries())},
		{rule: "PEC-DIR-026", name: "searched for in capitals, not found", want: broken, build: searched("AURORA.EXAMPLE", "")},
		{rule: "PEC-DIR-026", name: "searched for as it is", none: true, build: searched("aurora.example", auroraEntries())},
		{rule: "PEC-DIR-026", name: "a hash in small letters", want: holds, build: listedAs(strings.ToLower, "taken-in-charge")},
		{rule: "PEC-DIR-026", name: "a hash in small letters, not found", want: broken, build: listedAs(strings.ToLower, "anomaly")},
		{rule: "PEC-DIR-026", name: "a hash in capitals", none: true, build: listedAs(strings.ToUpper, "taken-in-charge")},
		{rule: "PEC-DIR-029", name: "read", want: holds, build: damagedFile(mannerGood, printed)},
		{rule: "PEC-DIR-029", name: "not read", want: broken, build: damagedFile(mannerGood, printedMore)},
		{rule: "PEC-DIR-029", name: "of another form", none: true, build: damagedFile(mannerGood, packed(t, operator(), directoryText()))},
		{rule: "PEC-DIR-029", name: "a provider's file, read", want: holds, build: corruptFile("nuovo-cirro.example")},
		{rule: "PEC-DIR-029", name: "a provider's file, not read", want: broken, build: corruptFile("")},
		{rule: "PEC-DIR-031", name: "tampered, not applied", want: holds, build: damagedFile("tampered", tampered)},
		{rule: "PEC-DIR-031", name: "tampered, applied", want: broken, build: damagedFile("tampered", tampered, elena)},
		{rule: "PEC-DIR-031", name: "truncated, not applied", want: holds, build: damagedFile("truncated", cut)},
		{rule: "PEC-DIR-031", name: "truncated, applied", want: broken, build: damagedFile("truncated", cut, bruno, carla)},
		{rule: "PEC-DIR-031", name: "of a stranger, applied", want: broken, build: damagedFile(mannerStranger, packed(t, keys().aurora, ordinaryToo), elena)},
		{rule: "PEC-DIR-031", name: "not signed, applied", want: broken, build: damagedFile("unsigned", []byte(ordinaryToo), elena)},
		{rule: "PEC-DIR-031", name: "a good one", none: true, build: damagedFile(mannerGood, packed(t, operator(), ordinaryToo), elena)},
	}
	runTrials(t, directoryCopyJudges(), trials)
}

// searched looks for a domain over LDAP.
func searched(domain, found string) func(*testCase) {
	return func(c *testCase) {
		c.trusted(0, directoryText(), keys().emptyCRL)
		c.read(searchOverLDAP, []byte(found), func(r *evidence.DirectoryReading) {
			r.Address = "ldap://indice.example/o=postacert??sub?(managedDomains=" + domain + ")"
		})
	}
}

// listedAs has an envelope of the harness arrive, whose signer the directory
// lists in those letters.
func listedAs(letters func(string) string, outcome string) func(*testCase) {
	return func(c *testCase) {
		c.playedCirro()
		signer := registeredSigner(31)
		hash := hashOfCertificate(signer.Certificate.Raw)
		c.LDIF = directoryText() + "\n" + entryText(playedName, "", "ricevute@gestore.cirro.example", [][]byte{signer.Certificate.Raw}, "cirro.example")
		c.LDIF = textWith(c.t, c.LDIF, hash, letters(hash))
		c.handedOver(signer, time.Minute)
		m := correct(outcome)
		if outcome == "anomaly" {
			m = m.with(c.t, "X-Trasporto: errore", "X-Trasporto: errore\nX-Riferimento-Message-ID: <"+identifier+">")
		}
		c.put(m)
		c.settled()
	}
}

// corruptFile has the central directory fetch a file in which a certificate is
// misprinted, and then lists this domain, or not.
func corruptFile(listed string) func(*testCase) {
	return func(c *testCase) {
		c.playedCirro()
		text := strings.TrimSuffix(cirroEntry("nuovo-cirro.example"), "\n") + "\nproviderCertificate;binary:: MIIDHjCCAoegAwIBA\n"
		file := packed(c.t, registeredSigner(31), text)
		c.changed(evidence.DirectoryChange{What: filePublished, Manner: mannerGood, Provider: playedName, At: acceptedAt.Add(-90 * time.Minute)}, file)
		c.served(providerFile, mannerGood, file)
		var more []string
		if listed != "" {
			more = append(more, listed)
		}
		c.read(overLDAP, []byte(directoryText()+"\n"+cirroEntry(more...)))
	}
}

// What the labels of a domain must be is not asked while news of it spread.
func TestCertifiedForWhileNewsSpread(t *testing.T) {
	t.Parallel()
	more := directoryText() + "managedDomains: posta.example\n"
	for _, test := range []struct {
		name  string
		build func(*testCase)
		want  bool
	}{
		{"one directory", func(c *testCase) { c.exchange() }, false},
		{"added afterwards", func(c *testCase) {
			c.trusted(-time.Hour, directoryText(), keys().emptyCRL)
			c.submitted(originalText)
			c.trusted(time.Hour, more, keys().emptyCRL)
			c.withoutTrust()
		}, false},
		{"added before", func(c *testCase) {
			c.trusted(-2*time.Hour, directoryText(), keys().emptyCRL)
			c.trusted(-time.Hour, more, keys().emptyCRL)
			c.submitted(originalText)
			c.withoutTrust()
		}, true},
		{"labelled so by the target", func(c *testCase) {
			c.trusted(-2*time.Hour, directoryText(), keys().emptyCRL)
			c.trusted(-time.Hour, more, keys().emptyCRL)
			labelling(c)
			c.withoutTrust()
		}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newCase(t)
			test.build(c)
			v := c.view()
			if got := v.certifiedFor(v.Transactions[0], elena); got != test.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

// A certificate is judged by the directory that was in force when it signed.
func TestTrustInForce(t *testing.T) {
	t.Parallel()
	without := strings.Replace(standardLDIF(), hashOfCertificate(keys().aurora.Certificate.Raw), strings.Repeat("0", 40), 1)
	without = strings.ReplaceAll(without, strings.ToUpper(hashOfCertificate(keys().aurora.Certificate.Raw)), strings.Repeat("0", 40))
	for _, test := range []struct {
		name  string
		build func(*testCase)
		want  answer
	}{
		{"listed then, not now", func(c *testCase) {
			c.trusted(-time.Hour, standardLDIF(), keys().emptyCRL)
			c.put(correct("acceptance"))
			c.trusted(time.Hour, without, keys().emptyCRL)
		}, holds},
		{"listed now, not then", func(c *testCase) {
			c.trusted(-time.Hour, without, keys().emptyCRL)
			c.put(correct("acceptance"))
			c.trusted(time.Hour, standardLDIF(), keys().emptyCRL)
		}, broken},
		{"changed in between", func(c *testCase) {
			c.trusted(-time.Hour, without, keys().emptyCRL)
			c.changed(evidence.DirectoryChange{What: filePublished, Provider: aurora, At: acceptedAt.Add(-time.Minute)}, nil)
			c.put(correct("acceptance"))
			c.trusted(time.Hour, standardLDIF(), keys().emptyCRL)
		}, holds},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newCase(t)
			c.withoutTrust()
			test.build(c)
			for _, j := range signatureJudges() {
				if j.Rule != "PEC-SIG-004" {
					continue
				}
				var f Findings
				j.Look(c.view(), &f)
				if got, _ := worst(f.list); got.answer != test.want {
					t.Errorf("want %s, got %s: %s", test.want.name(), got.answer.name(), got.seen)
				}
			}
		})
	}
}
