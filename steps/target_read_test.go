package steps

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// folderOfTarget holds the files that targetFile refers to.
func folderOfTarget(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range map[string]string{"anna": "segreto\n", "ca.pem": testPair("a CA", "").Certificate, "empty": ""} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func TestReadTarget(t *testing.T) {
	t.Parallel()
	text := targetFile + "tls: {authorities: {file: ca.pem}}\npatience: {quiet: 90s}\nwhiteBox: {command: [./inside, --quick]}\n"
	folder := folderOfTarget(t)
	read, err := ReadTarget(strings.NewReader(text), folder)
	if err != nil {
		t.Fatal(err)
	}
	for what, pair := range map[string][2]any{
		"submission": {"127.0.0.1:465", read.Providers[0].SubmissionTLS},
		"password":   {"segreto", read.Mailboxes[0].Password.Reveal()},
		"authority":  {testPair("a CA", "").Certificate, read.TLS.Authorities},
		"quiet":      {90 * time.Second, read.Patience.Quiet},
		"program":    {filepath.Join(folder, "inside"), read.WhiteBox.Command[0]},
	} {
		if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
}

// A password may come from the environment. This test cannot run beside others.
func TestSecretOfTheEnvironment(t *testing.T) {
	t.Setenv("COLLAUDO_TEST_PASSWORD", "di nascosto")
	text := strings.Replace(targetFile, "{file: anna}", "{env: COLLAUDO_TEST_PASSWORD}", 1)
	read, err := ReadTarget(strings.NewReader(text), t.TempDir())
	if err != nil || read.Mailboxes[0].Password.Reveal() != "di nascosto" {
		t.Errorf("read %v, %v", read, err)
	}
}

func TestTargetFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, old, new, want string }{
		{"misspelt key", "    password:", "    pasword:", "line 15: mailboxes: unknown key pasword: did you mean password?"},
		{"key in the wrong case", "submissionTLS", "submissiontls", "did you mean submissionTLS?"},
		{"key that nobody knows", "name: sample", "favourite: colour\nname: sample", "unknown key favourite: expected one of claims"},
		{"doubled key", "name: sample", "name: sample\nname: sample", "line 3: key name stands there twice, first in line 2"},
		{"no YAML", "name: sample", "name: [sample", "line"},
		{"empty", targetFile, "# nothing\n", "empty"},
		{"a list where a text stands", "name: sample", "name: [a, b]", "expected a text, found a list"},
		{"a text where a list stands", "domains: [aurora.example]", "domains: aurora.example", `providers.domains: expected a list, found "aurora.example"`},
		{"a text where keys stand", "ordinary: {name: posta.example}", "ordinary: posta.example", "expected keys below it (name, imap, tlsName)"},
		{"no truth value", "judged: true", "judged: perhaps", "expected true or false"},
		{"no number", "ordinary:", "limits: {maxRecipients: many}\nordinary:", "expected a whole number"},
		{"no time", "ordinary:", "patience: {quiet: 5}\nordinary:", "expected a time such as 90s"},
		{"an alias", "name: sample", "name: &a sample", "anchors"},
		{"a password in the file", "{file: anna}", "segreto", "a secret does not stand in a target file: write {env: NAME} or {file: PATH}"},
		{"a password elsewhere", "{file: anna}", "{vault: anna}", "unknown key vault"},
		{"a variable that is not set", "{file: anna}", "{env: COLLAUDO_NOT_SET_BY_ANYBODY}", "COLLAUDO_NOT_SET_BY_ANYBODY is not set"},
		{"a file that is not there", "{file: anna}", "{file: bruno}", "no such file"},
		{"an empty file", "{file: anna}", "{file: empty}", "is empty"},
		{"a kind of its own", "name: sample", "kind: castle\nname: sample", `kind is "castle"`},
		{"no provider of that name", "provider: Aurora\n    user", "provider: Boreale\n    user", "not described"},
		{"unknown role", "role: user", "role: postman", "postman"},
		{"no address", "address: anna@aurora.example", "address: anna", "no address"},
		{"white box that is no URL", "ordinary:", "whiteBox: {url: somewhere}\nordinary:", "no http"},
		{"two white boxes", "ordinary:", "whiteBox: {url: 'http://127.0.0.1', command: [x]}\nordinary:", "one of url, command and hosts"},
		{"white box of nobody", "ordinary:", "whiteBox: {hosts: [{provider: Boreale, url: 'http://127.0.0.1'}]}\nordinary:", "is not described"},
		{"a permission that there is not", "ordinary:", "reach: {permits: [everything]}\nordinary:", "everything"},
		{"a limit below zero", "ordinary:", "limits: {maxRecipients: -1}\nordinary:", "limits.maxRecipients is -1"},
		{"an actor whom nobody knows", "actor: Anna", "actor: Anne", "did you mean Anna?"},
		{"a directory that is none", "ordinary:", "directory: {ldap: 'ldpa://127.0.0.1'}\nordinary:", "expected ldap:// or ldaps://HOST"},
		{"certificates that are none", "ordinary:", "tls: {authorities: nothing}\nordinary:", "no PEM"},
	}
	folder := folderOfTarget(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(targetFile, test.old, test.new, 1)
			_, err := ReadTarget(strings.NewReader(text), folder)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one about %q", err, test.want)
			}
			if err != nil && (strings.Contains(err.Error(), "steps.") || strings.Contains(err.Error(), "!!")) {
				t.Errorf("the error speaks of the program and not of the file: %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "segreto") {
				t.Errorf("the error says the password: %v", err)
			}
		})
	}
	if _, err := ReadTarget(strings.NewReader(strings.Repeat("# much\n", maxTargetFile)), folder); err == nil {
		t.Error("a file of megabytes was read as a target")
	}
}
