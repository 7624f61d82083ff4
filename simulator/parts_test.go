package simulator_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/store"
)

// clamav plays clamd on a socket, which can be down. It finds CERCATO.
type clamav struct {
	path string
	mu   sync.Mutex
	l    net.Listener
}

func newClamav(t testing.TB) *clamav {
	t.Helper()
	c := &clamav{path: filepath.Join(t.TempDir(), "clamd")}
	t.Cleanup(c.down)
	return c
}

func (c *clamav) address() string { return "unix:" + c.path }

func (c *clamav) up(t testing.TB) {
	t.Helper()
	l, err := net.Listen("unix", c.path)
	if err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.l = l
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go answerStream(conn)
		}
	}()
}

func (c *clamav) down() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.l != nil {
		_ = c.l.Close()
	}
}

func answerStream(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	if _, err := in.ReadString(0); err != nil {
		return
	}
	var all []byte
	for {
		var length uint32
		if binary.Read(in, binary.BigEndian, &length) != nil {
			return
		}
		if length == 0 {
			break
		}
		piece := make([]byte, length)
		if _, err := io.ReadFull(in, piece); err != nil {
			return
		}
		all = append(all, piece...)
	}
	answer := "stream: OK\x00"
	if strings.Contains(string(all), "CERCATO") {
		answer = "stream: Prova.UNOFFICIAL FOUND\x00"
	}
	_, _ = io.WriteString(conn, answer)
}

// refusedForNow tells a 451 of the provider, which says nothing of what it uses.
func refusedForNow(err error) bool {
	var reply *gosmtp.SMTPError
	return errors.As(err, &reply) && reply.Code == 451 && strings.Contains(reply.Message, "checked for viruses")
}

// While the antivirus is down nothing passes that nobody has looked at: neither
// from users nor from other providers nor from ordinary hosts.
func TestAntivirusDown(t *testing.T) {
	t.Parallel()
	const elena = "elena@posta.example"
	daemons := [2]*clamav{newClamav(t), newClamav(t)} // of Aurora and of Borea
	w := start(t, func(c *simulator.Config) {
		c.Clock = clock.NewOffset(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))
		c.Parts.Clamd = daemons[0].address()
		c.Providers[1].Clamd = daemons[1].address()
	})
	message := mail{from: anna, to: []string{bruno}, subject: "prima"}
	if err := w.submit(t, message); !refusedForNow(err) {
		t.Errorf("submission: %v, want 451", err)
	}
	ordinary := mail{from: elena, to: []string{bruno}, subject: "ordinaria"}.octets()
	if err := w.arrive(t, w.Providers[1].Hosts.Incoming, elena, []string{bruno}, ordinary); !refusedForNow(err) {
		t.Errorf("ordinary mail: %v, want 451", err)
	}
	w.settle(t)
	if got := w.kinds(t, anna); len(got) != 0 {
		t.Errorf("Anna has %v, want nothing", got)
	}

	daemons[0].up(t)
	if err := w.submit(t, message); err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	if got := w.kinds(t, bruno); len(got) != 0 {
		t.Errorf("Bruno has %v, want nothing while his provider's antivirus is down", got)
	}
	daemons[1].up(t)
	if err := w.Advance(t.Context(), 10*time.Minute); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([2]counts{{"Acceptance": 1, "Delivery": 1}, {"TransportEnvelope": 1}}, [2]counts{w.kinds(t, anna), w.kinds(t, bruno)}); diff != "" {
		t.Errorf("when it is back: %s", diff)
	}

	if err := w.submit(t, mail{from: anna, to: []string{bruno}, subject: "infetta", body: "CERCATO\r\n"}); err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	if got := w.kinds(t, anna)["NonAcceptance(virus)"]; got != 1 {
		t.Errorf("%d notices of non-acceptance for a virus, want 1", got)
	}
	lines, err := w.Journal("gestore.aurora.example")
	if err != nil {
		t.Fatal(err)
	}
	noted := 0
	for _, l := range lines {
		if strings.Contains(l.Detail, "the antivirus does not answer") {
			noted++
		}
	}
	if noted != 1 {
		t.Errorf("the legal log has %d lines about the antivirus, want 1", noted)
	}
}

// What was answered with 250 before a crash is looked through again after it:
// neither let in nor lost while the antivirus is down.
func TestAntivirusDownAfterACrash(t *testing.T) {
	t.Parallel()
	daemon := newClamav(t)
	kept := store.NewMemory(0)
	hash, err := kept.Keep(mail{from: "elena@posta.example", to: []string{bruno}, subject: "ordinaria"}.octets())
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(map[string]any{"at": time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC), "reversePath": "elena@posta.example", "recipients": []string{bruno}})
	if err != nil {
		t.Fatal(err)
	}
	if err := kept.PutWork(store.Work{Queue: "arrivals", ID: "1", Body: hash, Data: data}); err != nil {
		t.Fatal(err)
	}
	w := start(t, func(c *simulator.Config) {
		c.Clock = clock.NewOffset(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))
		c.Parts.Clamd = daemon.address()
		c.Stores = func(host string) store.Store {
			if host == "gestore.borea.example" {
				return kept
			}
			return store.NewMemory(0)
		}
	})
	w.settle(t)
	if got := w.kinds(t, bruno); len(got) != 0 || len(kept.Works("arrivals")) != 1 {
		t.Errorf("Bruno has %v and %d arrivals wait, want nothing and one", got, len(kept.Works("arrivals")))
	}
	daemon.up(t)
	if err := w.Advance(t.Context(), 2*time.Minute); err != nil {
		t.Fatal(err)
	}
	if got := w.kinds(t, bruno); got["AnomalyEnvelope"] != 1 || len(kept.Works("arrivals")) != 0 {
		t.Errorf("Bruno has %v and %d arrivals wait, want the anomaly envelope and none", got, len(kept.Works("arrivals")))
	}
}

