//go:build oracle

package conformance

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// TestOracleEverySignedMessage takes every message that the simulated
// providers signed in a full run to the independent tools: openssl must verify
// it as cms and as smime, whole and cut into exact part and signature, and
// xmllint must find its certification data valid.
func TestOracleEverySignedMessage(t *testing.T) {
	t.Parallel()
	report := tryPair(t, Options{})
	record, err := evidence.Open(report.Dir)
	if err != nil {
		t.Fatal(err)
	}
	dtd, err := filepath.Abs("../pec/certification/testdata/postacert.dtd")
	if err != nil {
		t.Fatal(err)
	}
	oracle := oracle{dtd: dtd}
	var group sync.WaitGroup
	slots := make(chan struct{}, 4)
	checked := map[string]bool{}
	for _, c := range record.Cases {
		for _, m := range c.Messages {
			if m.Emitter != evidence.Target || checked[m.Blob] {
				continue
			}
			checked[m.Blob] = true
			octets, err := c.Blob(m.Blob)
			if err != nil {
				t.Fatal(err)
			}
			authority, err := c.Blob(c.Trust[len(c.Trust)-1].Authority)
			if err != nil {
				t.Fatal(err)
			}
			slots <- struct{}{}
			group.Go(func() {
				defer func() { <-slots }()
				if err := oracle.ask(t.Context(), t.TempDir(), octets, authority, m.Delivered); err != nil {
					t.Errorf("%s %s: %v", c.Start.ID, m.ID, err)
				}
			})
		}
	}
	group.Wait()
	if len(checked) < 100 {
		t.Errorf("only %d messages were checked; a full run holds more", len(checked))
	}
	t.Logf("openssl and xmllint agree on %d messages", len(checked))
}

type oracle struct{ dtd string }

// ask has the tools look at a message as of the legal time at which it was
// delivered: some worlds begin on another day.
func (o oracle) ask(ctx context.Context, dir string, octets, authority []byte, at time.Time) error {
	message, err := pec.Read(octets)
	if err != nil {
		return err
	}
	if message.Signed == nil || message.SignaturePart == nil {
		return fmt.Errorf("it is not signed: kind %v", message.Kind)
	}
	signature, err := message.SignaturePart.Decoded()
	if err != nil {
		return err
	}
	files := map[string][]byte{"message.eml": octets, "part": message.Signed.Raw(), "signature.der": signature, "ca.pem": authority}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return err
		}
	}
	path := func(name string) string { return filepath.Join(dir, name) }
	then := strconv.FormatInt(at.Unix(), 10)
	commands := [][]string{
		{"openssl", "cms", "-verify", "-attime", then, "-CAfile", path("ca.pem"), "-in", path("message.eml"), "-out", os.DevNull},
		{"openssl", "smime", "-verify", "-attime", then, "-CAfile", path("ca.pem"), "-in", path("message.eml"), "-out", os.DevNull},
		{"openssl", "cms", "-verify", "-binary", "-attime", then, "-CAfile", path("ca.pem"), "-inform", "DER", "-in", path("signature.der"), "-content", path("part"), "-out", os.DevNull},
	}
	if len(message.CertificationParts) > 0 {
		data, err := message.CertificationParts[0].Decoded()
		if err != nil {
			return err
		}
		if err := os.WriteFile(path("daticert.xml"), data, 0o600); err != nil {
			return err
		}
		commands = append(commands, []string{"xmllint", "--nonet", "--noout", "--dtdvalid", o.dtd, path("daticert.xml")})
	}
	for _, command := range commands {
		var said bytes.Buffer
		run := exec.CommandContext(ctx, command[0], command[1:]...)
		run.Stdout, run.Stderr = &said, &said
		if err := run.Run(); err != nil {
			return fmt.Errorf("%v: %w: %s", command, err, said.Bytes())
		}
	}
	return nil
}
