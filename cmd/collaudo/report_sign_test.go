package main

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"path/filepath"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/rules"
)

func TestKeysThatSign(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	exchange, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, der []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	}
	eight, eightErr := x509.MarshalPKCS8PrivateKey(key)
	ec, ecErr := x509.MarshalECPrivateKey(key)
	other, otherErr := x509.MarshalPKCS8PrivateKey(exchange)
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ed, edErr := x509.MarshalPKCS8PrivateKey(edwards)
	dir := t.TempDir()
	for name, test := range map[string]struct {
		octets []byte
		want   string // in the error; "": it is read
	}{
		"pkcs8":       {block("PRIVATE KEY", eight, eightErr), ""},
		"ec":          {append([]byte("some words\n"), block("EC PRIVATE KEY", ec, ecErr)...), ""},
		"behind":      {append(block("CERTIFICATE", []byte("x"), nil), block("EC PRIVATE KEY", ec, ecErr)...), ""},
		"cannot sign": {block("PRIVATE KEY", other, otherErr), "is a key of another kind"},
		"ed25519":     {block("PRIVATE KEY", ed, edErr), "is an Ed25519 key, which too many readers of CMS do not know: expected RSA or ECDSA"},
		"openssh":     {block("OPENSSH PRIVATE KEY", []byte("x"), nil), "openssl req -x509 -newkey rsa:3072"},
		"damaged":     {block("PRIVATE KEY", eight[:20], nil), "asn1"},
		"password":    {block("ENCRYPTED PRIVATE KEY", eight, nil), "the key has a password"},
		"no key":      {[]byte("hello"), "holds no private key in PEM"},
		"large":       {make([]byte, maxPEM+1), "is larger than"},
	} {
		path := filepath.Join(dir, name)
		write(t, path, test.octets)
		got, err := readKey(path)
		switch {
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: error %v, want %q", name, err, test.want)
		case test.want == "" && (err != nil || !got.Public().(interface{ Equal(crypto.PublicKey) bool }).Equal(key.Public())):
			t.Errorf("%s: %v, %v", name, got, err)
		}
		if _, err := readCertificates(path); err == nil {
			t.Errorf("%s: it was taken for a certificate", name)
		}
	}
	if _, err := readTrusted([]string{filepath.Join(dir, "nowhere")}); err == nil || !strings.Contains(err.Error(), "there is no such file") {
		t.Errorf("error %v", err)
	}
}

func TestWhatVerifyTells(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		found conformance.Verified
		want  []string
		not   string
	}{
		"it verifies": {
			conformance.Verified{Dir: "out/a", Sealed: true, Files: 3, Events: 2, Verdict: rules.NotConformant, Rules: 1, Scenarios: 1},
			[]string{"3 files", "signed by   nobody", "NOT CONFORMANT (rules: 1, scenarios: 1)", "VERIFIES: "},
			"DOES NOT",
		},
		"it verifies, and its pages were compared": {
			conformance.Verified{Dir: "out/a", Sealed: true, Verdict: rules.Conformant, Renderings: 12},
			[]string{"renderings  12 files made anew and compared", "VERIFIES: ", "says the same"},
			"NOT compared",
		},
		"its pages were not compared": {
			conformance.Verified{Dir: "out/a", Sealed: true, Verdict: rules.Conformant, Uncompared: "version \x1b[2J made them"},
			[]string{"VERIFIES, WITHOUT ITS PAGES: ", "NOT compared", "\uFFFD[2J made them"},
			"VERIFIES: ",
		},
		"it does not": {
			conformance.Verified{Dir: "out/a", Sealed: true, Findings: []conformance.Finding{{File: "run.json", Line: 7, What: "is \x1b[2Jodd"}}, Omitted: 4},
			[]string{"DOES NOT VERIFY\n  run.json line 7 is \uFFFD[2Jodd", "and 4 more"},
			"VERIFIES: ",
		},
		"its signature is somebody else's": {
			conformance.Verified{Dir: "out/a", Sealed: true, Findings: []conformance.Finding{{File: "manifest.p7s", What: "does not hold: it leads elsewhere"}}},
			[]string{"signed by   see below", "DOES NOT VERIFY"},
			"nobody",
		},
		"it was cut short": {
			conformance.Verified{Dir: "out/a", Interrupted: true, Notes: []string{"half a line"}},
			[]string{"and no manifest", "note        half a line", "INTERRUPTED AND NEVER SEALED"},
			"VERIFIES: ",
		},
		"scenarios of today are not in it": {
			conformance.Verified{Dir: "out/a", Sealed: true, Lacking: 3, Today: 360},
			[]string{"OPEN: what is there holds; whether the run was whole for its version cannot be told", "3 of today's 360", "scenarios are not in it"},
			"VERIFIES",
		},
		"its report was cut short": {
			conformance.Verified{Dir: "out/a", Unfinished: true},
			[]string{"and no manifest", "REPORT NOT FINISHED", "report render"},
			"VERIFIES: ",
		},
	} {
		var b bytes.Buffer
		if err := tellVerified(&b, &test.found, false); err != nil {
			t.Fatal(err)
		}
		for _, want := range test.want {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s: it does not say %q:\n%s", name, want, b.String())
			}
		}
		if strings.Contains(b.String(), test.not) {
			t.Errorf("%s: it says %q:\n%s", name, test.not, b.String())
		}
	}
}

func TestReportVerifyAndSignAtTheirDoor(t *testing.T) {
	t.Parallel()
	empty := t.TempDir()
	for _, test := range []struct {
		arguments []string
		code      int
		says      string
	}{
		{[]string{"report", "verify"}, 2, "say which run folder"},
		{[]string{"report", "verify", empty}, 2, "is no run folder"},
		{[]string{"report", "verify", empty, "--trust", ""}, 2, "--trust was given and is empty"},
		{[]string{"report", "verify", empty, "--trust", filepath.Join(empty, "ca.pem")}, 2, "there is no such file"},
		{[]string{"report", "sign", empty}, 2, "say with what to sign"},
		{[]string{"report", "sign", empty, "--key", "nowhere.key", "--certificate", "nowhere.pem"}, 2, "there is no such file"},
	} {
		if a := collaudo(t, test.arguments...); a.code != test.code || !strings.Contains(a.err, test.says) {
			t.Errorf("%v: exit code %d, want %d, saying %q: %s", test.arguments, a.code, test.code, test.says, a.err)
		}
	}
}
