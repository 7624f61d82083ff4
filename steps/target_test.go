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
    password: segreto
ordinary: {name: posta.example}
`

func TestReadTarget(t *testing.T) {
	t.Parallel()
	read, err := ReadTarget(strings.NewReader(targetFile))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("127.0.0.1:465", read.Providers[0].SubmissionTLS); diff != "" {
		t.Errorf("submission (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("segreto", read.Mailboxes[0].Password); diff != "" {
		t.Errorf("password (-want +got):\n%s", diff)
	}
}

func TestTargetFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, old, new, want string }{
		{"unknown key", "name: sample", "nome: sample", "nome"},
		{"doubled key", "name: sample", "name: sample\nname: sample", "already defined"},
		{"no provider of that name", "provider: Aurora\n    user", "provider: Boreale\n    user", "not described"},
		{"unknown role", "role: user", "role: postman", "postman"},
		{"no address", "address: anna@aurora.example", "address: anna", "no address"},
		{"adapter that is no URL", "ordinary:", "adapter: somewhere\nordinary:", "no http"},
		{"certificates that are none", "ordinary:", "tls: {authorities: nothing}\nordinary:", "no PEM"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(targetFile, test.old, test.new, 1)
			if _, err := ReadTarget(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one about %q", err, test.want)
			}
		})
	}
	if _, err := ReadTarget(strings.NewReader(strings.Repeat("# much\n", maxTargetFile))); err == nil {
		t.Error("a file of megabytes was read as a target")
	}
}

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
