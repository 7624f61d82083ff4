package steps

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
)

func TestSecretsAreHidden(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, password, given, want string }{
		{"in clear", "segreto", "a segreto b", "a [removed] b"},
		{"in base64", "segreto", "c2VncmV0bw== AGFubmEAc2VncmV0bw==", "[removed] [removed]"},
		{"as IMAP quotes it", `a"b`, `a"b a\"b`, "[removed] [removed]"},
		{"as IMAP quotes its end", `a\`, `a\\ a\`, "[removed] [removed]"},
		{"a part of what stands for it", "move", "no move [removed]", "no [removed] [removed]"},
		{"one letter", "e", "here", "h[removed]r[removed]"},
		{"what stands for it", removed, "no [removed]", "no [removed]"},
		{"none", "", "anything", "anything"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(row.want, secretsOf("anna", row.password).hide(row.given)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheEndOfACutTextIsNoBeginningOfASecret(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"x segreto": "x [removed]", "x segret": "x ", "x s": "x ", "x seg s": "x seg ", "x": "x", "": "", "segret": "",
	} {
		got, dropped := secretsOf("anna", "segreto").hideCut(given)
		if got != want || !strings.Contains(want, removed) && dropped != len(given)-len(want) {
			t.Errorf("%q became %q, %d octets fewer; want %q", given, got, dropped, want)
		}
	}
}

func TestAnErrorStaysOfItsKind(t *testing.T) {
	t.Parallel()
	s := secretsOf("anna", "segreto")
	told := s.hideIn(errors.Join(ErrLogin, errors.New("who says segreto")))
	if !errors.Is(told, ErrLogin) || strings.Contains(told.Error(), "segreto") || !strings.Contains(told.Error(), removed) {
		t.Errorf("%v: want a refused login, and no password", told)
	}
	if plain := errors.New("nobody is there"); !errors.Is(s.hideIn(plain), plain) || s.hideIn(plain).Error() != plain.Error() || s.hideIn(nil) != nil {
		t.Error("an error that holds no secret is another now")
	}
}

// repeating is an IMAP server that puts the password it was told last into all
// that it says of success and failure.
type repeating struct {
	net.Conn
	refuse bool // it says NO where it would say OK to the login

	mu   *sync.Mutex
	told *string
}

func (c repeating) Read(octets []byte) (int, error) {
	n, err := c.Conn.Read(octets)
	if found := regexp.MustCompile(`LOGIN "[^"]*" "([^"]*)"`).FindSubmatch(octets[:n]); found != nil {
		c.mu.Lock()
		*c.told = string(found[1])
		c.mu.Unlock()
	}
	return n, err
}

func (c repeating) Write(octets []byte) (int, error) {
	c.mu.Lock()
	told := *c.told
	c.mu.Unlock()
	said := octets
	if told != "" {
		said = regexp.MustCompile(`(?m)^((?:T\d+|\*) (?:OK|NO|BAD)(?: \[[^\]\r\n]*\])?) [^\r\n]*`).ReplaceAll(octets, []byte("$1 I know "+told+", in base64 "+base64.StdEncoding.EncodeToString([]byte(told))))
	}
	if c.refuse {
		said = bytes.ReplaceAll(said, []byte("T1 OK"), []byte("T1 NO"))
	}
	if _, err := c.Conn.Write(said); err != nil {
		return 0, err
	}
	return len(octets), nil
}

// repeats is an SMTP server that does so in its replies to what begins with one of
// the verbs, with that code.
func repeats(code string, verbs ...string) func(string) string {
	var mu sync.Mutex
	var told string
	return func(command string) string {
		mu.Lock()
		defer mu.Unlock()
		if form, is := strings.CutPrefix(command, "AUTH PLAIN "); is {
			octets, _ := base64.StdEncoding.DecodeString(form)
			told = string(octets[bytes.LastIndexByte(octets, 0)+1:])
		}
		if verb, _, _ := strings.Cut(command, " "); told != "" && slices.Contains(verbs, verb) {
			return code + "-I know " + told + "\r\n" + code + " and in base64 " + base64.StdEncoding.EncodeToString([]byte(told))
		}
		return ""
	}
}

// A server that repeats the password wherever it can brings it nowhere into
// evidence, and not into what is said of a step that failed either.
func TestAServerThatRepeatsThePassword(t *testing.T) {
	t.Parallel()
	const tries = "Feature: x\n  Scenario: x\n    When "
	for _, row := range []struct {
		name    string
		answer  func(string) string
		refuse  bool
		feature string
	}{
		{"it takes what is sent", repeats("250", "MAIL", "RCPT"), false, littleFeature},
		{"it refuses what is sent", repeats("550", "MAIL"), false, tries + "Anna sends a plain message to Bruno"},
		{"it lets nobody in", repeats("535", "AUTH"), true, tries + "Anna sends a plain message to Bruno"},
		{"it takes what is no login", repeats("235", "AUTH", "MAIL"), false, tries + "somebody tries to sign in without TLS at Bruno's provider"},
		{"nobody may read", nil, true, tries + "Anna receives nothing"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := setStage(t, row.answer)
			authorities := s.world.target.TLS.Authorities
			serveMailboxes(t, s, func(conn net.Conn) net.Conn {
				return repeating{Conn: conn, refuse: row.refuse, mu: &sync.Mutex{}, told: new(string)}
			})
			s.world.target.TLS.Authorities += authorities
			runFeature(t, s, row.feature)
			box := s.world.target.Mailboxes[3]
			tryBox(t, s, &box)
			if _, err := s.world.fetch(t.Context(), &box); row.refuse != (err != nil) || err != nil && (strings.Contains(err.Error(), "segreto") || !strings.Contains(err.Error(), removed)) {
				t.Errorf("reading the mailbox: %v; want an error that tells no password: %v", err, row.refuse)
			}
			if row.refuse {
				told := []error{errorOf(OpenMailroom(t.Context(), s.world.target, s.world.options))}
				for _, l := range s.world.lookMailbox(t.Context(), &box, map[string]bool{}) {
					told = append(told, l.Trouble)
				}
				if said := fmt.Sprint(told); strings.Contains(said, "segreto") || strings.Count(said, removed) < len(told) {
					t.Errorf("%s: want errors that tell no password", said)
				}
			}
			s.close()
			octets, err := os.ReadFile(filepath.Join(s.dir, evidence.EventsFile))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(octets), "I know "+removed) {
				t.Error("no event tells what the server said")
			}
			noSecrets(t, s.dir)
		})
	}
}

func errorOf(_ *Mailroom, err error) error { return err }

// An adapter that complains of what it was told repeats it too.
func TestAnAdapterThatRepeatsThePassword(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.WriteHeader(http.StatusInternalServerError)
		_, _ = io.Copy(rw, r.Body)
	}))
	t.Cleanup(server.Close)
	target := testTarget()
	target.WhiteBox.URL = server.URL
	box := &target.Mailboxes[3]
	err := testWorld(t, target).tellAccount(t.Context(), box, "repurchase", map[string]string{"password": box.Password.Reveal()})
	if err == nil || strings.Contains(err.Error(), "segreto") || !strings.Contains(err.Error(), removed) {
		t.Errorf("%v: want an error that tells no password", err)
	}
}
