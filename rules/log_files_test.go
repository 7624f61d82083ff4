package rules

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/digitorus/timestamp"

	"github.com/collaudo/collaudo/evidence"
)

// logDay is the day of the standard exchange: from midnight to midnight.
var logDay = time.Date(2026, 1, 13, 23, 0, 0, 0, time.UTC)

// stampingAuthority issues the time stamps of the tests.
var stampingAuthority = sync.OnceValue(func() *x509.Certificate {
	profile := &x509.Certificate{
		SerialNumber: big.NewInt(5), Subject: pkix.Name{CommonName: "Marche temporali"},
		NotBefore: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2035, 1, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping},
	}
	der, err := x509.CreateCertificate(rand.Reader, profile, profile, keys().authorityKey.Public(), keys().authorityKey)
	if err != nil {
		panic(err)
	}
	return mustCertificate(der)
})

// stampOver returns an RFC 3161 token over the octets.
func stampOver(t *testing.T, octets []byte, at time.Time) []byte {
	t.Helper()
	digest := crypto.SHA256.New()
	digest.Write(octets)
	stamp := timestamp.Timestamp{
		HashAlgorithm: crypto.SHA256, HashedMessage: digest.Sum(nil), Time: at, SerialNumber: big.NewInt(1),
		Policy: []int{1, 3, 76, 1}, AddTSACertificate: true,
	}
	answer, err := stamp.CreateResponseWithOpts(stampingAuthority(), keys().authorityKey, crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	read, err := timestamp.ParseResponse(answer)
	if err != nil {
		t.Fatal(err)
	}
	return read.RawToken
}

// savedFile is one file of Aurora's log, so many days after that of the
// exchange; alter changes it after it was stamped.
func savedFile(day int, alter func(*testCase, *evidence.LogFile)) func(*testCase) evidence.LogFile {
	return func(c *testCase) evidence.LogFile {
		c.t.Helper()
		from := logDay.AddDate(0, 0, day)
		text := "accettazione;" + clientMessageID + ";" + identifier + "\n"
		if day != 0 {
			text = "nessun messaggio\n"
		}
		octets := []byte(text)
		f := evidence.LogFile{
			Provider: aurora, Name: from.Format("20060102") + ".log", From: from, Until: from.AddDate(0, 0, 1),
			Blob: c.blobs.keep(octets),
		}
		f.Stamp = c.blobs.keep(stampOver(c.t, octets, f.Until.Add(time.Minute)))
		if alter != nil {
			alter(c, &f)
		}
		return f
	}
}

// readAfter is a reading of Aurora's log files so many days after the exchange.
func readAfter(days int, files ...func(*testCase) evidence.LogFile) act {
	return readOn(logDay.AddDate(0, 0, days).Add(2*time.Hour), files...)
}

func readOn(at time.Time, files ...func(*testCase) evidence.LogFile) act {
	return func(_ *testing.T, c *testCase) {
		var list []evidence.LogFile
		for _, f := range files {
			list = append(list, f(c))
		}
		c.add(evidence.Event{Type: evidence.LogFilesRead, At: at, LogFiles: list})
	}
}

// kept is the standard exchange, its journal, and what happens to the log.
func keptLog(acts ...act) func(*testCase) {
	return func(c *testCase) {
		logged(func(list []evidence.JournalEntry) []evidence.JournalEntry { return list })(c)
		for _, a := range acts {
			a(c.t, c)
		}
	}
}

// entriesOn is an extract with the entries of Aurora's log, asked for then.
func entriesOn(at time.Time, alter func(*evidence.JournalEntry)) act {
	return func(_ *testing.T, c *testCase) {
		x := evidence.LogExtract{Provider: aurora, Address: anna, MessageID: clientMessageID}
		for _, j := range journalOf() {
			if alter != nil {
				alter(&j)
			}
			if j.Provider == aurora {
				x.Entries = append(x.Entries, j)
			}
		}
		c.add(evidence.Event{Type: evidence.LogExtractRead, LogExtract: &x, At: at})
	}
}

func TestSavedLog(t *testing.T) {
	t.Parallel()
	day := func(n int) func(*testCase) evidence.LogFile { return savedFile(n, nil) }
	with := func(n int, alter func(*testCase, *evidence.LogFile)) func(*testCase) evidence.LogFile {
		return savedFile(n, alter)
	}
	rewritten := func(c *testCase, f *evidence.LogFile) {
		octets := []byte("accettazione;" + clientMessageID + "; corretta\n")
		f.Blob, f.Stamp = c.blobs.keep(octets), c.blobs.keep(stampOver(c.t, octets, f.Until))
	}
	late, past := logDay.AddDate(0, 30, -1), logDay.AddDate(0, 30, 3)
	trials := []trial{
		{rule: "PEC-LOG-004", name: "read again", build: keptLog(readAfter(2, day(0), day(1)), readAfter(3, day(0), day(1), day(2))), want: holds},
		{rule: "PEC-LOG-004", name: "rewritten", build: keptLog(readAfter(2, day(0), day(1)), readAfter(3, with(0, rewritten), day(1), day(2))), want: broken},
		{rule: "PEC-LOG-004", name: "gone the next day", build: keptLog(readAfter(2, day(0), day(1)), readAfter(3, day(1), day(2))), want: broken},
		{rule: "PEC-LOG-004", name: "there after 30 months less a day", build: keptLog(readOn(late, day(0), day(1))), want: holds},
		{rule: "PEC-LOG-004", name: "gone after 30 months less a day", build: keptLog(readOn(late, day(1))), want: broken},
		{rule: "PEC-LOG-004", name: "all gone after 30 months less a day", build: keptLog(readAfter(2, day(0), day(1)), readOn(late)), want: broken},
		{rule: "PEC-LOG-004", name: "gone after 30 months", build: keptLog(readAfter(2, day(0)), readOn(past, day(900))), want: observed},
		{rule: "PEC-LOG-004", name: "an entry read again", build: keptLog(entriesOn(logDay.Add(12*time.Hour), nil), entriesOn(logDay.AddDate(0, 0, 3), nil)), want: holds},
		{rule: "PEC-LOG-004", name: "an entry that changed", build: keptLog(entriesOn(logDay.Add(12*time.Hour), nil), entriesOn(logDay.AddDate(0, 0, 3), func(j *evidence.JournalEntry) { j.Subject = "" })), want: broken},
		{rule: "PEC-LOG-004", name: "read the same day", build: keptLog(readAfter(1, day(0))), none: true},

		{rule: "PEC-LOG-005", name: "day by day", build: keptLog(readAfter(3, day(0), day(1), day(2))), want: holds},
		{rule: "PEC-LOG-005", name: "a day left out", build: keptLog(readAfter(3, day(0), day(2))), want: broken},
		{rule: "PEC-LOG-005", name: "two days in one", build: keptLog(readAfter(3, with(0, func(_ *testCase, f *evidence.LogFile) { f.Until = f.Until.AddDate(0, 0, 1) }), day(2))), want: broken},
		{rule: "PEC-LOG-005", name: "no longer saved", build: keptLog(readAfter(5, day(0), day(1))), want: broken},
		{rule: "PEC-LOG-005", name: "never saved", build: keptLog(readAfter(5)), want: broken},
		{rule: "PEC-LOG-005", name: "not from the beginning", build: keptLog(readAfter(3, day(1), day(2))), want: broken},
		{rule: "PEC-LOG-005", name: "no stamp", build: keptLog(readAfter(1, with(0, func(_ *testCase, f *evidence.LogFile) { f.Stamp = "" }))), want: broken},
		{rule: "PEC-LOG-005", name: "stamp over other octets", build: keptLog(readAfter(1, with(0, func(c *testCase, f *evidence.LogFile) {
			f.Stamp = c.blobs.keep(stampOver(c.t, []byte("altro"), f.Until))
		}))), want: broken},
		{rule: "PEC-LOG-005", name: "stamp of a week later", build: keptLog(readAfter(8, with(0, func(c *testCase, f *evidence.LogFile) {
			f.Stamp = c.blobs.keep(stampOver(c.t, c.blobs[f.Blob], f.Until.AddDate(0, 0, 7)))
		}))), want: broken},
		{rule: "PEC-LOG-005", name: "no stamp but octets of one", build: keptLog(readAfter(1, with(0, func(c *testCase, f *evidence.LogFile) { f.Stamp = c.blobs.keep([]byte("marca")) }))), want: broken},
		{rule: "PEC-LOG-005", name: "an entry that is not in the file", build: keptLog(readAfter(1, with(0, func(c *testCase, f *evidence.LogFile) {
			octets := []byte("nessun messaggio\n")
			f.Blob, f.Stamp = c.blobs.keep(octets), c.blobs.keep(stampOver(c.t, octets, f.Until))
		}))), want: broken},
		{rule: "PEC-LOG-005", name: "the whole answer of the authority", build: keptLog(readAfter(1, day(0))), want: holds},
		{rule: "PEC-LOG-005", name: "not read", build: keptLog(), none: true},
	}
	changed := func(alter func(*evidence.JournalEntry)) func(*testCase) {
		return logged(func(list []evidence.JournalEntry) []evidence.JournalEntry { alter(&list[3]); return list })
	}
	trials = append(trials,
		trial{rule: "PEC-LOG-007", name: "told by the log alone", build: keptLog(), want: holds},
		trial{rule: "PEC-LOG-007", name: "does not say which receipt", build: changed(func(j *evidence.JournalEntry) { j.Related = nil }), want: broken},
		trial{rule: "PEC-LOG-007", name: "does not say about whom", build: changed(func(j *evidence.JournalEntry) { j.Recipients = []string{carla} }), want: broken},
		trial{rule: "PEC-LOG-007", name: "entry lost", build: changed(func(j *evidence.JournalEntry) { j.Event = "stored" }), want: broken},
	)
	runTrials(t, savedLogJudges(), append(trials, extractTrials()...))
}

// extractTrials are about what a holder is handed.
func extractTrials() []trial {
	asked := func(address string, alter func(c *testCase, x *evidence.LogExtract)) func(*testCase) {
		return keptLog(func(_ *testing.T, c *testCase) {
			x := evidence.LogExtract{Provider: aurora, Address: address, MessageID: clientMessageID}
			for _, j := range journalOf() {
				if j.Provider == aurora {
					x.Entries = append(x.Entries, j)
				}
			}
			if alter != nil {
				alter(c, &x)
			}
			c.add(evidence.Event{Type: evidence.LogExtractRead, LogExtract: &x, At: acceptedAt.Add(time.Hour)})
		})
	}
	none := func(_ *testCase, x *evidence.LogExtract) { x.Entries = nil }
	return []trial{
		{rule: "PEC-LOG-008", name: "the holder's message", build: asked(anna, nil), want: holds},
		{rule: "PEC-LOG-008", name: "as a document", build: asked(anna, func(c *testCase, x *evidence.LogExtract) {
			document := "Estratto: " + clientMessageID + "\n"
			for _, j := range x.Entries {
				document += j.At.In(legalZone()).Format(time.TimeOnly) + " " + j.Event + "\n"
			}
			x.Entries, x.Blob = nil, c.blobs.keep([]byte(document))
		}), want: holds},
		{rule: "PEC-LOG-008", name: "a document with a heading and nothing else", build: asked(anna, func(c *testCase, x *evidence.LogExtract) {
			x.Entries, x.Blob = nil, c.blobs.keep([]byte("Estratto: "+clientMessageID))
		}), want: broken},
		{rule: "PEC-LOG-008", name: "nothing", build: asked(anna, none), want: broken},
		{rule: "PEC-LOG-008", name: "an entry missing", build: asked(anna, func(_ *testCase, x *evidence.LogExtract) { x.Entries = x.Entries[1:] }), want: broken},
		{rule: "PEC-LOG-008", name: "another's message", build: asked(anna, func(_ *testCase, x *evidence.LogExtract) {
			other := x.Entries[0]
			other.MessageID, other.Identifier = "<altro@pc.aurora.example>", "altro@gestore.aurora.example"
			x.Entries = append(x.Entries, other)
		}), want: broken},
		{rule: "PEC-LOG-008", name: "to a stranger", build: asked("estraneo@aurora.example", nil), want: broken},
		{rule: "PEC-LOG-008", name: "nothing to a stranger", build: asked("estraneo@aurora.example", none), want: holds},
		{rule: "PEC-LOG-008", name: "of no message", build: asked(anna, func(_ *testCase, x *evidence.LogExtract) {
			x.MessageID = strings.Replace(clientMessageID, "c1", "c9", 1)
		}), want: broken},
		{rule: "PEC-LOG-008", name: "nobody asked", build: keptLog(), none: true},
	}
}
