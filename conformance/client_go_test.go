package conformance

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/smtp"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/rules"
	"github.com/collaudo/collaudo/simulator/faults"
	"github.com/collaudo/collaudo/steps"
)

// goClient is a small client with an HTTP API, as a program under test has one:
// enough to be judged without any program of the system. It writes to one
// recipient at a time, and believes whatever calls itself a receipt, which
// PEC-CLI-004 has to find.
type goClient struct {
	mu    sync.Mutex
	boxes map[string][]string // by the scenario's folder: headers of what was fetched
}

// told is what it is told, see steps.ClientValues.
type told struct {
	Dir, CA, Address, User, Password, Message string
	MessageID                                 string `json:"message_id"`
	Recipients                                []string
	SMTPHost                                  string `json:"submission_tls_host"`
	SMTPPort                                  string `json:"submission_tls_port"`
	IMAPHost                                  string `json:"imap_tls_host"`
	IMAPPort                                  string `json:"imap_tls_port"`
}

func (c *goClient) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	var t told
	err := json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(&t)
	answer := map[string]string{}
	if err == nil {
		switch r.URL.Path {
		case "/send":
			err = t.send()
		case "/fetch":
			err = c.fetch(t)
		case "/status":
			answer["status"] = c.status(t)
		}
	}
	if err != nil {
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(rw).Encode(answer)
}

func (t told) tls(host string) (*tls.Config, error) {
	octets, err := os.ReadFile(t.CA)
	config := &tls.Config{ServerName: host, RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
	config.RootCAs.AppendCertsFromPEM(octets)
	return config, err
}

func (t told) send() error {
	config, err := t.tls(t.SMTPHost)
	if err != nil {
		return err
	}
	connection, err := tls.Dial("tcp", net.JoinHostPort(t.SMTPHost, t.SMTPPort), config)
	if err != nil {
		return err
	}
	client, err := smtp.NewClient(connection, t.SMTPHost)
	if err != nil {
		return err
	}
	defer client.Close()
	octets, err := os.ReadFile(t.Message)
	if err = errors.Join(err, client.Auth(smtp.PlainAuth("", t.User, t.Password, t.SMTPHost)), client.Mail(t.Address)); err != nil {
		return err
	}
	for _, to := range t.Recipients {
		if err := client.Rcpt(to); err != nil {
			return err
		}
	}
	w, err := client.Data()
	if err != nil {
		return err
	}
	_, err = w.Write(octets)
	return errors.Join(err, w.Close(), client.Quit())
}

func (c *goClient) fetch(t told) error {
	config, err := t.tls(t.IMAPHost)
	if err != nil {
		return err
	}
	client, err := imapclient.DialTLS(net.JoinHostPort(t.IMAPHost, t.IMAPPort), &imapclient.Options{TLSConfig: config})
	if err != nil {
		return err
	}
	defer client.Close()
	if err := client.Login(t.User, t.Password).Wait(); err != nil {
		return err
	}
	selected, err := client.Select("INBOX", nil).Wait()
	if err != nil || selected.NumMessages == 0 {
		return err
	}
	all := imap.SeqSet{}
	all.AddRange(1, selected.NumMessages)
	messages, err := client.Fetch(all, &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{{}}}).Collect()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.boxes[t.Dir] = nil
	for _, m := range messages {
		for _, section := range m.BodySection {
			c.boxes[t.Dir] = append(c.boxes[t.Dir], string(bytes.ReplaceAll(section.Bytes, []byte("\r\n"), []byte("\n"))))
		}
	}
	return errors.Join(err, client.Logout().Wait())
}

func (c *goClient) status(t told) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	order := []string{"sent", "accepted", "failed", "delivered"}
	best := 0
	for _, m := range c.boxes[t.Dir] {
		head, _, _ := strings.Cut(m, "\n\n")
		head = strings.ReplaceAll(head, "\n ", " ")
		if !strings.Contains(head, "X-Riferimento-Message-ID: "+t.MessageID) {
			continue
		}
		switch {
		case strings.Contains(head, "X-Ricevuta: accettazione"):
			best = max(best, 1)
		case strings.Contains(head, "X-Ricevuta: errore-consegna"):
			best = max(best, 2)
		case strings.Contains(head, "X-Ricevuta: avvenuta-consegna"):
			best = max(best, 3)
		}
	}
	return order[best]
}

func goClientFile(t *testing.T) *steps.Client {
	t.Helper()
	server := httptest.NewServer(&goClient{boxes: map[string][]string{}})
	t.Cleanup(server.Close)
	text := fmt.Sprintf("kind: client\nname: a client in Go\nsend: {post: %[1]s/send}\nfetch: {post: %[1]s/fetch}\nstatus: {post: %[1]s/status}\n", server.URL)
	client, err := steps.ReadClient(strings.NewReader(text), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// A client is judged by what it did and concluded, through its HTTP API: what
// it does well passes, what it neglects fails, and what it cannot be asked is
// inconclusive.
func TestClientOverHTTP(t *testing.T) {
	t.Parallel()
	o := clientOptions(t)
	o.Client = goClientFile(t)
	o.Tags = "@id:client-channels or @id:client-signs-in or @id:client-shows-accents or @id:client-unsigned-receipt" +
		" or @id:client-undelivered or @id:client-reverse-order or @id:client-odd-mail-no-mime"
	got := judgeClient(t, o)
	want := clientVerdicts(map[string]rules.Verdict{
		"PEC-CLI-003": rules.Inconclusive, "PEC-CLI-004": rules.Fail,
		"PEC-CLI-005": rules.NotExercised, "PEC-CLI-008": rules.NotExercised, "PEC-CLI-010": rules.NotExercised,
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}

func TestClientsAreAskedForTheirRulesOnly(t *testing.T) {
	t.Parallel()
	o := clientOptions(t)
	o.Client, o.Rules = goClientFile(t), []string{"AP"}
	if _, err := tryKeyed(t.Context(), o); !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), "binds providers") {
		t.Errorf("error %v, want one about rules that bind providers", err)
	}
	if err := o.ReadTarget("nowhere.yaml"); !errors.Is(err, ErrUsage) {
		t.Errorf("error %v, want one of usage", err)
	}
}

// Scenarios for clients and for providers are two runs, and every fault that a
// world is to have is in the catalogue.
func TestClientScenariosAreApart(t *testing.T) {
	t.Parallel()
	clients, err := ClientScenarios()
	if err != nil {
		t.Fatal(err)
	}
	providers, err := Scenarios()
	if err != nil {
		t.Fatal(err)
	}
	if len(clients) < 30 || len(providers) < 300 {
		t.Errorf("%d scenarios for clients, %d for providers: are some in the wrong run?", len(clients), len(providers))
	}
	for _, s := range clients {
		kind, err := worldKindOf(s.Tags)
		if err != nil {
			t.Error(err)
		}
		if _, err := faults.Lookup(kind.faults...); err != nil {
			t.Errorf("%s: %v", s.ID, err)
		}
		for _, id := range s.Rules {
			if !strings.HasPrefix(id, "PEC-CLI-") {
				t.Errorf("%s decides %s, which binds no client", s.ID, id)
			}
		}
	}
	for _, s := range providers {
		if slices.ContainsFunc(s.Rules, func(id string) bool { return strings.HasPrefix(id, "PEC-CLI-") }) {
			t.Errorf("%s decides a rule that binds clients", s.ID)
		}
	}
}
