package steps

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/fixtures"
)

func TestPermitsOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		step string
		want string
	}{
		{"Anna's well-formed message is accepted", ""},
		{"Anna sends a plain message to Bruno", ""},
		{"Anna sends a message without To to Bruno", ""},
		{"Anna sends a message of 0.6 MB to Bruno", "load"},
		{"Anna sends a message of 30 MB to Bruno", "load"},
		{"Anna sends a message far above the size limit to Bruno", "load"},
		{"Anna sends a message with a virus attached asking for a brief receipt to Bruno and Carla", "virus"},
		{"Anna sends a message with a virus that only Bruno's provider knows to Bruno, over STARTTLS", "virus"},
		{"Elena sends a message with a virus in its text to Bruno", "virus"},
		{"Anna sends a forged transport envelope to Bruno", "hostile"},
		{"Anna sends a message whose From is somebody else to Bruno", "hostile"},
		{"Anna sends a message whose subject is encoded line breaks to Bruno", "hostile"},
		{"Anna sends a message whose subject is empty to Bruno", ""},
		{"Anna sends a plain message to Bruno, in clear text", "hostile"},
		{"Anna sends a plain message to Bruno, under the name of Anna's colleague", "hostile"},
		{"Anna sends a plain message to Bruno, greeting with HELO", ""},
		{"Anna sends 40 plain messages to Bruno over 8 connections at once", "load"},
		{"somebody tries to sign in with a wrong password on IMAP at Anna's provider", "wrong-password"},
		{"somebody tries to sign in without TLS at Anna's provider", "hostile"},
		{"somebody tries commands out of order on the incoming point at Bruno's provider", "hostile"},
		{"somebody tries TLS 1.2 on submission at Anna's provider", ""},
		{"5 wrong passwords are tried at the mailbox of Anna, by SMTP and IMAP in turn", "wrong-password"},
		{"Paolo's provider sends a correct transport envelope to Bruno", ""},
		{"Paolo's provider sends the same once more to Carla", "hostile"},
		{"Paolo's provider offers no STARTTLS", ""},
		{"Paolo's provider shows a certificate that does not verify", "hostile"},
		{"Elena's host sends a delivery status notification to Anna", ""},
		{"Elena's host sends a delivery receipt to Anna", "hostile"},
		{"the central directory serves a new domain", ""},
		{"the central directory serves a tampered file of Paolo's provider", "hostile"},
		{"Paolo's provider publishes a truncated file", "hostile"},
		{"the client sends a message with a virus to Bruno", "virus"},
	}
	for _, tt := range tests {
		for _, keyword := range []string{"Given", "And", "*"} {
			got := strings.Join(PermitsOf(&evidence.Start{Steps: []string{keyword + " " + tt.step}}), " ")
			if got != tt.want {
				t.Errorf("%s: %q, expected %q", tt.step, got, tt.want)
			}
		}
	}
	heavy := PermitsOf(&evidence.Start{Tags: []string{"@heavy"}})
	if diff := cmp.Diff([]string{PermitLoad}, heavy); diff != "" {
		t.Errorf("a heavy scenario (-want +got):\n%s", diff)
	}
}

func TestEveryDamageIsHostile(t *testing.T) {
	t.Parallel()
	all, err := fixtures.Damages()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		kind := ""
		for _, k := range dispatchKinds() {
			if slices.Contains(d.Kinds, k.template) {
				kind = k.words
			}
		}
		want := []string{PermitHostile}
		if strings.HasPrefix(d.Body, "infected") {
			want = []string{PermitVirus, PermitHostile}
		}
		for _, step := range []string{
			"When Paolo's provider sends a " + kind + " " + d.Phrase + " to Bruno",
			"When Paolo's provider answers with a " + kind + " " + d.Phrase,
			"When Elena's host sends a " + kind + " " + d.Phrase + " to Bruno",
		} {
			if strings.HasPrefix(kind, "delivery status") && strings.Contains(step, "Elena") {
				continue
			}
			if diff := cmp.Diff(want, PermitsOf(&evidence.Start{Steps: []string{step}})); diff != "" {
				t.Errorf("%s (-want +got):\n%s", step, diff)
			}
		}
	}
}

// TestEveryVirusNeedsPermission asks for each original by itself, so that a new
// one with a virus cannot be overlooked.
func TestEveryVirusNeedsPermission(t *testing.T) {
	t.Parallel()
	for words, o := range originals() {
		got := PermitsOf(&evidence.Start{Steps: []string{"When Anna sends " + words + " to Bruno"}})
		if virus := o.virus != "" || o.known; virus != slices.Contains(got, PermitVirus) {
			t.Errorf("%s: permits %v, and a virus is %v", words, got, virus)
		}
		if heavy := o.size != nil; heavy != slices.Contains(got, PermitLoad) {
			t.Errorf("%s: permits %v, and a size is %v", words, got, heavy)
		}
	}
	for _, words := range hostileOriginals() {
		if _, _, err := describe(words); err != nil {
			t.Error(err)
		}
	}
}

func TestLackingPermits(t *testing.T) {
	t.Parallel()
	start := &evidence.Start{Steps: []string{"When Anna sends a message with a virus attached to Bruno"}}
	target := testTarget()
	target.Reach.Permits = []string{PermitHostile}
	if diff := cmp.Diff([]string{"permit virus"}, target.lacksPermits(start)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	target.Reach.Permits = append(target.Reach.Permits, PermitVirus)
	if lacking := target.lacksPermits(start); len(lacking) > 0 {
		t.Errorf("it still lacks %v", lacking)
	}
}
