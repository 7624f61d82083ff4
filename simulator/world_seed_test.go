package simulator

import (
	"errors"
	"testing"

	"github.com/collaudo/collaudo/simulator/control"
)

func TestWritable(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, folder string
		flags        []string
		ok           bool
	}{
		{"plain", "Posta inviata", []string{`\Seen`, "$Letto"}, true},
		{"a folder that would end the answer", "a\r\n* 9 EXISTS", nil, false},
		{"a flag that would end the list", "INBOX", []string{`\Foo) UID 99 (x`}, false},
		{"a flag with a line", "INBOX", []string{"a\r\n* 5 EXISTS"}, false},
		{"no flag", "INBOX", []string{`\`}, false},
		{"not ASCII", "INBOX", []string{"è"}, false},
	} {
		if err := writable(tt.folder, tt.flags); (err == nil) != tt.ok || err != nil && !errors.Is(err, control.ErrInvalid) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
