package rules

import (
	"bytes"
	"encoding/pem"
	"slices"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/pec/smime"
)

func pemOf(signers ...*smime.Signer) []byte {
	var b bytes.Buffer
	for _, s := range signers {
		_ = pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate.Raw}) // a buffer takes all
	}
	return b.Bytes()
}

func singleFile(t *testing.T, octets []byte, trust *Trust) *SingleFile {
	t.Helper()
	court := &Court{Catalogue: mustLaw(t), Judges: Judges(), Profile: Practice}
	s, err := court.File(octets, trust, acceptedAt)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func brokenRules(checks []Check) []string {
	var all []string
	for _, c := range checks {
		if c.Verdict == Fail && !slices.Contains(all, c.Rule) {
			all = append(all, c.Rule)
		}
	}
	return all
}

func TestSingleFile(t *testing.T) {
	t.Parallel()
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: keys().authority.Raw})
	trust := NewTrust(authority, keys().crl(12), []byte(directoryText()))
	odd := auroraProfile()
	odd.EmailAddresses, odd.SubjectKeyId = nil, nil
	for _, test := range []struct {
		name    string
		octets  []byte
		trust   *Trust
		sort    FileSort
		outcome Outcome
		broken  []string
		kept    []string // some of those that are kept
		missing []string // some of those that are not judged
	}{
		{"a directory", []byte(directoryText()), nil, FullDirectory, Conformant, nil, []string{"PEC-DIR-001", "PEC-DIR-004", "PEC-DIR-011", "PEC-DIR-015", "PEC-CRT-001", "PEC-CRT-002"}, []string{"PEC-DIR-017", "PEC-DIR-030", "PEC-DIR-027", "PEC-CRT-013"}},
		{"a directory, with trust", []byte(directoryText()), trust, FullDirectory, Conformant, nil, []string{"PEC-CRT-013"}, []string{"PEC-DIR-024"}},
		{"a signed directory", packed(t, operator(), directoryText()), nil, FullDirectory, Conformant, nil, []string{"PEC-DIR-030", "PEC-DIR-009"}, []string{"PEC-DIR-018", "PEC-DIR-019"}},
		{"a tampered directory", tamperedFile(t, operator(), directoryText(), "borea.example", "boreo.example"), nil, FullDirectory, NotConformant, []string{"PEC-DIR-030"}, nil, nil},
		{"a damaged entry", []byte(textWith(t, directoryText(), "mailReceipt: "+serviceBorea+"\n", "")), nil, FullDirectory, NotConformant, []string{"PEC-DIR-003"}, []string{"PEC-DIR-002"}, nil},
		{"the file of a provider", packed(t, keys().aurora, auroraEntries()), nil, ProviderFile, Conformant, nil, []string{"PEC-DIR-017", "PEC-DIR-019"}, []string{"PEC-DIR-016", "PEC-DIR-001", "PEC-DIR-030"}},
		{"the file of a provider, with trust", packed(t, keys().aurora, auroraEntries()), trust, ProviderFile, Conformant, nil, []string{"PEC-DIR-016", "PEC-DIR-019"}, nil},
		{"the file of a provider, signed by another", packed(t, keys().borea, auroraEntries()), trust, ProviderFile, NotConformant, []string{"PEC-DIR-019"}, nil, nil},
		{"a certificate in PEM", pemOf(keys().aurora), nil, CertificateFile, Conformant, nil, []string{"PEC-CRT-002", "PEC-CRT-009"}, []string{"PEC-CRT-001", "PEC-CRT-013", "PEC-DIR-004"}},
		{"a certificate in DER", keys().aurora.Certificate.Raw, trust, CertificateFile, Conformant, nil, []string{"PEC-CRT-001", "PEC-CRT-013"}, nil},
		{"two certificates", pemOf(keys().aurora, keys().borea), nil, CertificateFile, Conformant, nil, []string{"PEC-CRT-002"}, nil},
		{"a certificate of another form", pemOf(keys().issue(odd)), nil, CertificateFile, NotConformant, []string{"PEC-CRT-002", "PEC-CRT-007"}, []string{"PEC-CRT-011"}, nil},
		{"a CA", authority, nil, AuthorityFile, Conformant, nil, []string{"PEC-CRT-013"}, []string{"PEC-CRT-002"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := singleFile(t, test.octets, test.trust)
			if s.Sort != test.sort || s.Outcome() != test.outcome {
				t.Errorf("%s, %s: %+v", s.Sort, s.Outcome(), s.Checks)
			}
			got := brokenRules(s.Checks)
			slices.Sort(got)
			want := slices.Sorted(slices.Values(test.broken))
			if !slices.Equal(got, want) {
				t.Errorf("broken: %q, expected %q", got, want)
			}
			for _, rule := range test.kept {
				if !slices.Contains(s.Kept(), rule) {
					t.Errorf("%s is not kept", rule)
				}
			}
			for _, rule := range test.missing {
				if s.Missing[rule] == "" {
					t.Errorf("%s is not among what was not judged: %v", rule, s.Missing)
				}
			}
		})
	}
}

func TestSingleFileRefused(t *testing.T) {
	t.Parallel()
	detached, err := keys().aurora.Sign([]byte(directoryText()), acceptedAt)
	if err != nil {
		t.Fatal(err)
	}
	court := &Court{Catalogue: mustLaw(t), Judges: Judges(), Profile: Practice}
	for _, test := range []struct {
		name, says string
		octets     []byte
	}{
		{"nothing", "cannot be read as a directory", nil},
		{"text", "cannot be read as a directory: LDIF line 1", []byte("some words\n")},
		{"cut", "neither a certificate nor a signed file (.p7m)", packed(t, keys().aurora, auroraEntries())[:500]},
		{"a signature alone", "a signature alone", detached},
		{"another content", "whose content is no directory", packed(t, keys().aurora, "Buongiorno\n")},
	} {
		if s, err := court.File(test.octets, nil, acceptedAt); err == nil || s != nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

func TestStanding(t *testing.T) {
	t.Parallel()
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: keys().authority.Raw})
	trust := NewTrust(authority, keys().crl(12), []byte(directoryText()))
	for _, test := range []struct {
		name            string
		signer          *smime.Signer
		trust           *Trust
		listed          int
		issued, revoked bool
	}{
		{"good", keys().aurora, trust, 1, true, false},
		{"revoked", keys().borea, trust, 1, true, true},
		{"of another CA", keys().stranger, trust, 0, false, false},
		{"no trust data", keys().aurora, nil, 0, true, false},
	} {
		s := singleFile(t, pemOf(test.signer), test.trust).Standing
		if len(s.Listed) != test.listed || (s.Path == nil) != test.issued || s.Revoked.IsZero() == test.revoked || s.HasAuthority != (test.trust != nil) {
			t.Errorf("%s: %+v", test.name, s)
		}
	}
}
