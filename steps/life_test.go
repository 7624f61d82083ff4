package steps

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fakeLives is an adapter that keeps one state for every mailbox and one policy.
type fakeLives struct {
	mu     sync.Mutex
	state  string
	told   []string
	policy map[string]any
}

func startLives(t *testing.T) (*fakeLives, *World) {
	t.Helper()
	f := &fakeLives{state: "active", policy: map[string]any{"provider": "Borea", "policy": map[string]any{"graceDays": 7}, "domains": map[string]any{"x.example": map[string]any{"graceDays": 8}}}}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		switch {
		case r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/v1/accounts/"):
			_ = json.NewEncoder(rw).Encode(map[string]any{"state": f.state, "incarnation": 1, "bytes": 5})
		case r.Method == http.MethodGet && r.URL.Path == "/v1/policies":
			_ = json.NewEncoder(rw).Encode([]any{f.policy})
		case r.Method == http.MethodPut && r.URL.Path == "/v1/policies":
			f.policy = nil
			_ = json.NewDecoder(r.Body).Decode(&f.policy)
			_ = json.NewEncoder(rw).Encode(f.policy)
		case r.URL.Path == "/v1/portal/recovery":
			rw.WriteHeader(http.StatusAccepted)
			_, _ = rw.Write([]byte(`{"message":"on its way"}`))
		case r.Method == http.MethodPost:
			f.told = append(f.told, r.URL.Path)
			_, _ = rw.Write([]byte(`{}`))
		}
	}))
	t.Cleanup(server.Close)
	target := testTarget()
	target.WhiteBox.URL = server.URL
	return f, testWorld(t, target)
}

func (f *fakeLives) becomes(state string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state = state
}

// A mailbox whose life matters is told of when that is news, and whenever
// somebody asks.
func TestLivesAreReadWhenTheyAreNews(t *testing.T) {
	t.Parallel()
	f, w := startLives(t)
	box, _, err := w.mailboxOf("Bruno")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.readLives(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, watched := w.lifeOf(box); watched {
		t.Error("a mailbox that no step speaks of is watched")
	}
	for _, state := range []string{"active", "suspended", "active"} {
		f.becomes(state)
		if err := w.watchLife(t.Context(), box); err != nil {
			t.Fatal(err)
		}
		if l, _ := w.lifeOf(box); l.State != state || l.Bytes != 5 || l.Mailbox != box.Address {
			t.Errorf("%+v: want %s", l, state)
		}
	}
}

// A step about a policy leaves the rest of it as it was.
func TestPoliciesKeepWhatStepsDoNotSpeakOf(t *testing.T) {
	t.Parallel()
	f, w := startLives(t)
	if err := w.lockAfter(t.Context(), "Bruno", "5"); err != nil {
		t.Fatal(err)
	}
	if err := w.ownDomain(t.Context(), "Bruno's archive"); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"provider": "Borea",
		"policy":   map[string]any{"graceDays": 7.0, "lockAttempts": 5.0}, "domains": map[string]any{"x.example": map[string]any{"graceDays": 8.0}},
		"own": map[string]any{"archivio-borea.example": "bruno@archivio-borea.example"},
	}
	if diff := cmp.Diff(want, f.policy); diff != "" {
		t.Errorf("policy (-want +got):\n%s", diff)
	}
}

// A refused look into a mailbox is trouble of the harness, unless the target
// says that the mailbox lets nobody in.
func TestAShutMailboxIsNoTrouble(t *testing.T) {
	t.Parallel()
	f, w := startLives(t)
	box, _, err := w.mailboxOf("Bruno")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.shutOrOpen(box, ErrLogin); err == nil {
		t.Error("a login that is refused for no known reason counts as none")
	}
	for _, row := range []struct {
		state   string
		err     error
		trouble bool
		shut    bool
	}{
		{"active", ErrLogin, true, false},
		{"locked-password", ErrLogin, false, true},
		{"locked-password", ErrUnreachable, true, true},
		{"active", nil, false, false},
	} {
		f.becomes(row.state)
		if err := w.watchLife(t.Context(), box); err != nil {
			t.Fatal(err)
		}
		if got := w.shutOrOpen(box, row.err) != nil; got != row.trouble {
			t.Errorf("%s, %v: trouble %v, want %v", row.state, row.err, got, row.trouble)
		}
		if got := w.shut[box.Address]; got != row.shut {
			t.Errorf("%s, %v: shut %v, want %v", row.state, row.err, got, row.shut)
		}
	}
}

func TestLifeStepsWithoutAnAdapter(t *testing.T) {
	t.Parallel()
	w := testWorld(t, testTarget())
	box, _, err := w.mailboxOf("Bruno")
	if err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"act":      w.tellAccount(t.Context(), box, "suspend", map[string]any{}),
		"recovery": w.askRecovery(t.Context(), "Bruno"),
	} {
		if err == nil || !strings.Contains(err.Error(), "the adapter needs POST /v1/accounts/{address}/") {
			t.Errorf("%s: %v: want what the adapter needs", name, err)
		}
	}
	if _, _, err := w.mailboxOf("Elena"); err == nil {
		t.Error("Elena has ordinary mail, and no mailbox with a provider")
	}
}

// Before a password is asked for, the target is told who the holder is.
func TestRecoveryIsTheHolders(t *testing.T) {
	t.Parallel()
	f, w := startLives(t)
	if err := w.askRecovery(t.Context(), "Bruno"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"/v1/accounts/bruno@borea.example/holder"}, f.told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}
