package steps

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
)

// A white box that says that it cut the network is believed only as far as it
// does not say otherwise itself.
func TestNetworkIsWhatTheWhiteBoxWasTold(t *testing.T) {
	t.Parallel()
	const pair = `{"between":["Borea","Aurora"]}`
	for _, tt := range []struct {
		name   string
		how    string
		status int // of GET
		answer string
		says   string // "": it is believed
	}{
		{"cut", "cut", 200, `{"cuts":[` + pair + `]}`, ""},
		{"whole", "whole again", 200, `{"cuts":[]}`, ""},
		{"cut with another", "whole again", 200, `{"cuts":[{"between":["Borea","Cirro"]}]}`, ""},
		{"does not say", "cut", 404, ``, ""},
		{"does not know the method", "cut", 405, ``, ""},
		{"not cut", "cut", 200, `{"cuts":[]}`, "is to be cut: true, and GET /v1/network says: false"},
		{"another is cut", "cut", 200, `{"cuts":[{"between":["Borea","Cirro"]}]}`, "says: false"},
		{"still cut", "whole again", 200, `{"cuts":[` + pair + `]}`, "is to be cut: false, and GET /v1/network says: true"},
		{"in trouble", "cut", 500, `no idea`, "no idea"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := setStage(t, nil)
			mux := http.NewServeMux()
			mux.HandleFunc("GET /v1/network", func(rw http.ResponseWriter, _ *http.Request) {
				rw.WriteHeader(tt.status)
				_, _ = rw.Write([]byte(tt.answer))
			})
			mux.HandleFunc("POST /v1/clock/advance", func(rw http.ResponseWriter, _ *http.Request) {
				_ = json.NewEncoder(rw).Encode(map[string]any{"now": testNow()})
			})
			mux.HandleFunc("GET /v1/idle", func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusNoContent) })
			told := make(chan bool, 1)
			mux.HandleFunc("POST /v1/network", func(rw http.ResponseWriter, r *http.Request) {
				var asked struct{ Cut bool }
				if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
					t.Error(err)
				}
				told <- asked.Cut
				rw.WriteHeader(http.StatusNoContent)
			})
			server := httptest.NewServer(mux)
			t.Cleanup(server.Close)
			s.world.target.WhiteBox.URL = server.URL
			err := s.world.cutNetwork(t.Context(), tt.how)
			if tt.says == "" && err != nil || tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)) {
				t.Errorf("got %v, expected %q", err, tt.says)
			}
			select {
			case cut := <-told:
				if cut != (tt.how == "cut") {
					t.Errorf("the white box was told %v", cut)
				}
			default:
				t.Errorf("the white box was told nothing: %v", err)
			}
		})
	}
}

// networkStage is a stage whose white box can cut the network; told lists what
// it was told.
func networkStage(t *testing.T) (s *stage, told func() []bool) {
	t.Helper()
	s = setStage(t, nil)
	var mu sync.Mutex
	var all []bool
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/clock/advance", func(rw http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(rw).Encode(map[string]any{"now": testNow()})
	})
	mux.HandleFunc("GET /v1/idle", func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("POST /v1/network", func(rw http.ResponseWriter, r *http.Request) {
		var asked struct{ Cut bool }
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		mu.Lock()
		all = append(all, asked.Cut)
		mu.Unlock()
		rw.WriteHeader(http.StatusNoContent)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s.world.target.WhiteBox.URL = server.URL
	return s, func() []bool { mu.Lock(); defer mu.Unlock(); return slices.Clone(all) }
}

// A scenario that fails, or is interrupted, leaves no network cut; one that waits
// means to find it as it left it.
func TestNoNetworkStaysCut(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		how   []string
		waits bool
		told  []bool
		heals int // in evidence, as of the end
	}{
		{"nothing was cut", nil, false, nil, 0},
		{"it stays cut", []string{"cut"}, false, []bool{true, false}, 1},
		{"a step heals it", []string{"cut", "whole again"}, false, []bool{true, false}, 0},
		{"it waits", []string{"cut"}, true, []bool{true}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, told := networkStage(t)
			ctx, cancel := context.WithCancel(t.Context())
			for _, how := range tt.how {
				if err := s.world.cutNetwork(ctx, how); err != nil {
					t.Fatal(err)
				}
			}
			cancel() // as Ctrl-C does
			if tt.waits {
				s.world.suspension = &evidence.Suspension{}
			}
			s.world.Close()
			s.world.Close() // once is enough
			if diff := cmp.Diff(tt.told, told()); diff != "" {
				t.Errorf("the white box was told (-want +got):\n%s", diff)
			}
			if tt.how == nil {
				return
			}
			c, heals := s.close(), 0
			for _, e := range c.Events {
				if e.Type == evidence.NetworkChanged && e.Network.Closing && !e.Network.Cut {
					heals++
				}
			}
			if heals != tt.heals || len(c.NetworkChanges) != len(tt.how) {
				t.Errorf("%d times healed at the end, want %d; %d changes count, want %d", heals, tt.heals, len(c.NetworkChanges), len(tt.how))
			}
		})
	}
}

// A scenario that goes on from its evidence knows that the network is cut.
func TestAScenarioThatGoesOnHealsWhatWasCut(t *testing.T) {
	t.Parallel()
	s, told := networkStage(t)
	change := evidence.NetworkChange{Between: [2]string{"Aurora", "Borea"}, Cut: true}
	if err := s.world.restoreNetwork(&evidence.Case{NetworkChanges: []evidence.NetworkChange{change}}); err != nil {
		t.Fatal(err)
	}
	s.world.restored, s.world.suspension = true, &evidence.Suspension{}
	if err := s.world.begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.world.suspension = nil // its time has come
	s.world.Close()
	if diff := cmp.Diff([]bool{false}, told()); diff != "" {
		t.Errorf("the white box was told (-want +got):\n%s", diff)
	}
}
