package steps

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/miekg/dns"

	"github.com/collaudo/collaudo/evidence"
)

// Look is what came of looking at one service of a target, or of signing in to
// one mailbox. No message is sent for it, and nothing is read.
type Look struct {
	What    string // e.g. "submission of Acme"
	Address string // host:port or URL; that of the mailbox where somebody signs in
	Found   string // what is there, when nothing is wrong
	Trouble error  // a sentence; ErrUnreachable or ErrLogin
}

// lookPatience bounds one look, and looksAtOnce how many there are at a time.
const (
	lookPatience = 10 * time.Second
	looksAtOnce  = 4
)

// LookAt reaches for every service that the target names and signs in to every
// mailbox, each password once by IMAP and, where that went well, once by
// submission: a wrong one must lock nobody out.
func LookAt(ctx context.Context, target *Target, options Options) []Look {
	w := New(target, nil, options)
	defer w.Close()
	looks := lookAll(ctx, w.services())
	troubled := map[string]bool{}
	for _, l := range looks {
		troubled[l.Address] = troubled[l.Address] || l.Trouble != nil
	}
	var logins []lookTask
	for i := range target.Mailboxes {
		box := &target.Mailboxes[i]
		logins = append(logins, func(ctx context.Context) []Look { return w.lookMailbox(ctx, box, troubled) })
	}
	return append(looks, lookAll(ctx, logins)...)
}

type lookTask func(ctx context.Context) []Look

func lookAll(ctx context.Context, tasks []lookTask) []Look {
	all := make([][]Look, len(tasks))
	var group sync.WaitGroup
	slots := make(chan struct{}, looksAtOnce)
	for i, task := range tasks {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			all[i] = task(ctx)
		})
	}
	group.Wait()
	var looks []Look
	for _, some := range all {
		looks = append(looks, some...)
	}
	return looks
}

// look carries one look out, within its time, and puts trouble into words.
func look(ctx context.Context, what, address string, do func(context.Context) (string, error)) []Look {
	limited, cancel := context.WithTimeout(ctx, lookPatience)
	defer cancel()
	found, err := do(limited)
	l := Look{What: what, Address: address, Found: found}
	if err != nil {
		l.Found, l.Trouble = "", plainTrouble(what, address, err)
	}
	return []Look{l}
}

// services lists what there is to look at, in the order of the description.
func (w *World) services() []lookTask {
	var tasks []lookTask
	add := func(what, address string, do func(context.Context) (string, error)) {
		if address != "" {
			tasks = append(tasks, func(ctx context.Context) []Look { return look(ctx, what, address, do) })
		}
	}
	for i := range w.target.Providers {
		p := &w.target.Providers[i]
		add("submission of "+p.Name, p.SubmissionTLS, func(ctx context.Context) (string, error) {
			return w.lookSMTP(ctx, &sending{provider: p, hello: "EHLO", record: evidence.Submission{Channel: evidence.SubmissionTLS}})
		})
		add("submission with STARTTLS of "+p.Name, p.SubmissionSTARTTLS, func(ctx context.Context) (string, error) {
			return w.lookSMTP(ctx, &sending{provider: p, hello: "EHLO", record: evidence.Submission{Channel: evidence.SubmissionSTARTTLS}})
		})
		add("incoming point of "+p.Name, p.Incoming, func(ctx context.Context) (string, error) {
			return w.lookSMTP(ctx, &sending{provider: p, hello: "EHLO", record: evidence.Submission{Channel: evidence.IncomingPoint}})
		})
		add("IMAP of "+p.Name, p.IMAP, func(ctx context.Context) (string, error) { return w.lookIMAP(ctx, p.IMAP, p.TLSName) })
	}
	add("IMAP of the ordinary host", w.target.Ordinary.IMAP, func(ctx context.Context) (string, error) {
		return w.lookIMAP(ctx, w.target.Ordinary.IMAP, w.target.Ordinary.TLSName)
	})
	d := &w.target.Directory
	add("directory over LDAP", cmp.Or(d.LDAP, d.LDAPS), w.lookLDAP)
	add("directory over HTTPS", d.URL, func(ctx context.Context) (string, error) { return w.lookWeb(ctx, d.URL, false) })
	add("revocation list", d.Revocation, func(ctx context.Context) (string, error) { return w.lookWeb(ctx, d.Revocation, true) })
	add("name server", d.DNS, w.lookNames)
	for i := range w.target.Peers {
		p := &w.target.Peers[i]
		add("incoming point of "+p.Name+", which the harness plays", p.Listen, func(ctx context.Context) (string, error) { return w.lookListen(ctx, p.Listen) })
	}
	if w.target.WhiteBox.given() {
		add("white box", w.target.WhiteBox.where(), w.lookInside)
	}
	return tasks
}

