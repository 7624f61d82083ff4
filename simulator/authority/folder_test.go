package authority_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/simulator/authority"
)

// life is what one life of an authority issued.
type life struct {
	root, server []byte
	signer       *smime.Signer
	directory    []byte
}

func live(t *testing.T, dir string, now time.Time, domains ...string) life {
	t.Helper()
	folder, err := authority.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	a, err := authority.New(authority.Config{
		Keys: folder, Certificates: folder, Random: rand.Reader, Now: func() time.Time { return now },
		Domains: append([]string{"gestore.aurora.example", "aurora.example"}, domains...),
	})
	if err != nil {
		t.Fatal(err)
	}
	l := life{root: a.Certificate().Raw}
	if l.signer, err = a.Register(aurora); err != nil {
		t.Fatal(err)
	}
	server, err := a.Server("gestore.aurora.example", "localhost")
	if err != nil {
		t.Fatal(err)
	}
	l.server = server.Certificate[0]
	signs, err := a.DirectorySigner()
	if err != nil {
		t.Fatal(err)
	}
	l.directory = signs.Certificate.Raw
	return l
}

// An authority that is started again on its folder is the same one, as long as
// that is right.
func TestFolderOutlastsAnAuthority(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name                string
		later               time.Duration
		domains             []string // that the second life has besides
		sameRoot, sameLeafs bool
	}{
		{"the next day", 24 * time.Hour, nil, true, true},
		{"the day before, by an hour", -time.Hour, nil, true, true},
		{"in a year: certificates are renewed", 365 * 24 * time.Hour, nil, true, false},
		{"in eight years: the CA too", 8 * 365 * 24 * time.Hour, nil, false, false},
		{"with a domain more: the CA speaks for it", time.Hour, []string{"altra.example"}, false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			first := live(t, dir, instant)
			second := live(t, dir, instant.Add(tt.later), tt.domains...)
			if got := cmp.Equal(first.root, second.root); got != tt.sameRoot {
				t.Errorf("the same CA certificate: %v, want %v", got, tt.sameRoot)
			}
			for what, pair := range map[string][2][]byte{
				"signer": {first.signer.Certificate.Raw, second.signer.Certificate.Raw}, "server": {first.server, second.server},
				"directory signer": {first.directory, second.directory},
			} {
				if got := cmp.Equal(pair[0], pair[1]); got != tt.sameLeafs {
					t.Errorf("the same certificate of the %s: %v, want %v", what, got, tt.sameLeafs)
				}
			}
			// Whoever trusts either CA certificate trusts what either life issued.
			roots := x509.NewCertPool()
			old, err := x509.ParseCertificate(first.root)
			if err != nil {
				t.Fatal(err)
			}
			roots.AddCert(old)
			at := second.signer.Certificate.NotBefore.Add(25 * time.Hour)
			if _, err := second.signer.Certificate.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err != nil {
				t.Errorf("the first CA does not vouch for the second life's signer: %v", err)
			}
		})
	}
}

func TestFolderKeepsItsFilesToItself(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	live(t, dir, instant)
	files, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil || len(files) < 6 {
		t.Fatalf("%d files, %v: want keys and certificates", len(files), err)
	}
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the mode %v, want 0600", filepath.Base(file), info.Mode().Perm())
		}
	}
}

// One name has one key, in every life and however many ask at once.
func TestFolderKeys(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	seen := make(chan string, 20)
	for range 2 {
		folder, err := authority.OpenFolder(dir)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				key, err := folder.Signing("x/y z")
				if err != nil {
					t.Error(err)
					return
				}
				seen <- key.Public().(*rsa.PublicKey).N.String()
			})
		}
		wg.Wait()
	}
	close(seen)
	all := map[string]bool{}
	for k := range seen {
		all[k] = true
	}
	if len(all) != 1 {
		t.Errorf("%d keys, want 1", len(all))
	}
}

func TestFolderRefusesWhatItDidNotWrite(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"nothing": "", "no PEM": "key", "another block": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
		"no key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "too much": strings.Repeat("x", 2<<20),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			folder, err := authority.OpenFolder(dir)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := folder.Transport("a"); err != nil {
				t.Fatal(err)
			}
			files, _ := filepath.Glob(filepath.Join(dir, "keys", "*"))
			if len(files) != 1 || os.WriteFile(files[0], []byte(content), 0o600) != nil {
				t.Fatalf("files: %v", files)
			}
			again, err := authority.OpenFolder(dir)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := again.Transport("a"); err == nil || !strings.Contains(err.Error(), "take the file away") {
				t.Errorf("%v: want an error that says what to do", err)
			}
		})
	}
}
