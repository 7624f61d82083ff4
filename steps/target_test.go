package steps

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const targetFile = `
name: sample
providers:
  - name: Aurora
    judged: true
    serviceAddress: posta-certificata@gestore.aurora.example
    domains: [aurora.example]
    submissionTLS: 127.0.0.1:465
mailboxes:
  - address: anna@aurora.example
    actor: Anna
    role: user
    provider: Aurora
    user: anna
    password: {file: anna}
ordinary: {name: posta.example}
`

func TestNoPasswordLeavesTheTarget(t *testing.T) {
	t.Parallel()
	target := testTarget()
	for _, v := range []any{target, target.world()} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "segreto") {
			t.Errorf("a password is written out: %s", text)
		}
	}
}

func TestParties(t *testing.T) {
	t.Parallel()
	target := testTarget()
	tests := []struct {
		list string
		want []string
	}{
		{"Bruno", []string{"bruno@borea.example"}},
		{"Bruno, Carla and Elena", []string{"bruno@borea.example", "carla@borea.example", "elena@posta.example"}},
		{"Anna's studio and Anna", []string{"anna@studio-aurora.example", "anna@aurora.example"}},
		{"Bruno in capital letters and a subdomain", []string{"bruno@BOREA.EXAMPLE", "bruno@ufficio.borea.example"}},
		{"an unknown mailbox and 2 unknown mailboxes", []string{"sconosciuto@borea.example", "sconosciuto-01@borea.example", "sconosciuto-02@borea.example"}},
		{"the service mailbox of Bruno's provider", []string{"ricevute@gestore.borea.example"}},
	}
	for _, test := range tests {
		people, err := target.people(test.list)
		if err != nil {
			t.Errorf("%s: %v", test.list, err)
			continue
		}
		if diff := cmp.Diff(test.want, addresses(people)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.list, diff)
		}
	}
}

func TestPartiesByMeaning(t *testing.T) {
	t.Parallel()
	target := testTarget()
	for i := range target.Mailboxes {
		switch target.Mailboxes[i].Actor {
		case "Anna's colleague", "Anna's studio", "Bruno's archive":
			target.Mailboxes[i].Actor = ""
		case "a full mailbox":
			target.Mailboxes[i].Actor = "Piena"
		}
	}
	for party, want := range map[Party]string{
		AnnaColleague: "carla@aurora.example", AnnaStudio: "anna@studio-aurora.example",
		BrunoArchive: "bruno@archivio-borea.example", FullMailbox: "piena@borea.example",
	} {
		got, err := target.person(party)
		if err != nil || got.address != want {
			t.Errorf("%s is %q (%v), want %q", party, got.address, err, want)
		}
	}
}

// On a system that is somebody's, no name may be used that could be his user's:
// what is to be nobody's carries the word of the run.
func TestNobodyOnARealEndpoint(t *testing.T) {
	t.Parallel()
	target := testTarget()
	target.Word = "k7q2m4x9"
	for list, want := range map[string][]string{
		"an unknown mailbox and 2 unknown mailboxes": {"sconosciuto-k7q2m4x9@borea.example", "sconosciuto-k7q2m4x9-01@borea.example", "sconosciuto-k7q2m4x9-02@borea.example"},
		"a subdomain":              {"sconosciuto-k7q2m4x9@ufficio.borea.example"},
		"Bruno in capital letters": {"bruno@BOREA.EXAMPLE"},
	} {
		people, err := target.people(list)
		if err != nil {
			t.Errorf("%s: %v", list, err)
			continue
		}
		if diff := cmp.Diff(want, addresses(people)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", list, diff)
		}
	}
	if diff := cmp.Diff([]string{
		"sconosciuto-k7q2m4x9@borea.example", "sconosciuto-k7q2m4x9-01@borea.example and so on", "sconosciuto-k7q2m4x9@ufficio.borea.example",
	}, target.Nobody()); diff != "" {
		t.Errorf("nobody's (-want +got):\n%s", diff)
	}
	if got := (&Target{}).Nobody(); got != nil {
		t.Errorf("without Bruno nobody is written to, and %v are named", got)
	}
}
