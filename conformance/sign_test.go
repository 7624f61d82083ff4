package conformance

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/digitorus/timestamp"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/reports"
)

// signedRun is a small run that somebody signed, and may have had stamped. It has no
// report, without which Sign would not sign it: what a seal is over does not matter
// here, and is hashed thousands of times.
func signedRun(t *testing.T, o SignOptions) runCopy {
	t.Helper()
	a := runCopy{t, sealedRun(t)}
	signature := []byte(byHand(t, &notary{signer: o.Certificate, signKey: o.Key.(*ecdsa.PrivateKey)}, a.read(evidence.ManifestFile)))
	var stamp []byte
	if o.TimestampURL != "" {
		stamp = asked(t, o.TimestampURL, string(signature))
	}
	if err := evidence.Sign(a.dir, signature, stamp); err != nil {
		t.Fatal(err)
	}
	return a
}

// sealedRun is the folder of a run that played nothing: what it holds does not
// matter to a signature.
func sealedRun(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	r, err := evidence.Create(dir, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []evidence.Event{
		{Type: evidence.RunStarted, Run: &evidence.Run{Tool: "collaudo", Version: "test", Profile: "practice", Scope: "subset", Rules: []string{"PEC-NA-003"}}},
		{Type: evidence.RunEnded, End: &evidence.End{Completed: true}},
	} {
		if err := r.Record(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	result, err := Judge(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	octets, err := reports.Encode(result)
	if err != nil {
		t.Fatal(err)
	}
	c := runCopy{t, dir}
	c.write(reports.ResultFile, string(octets))
	c.seal()
	return dir
}

// reportedRun is the folder of such a run with its whole report.
func reportedRun(t *testing.T) string {
	t.Helper()
	dir := sealedRun(t)
	result, err := Judge(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := write(dir, result, mustCatalogue(t), reports.WriteOptions{Version: "test"}); err != nil {
		t.Fatal(err)
	}
	return dir
}

func (a runCopy) verifyFor(trust *x509.CertPool) *Verified {
	a.t.Helper()
	v, err := Verify(a.t.Context(), a.dir, VerifyOptions{Version: "test", Now: time.Now(), Trust: trust, Evidence: true})
	if err != nil {
		a.t.Fatal(err)
	}
	return v
}

// TestSignedRun alters a signed folder in the ways in which somebody would who
// means to deceive, and every byte of its signature and time stamp.
func TestSignedRun(t *testing.T) {
	t.Parallel()
	ours, theirs := newNotary(t, "Our"), newNotary(t, "Their")
	a := signedRun(t, ours.options(ours.authority(t, nil)))
	forger := signedRun(t, theirs.options(""))
	tests := []struct {
		name  string
		do    func(c runCopy)
		trust *x509.CertPool
		want  string // in a finding; "": there is none
	}{
		{"nobody named", func(runCopy) {}, nil, ""},
		{"the right one named", func(runCopy) {}, ours.pool(), ""},
		{"another named", func(runCopy) {}, theirs.pool(), "does not lead to those that were named"},
		{"the signature taken away", func(c runCopy) { c.remove(evidence.SignatureFile, evidence.TimestampFile) }, ours.pool(), "manifest.p7s is missing: the run folder is signed by nobody"},
		{"the signature taken away from under the stamp", func(c runCopy) { c.remove(evidence.SignatureFile) }, nil, "manifest.tsr is there without the signature"},
		{"the stamp taken away", func(c runCopy) { c.remove(evidence.TimestampFile) }, ours.pool(), "manifest.tsr is not what manifest.sha256 says"},
		{"edited and sealed anew", func(c runCopy) {
			seal := c.read(evidence.SignatureFile)
			c.edit("run.json", "INCONCLUSIVE", "CONFORMANT")
			c.seal()
			c.write(evidence.SignatureFile, seal)
		}, nil, "manifest.p7s does not hold"},
		{"signed by somebody else", func(c runCopy) {
			c.remove(evidence.TimestampFile)
			c.write(evidence.SignatureFile, forger.read(evidence.SignatureFile))
		}, ours.pool(), "manifest.p7s does not hold"},
		{"by hand, over the same", func(c runCopy) {
			c.remove(evidence.TimestampFile)
			c.seal() // which takes the signature off
			c.write(evidence.SignatureFile, byHand(t, ours, c.read(evidence.ManifestFile)))
		}, ours.pool(), ""},
		{"stamped for something else", func(c runCopy) { c.write(evidence.SignatureFile, forger.read(evidence.SignatureFile)) }, nil, "manifest.tsr does not hold: it is not over manifest.p7s"},
		{"no signature at all", func(c runCopy) { c.remove(evidence.TimestampFile); c.write(evidence.SignatureFile, "") }, nil, "manifest.p7s does not hold"},
		{"something behind it", func(c runCopy) {
			c.remove(evidence.TimestampFile)
			c.write(evidence.SignatureFile, c.read(evidence.SignatureFile)+"x")
		}, nil, "manifest.p7s does not hold"},
		{"no stamp at all", func(c runCopy) { c.write(evidence.TimestampFile, "0\x80") }, nil, "manifest.tsr does not hold"},
		{"no manifest", func(c runCopy) { c.remove(evidence.ManifestFile) }, nil, "manifest.p7s is there without a manifest"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := copied(t, a.dir)
			test.do(c)
			v := c.verifyFor(test.trust)
			if test.want == "" {
				if v.Code() != ExitConformant || !strings.Contains(v.Signature, "Our auditor") {
					t.Errorf("exit code %d, signed by %q, findings %v", v.Code(), v.Signature, v.Findings)
				}
				return
			}
			for _, f := range v.Findings {
				if strings.Contains(f.String(), test.want) && v.Code() == ExitEvidence {
					return
				}
			}
			t.Errorf("exit code %d, findings %v, want %q", v.Code(), v.Findings, test.want)
		})
	}
	t.Run("signed twice", func(t *testing.T) {
		t.Parallel()
		c := runCopy{t, reportedRun(t)}
		v, err := Sign(t.Context(), c.dir, ours.options(ours.authority(t, nil)))
		if err != nil || !strings.Contains(v.Signature, "Our auditor") || !strings.Contains(v.Timestamp, "Our time") {
			t.Fatalf("signed once: %+v, %v", v, err)
		}
		if _, err := Sign(t.Context(), c.dir, ours.options("")); !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), "signed already") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("every byte of the stamped signature", func(t *testing.T) {
		t.Parallel()
		everyByte(copied(t, a.dir), evidence.SignatureFile, ours.pool())
	})
	t.Run("every byte of the stamp", func(t *testing.T) {
		t.Parallel()
		everyByte(copied(t, a.dir), evidence.TimestampFile, ours.pool())
	})
}

// byHand is a signature that another tool made.
func byHand(t *testing.T, n *notary, over string) string {
	t.Helper()
	der, err := (&smime.Signer{Certificate: n.signer, Key: n.signKey}).Sign([]byte(over), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return string(der)
}

// everyByte changes every byte of a file of the seal, one at a time, and expects
// that none goes unseen: those too that CMS leaves free.
func everyByte(c runCopy, name string, trust *x509.CertPool) {
	c.t.Helper()
	whole := c.read(name)
	var free []int
	for i := range whole {
		octets := []byte(whole)
		octets[i] ^= 1
		c.write(name, string(octets))
		if v := c.verifyFor(trust); len(v.Findings) == 0 {
			free = append(free, i)
		}
	}
	if len(free) > 0 {
		c.t.Errorf("%d of %d bytes of %s can be changed unseen: %v", len(free), len(whole), name, free)
	}
}

func TestWhatIsNotSigned(t *testing.T) {
	t.Parallel()
	n, other := newNotary(t, "Our"), newNotary(t, "Their")
	dir := reportedRun(t)
	silent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "closed", http.StatusServiceUnavailable) }))
	t.Cleanup(silent.Close)
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(bytes.Repeat([]byte("x"), maxSeal+1)) }))
	t.Cleanup(endless.Close)
	mute := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // else it is not seen that who asked has gone
		<-r.Context().Done()
	}))
	t.Cleanup(mute.Close)
	tests := []struct {
		name string
		bend func(o *SignOptions)
		kind error
		want string
	}{
		{"a key of somebody else", func(o *SignOptions) { o.Key = other.signKey }, ErrUsage, "does not belong to the certificate"},
		{"no key", func(o *SignOptions) { o.Key = nil }, ErrUsage, "one of them is missing"},
		{"a certificate that expired", func(o *SignOptions) { o.Now = time.Now().Add(2 * time.Hour) }, ErrUsage, "expected one that is valid now"},
		{"a CA's certificate", func(o *SignOptions) { o.Key, o.Certificate = n.caKey, n.ca }, ErrUsage, "is not for signing"},
		{"no address", func(o *SignOptions) { o.TimestampURL = "ftp://x" }, ErrUsage, "no address of a time stamping authority"},
		{"an authority that refuses", func(o *SignOptions) { o.TimestampURL = silent.URL }, ErrUnreachable, "503"},
		{"an authority that does not end", func(o *SignOptions) { o.TimestampURL = endless.URL }, ErrUnreachable, "larger than"},
		{"an authority that stamps something else", func(o *SignOptions) {
			o.TimestampURL = n.authority(t, func(a *timestamp.Timestamp) { a.HashedMessage = make([]byte, crypto.SHA256.Size()) })
		}, ErrUnreachable, "is not over"},
		{"an authority that answers somebody else", func(o *SignOptions) {
			o.TimestampURL = n.authority(t, func(a *timestamp.Timestamp) { a.Nonce = big.NewInt(7) })
		}, ErrUnreachable, "the nonce differs"},
		{"an authority that does not say who it is", func(o *SignOptions) {
			o.TimestampURL = n.authority(t, func(a *timestamp.Timestamp) { a.AddTSACertificate = false })
		}, ErrUnreachable, "not inside"},
		{"an authority that never answers", func(o *SignOptions) { o.TimestampURL, o.Patience = mute.URL, 50*time.Millisecond }, ErrUnreachable, context.DeadlineExceeded.Error()},
		{"an authority whose clock is slow, or an old answer", func(o *SignOptions) {
			o.TimestampURL = n.authority(t, func(a *timestamp.Timestamp) { a.Time = time.Now().Add(-11 * time.Minute) })
		}, ErrUnreachable, "expected at most 10m0s between them"},
		{"an authority whose clock is fast", func(o *SignOptions) {
			o.TimestampURL = n.authority(t, func(a *timestamp.Timestamp) { a.Time = time.Now().Add(11 * time.Minute) })
		}, ErrUnreachable, "expected at most 10m0s between them"},
		{"somebody who stamps and is no authority", func(o *SignOptions) { o.TimestampURL = n.layman().authority(t, nil) }, ErrUnreachable, "is none for time stamps"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := n.options("")
			test.bend(&o)
			_, err := Sign(t.Context(), dir, o)
			if !errors.Is(err, test.kind) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %v saying %q", err, test.kind, test.want)
			}
			if _, err := os.Stat(filepath.Join(dir, evidence.SignatureFile)); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("there is a signature (%v)", err)
			}
		})
	}
	t.Run("a folder that does not verify", func(t *testing.T) {
		t.Parallel()
		c := copied(t, dir)
		c.edit("run.json", "INCONCLUSIVE", "CONFORMANT")
		if _, err := Sign(t.Context(), c.dir, n.options("")); !errors.Is(err, ErrEvidence) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("a folder that was never sealed", func(t *testing.T) {
		t.Parallel()
		c := copied(t, dir)
		c.remove(evidence.ManifestFile, evidence.SumsFile, "run.json")
		c.cutLog(1)
		if _, err := Sign(t.Context(), c.dir, n.options("")); !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), "was interrupted") {
			t.Errorf("error %v", err)
		}
	})
}
