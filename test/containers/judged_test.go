//go:build containers

package containers

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"

	"github.com/collaudo/collaudo/simulator"
)

// The network between the two providers is cut, by Docker's engine; twelve hours
// pass, then almost as many again; it is whole again: the harness, in a container
// of its own, judges both notices and the late delivery.
func TestCutNetworkIsJudged(t *testing.T) {
	t.Parallel()
	w := start(t)
	inside, conductor := conduct(t, w)
	out := w.judge(inside, "@id:network-cut-for-almost-a-day")
	want := []string{"cut true", "advance 12h0m0s", "cut false", "advance 2h0m0s"}
	conductor.mu.Lock()
	defer conductor.mu.Unlock()
	for _, event := range want {
		if !strings.Contains(strings.Join(conductor.events, ", "), event) {
			t.Errorf("the world went through %q, want %q among it", conductor.events, event)
		}
	}
	passed := verdicts(t, out)
	for rule, why := range map[string]string{
		"PEC-TMO-001": "the first notice", "PEC-TMO-002": "the second notice", "PEC-TMO-007": "not before its time",
		"PEC-TMO-008": "in time", "PEC-TMO-018": "the late delivery",
	} {
		if passed[rule] != "pass" {
			t.Errorf("%s (%s): %q, want pass", rule, why, passed[rule])
		}
	}
}

// judge runs the harness in its container and returns the folder of its report.
func (w *world) judge(inside, tags string) string {
	w.t.Helper()
	dir := writable(w.t)
	w.writeTarget(filepath.Join(dir, "target.yaml"), inside)
	give(w.t, dir)
	names, aliases := w.own(harnessHost)
	request := testcontainers.ContainerRequest{
		Image: image(w.t), Networks: names, NetworkAliases: aliases, Binds: []string{dir + ":/out"},
		Cmd:        []string{"run", "--target", "/out/target.yaml", "--yes", "--tags", tags, "--out", "/out/run"},
		WaitingFor: wait.ForExit(),
	}
	box, err := testcontainers.GenericContainer(w.t.Context(), testcontainers.GenericContainerRequest{ContainerRequest: request, Started: true})
	if box != nil {
		w.t.Cleanup(func() { tidy(w.t, "rm", "--force", "--volumes", box.GetContainerID()) })
	}
	if err != nil {
		w.t.Fatalf("run the harness: %v", err)
	}
	said, _ := dockerSays(w.t.Context(), "logs", box.GetContainerID())
	if code := docker(w.t, "inspect", "--format", "{{.State.ExitCode}}", box.GetContainerID()); code != "0" {
		w.t.Errorf("the harness ended with %s and said:\n%s", code, said)
	} else {
		w.t.Logf("the harness said:\n%s", said)
	}
	return filepath.Join(dir, "run")
}

// verdicts are those of a report, by rule.
func verdicts(t *testing.T, run string) map[string]string {
	t.Helper()
	octets, err := os.ReadFile(filepath.Join(run, "run.json"))
	if err != nil {
		t.Fatal(err)
	}
	var result struct {
		Rules []struct {
			ID      string `json:"id"`
			Verdict string `json:"verdict"`
		} `json:"rules"`
	}
	if err := json.Unmarshal(octets, &result); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, r := range result.Rules {
		all[r.ID] = r.Verdict
	}
	return all
}

// writeTarget describes the world to the harness, as a provider would describe a
// system of its own: what it needs to know stands in the answers of its hosts.
func (w *world) writeTarget(path, inside string) {
	w.t.Helper()
	var b strings.Builder
	centre := w.describe(authorityHost)
	host, _, err := net.SplitHostPort(strings.TrimPrefix(inside, "http://"))
	if err != nil {
		w.t.Fatal(err)
	}
	fmt.Fprintf(&b, "kind: provider\nname: pair in containers\nwhiteBox: {url: %q}\n", inside)
	fmt.Fprintf(&b, "patience: {quiet: 500ms, settle: 60s}\nreach:\n  connections: 64\n  messagesPerMinute: 600\n  allow: [%s, %s, %s, %s]\n", auroraHost, boreaHost, authorityHost, host)
	w.secret(path, "ca.pem", centre.Trust.CA)
	b.WriteString("tls: {authorities: {file: ca.pem}}\nproviders:\n")
	var boxes strings.Builder
	mailbox := func(a simulator.Account, provider, role string) {
		name := strings.ReplaceAll(a.Address, "@", "-at-")
		w.secret(path, name, a.Password)
		fmt.Fprintf(&boxes, "  - {address: %q, actor: %q, role: %s, provider: %q, user: %q, password: {file: %q}}\n", a.Address, a.Actor, role, provider, a.User, name)
	}
	for _, at := range []string{auroraHost, boreaHost} {
		for _, p := range w.describe(at).Providers {
			fmt.Fprintf(&b, "  - name: %q\n    judged: true\n    serviceAddress: %s\n    serviceMailbox: %s\n    domains: [%s]\n    submissionTLS: %s\n    incoming: %s\n    imap: %s\n",
				p.Name, p.ServiceAddress, p.ServiceMailbox.Address, strings.Join(p.Domains, ", "), p.Hosts.SubmissionTLS, p.Hosts.Incoming, p.Hosts.IMAP)
			mailbox(p.ServiceMailbox, p.Name, "service")
			for _, a := range p.Accounts {
				mailbox(a, p.Name, "user")
			}
		}
	}
	b.WriteString("mailboxes:\n" + boxes.String())
	d := centre.Directory
	fmt.Fprintf(&b, "directory: {ldap: %q, ldaps: %q, base: %q, url: %q, revocation: %q}\n", d.LDAP, d.LDAPS, d.Base, d.URL, d.Revocation)
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// secret writes a file beside the target file.
func (w *world) secret(target, name, content string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(filepath.Dir(target), name), []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
}
