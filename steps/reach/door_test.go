package reach

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	list := []string{
		"MX.acme.example", "imap.acme.example:993", "192.0.2.16/28", "198.51.100.7", "[2001:db8::1]:25", "2001:db8:1::/48",
	}
	tests := []struct {
		address string
		allow   []string
		refused bool
	}{
		{"127.0.0.1:25", nil, false},
		{"127.3.2.1:25", nil, false},
		{"[::1]:25", nil, false},
		{"[::ffff:127.0.0.1]:25", nil, false},
		{"localhost:25", nil, false},
		{"LOCALHOST.:25", nil, false},
		{"http://localhost/x", nil, false},
		{"ldap://127.0.0.1", nil, false},

		{"192.0.2.17:25", nil, true},
		{"mx.acme.example:25", nil, true},
		{"0.0.0.0:25", nil, true},
		{"[::]:25", nil, true},
		{"127.1:25", nil, true},             // a name, to whoever looks it up
		{"localhost.example:25", nil, true}, // no part of this machine
		{"127.0.0.1.example:25", nil, true},
		{"https://mx.acme.example/list", nil, true},

		{"mx.acme.example:25", list, false},
		{"mx.acme.example.:465", list, false},
		{"smtp://mx.acme.example:25", list, false},
		{"mx2.acme.example:25", list, true},
		{"a.mx.acme.example:25", list, true},
		{"imap.acme.example:993", list, false},
		{"imap.acme.example:143", list, true},
		{"192.0.2.16:25", list, false},
		{"192.0.2.31:25", list, false},
		{"[::ffff:192.0.2.31]:25", list, false},
		{"192.0.2.32:25", list, true},
		{"198.51.100.7:1", list, false},
		{"198.51.100.8:1", list, true},
		{"[2001:db8::1]:25", list, false},
		{"[2001:db8::1]:26", list, true},
		{"[2001:db8:1:2::9]:25", list, false},
		{"[2001:db8:2::9]:25", list, true},
	}
	for _, tt := range tests {
		var door *Door
		if tt.allow != nil {
			door = must(t, Options{Allow: tt.allow})
		}
		err := door.Check(tt.address)
		if refused := errors.Is(err, ErrNotAllowed); refused != tt.refused {
			t.Errorf("%s with %d entries: refused %v, expected %v (%v)", tt.address, len(tt.allow), refused, tt.refused, err)
		}
	}
}

