package steps

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
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
