package authority

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPassRequests(t *testing.T) {
	t.Parallel()
	unbind := "\x30\x05\x02\x01\x03\x42\x00"
	long := "\x30\x82\x01\x00" + strings.Repeat("x", 256)
	for _, tt := range []struct {
		name, sent, passed string
		refused            bool
	}{
		{"two requests", unbind + long, unbind + long, false},
		{"ended amid one", unbind + long[:100], unbind, false},
		{"a long one, of which little came", unbind + "\x30\x84\x7f\xff\xff\xff" + strings.Repeat("\x04", 1000), unbind, true},
		{"one more than the limit", "\x30\x83\x01\x00\x01", "", true},
		{"no sequence", "GET / HTTP/1.0\r\n", "", true},
		{"indefinite length", "\x30\x80" + unbind, "", true},
		{"length of lengths", "\x30\x85\x00\x00\x00\x00\x05", "", true},
	} {
		var out bytes.Buffer
		err := passRequests(&out, strings.NewReader(tt.sent))
		if errors.Is(err, errLDAPRequest) != tt.refused {
			t.Errorf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(tt.passed, out.String()); diff != "" {
			t.Errorf("%s (-want +passed):\n%s", tt.name, diff)
		}
	}
}
