package faults_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/collaudo/collaudo/simulator/faults"
)

var update = flag.Bool("update", false, "write the golden files anew")

// plain is the name of the golden without any personality.
const plain = "plain"

// shown are the variants in a golden file: one of each kind, and both forms of
// what a virus changes.
var shown = []string{
	compose.VariantAcceptance, compose.VariantNonAcceptance, compose.VariantTransportEnvelope, compose.VariantTakenInCharge,
	compose.VariantDeliveryComplete, compose.VariantNonDelivery, compose.VariantDelay12, compose.VariantVirusDetection, compose.VariantAnomalyEnvelope,
}

// gallery is one message of each kind as a personality writes it: everything
// that could differ between two runs is fixed, and the value of the signature is
// left out, since it depends on the key.
func gallery(t *testing.T, name string) []byte {
	t.Helper()
	var ids []string
	if name != plain {
		ids = []string{faults.PersonalityPrefix + name}
	}
	set, signer := lookup(t, ids...), mustSigner(t)
	original := header + "Content-Type: text/plain; charset=us-ascii\r\n\r\ntesto\r\n"
	var out bytes.Buffer
	for _, variant := range shown {
		for _, d := range draftsOf(t, set, original) {
			if d.Variant() != variant {
				continue
			}
			sealed := sealedBy(t, set, d, signer)
			m, err := pec.Read(sealed)
			if err != nil {
				t.Fatal(err)
			}
			der, err := m.SignaturePart.Decoded()
			if err != nil {
				t.Fatal(err)
			}
			s, err := smime.Verify(m.Signed.Raw(), der)
			if err != nil {
				t.Fatalf("%s: the signature of a %s does not verify: %v", name, variant, err)
			}
			part := m.SignaturePart
			fmt.Fprintf(&out, "===== %s\r\n%s[signature with %v]\r\n%s", variant, sealed[:part.BodyStart], s.Digest, sealed[part.End:])
		}
	}
	return out.Bytes()
}

func mustSigner(t *testing.T) *smime.Signer {
	t.Helper()
	signer, err := oneSigner()
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func sealedBy(t *testing.T, set *faults.Set, d *compose.Draft, signer *smime.Signer) []byte {
	t.Helper()
	if err := set.Draft(d); err != nil {
		t.Fatal(err)
	}
	content, err := d.Render()
	if err != nil {
		t.Fatal(err)
	}
	signer, err = set.Signer(d, signer, nil)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := d.Seal(set.Content(d, content), signer)
	if err != nil {
		t.Fatal(err)
	}
	return set.Sealed(d, sealed)
}

// TestPersonalities compares the messages of every personality with its golden
// file, and sees that no two are the same.
func TestPersonalities(t *testing.T) {
	t.Parallel()
	names := []string{plain}
	for _, p := range faults.Personalities() {
		names = append(names, p.ID)
	}
	seen := map[string]string{}
	for _, name := range names {
		got := gallery(t, name)
		file := filepath.Join("testdata", "personalities", name+".txt")
		if *update {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatalf("%v; write the golden files with: go test ./simulator/faults -run TestPersonalities -update", err)
		}
		if !bytes.Equal(want, got) {
			t.Errorf("%s: the messages are not those of %s any more; if that is meant, write it anew with -update. First difference: %s", name, file, firstDifference(want, got))
		}
		if other, twice := seen[string(got)]; twice {
			t.Errorf("%s writes the same messages as %s", name, other)
		}
		seen[string(got)] = name
	}
}

// TestPersonalitiesTouchEveryKind sees that each kind of message differs from
// the plain one.
func TestPersonalitiesTouchEveryKind(t *testing.T) {
	t.Parallel()
	split := func(gallery []byte) []string { return strings.Split(string(gallery), "===== ") }
	lawful := split(gallery(t, plain))
	for _, p := range faults.Personalities() {
		for i, message := range split(gallery(t, p.ID)) {
			if i > 0 && message == lawful[i] {
				t.Errorf("%s: a %s is that of plain providers", p.ID, shown[i-1])
			}
		}
	}
}

func firstDifference(want, got []byte) string {
	a, b := strings.Split(string(want), "\n"), strings.Split(string(got), "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d: want %q, got %q", i+1, a[i], b[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(b), len(a))
}

func TestPersonalityEntries(t *testing.T) {
	t.Parallel()
	list := faults.Personalities()
	if len(list) < 8 {
		t.Errorf("%d personalities", len(list))
	}
	for _, p := range list {
		if strings.Trim(p.ID, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || p.Title == "" || strings.HasSuffix(p.Title, ".") || len(p.Acts) == 0 {
			t.Errorf("%s: expected a kebab-case id, a title without full stop and some acts: %+v", p.ID, p)
		}
		if _, err := faults.Lookup(p.ID); err == nil {
			t.Errorf("%s is the id of a fault too", p.ID)
		}
	}
	for wrong, hint := range map[string]string{"opec-2019": "opec-2018", "rfc": "rfc-literal"} {
		if _, err := faults.PersonalityOf(wrong); err == nil || !strings.Contains(err.Error(), hint) {
			t.Errorf("PersonalityOf(%q): %v, want a hint at %s", wrong, err, hint)
		}
	}
}

// TestFaultsActAfterPersonalities sees that a fault is done to what the
// personality made, whatever the order in which they were asked for.
func TestFaultsActAfterPersonalities(t *testing.T) {
	t.Parallel()
	set := lookup(t, "acceptance-date-late", faults.PersonalityPrefix+"opec-2014@gestore.aurora.example").For("gestore.aurora.example")
	d := drafts(t, originals[0])[0]
	if err := set.Draft(d); err != nil {
		t.Fatal(err)
	}
	if date := d.Value("Date"); date != "Thu, 09 Jul 2026 16:15:06 +0200" {
		t.Errorf("Date %q, want that of the fault", date)
	}
	if !d.Format.PlainOnly {
		t.Error("the personality does not act")
	}
}

func TestIdentifiersOfPersonalities(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[A-Za-z0-9.-]+@gestore\.aurora\.example$`)
	for _, p := range faults.Personalities() {
		identity := lookup(t, faults.PersonalityPrefix+p.ID).Identity(compose.Provider{Domain: "gestore.aurora.example", Random: reader()})
		seen := map[string]bool{}
		for range 500 {
			id, err := compose.NewIdentifier(identity, instant)
			if err != nil || !form.MatchString(id) || seen[id] {
				t.Fatalf("%s: %q, %v: expected a new dot-atom in the provider's domain each time", p.ID, id, err)
			}
			seen[id] = true
		}
	}
}