func TestCheckNamesEveryAddressOnce(t *testing.T) {
	t.Parallel()
	err := must(t, Options{Allow: []string{"192.0.2.0/28"}}).Check("", "mx.acme.example:25", "127.0.0.1:25", "mx.acme.example:25", "203.0.113.9:993", "nonsense")
	want := `not allowed: mx.acme.example:25 is not on this machine, and reach.allow of the target file does not name it: add "mx.acme.example:25" there if you may test it, since a range of addresses allows no names` + "\n" +
		`not allowed: 203.0.113.9:993 is not on this machine, and reach.allow of the target file does not name it: add "203.0.113.9:993" there if you may test it` + "\n" +
		`"nonsense" is no host:port`
	if err == nil {
		t.Fatal("nothing was refused")
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func must(t *testing.T, o Options) *Door {
	t.Helper()
	door, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return door
}

func TestEntriesThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for entry, says := range map[string]string{
		"":                       "empty entry",
		"https://acme.example":   "is a URL",
		"*.acme.example":         "holds a wildcard",
		"0.0.0.0/0":              "no wider than /16",
		"8.0.0.0/8":              "no wider than /16",
		"::/0":                   "no wider than /32",
		"192.0.2.0/33":           "is no range",
		"acme.example/24":        "is no range",
		"acme.example:smtp":      "is no number",
		"acme.example:0":         "is no number",
		"acme example":           "is no host",
		"anna@acme.example":      "is no host",
		"acme.example:25:26":     "is no host",
		"perché.acme.example:25": "is no host",
	} {
		_, err := New(Options{Allow: []string{entry}})
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: got %v, expected it to say %q", entry, err, says)
		}
	}
	for _, o := range []Options{{MessagesPerMinute: -1}, {Connections: -1}} {
		if _, err := New(o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
	for _, entry := range []string{"10.0.0.0/8", "172.16.0.0/12", "fc00::/7", "198.51.0.0/16"} {
		must(t, Options{Allow: []string{entry}})
	}
}

// A refusal that comes at once and is ErrNotAllowed cannot have asked a name
// server, which would say something else.
func TestNothingIsLookedUpForWhatIsNotAllowed(t *testing.T) {
	t.Parallel()
	for name, door := range map[string]*Door{"nil": nil, "other": must(t, Options{Allow: []string{"mx.acme.example:25"}})} {
		began := time.Now()
		_, err := door.DialContext(t.Context(), "tcp", "imap.acme.example:993")
		if !errors.Is(err, ErrNotAllowed) {
			t.Errorf("%s: %v, expected ErrNotAllowed", name, err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("%s: the refusal took %s", name, took)
		}
	}
}

func TestDial(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	for _, door := range []*Door{nil, must(t, Options{}), must(t, Options{Allow: []string{"localhost:" + port}})} {
		for _, host := range []string{"127.0.0.1", "localhost"} {
			conn, err := door.DialContext(t.Context(), "tcp4", net.JoinHostPort(host, port))
			if err != nil {
				t.Error(err)
				continue
			}
			_ = conn.Close()
		}
	}
	for _, wrong := range []string{":" + port, "127.0.0.1", ""} {
		if _, err := (*Door)(nil).DialContext(t.Context(), "tcp", wrong); err == nil {
			t.Errorf("%q was dialled", wrong)
		}
	}
}

func TestLocalhostMustLieHere(t *testing.T) {
	t.Parallel()
	if err := onlyLoopback(t.Context(), "tcp", "127.0.0.1:25", nil); err != nil {
		t.Error(err)
	}
	if err := onlyLoopback(t.Context(), "tcp", "192.0.2.1:25", nil); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("%v, expected ErrNotAllowed", err)
	}
}

func TestConnectionsAreCounted(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	door := must(t, Options{Connections: 2})
	dial := func() (net.Conn, error) {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		return door.DialContext(ctx, "tcp", listener.Addr().String())
	}
	var open []net.Conn
	for range 2 {
		conn, err := dial()
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, conn)
	}
	if _, err := dial(); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a third connection: %v, expected to wait in vain", err)
	}
	_ = open[0].Close()
	_ = open[0].Close() // closing twice gives back one place only
	conn, err := dial()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := dial(); err == nil {
		t.Error("closing one connection twice made room for two")
	}
	_ = open[1].Close()
	if _, err := door.DialContext(t.Context(), "tcp", "127.0.0.1:1"); err == nil {
		t.Error("nobody listens on port 1")
	}
	last, err := dial() // a failed attempt leaves no place taken
	if err != nil {
		t.Fatal(err)
	}
	_ = last.Close()
}

func TestRedirectsStayWithinTheDoor(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/away" {
			http.Redirect(w, r, "http://directory.acme.example/", http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, "here")
	}))
	defer server.Close()
	client := (*Door)(nil).HTTP(nil)
	defer client.CloseIdleConnections()
	get := func(path string) error {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
		if err != nil {
			return err
		}
		response, err := client.Do(request)
		if err == nil {
			_ = response.Body.Close()
		}
		return err
	}
	if err := get("/"); err != nil {
		t.Error(err)
	}
	if err := get("/away"); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("%v, expected ErrNotAllowed", err)
	}
}

func TestMessagesKeepTheirDistance(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		door, err := New(Options{MessagesPerMinute: 30})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		for range 4 {
			if err := door.Message(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took != 6*time.Second {
			t.Errorf("four messages at 30 a minute began within %s, expected 6 s", took)
		}
		time.Sleep(time.Minute) // an idle minute saves nothing up
		began = time.Now()
		for range 2 {
			if err := door.Message(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("two messages after a pause began within %s, expected 2 s", took)
		}
		hurried, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began = time.Now()
		if err := door.Message(hurried); err == nil || !strings.Contains(err.Error(), "messagesPerMinute") {
			t.Errorf("%v, expected the rate to be named", err)
		}
		if time.Since(began) != 0 {
			t.Error("the refusal kept the scenario waiting")
		}
		if err := (*Door)(nil).Message(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
