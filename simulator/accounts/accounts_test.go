package accounts

import "testing"

func TestAuthenticate(t *testing.T) {
	t.Parallel()
	d, err := New(Account{Address: "Anna@x.example", Password: "x"}, Account{Address: "vuota@x.example"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		user, password string
		want           bool
	}{
		{"Anna@x.example", "x", true},
		{"anna@X.EXAMPLE", "x", true},
		{"anna@x.example", "X", false},
		{"anna@x.example", "", false},
		{"bruno@x.example", "", false},
		{"", "", false},
	} {
		if a, ok := d.Authenticate(tt.user, tt.password); ok != tt.want || ok && a.Address != "Anna@x.example" {
			t.Errorf("%q, %q: %v, %v; want %v", tt.user, tt.password, a, ok, tt.want)
		}
	}
	if got := d.List(); len(got) != 2 || got[0].Address != "Anna@x.example" {
		t.Errorf("list %+v", got)
	}
}

func TestAccountsAreChecked(t *testing.T) {
	t.Parallel()
	for _, list := range [][]Account{{{Address: "anna"}}, {{Address: "@x.example"}}, {{Address: "a@x.example"}, {Address: "A@X.example"}}} {
		if _, err := New(list...); err == nil {
			t.Errorf("%+v was accepted", list)
		}
	}
}
