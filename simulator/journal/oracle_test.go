//go:build oracle

package journal

import (
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// openssl is the witness that the token is what others understand.
func TestStampByOracle(t *testing.T) {
	t.Parallel()
	s := stamper(t)
	dir := t.TempDir()
	write := func(name string, octets []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, octets, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	octets := []byte("una riga\n")
	token, err := s.Stamp(octets, start)
	if err != nil {
		t.Fatal(err)
	}
	authority := write("ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate.Raw}))
	in := write("token.der", token)
	verify := func(data string) ([]byte, error) {
		return exec.CommandContext(t.Context(), "openssl", "ts", "-verify", "-data", data, "-in", in, "-token_in", "-CAfile", authority, "-attime", "1774688400").CombinedOutput() //nolint:gosec // the test's own files
	}
	if out, err := verify(write("good", octets)); err != nil {
		t.Errorf("openssl: %v\n%s", err, out)
	}
	if out, err := verify(write("bad", []byte("un'altra\n"))); err == nil {
		t.Errorf("openssl takes the stamp for another file:\n%s", out)
	}
}
