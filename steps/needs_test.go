package steps

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
)

// endowed is a target that gives everything which a description can give.
func endowed() *Target {
	t := testTarget()
	for i := range t.Providers {
		p := &t.Providers[i]
		p.SubmissionTLS, p.SubmissionSTARTTLS, p.Incoming, p.IMAP = "127.0.0.1:465", "127.0.0.1:587", "127.0.0.1:25", "127.0.0.1:993"
	}
	t.Ordinary.IMAP = "127.0.0.1:993"
	t.Reach.Permits = Permits()
	t.WhiteBox.URL = "http://127.0.0.1:1"
	t.Directory = DirectoryService{
		LDAP: "ldap://127.0.0.1", URL: "https://127.0.0.1/x", Revocation: "http://127.0.0.1/y", DNS: "127.0.0.1:53", Played: &PlayedDirectory{},
	}
	t.Peers[0].FileServer, t.OneScenario = &FileServer{}, true
	return t
}

func TestLacks(t *testing.T) {
	t.Parallel()
	table := []struct {
		name  string
		take  func(*Target)
		tags  []string
		steps []string
		want  []string
	}{
		{"nothing", func(*Target) {}, nil, []string{"When Anna sends a plain message to Bruno", "Then Bruno receives one transport envelope"}, nil},
		{"time is waited for", func(t *Target) { t.WhiteBox = WhiteBox{} }, nil, []string{"When 24 hours pass"}, nil},
		{"no mailbox of Dario", func(t *Target) { t.Mailboxes = append(t.Mailboxes[:5:5], t.Mailboxes[6:]...) }, nil, []string{
			"When Anna sends a plain message to Bruno and Dario", "And Dario receives nothing",
		}, []string{"role user: mailbox of Dario"}},
		{"no peer", func(t *Target) { t.Peers = nil }, nil, []string{"Given Paolo's provider answers nothing", "When Elena's host sends a delivery receipt to Anna"}, []string{"role peer: Paolo", "role peer"}},
		{"no signer", func(t *Target) { t.Peers[0].Signers = t.Peers[0].Signers[:1] }, nil, []string{
			"When Paolo's provider sends a transport envelope signed with an expired certificate to Bruno",
		}, []string{"role peer: signer expired"}},
		{"one peer only", func(t *Target) { t.Peers = t.Peers[:1] }, nil, []string{
			"When Paolo's provider sends a transport envelope signed by another provider to Bruno",
		}, []string{"role peer: a second provider"}},
		{"no ordinary host", func(t *Target) { t.Ordinary, t.Mailboxes = Ordinary{}, t.Mailboxes[:10] }, nil, []string{"When Elena sends a plain message to Bruno"}, []string{"role ordinary: mailbox of Elena"}},
		{"no submission", func(t *Target) { t.Providers[0].SubmissionTLS = "" }, nil, []string{"Given Anna's well-formed message is accepted"}, []string{"submission over TLS at Anna's provider"}},
		{"no incoming point", func(t *Target) { t.Providers[1].Incoming = "" }, nil, []string{"When Paolo's provider sends a correct transport envelope to Bruno"}, []string{"incoming point of the provider of Bruno"}},
		{"nothing to probe", func(t *Target) { t.Providers[1].IMAP = "" }, nil, []string{"When somebody tries to sign in with a wrong password on IMAP at Bruno's provider"}, []string{"imap at Bruno's provider"}},
		{"nobody reads", func(t *Target) { t.Providers[1].IMAP = "" }, nil, []string{"Then Bruno receives one transport envelope"}, []string{"IMAP for the mailbox of Bruno"}},
		{"no white box", func(t *Target) { t.WhiteBox = WhiteBox{} }, nil, []string{
			"When Anna's provider is restarted", "And the log files of Anna's provider are read", "And the mailbox of Bruno is renewed",
		}, []string{"white box: restart", "white box: log", "white box: mailboxes"}},
		{"what a scenario does stays", func(t *Target) { t.OneScenario = false }, nil, []string{"When the mailbox of Bruno is renewed"}, []string{"a target that one scenario has to itself: what it does to the mailboxes stays"}},
		{"no directory", func(t *Target) { t.Directory = DirectoryService{} }, []string{"@plays-directory"}, []string{
			"When the directory is read over LDAP", "And the directory is read over HTTPS", "And the revocation list is fetched", "And the mail hosts of Bruno's domain are looked up",
		}, []string{"role directory", "directory over LDAP", "directory over HTTPS", "revocation list", "name server"}},
		{"no limit", func(t *Target) { t.Limits = Limits{} }, nil, []string{"When Anna sends a message just above the size limit to Bruno"}, []string{"limits: maxTotalBytes"}},
		{"no pattern", func(t *Target) { t.Patterns = nil }, nil, []string{"When Anna sends a message with a virus that only Bruno's provider knows to Bruno"}, []string{"test pattern that only Bruno's provider knows"}},
		{"nothing is permitted", func(t *Target) { t.Reach.Permits = nil }, nil, []string{
			"When Anna sends a message with a virus attached to Bruno", "And Paolo's provider sends a transport envelope without signature to Bruno",
		}, []string{"permit virus", "permit hostile"}},
		{"a world of its own", func(*Target) {}, []string{"@fault:delivery-none", "@clock:spring", "@odd-directory"}, nil, []string{
			"simulated provider: fault delivery-none", "simulated clock: a date before spring", "simulated directory: records that are wrong on purpose",
		}},
	}
	for _, row := range table {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			start := &evidence.Start{Tags: row.tags, Steps: row.steps}
			if row.tags == nil {
				if got := endowed().Lacks(start); len(got) != 0 {
					t.Errorf("a target that gives everything lacks %q", got)
				}
			}
			target := endowed()
			row.take(target)
			if diff := cmp.Diff(row.want, target.Lacks(start)); diff != "" {
				t.Errorf("lacks (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUses(t *testing.T) {
	t.Parallel()
	for step, want := range map[string][]string{
		"When Anna sends a plain message to Bruno":           nil,
		"When Anna sends a plain message to Paolo and Delia": {"Cirro", "Delta"},
		"Given the file server of Paolo's provider is down":  {"Cirro", UseDirectoryServers},
	} {
		if diff := cmp.Diff(want, endowed().Uses(&evidence.Start{Steps: []string{step}})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step, diff)
		}
	}
}