// nameServer answers MX of borea.example and the address of its host; down, it
// says that it failed.
type nameServer struct {
	mu   sync.Mutex
	down bool
}

func (n *nameServer) ServeDNS(w dns.ResponseWriter, question *dns.Msg) {
	n.mu.Lock()
	defer n.mu.Unlock()
	m := new(dns.Msg)
	m.SetReply(question)
	record := ""
	switch q := question.Question[0]; {
	case n.down:
		m.Rcode = dns.RcodeServerFailure
	case q.Name == "borea.example." && q.Qtype == dns.TypeMX:
		record = "borea.example. 60 IN MX 10 gestore.borea.example."
	case q.Name == "gestore.borea.example." && q.Qtype == dns.TypeA:
		record = "gestore.borea.example. 60 IN A 127.0.0.1"
	default:
		m.Rcode = dns.RcodeNameError
	}
	if rr, err := dns.NewRR(record); err == nil && rr != nil {
		m.Answer = append(m.Answer, rr)
	}
	_ = w.WriteMsg(m)
}

// With a name server mail goes where it says: without an answer it waits, and
// whom it does not know cannot be reached.
func TestMailByNameServer(t *testing.T) {
	t.Parallel()
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	names := &nameServer{down: true}
	server := &dns.Server{PacketConn: socket, Handler: names}
	go func() { _ = server.ActivateAndServe() }()
	t.Cleanup(func() { _ = socket.Close() })
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	incoming := free.Addr().String()
	_ = free.Close()
	w := start(t, func(c *simulator.Config) {
		c.Clock = clock.NewOffset(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))
		c.Providers[1].Ports.Incoming = incoming
		_, c.Parts.MailPort, _ = net.SplitHostPort(incoming)
		c.Parts.DNS = socket.LocalAddr().String()
	})
	if w.Directory.DNS != socket.LocalAddr().String() {
		t.Errorf("the world is said to be named by %s", w.Directory.DNS)
	}
	if err := w.submit(t, mail{from: anna, to: []string{bruno, "carla@aurora.example"}, subject: "prima"}); err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	want := [3]counts{{"Acceptance": 1, "Delivery": 1}, {}, {"TransportEnvelope": 1}} // its own domain a provider knows by itself
	if diff := cmp.Diff(want, [3]counts{w.kinds(t, anna), w.kinds(t, bruno), w.kinds(t, "carla@aurora.example")}); diff != "" {
		t.Errorf("without names: %s", diff)
	}
	names.mu.Lock()
	names.down = false
	names.mu.Unlock()
	if err := w.Advance(t.Context(), 10*time.Minute); err != nil {
		t.Fatal(err)
	}
	if got := w.kinds(t, bruno); got["TransportEnvelope"] != 1 {
		t.Errorf("Bruno has %v, want the envelope when names are there", got)
	}
	if err := w.submit(t, mail{from: anna, to: []string{"nessuno@altrove.example"}, subject: "seconda"}); err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	if got := w.kinds(t, anna); got["Acceptance"] != 2 {
		t.Errorf("Anna has %v", got)
	}
	lines, err := w.Journal("gestore.aurora.example")
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, l := range lines {
		if strings.Contains(l.Detail, "no host receives mail for altrove.example") {
			said = append(said, l.Detail)
		}
	}
	if len(said) != 1 {
		t.Errorf("the legal log has %q about the unknown domain", said)
	}
}

// Providers go by the directory server that they are given: by what it leaves
// out, too, and by their copy when it is down.
func TestDirectoryOverLDAP(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name, fault string
		want        counts
	}{
		{"whole", "", counts{"Acceptance": 1, "Delivery": 1}},
		{"without Borea", "directory-without-a-provider", counts{"Acceptance": 1, "AnomalyEnvelope": 1}}, // its receipt is nobody's
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := simulator.Pair()
			c.Keys, c.Clock = keys, clock.NewOffset(at)
			shared, err := c.NewAuthority()
			if err != nil {
				t.Fatal(err)
			}
			same := func(c *simulator.Config) { c.Authority, c.Clock = shared, clock.NewOffset(at) }
			served := start(t, same, func(c *simulator.Config) {
				if test.fault != "" {
					c.Faults = []string{test.fault}
				}
			})
			w := start(t, same, func(c *simulator.Config) { c.Directory = &simulator.DirectorySource{LDAP: served.Directory.LDAP} })
			if w.Directory.LDAP != served.Directory.LDAP || w.Directory.Played != nil {
				t.Errorf("the directory is said to be %+v", w.Directory)
			}
			closing, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			if err := served.World.Close(closing); err != nil {
				t.Fatal(err)
			}
			if err := w.Advance(t.Context(), 26*time.Hour); err != nil {
				t.Fatal(err)
			}
			if err := w.submit(t, mail{from: anna, to: []string{bruno}, subject: "prima"}); err != nil {
				t.Fatal(err)
			}
			w.settle(t)
			if diff := cmp.Diff(test.want, w.kinds(t, anna)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A directory server that was asked for has to be there at the start.
func TestDirectoryOverLDAPIsMissing(t *testing.T) {
	t.Parallel()
	c := simulator.Pair()
	c.Keys = keys
	c.Directory = &simulator.DirectorySource{LDAP: "ldap://127.0.0.1:1"}
	if w, err := simulator.Start(t.Context(), c); err == nil || !strings.Contains(err.Error(), "read the directory at ldap://127.0.0.1:1") {
		t.Errorf("%v, %v", w, err)
	}
}
