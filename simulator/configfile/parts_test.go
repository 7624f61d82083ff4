package configfile_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/configfile"
)

func TestReadParts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       simulator.Parts
		own        string // clamd of the first provider
		ldap       string
	}{
		{name: "none", text: "pair: true\n"},
		{
			name: "addresses alone", text: "pair: true\nantivirus: {clamd: 127.0.0.1:3310}\ndns: 127.0.0.1:5353\nrelayHost: 127.0.0.1:2526\n",
			want: simulator.Parts{Clamd: "127.0.0.1:3310", DNS: "127.0.0.1:5353", RelayHost: simulator.RelayHost{Address: "127.0.0.1:2526"}},
		},
		{
			name: "mappings", text: "pair: true\ndns: {server: 127.0.0.1:5353, mailPort: 2525}\nrelayHost: {address: \"[::1]:2526\", tlsName: relay.example}\n",
			want: simulator.Parts{DNS: "127.0.0.1:5353", MailPort: "2525", RelayHost: simulator.RelayHost{Address: "[::1]:2526", TLSName: "relay.example"}},
		},
		{
			name: "a provider's own antivirus", text: "providers: [{name: Uno, domains: [uno.example], antivirus: {clamd: \"unix:/run/uno.ctl\"}}]\n",
			own: "unix:/run/uno.ctl",
		},
		{name: "a directory server", text: "pair: true\ndirectory: {ldap: \"ldaps://localhost:1636\"}\n", ldap: "ldaps://localhost:1636"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, err := configfile.Read([]byte(test.text), t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, c.Parts); diff != "" {
				t.Error(diff)
			}
			if c.Providers[0].Clamd != test.own {
				t.Errorf("its own antivirus: %q", c.Providers[0].Clamd)
			}
			if d := c.Directory; (d == nil) != (test.ldap == "") || d != nil && d.LDAP != test.ldap {
				t.Errorf("directory: %+v", d)
			}
		})
	}
}

func TestReadPartsRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, says string }{
		{"an antivirus elsewhere", "antivirus: {clamd: 192.0.2.1:3310}", "want a port on this machine"},
		{"no antivirus", "antivirus: {}", "say where clamd is"},
		{"an unknown antivirus", "antivirus: {other: 127.0.0.1:1}", "field other not found"},
		{"a name server elsewhere", "dns: 192.0.2.53:53", "want a port on this machine"},
		{"a name server without port", "dns: 127.0.0.1", "want a port on this machine"},
		{"a misspelt key", "dns: {sever: 127.0.0.1:53}", "line 2: unknown key sever: want server or mailPort"},
		{"no name server", "dns: {mailPort: 25}", "server is missing"},
		{"a mail port that is none", "dns: {server: 127.0.0.1:53, mailPort: posta}", "mail port"},
		{"a relay elsewhere", "relayHost: relay.example:25", "never sends outside"},
		{"a directory elsewhere", "directory: {ldap: \"ldap://192.0.2.1\"}", "asks nobody outside"},
		{"a directory that is no URL", "directory: {ldap: \"127.0.0.1:389\"}", "want a URL"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := configfile.Read([]byte("pair: true\n"+test.text+"\n"), t.TempDir())
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v, want %q", err, test.says)
			}
		})
	}
}
