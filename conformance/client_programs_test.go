//go:build clients

package conformance

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/rules"
)

// The sample clients are programs of a Debian system: swaks, mbsync (isync),
// msmtp, fetchmail, python3 and openssl. `make clients` runs this.

func TestClientPrograms(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		client string
		want   map[string]rules.Verdict
	}{
		{"swaks-mbsync", clientVerdicts(nil)},
		{"msmtp-fetchmail", clientVerdicts(nil)},
		{"bad", clientVerdicts(map[string]rules.Verdict{
			"PEC-CLI-001": rules.Fail, "PEC-CLI-002": rules.Fail, "PEC-CLI-003": rules.Fail, "PEC-CLI-004": rules.Fail, "PEC-CLI-005": rules.Fail,
			"PEC-CLI-006": rules.Fail, "PEC-CLI-007": rules.Fail, "PEC-CLI-008": rules.Fail, "PEC-CLI-009": rules.Fail,
			"PEC-CLI-010": rules.Fail,
		})},
	} {
		t.Run(test.client, func(t *testing.T) {
			t.Parallel()
			o := clientOptions(t)
			if err := o.ReadTarget(filepath.Join("..", "fixtures", "clients", test.client, "client.yaml")); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, judgeClient(t, o)); diff != "" {
				t.Errorf("rules (-want +got):\n%s", diff)
			}
		})
	}
}
