package rules

import (
	"bytes"
	"testing"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec/smime"
)

// fetched is a trial in which a file was fetched; knowing the directory.
func fetched(rule, name, what string, want answer, octets func(t *testing.T) []byte, alter ...func(*evidence.DirectoryReading)) trial {
	return trial{rule: rule, name: name, want: want, build: func(c *testCase) {
		c.trusted(0, directoryText(), keys().emptyCRL)
		c.withoutTrust()
		c.read(what, octets(c.t), alter...)
	}}
}

func TestDirectoryFileJudges(t *testing.T) {
	t.Parallel()
	own := func(t *testing.T) []byte { return packed(t, keys().aurora, auroraEntries()) }
	whole := func(t *testing.T) []byte { return packed(t, operator(), directoryText()) }
	bare := func(*testing.T) []byte { return []byte(auroraEntries()) }
	tampered := func(t *testing.T) []byte {
		return tamperedFile(t, operator(), directoryText(), "borea.example", "boreo.example")
	}
	detached := func(t *testing.T) []byte {
		der, err := keys().aurora.Sign([]byte(auroraEntries()), acceptedAt)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	named := func(name string) func(*evidence.DirectoryReading) {
		return func(r *evidence.DirectoryReading) { r.FileName = name }
	}
	typed := func(kind string) func(*evidence.DirectoryReading) {
		return func(r *evidence.DirectoryReading) { r.Type = kind }
	}
	by := func(signer *smime.Signer) func(*testing.T) []byte {
		return func(t *testing.T) []byte { return packed(t, signer, auroraEntries()) }
	}
	profile := auroraProfile()
	sameKeyAgain := keys().issue(profile) // another certificate over Aurora's key
	trials := []trial{
		fetched("PEC-DIR-016", "all entries", providerFile, holds, own),
		fetched("PEC-DIR-016", "without the secondary one", providerFile, broken, func(t *testing.T) []byte {
			return packed(t, keys().aurora, entryText(aurora, "", serviceAurora, [][]byte{keys().aurora.Certificate.Raw}, "aurora.example"))
		}),
		{rule: "PEC-DIR-016", name: "nothing to compare with", want: unable, build: func(c *testCase) {
			c.withoutTrust()
			c.read(providerFile, own(c.t))
		}},
		{rule: "PEC-DIR-016", name: "no secondary environment", none: true, build: func(c *testCase) {
			c.read(providerFile, packed(c.t, keys().borea, entryText(borea, "", serviceBorea, [][]byte{keys().borea.Certificate.Raw}, "borea.example")),
				func(r *evidence.DirectoryReading) { r.Provider = borea })
		}},
		fetched("PEC-DIR-017", "correct", providerFile, holds, own),
		fetched("PEC-DIR-017", "not signed", providerFile, broken, bare),
		fetched("PEC-DIR-017", "a signature alone", providerFile, broken, detached),
		fetched("PEC-DIR-017", "another name", providerFile, broken, own, named("gestore.ldif")),
		fetched("PEC-DIR-017", "no LDIF", providerFile, broken, func(t *testing.T) []byte { return packed(t, keys().aurora, "nothing") }),
		fetched("PEC-DIR-017", "octets behind", providerFile, broken, func(t *testing.T) []byte { return append(own(t), "rest"...) }),
		fetched("PEC-DIR-018", "correct", providerFile, holds, own),
		fetched("PEC-DIR-018", "of the complete directory", centralFile, holds, whole),
		fetched("PEC-DIR-018", "octets", providerFile, broken, own, typed("application/octet-stream")),
		fetched("PEC-DIR-018", "another smime-type", providerFile, broken, own, typed("application/pkcs7-mime; smime-type=enveloped-data")),
		fetched("PEC-DIR-018", "Latin-1", providerFile, broken, func(t *testing.T) []byte {
			return packed(t, keys().aurora, auroraEntries()+"description: citt\xe0\n")
		}),
		fetched("PEC-DIR-018", "from a file", providerFile, unable, own, func(r *evidence.DirectoryReading) { r.Status = 0 }),
		fetched("PEC-DIR-019", "by its own key", providerFile, holds, own),
		fetched("PEC-DIR-019", "renewed over the same key", providerFile, holds, by(sameKeyAgain)),
		fetched("PEC-DIR-019", "by another provider", providerFile, broken, by(keys().borea)),
		fetched("PEC-DIR-030", "correct", centralFile, holds, whole),
		fetched("PEC-DIR-030", "not signed", centralFile, broken, bare),
		fetched("PEC-DIR-030", "tampered", centralFile, broken, tampered),
		fetched("PEC-DIR-030", "cut", centralFile, broken, func(t *testing.T) []byte { return whole(t)[:1000] }),
		fetched("PEC-DIR-030", "with an indefinite length", centralFile, broken, func(t *testing.T) []byte { return indefinite(whole(t)) }),
		{rule: "PEC-DIR-024", name: "refused", want: holds, build: knocked(true, func(*evidence.DirectoryReading) {})},
		{rule: "PEC-DIR-024", name: "handed out", want: broken, build: knocked(false, func(*evidence.DirectoryReading) {})},
		{rule: "PEC-DIR-024", name: "in clear text", want: broken, build: knocked(false, func(r *evidence.DirectoryReading) { r.TLS, r.Shown = false, playedName })},
		{rule: "PEC-DIR-024", name: "to nobody", want: unable, build: func(c *testCase) {
			knocked(true, func(*evidence.DirectoryReading) {})(c)
			c.read(centralFile, nil, func(r *evidence.DirectoryReading) { r.Refused = true })
		}},
		{rule: "PEC-DIR-024", name: "nobody asked", none: true, build: func(c *testCase) { c.read(centralFile, whole(c.t)) }},
	}
	runTrials(t, directoryFileJudges(), trials)
}

// knocked asks for the complete directory without a certificate.
func knocked(refused bool, alter func(*evidence.DirectoryReading)) func(*testCase) {
	return func(c *testCase) {
		c.read(centralFile, packed(c.t, operator(), directoryText()), func(r *evidence.DirectoryReading) {
			r.Shown, r.Refused = "", refused
			if refused {
				r.Blob, r.Status = "", 403
			}
			alter(r)
		})
	}
}

// indefinite gives the outermost value the indefinite length of BER.
func indefinite(der []byte) []byte {
	header := 2 + int(der[1]&0x7f)
	return append(append([]byte{der[0], 0x80}, der[header:]...), 0, 0)
}

func TestNotDER(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		octets []byte
		good   bool
	}{
		{"a file", packed(t, keys().aurora, auroraEntries()), true},
		{"a certificate", keys().aurora.Certificate.Raw, true},
		{"indefinite", indefinite(keys().aurora.Certificate.Raw), false},
		{"long form of a short length", []byte{0x04, 0x81, 0x01, 0x00}, false},
		{"an octet string in pieces", []byte{0x24, 0x03, 0x04, 0x01, 0x00}, false},
		{"a length that is cut", []byte{0x30, 0x84, 0x01}, false},
		{"octets in an octet string", append([]byte{0x04, 0x04}, bytes.Repeat([]byte{0x80}, 4)...), true},
	} {
		if got := notDER(test.octets); (got == "") != test.good {
			t.Errorf("%s: %q", test.name, got)
		}
	}
}
