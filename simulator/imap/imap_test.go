package imap

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"slices"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator/authority"
	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/store"
	imap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
	"github.com/google/go-cmp/cmp"
)

const user = "anna@x.example"

var received = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

func serve(t *testing.T, messages ...string) (*store.Memory, func(*imapclient.Options) *imapclient.Client) {
	t.Helper()
	return serveWith(t, func(*Options) {}, messages...)
}

// serveWith is serve with a change to the options.
func serveWith(t *testing.T, change func(*Options), messages ...string) (*store.Memory, func(*imapclient.Options) *imapclient.Client) {
	t.Helper()
	server, s := serveServer(t, change, messages...)
	return s, func(o *imapclient.Options) *imapclient.Client {
		if o == nil {
			o = &imapclient.Options{}
		}
		o.TLSConfig = &tls.Config{RootCAs: server.roots, ServerName: "localhost"}
		dial := imapclient.DialTLS
		if server.o.STARTTLS {
			dial = imapclient.DialStartTLS
		}
		c, err := dial(server.Address(), o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
}

// trusted is a server with what its certificate is believed by.
type trusted struct {
	*Server
	roots *x509.CertPool
}

func serveServer(t *testing.T, change func(*Options), messages ...string) (trusted, *store.Memory) {
	t.Helper()
	a, err := authority.New(authority.Config{Keys: authority.NewPool(), Random: rand.Reader, Now: time.Now, Domains: []string{"x.example"}})
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := a.Server("localhost", "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(a.Certificate())
	s := store.NewMemory(0)
	if err := s.CreateMailbox(user, 0); err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		if _, err := s.Append(user, store.Inbox, []byte(m), store.Message{Received: received}, false); err != nil {
			t.Fatal(err)
		}
	}
	o := Options{
		TLS: &tls.Config{Certificates: []tls.Certificate{certificate}}, Store: s, Bodies: s, Clock: clock.System(),
		SignIn: func(_, u, password string) (string, bool) { return user, u == user && password == "x" },
	}
	change(&o)
	server, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := server.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return trusted{server, roots}, s
}

func open(t *testing.T, c *imapclient.Client) *imap.SelectData {
	t.Helper()
	if err := c.Login(user, "x").Wait(); err != nil {
		t.Fatal(err)
	}
	data, err := c.Select("INBOX", nil).Wait()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestAuthentication(t *testing.T) {
	t.Parallel()
	_, dial := serve(t)
	if err := dial(nil).Login(user, "y").Wait(); err == nil {
		t.Error("a wrong password was accepted")
	}
	for _, mechanism := range []sasl.Client{sasl.NewPlainClient("", user, "x"), sasl.NewLoginClient(user, "x")} {
		if err := dial(nil).Authenticate(mechanism); err != nil {
			t.Errorf("%T: %v", mechanism, err)
		}
	}
}

// Damaged messages come out as they went in.
func TestFetchIsByteExact(t *testing.T) {
	t.Parallel()
	messages := []string{
		"Subject: a\r\n\r\ntesto\r\n",
		"questa riga non ha due punti\r\nSubject : b\n\tpiegata\r\n\r\nbare\nlf\r\r\n\x00\xe8",
		"solo intestazione: x",
	}
	_, dial := serve(t, messages...)
	c := dial(nil)
	if got := open(t, c); got.NumMessages != 3 || got.UIDNext != 4 {
		t.Errorf("SELECT: %+v", got)
	}
	whole := &imap.FetchItemBodySection{Peek: true}
	header := &imap.FetchItemBodySection{Specifier: imap.PartSpecifierHeader, Peek: true}
	text := &imap.FetchItemBodySection{Specifier: imap.PartSpecifierText, Peek: true}
	part := &imap.FetchItemBodySection{Partial: &imap.SectionPartial{Offset: 3, Size: 4}, Peek: true}
	all := imap.SeqSet{}
	all.AddRange(1, 0)
	fetched, err := c.Fetch(all, &imap.FetchOptions{
		UID: true, Flags: true, InternalDate: true, RFC822Size: true,
		BodySection: []*imap.FetchItemBodySection{whole, header, text, part},
	}).Collect()
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range fetched {
		if diff := cmp.Diff(messages[i], string(f.FindBodySection(whole))); diff != "" {
			t.Errorf("message %d (-stored +fetched):\n%s", i, diff)
		}
		if got := string(f.FindBodySection(header)) + string(f.FindBodySection(text)); got != messages[i] {
			t.Errorf("message %d: header and text are %q", i, got)
		}
		if got := string(f.FindBodySection(part)); got != messages[i][3:7] {
			t.Errorf("message %d: octets 3 to 7 are %q, want %q", i, got, messages[i][3:7])
		}
		if f.RFC822Size != int64(len(messages[i])) || !f.InternalDate.Equal(received) || len(f.Flags) != 0 {
			t.Errorf("message %d: size %d, date %v, flags %v", i, f.RFC822Size, f.InternalDate, f.Flags)
		}
	}
}

func TestFlagsSearchExpunge(t *testing.T) {
	t.Parallel()
	s, dial := serve(t, "Subject: =?utf-8?q?citt=C3=A0?=\r\nX-Ricevuta: accettazione\r\n\r\nuno\r\n", "Subject: due\r\n\r\naltro testo\r\n", "Subject: tre\r\n\r\n\r\n")
	c := dial(nil)
	open(t, c)
	if _, err := c.Fetch(imap.SeqSetNum(2), &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{{}}}).Collect(); err != nil {
		t.Fatal(err)
	}
	if err := c.Store(imap.UIDSetNum(1), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{`\deleted`, "$Letto"}}, nil).Close(); err != nil {
		t.Fatal(err)
	}
	f, err := s.Folder(user, store.Inbox)
	if err != nil {
		t.Fatal(err)
	}
	got := [][]string{f.Messages[0].Flags, f.Messages[1].Flags, f.Messages[2].Flags}
	if diff := cmp.Diff([][]string{{"$Letto", `\Deleted`}, {`\Seen`}, nil}, got); diff != "" {
		t.Errorf("flags (-want +got):\n%s", diff)
	}
	for name, tt := range map[string]struct {
		criteria imap.SearchCriteria
		want     []imap.UID
	}{
		"all":        {imap.SearchCriteria{}, []imap.UID{1, 2, 3}},
		"header":     {imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "X-Ricevuta", Value: "ACCETT"}}}, []imap.UID{1}},
		"has header": {imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "X-Ricevuta"}}}, []imap.UID{1}},
		"decoded":    {imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Subject", Value: "città"}}}, []imap.UID{1}},
		"unseen":     {imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagSeen}}, []imap.UID{1, 3}},
		"body":       {imap.SearchCriteria{Body: []string{"altro"}}, []imap.UID{2}},
		"uid range":  {imap.SearchCriteria{UID: []imap.UIDSet{{imap.UIDRange{Start: 3, Stop: 0}}}}, []imap.UID{3}},
		"or not": {imap.SearchCriteria{Or: [][2]imap.SearchCriteria{{
			{Body: []string{"uno"}},
			{Not: []imap.SearchCriteria{{Larger: 20}}},
		}}}, []imap.UID{1, 3}},
		"before": {imap.SearchCriteria{Before: received}, nil},
	} {
		data, err := c.UIDSearch(&tt.criteria, nil).Wait()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := data.AllUIDs(); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
	if err := c.Expunge().Close(); err != nil {
		t.Fatal(err)
	}
	if f, _ := s.Folder(user, store.Inbox); len(f.Messages) != 2 || f.Messages[0].UID != 2 {
		t.Errorf("after EXPUNGE: %+v", f.Messages)
	}
}

