package steps

import "testing"

// Of what a white box tells of a shared target, only what concerns the addresses
// of its file is kept.
func TestWhomAnEntryConcerns(t *testing.T) {
	t.Parallel()
	target := testTarget()
	shared := &World{target: target, options: Options{Mailroom: &Mailroom{}}}
	alone := &World{target: target}
	for _, test := range []struct {
		name      string
		addresses []string
		want      bool
	}{
		{"a mailbox of the file", []string{"Anna@aurora.example"}, true},
		{"one of several", []string{"gino@aurora.example", "<bruno@borea.example>"}, true},
		{"nobody's", []string{"sconosciuto-01@borea.example"}, true},
		{"somebody else's", []string{"gino@aurora.example", "", "mara@altrove.example"}, false},
		{"of the provider itself", []string{"", ""}, true},
	} {
		if got := shared.concerns(test.addresses...); got != test.want {
			t.Errorf("%s: %t, want %t", test.name, got, test.want)
		}
		if !alone.concerns(test.addresses...) {
			t.Errorf("%s: left out where the scenario has the target to itself", test.name)
		}
	}
}
