package conformance

import (
	"bytes"
	"encoding/base64"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/steps"
)

// A run folder is handed on. Of the passwords that the harness signs in with, by
// SMTP and by IMAP, none stands in any file of it, in clear or as SASL writes it;
// neither where a scenario has its mailboxes to itself nor where they are shared.
func TestNoPasswordIsInARunFolder(t *testing.T) {
	t.Parallel()
	_, target := realEndpoint(t)
	own := Options{Tags: "@id:directory-over-ldap or @id:mailbox-locked or @id:wrong-password-on-imap", Seed: 1, Now: endpointOptions(t, target, "").Now, Out: filepath.Join(t.TempDir(), "run"), Version: "test"}
	for name, row := range map[string]struct {
		options   Options
		protocols []string
	}{
		"own":    {own, []string{"imap", "ldap", "smtp"}},
		"shared": {endpointOptions(t, target, "complete-transaction"), []string{"imap"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := tryKeyed(t.Context(), row.options); err != nil {
				t.Fatal(err)
			}
			for _, protocol := range row.protocols {
				if !spoke(t, row.options.Out, protocol) {
					t.Errorf("no dialogue over %s is kept, and nothing is shown of its secrets", protocol)
				}
			}
			secretsIn(t, row.options.Out, target.Mailboxes)
		})
	}
}

// spoke tells that a dialogue is kept in which somebody signed in by the protocol,
// or asked the directory, which wants no password.
func spoke(t *testing.T, dir, protocol string) bool {
	t.Helper()
	record, err := evidence.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range record.Cases {
		for _, d := range c.Dialogues {
			text, err := c.Blob(d.Transcript)
			if err != nil {
				t.Fatal(err)
			}
			if d.Protocol == protocol && (d.Mailbox == "" || bytes.Contains(text, []byte("[removed]"))) {
				return true
			}
		}
	}
	return false
}

// secretsIn looks for the passwords of mailboxes in every file of a folder.
func secretsIn(t *testing.T, dir string, mailboxes []steps.Mailbox) {
	t.Helper()
	secrets := map[string][]string{}
	for _, box := range mailboxes {
		password := box.Password.Reveal()
		if len(password) < 8 {
			t.Fatalf("the password of %s is so short that it may stand anywhere", box.Address)
		}
		for _, form := range []string{password, "\x00" + box.User + "\x00" + password, box.User + "\x00" + box.User + "\x00" + password} {
			secrets[box.Address] = append(secrets[box.Address], base64.StdEncoding.EncodeToString([]byte(form)))
		}
		secrets[box.Address] = append(secrets[box.Address], password)
	}
	files := 0
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files++
		octets, err := os.ReadFile(path)
		for address, forms := range secrets {
			for _, form := range forms {
				if bytes.Contains(octets, []byte(form)) {
					t.Errorf("%s holds the password of %s", path, address)
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 || len(secrets) == 0 {
		t.Errorf("%d files were looked through for %d passwords", files, len(secrets))
	}
}