func (w *World) lookSMTP(ctx context.Context, s *sending) (string, error) {
	session, err := w.open(ctx, s, newTranscript("", ""))
	if err != nil {
		return "", err
	}
	defer session.quit()
	over, is := session.conn.(*tls.Conn)
	if !is {
		return "answers, without TLS", nil
	}
	return "answers, " + w.describeTLS(over.ConnectionState()), nil
}

func (w *World) lookIMAP(ctx context.Context, address, tlsName string) (string, error) {
	client, err := w.dialIMAP(ctx, address, tlsName, nil)
	if err != nil {
		return "", err
	}
	defer func() { _ = client.Close() }()
	return "answers over TLS", nil
}

// describeTLS says which version was agreed on and how long the certificate is
// good for.
func (w *World) describeTLS(state tls.ConnectionState) string {
	said := tls.VersionName(state.Version)
	if len(state.PeerCertificates) == 0 {
		return said
	}
	until := state.PeerCertificates[0].NotAfter
	said += ", certificate until " + until.UTC().Format(time.DateOnly)
	if days := int(until.Sub(w.now()).Hours() / 24); days < 14 {
		said += fmt.Sprintf(" (%d days left)", days)
	}
	return said
}

func (w *World) lookLDAP(ctx context.Context) (string, error) {
	var found string
	err := w.withLDAP(ctx, func(conn *ldap.Conn) error {
		result, err := conn.Search(ldap.NewSearchRequest(
			w.base(), ldap.ScopeBaseObject, ldap.NeverDerefAliases, 1, int(lookPatience/time.Second), false, "(objectClass=*)", nil, nil,
		))
		if err != nil {
			return fmt.Errorf("%w: it has nothing at %s: %w", ErrUnreachable, w.base(), err)
		}
		found = fmt.Sprintf("answers, %d entry at %s", len(result.Entries), w.base())
		return nil
	})
	return found, err
}

// lookWeb asks for a document and reads nothing of it. must says that it has to
// be handed out to anybody; a directory wants to see a certificate.
func (w *World) lookWeb(ctx context.Context, address string, must bool) (string, error) {
	at, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	config, err := w.lookupTLS(at.Hostname())
	if err != nil {
		return "", err
	}
	if !must && len(w.target.Peers) > 0 {
		_, shown, err := w.clientCertificate()
		if err != nil {
			return "", err
		}
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return shown, nil }
	}
	browser := w.options.Door.HTTP(config)
	defer browser.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	response, err := browser.Do(request)
	if err != nil {
		var failed *url.Error // names the URL, which is said already
		if errors.As(err, &failed) {
			err = failed.Err
		}
		if !must && len(w.target.Peers) == 0 && strings.Contains(err.Error(), "certificate required") {
			return "answers, and wants to see a certificate of a provider", nil
		}
		return "", fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	_ = response.Body.Close()
	if must && response.StatusCode != http.StatusOK || response.StatusCode >= http.StatusInternalServerError {
		return "", fmt.Errorf("%w: it answered %s, expected 200", ErrUnreachable, response.Status)
	}
	return "answers " + response.Status, nil
}

// lookListen tries whether the harness can be where the target looks for it.
func (w *World) lookListen(ctx context.Context, address string) (string, error) {
	if w.options.Listeners[address] != nil {
		return "listens", nil
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrListen, err)
	}
	return "can listen", listener.Close()
}

func (w *World) lookNames(ctx context.Context) (string, error) {
	domain := w.target.Providers[0].Domains[0]
	answer, err := w.askNames(ctx, "udp", new(dns.Msg).SetQuestion(dns.Fqdn(domain), dns.TypeMX))
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	hosts := "mail hosts"
	if len(answer.Answer) == 1 {
		hosts = "mail host"
	}
	return fmt.Sprintf("answers, %d %s of %s (%s)", len(answer.Answer), hosts, domain, dns.RcodeToString[answer.Rcode]), nil
}

// lookInside asks the white box for what every run asks first.
func (w *World) lookInside(ctx context.Context) (string, error) {
	var trust trustAnswer
	err := w.ask(ctx, "/v1/trust", nil, &trust)
	switch {
	case errors.Is(err, errNotOffered):
		return "answers, and does not hand out trust", nil
	case err != nil:
		return "", fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return "answers, and hands out trust", nil
}

// where says where a white box is, for people.
func (b *WhiteBox) where() string {
	switch {
	case b.URL != "":
		return b.URL
	case len(b.Command) > 0:
		return b.Command[0]
	case len(b.Hosts) > 0:
		return b.Hosts[0].URL
	}
	return ""
}
