package provider

import (
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator/clock"
)

// TestDirectoryOverLDAPStaysInside: a directory server outside is not asked, as
// no web server and no host of mail is (192.0.2.0/24 is for documentation).
func TestDirectoryOverLDAPStaysInside(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"ldap://192.0.2.7", "ldaps://192.0.2.7:636", "ldap://[2001:db8::7]:389"} {
		held := &trust{c: Config{Clock: clock.NewOffset(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)), Download: Download{LDAP: address}}}
		if _, err := held.overLDAP(t.Context()); err == nil || !strings.Contains(err.Error(), "the simulator never sends outside") {
			t.Errorf("%s: %v, expected that it is not asked", address, err)
		}
	}
}