func TestIdleAppendCopyMoveFolders(t *testing.T) {
	t.Parallel()
	s, dial := serve(t, "Subject: uno\r\n\r\n")
	exists := make(chan uint32, 4)
	gone := make(chan uint32, 4)
	watcher := dial(&imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(data *imapclient.UnilateralDataMailbox) {
			if data.NumMessages != nil {
				exists <- *data.NumMessages
			}
		},
		Expunge: func(number uint32) { gone <- number },
	}})
	open(t, watcher)
	idle, err := watcher.Idle()
	if err != nil {
		t.Fatal(err)
	}
	c := dial(nil)
	open(t, c)
	literal := []byte("Subject: bozza\r\n\r\ntesto\r\n")
	add := c.Append("INBOX", int64(len(literal)), &imap.AppendOptions{Flags: []imap.Flag{imap.FlagSeen}})
	if _, err := add.Write(literal); err != nil {
		t.Fatal(err)
	}
	if err := add.Close(); err != nil {
		t.Fatal(err)
	}
	if data, err := add.Wait(); err != nil || data.UID != 2 {
		t.Fatalf("APPEND: %+v, %v", data, err)
	}
	if n := wait(t, exists); n != 2 {
		t.Errorf("EXISTS %d, want 2", n)
	}
	if err := c.Create("Archivio", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Copy(imap.SeqSetNum(1), "Archivio").Wait(); err != nil {
		t.Error(err)
	}
	if _, err := c.Move(imap.UIDSetNum(1), "Archivio").Wait(); err != nil {
		t.Error(err)
	}
	if n := wait(t, gone); n != 1 {
		t.Errorf("EXPUNGE %d, want 1", n)
	}
	if err := idle.Close(); err != nil {
		t.Error(err)
	}
	list, err := c.List("", "*", nil).Collect()
	if err != nil || len(list) != 2 || list[1].Mailbox != "Archivio" {
		t.Errorf("LIST: %+v, %v", list, err)
	}
	status, err := c.Status("Archivio", &imap.StatusOptions{NumMessages: true, UIDNext: true}).Wait()
	if err != nil || *status.NumMessages != 2 || status.UIDNext != 3 {
		t.Errorf("STATUS: %+v, %v", status, err)
	}
	if err := c.Delete("Archivio").Wait(); err != nil {
		t.Error(err)
	}
	if names, _ := s.Folders(user); len(names) != 1 {
		t.Errorf("folders %q, want INBOX alone", names)
	}
}

func wait[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(5 * time.Second):
		t.Fatal("nothing was announced")
		panic("unreachable")
	}
}
