package faults_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/simulator/authority"
	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/collaudo/collaudo/simulator/faults"
)

func lookup(t *testing.T, ids ...string) *faults.Set {
	t.Helper()
	s, err := faults.Lookup(ids...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestUnknownFaultIsAnErrorWithAHint(t *testing.T) {
	t.Parallel()
	for wrong, hint := range map[string]string{"acceptance-subject-prefx": "acceptance-subject-prefix", "hidden-recipient": "skip-hidden-recipient-check", "": "did you mean"} {
		_, err := faults.Lookup(wrong)
		if err == nil || !strings.Contains(err.Error(), hint) {
			t.Errorf("Lookup(%q): %v, want a hint at %s", wrong, err, hint)
		}
	}
}

func TestNilSetDoesNothing(t *testing.T) {
	t.Parallel()
	s := lookup(t)
	if s != nil || s.For("x.example") != nil || s.IDs() != nil || s.SignerVariants() != nil {
		t.Error("no ids make no set")
	}
	d := &compose.Draft{Kind: pec.Acceptance}
	signer := &smime.Signer{}
	got, err := s.Signer(d, signer, nil)
	if s.Draft(d) != nil || err != nil || got != signer || s.Emission(d) != (faults.Emission{Copies: 1}) ||
		!s.Check("x", true) || s.Check("x", false) || s.On("x") || string(s.Content(d, []byte("c"))) != "c" || string(s.Sealed(d, []byte("s"))) != "s" {
		t.Error("a nil set changed something")
	}
}

func TestCatalogueEntries(t *testing.T) {
	t.Parallel()
	all := faults.Catalogue()
	if len(all) < 55 {
		t.Errorf("%d faults", len(all))
	}
	for _, f := range all {
		if strings.Trim(f.ID, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || f.Title == "" || strings.HasSuffix(f.Title, ".") || f.Family == "" {
			t.Errorf("%s: expected a kebab-case id, a title without full stop and a family: %+v", f.ID, f)
		}
	}
}

func TestProviderOfAFault(t *testing.T) {
	t.Parallel()
	s := lookup(t, "no-quarantine@Gestore.Aurora.example", "skip-virus-check")
	aurora, borea := s.For("gestore.aurora.example"), s.For("gestore.borea.example")
	if !aurora.On("no-quarantine") || borea.On("no-quarantine") {
		t.Error("a fault limited to one provider acts at another, or nowhere")
	}
	if !aurora.Check("access/virus", false) || !borea.Check("access/virus", false) {
		t.Error("a fault limited to nobody does not act everywhere")
	}
	if diff := cmp.Diff([]string{"no-quarantine@Gestore.Aurora.example", "skip-virus-check"}, s.IDs()); diff != "" {
		t.Error(diff)
	}
	if only := lookup(t, "no-quarantine@a.example").For("b.example"); only != nil {
		t.Error("nothing left is nil")
	}
}

func TestChecksEmissionsAndSigners(t *testing.T) {
	t.Parallel()
	acceptance, delivery := &compose.Draft{Kind: pec.Acceptance}, &compose.Draft{Kind: pec.Delivery, Receipt: compose.Concise}
	if s := lookup(t, "delivery-primary-concise"); s.Check("delivery/primary", true) || !s.Check("access/virus", true) {
		t.Error("fail: the check named fails, and no other")
	}
	for id, want := range map[string]faults.Emission{
		"acceptance-none": {}, "acceptance-twice": {Copies: 2}, "acceptance-to-reply-to": {Copies: 1, To: faults.ToReplyTo},
	} {
		s := lookup(t, id)
		if diff := cmp.Diff(want, s.Emission(acceptance)); diff != "" {
			t.Errorf("%s: %s", id, diff)
		}
		if diff := cmp.Diff(faults.Emission{Copies: 1}, s.Emission(delivery)); diff != "" {
			t.Errorf("%s touches another kind: %s", id, diff)
		}
	}
	s := lookup(t, "acceptance-certificate-expired")
	other := &smime.Signer{}
	got, err := s.Signer(acceptance, &smime.Signer{}, func(name string) (*smime.Signer, error) {
		if name != "expired" {
			t.Errorf("asked for %q", name)
		}
		return other, nil
	})
	if err != nil || got != other {
		t.Errorf("signer %v, %v", got, err)
	}
	if _, err := s.Signer(acceptance, &smime.Signer{}, nil); err == nil {
		t.Error("no source of variants, no error")
	}
	if got, err := lookup(t, "acceptance-unsigned").Signer(acceptance, other, nil); got != nil || err != nil {
		t.Errorf("unsigned: %v, %v", got, err)
	}
}

func TestSignerVariantsExist(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, name := range authority.Variants() {
		known[name] = true
	}
	for _, f := range faults.Catalogue() {
		for _, name := range lookup(t, f.ID).SignerVariants() {
			if !known[name] {
				t.Errorf("%s asks for the certificate variant %q, which the authority does not have", f.ID, name)
			}
		}
	}
}
