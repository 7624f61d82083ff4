package rules

import (
	"math/big"
	"testing"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec/smime"
)

// registeredSigner signs for the provider that the harness plays.
func registeredSigner(serial int64) *smime.Signer {
	profile := auroraProfile()
	profile.SerialNumber = big.NewInt(serial)
	profile.Subject.CommonName, profile.Subject.Organization = playedName, []string{playedName}
	profile.EmailAddresses = []string{"posta-certificata@gestore.cirro.example"}
	return keys().issue(profile)
}

// cirroEntry is what the harness publishes about the provider that it plays.
func cirroEntry(domains ...string) string {
	return entryText(playedName, "", "ricevute@gestore.cirro.example", [][]byte{registeredSigner(31).Certificate.Raw},
		append([]string{"cirro.example", "gestore.cirro.example"}, domains...)...)
}

func TestDirectoryUpdateJudges(t *testing.T) {
	t.Parallel()
	const added = "nuovo-cirro.example"
	signer := registeredSigner(31)
	before, after := directoryText()+"\n"+cirroEntry(), directoryText()+"\n"+cirroEntry(added)
	// fetchedFile: the central directory knew Cirro, fetched a file of its, and
	// was read so long after.
	fetchedFile := func(manner string, file func(t *testing.T) []byte, then string, later time.Duration) func(*testCase) {
		return func(c *testCase) {
			c.playedCirro()
			c.trusted(-2*time.Hour, before, keys().emptyCRL)
			c.changed(evidence.DirectoryChange{What: filePublished, Manner: manner, Provider: playedName, Subject: added, At: acceptedAt.Add(-90 * time.Minute)}, file(c.t))
			c.served(providerFile, manner, file(c.t))
			c.read(overLDAP, []byte(then), func(r *evidence.DirectoryReading) { r.At = acceptedAt.Add(later) })
			c.withoutTrust()
		}
	}
	good := func(t *testing.T) []byte { return packed(t, signer, cirroEntry(added)) }
	tampered := func(t *testing.T) []byte {
		return tamperedFile(t, signer, cirroEntry("verde-cirro.example"), "verde-cirro", "nuovo-cirro")
	}
	cut := func(t *testing.T) []byte { return good(t)[:800] }
	stranger := func(t *testing.T) []byte { return packed(t, keys().borea, cirroEntry(added)) }
	bare := func(*testing.T) []byte { return []byte(cirroEntry(added)) }
	request := func(manner string, alter ...func(*evidence.DirectoryServing)) func(*testCase) {
		return func(c *testCase) { c.served(centralFile, manner, packed(c.t, operator(), directoryText()), alter...) }
	}
	nothing := func(why string) func(*evidence.DirectoryServing) {
		return func(s *evidence.DirectoryServing) { s.Served, s.Failed = "", why }
	}
	other := over(41, time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC))
	shows := func(c *testCase, s *smime.Signer) func(*evidence.DirectoryServing) {
		return func(d *evidence.DirectoryServing) { d.Client = c.certificate(s) }
	}
	const refusal = "the handshake failed: remote error: tls: unknown certificate authority"
	trials := []trial{
		{rule: "PEC-DIR-020", name: "tampered, refused", want: holds, build: fetchedFile("tampered", tampered, before, 0)},
		{rule: "PEC-DIR-020", name: "tampered, applied", want: broken, build: fetchedFile("tampered", tampered, after, 0)},
		{rule: "PEC-DIR-020", name: "of a stranger, refused", want: holds, build: fetchedFile(mannerStranger, stranger, before, 0)},
		{rule: "PEC-DIR-020", name: "of a stranger, applied", want: broken, build: fetchedFile(mannerStranger, stranger, after, 0)},
		{rule: "PEC-DIR-020", name: "not signed, applied", want: broken, build: fetchedFile("unsigned", bare, after, 0)},
		{rule: "PEC-DIR-020", name: "truncated, refused", want: holds, build: fetchedFile("truncated", cut, before, 0)},
		{rule: "PEC-DIR-020", name: "truncated, the entry gone", want: broken, build: fetchedFile("truncated", cut, directoryText(), 0)},
		{rule: "PEC-DIR-020", name: "a good one", none: true, build: fetchedFile(mannerGood, good, after, 0)},
		{rule: "PEC-DIR-020", name: "not read again", want: unable, build: fetchedFile("tampered", tampered, before, -3*time.Hour)},
		{rule: "PEC-DIR-021", name: "applied", want: holds, build: fetchedFile(mannerGood, good, after, 6*time.Hour)},
		{rule: "PEC-DIR-021", name: "not applied after two days", want: broken, build: fetchedFile(mannerGood, good, before, 48*time.Hour)},
		{rule: "PEC-DIR-021", name: "not applied yet", none: true, build: fetchedFile(mannerGood, good, before, 6*time.Hour)},
		{rule: "PEC-DIR-021", name: "a tampered one", none: true, build: fetchedFile("tampered", tampered, before, 48*time.Hour)},
		{rule: "PEC-DIR-025", name: "refused", want: holds, build: request(mannerWrongHost, nothing(refusal))},
		{rule: "PEC-DIR-025", name: "fetched", want: broken, build: request(mannerWrongHost)},
		{rule: "PEC-DIR-025", name: "a good server", none: true, build: request(mannerGood)},
		{rule: "PEC-DIR-032", name: "with its certificate", want: holds, build: request(mannerGood)},
		{rule: "PEC-DIR-032", name: "without one", want: broken, build: request(mannerGood, nothing("refused: the client showed no certificate"), func(s *evidence.DirectoryServing) { s.Client = "" })},
		{rule: "PEC-DIR-032", name: "in clear text", want: broken, build: request(mannerGood, nothing("tls: first record does not look like a TLS handshake"), func(s *evidence.DirectoryServing) { s.Client, s.TLS = "", false })},
		{rule: "PEC-DIR-032", name: "of nobody", want: broken, build: func(c *testCase) {
			c.served(centralFile, mannerGood, []byte(directoryText()), shows(c, registeredSigner(33)))
		}},
		{rule: "PEC-DIR-032", name: "while it is down", none: true, build: request(mannerDown, nothing("no answer"), func(s *evidence.DirectoryServing) { s.Client, s.TLS = "", false })},
		{rule: "PEC-SIG-011", name: "the one that signs", want: holds, build: func(c *testCase) {
			c.exchange()
			request(mannerGood)(c)
		}},
		{rule: "PEC-SIG-011", name: "the one that is listed", want: holds, build: request(mannerGood)},
		{rule: "PEC-SIG-011", name: "another one", want: broken, build: func(c *testCase) {
			c.exchange()
			c.served(centralFile, mannerGood, []byte(directoryText()), shows(c, other))
		}},
		{rule: "PEC-SIG-011", name: "of nobody", want: broken, build: func(c *testCase) {
			c.exchange()
			c.served(centralFile, mannerGood, []byte(directoryText()), shows(c, registeredSigner(33)))
		}},
		{rule: "PEC-SIG-011", name: "none was shown", none: true, build: request(mannerGood, func(s *evidence.DirectoryServing) { s.Client = "" })},
	}
	// The list before the revocation is good until 15/01/2026 00:00 UTC.
	revoked := func(subject string, sent time.Duration, outcome ...string) func(*testCase) {
		return func(c *testCase) {
			c.playedCirro()
			c.trusted(-time.Hour, before, keys().emptyCRL)
			c.changed(evidence.DirectoryChange{What: certificateRevoked, Provider: playedName, Subject: subject, At: acceptedAt.Add(-time.Minute)}, nil)
			c.trusted(0, before, keys().crl(31))
			c.handedOver(signer, sent)
			for _, name := range outcome {
				m := correct(name)
				if name == "anomaly" {
					m = m.with(c.t, "X-Trasporto: errore", "X-Trasporto: errore\nX-Riferimento-Message-ID: <"+identifier+">")
				}
				c.put(m)
			}
			c.settled()
			c.withoutTrust()
		}
	}
	trials = append(trials,
		trial{rule: "PEC-IP-012", name: "refused at once", want: holds, build: revoked("1f", time.Minute, "anomaly")},
		trial{rule: "PEC-IP-012", name: "refused when the list had expired", want: holds, build: revoked("31", 20*time.Hour, "anomaly")},
		trial{rule: "PEC-IP-012", name: "taken while the list was good", want: observed, build: revoked("1F", time.Minute, "taken-in-charge")},
		trial{rule: "PEC-IP-012", name: "taken when the list had expired", want: broken, build: revoked("0x1f", 20*time.Hour, "taken-in-charge")},
		trial{rule: "PEC-IP-012", name: "before the revocation", none: true, build: revoked("1f", -30*time.Minute, "taken-in-charge")},
		trial{rule: "PEC-IP-012", name: "another certificate", none: true, build: revoked("99", time.Minute, "taken-in-charge")},
		trial{rule: "PEC-IP-012", name: "another certificate, by serial number", none: true, build: revoked("0311", time.Minute, "anomaly")},
	)
	runTrials(t, directoryUpdateJudges(), trials)
}
