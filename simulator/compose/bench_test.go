package compose_test

import (
	"strings"
	"testing"

	"github.com/collaudo/collaudo/simulator/compose"
)

// BenchmarkEnvelope composes and seals one transport envelope around 4 KiB. The
// signature of RSA 2048 is nearly all of it: see BenchmarkCompose.
func BenchmarkEnvelope(b *testing.B) {
	s := signer(b)
	f := facts()
	enclosed := compose.RewriteOriginal([]byte(original+strings.Repeat("riga di testo\r\n", 280)), f.Identifier)
	b.SetBytes(int64(len(enclosed)))
	b.ReportAllocs()
	for b.Loop() {
		d := compose.TransportEnvelope(provider(), f, instant, enclosed, compose.Inherited(enclosed, false))
		content, err := d.Render()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := d.Seal(content, s); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCompose is BenchmarkEnvelope without the signature.
func BenchmarkCompose(b *testing.B) {
	f := facts()
	enclosed := compose.RewriteOriginal([]byte(original+strings.Repeat("riga di testo\r\n", 280)), f.Identifier)
	b.ReportAllocs()
	for b.Loop() {
		d := compose.TransportEnvelope(provider(), f, instant, enclosed, compose.Inherited(enclosed, false))
		content, err := d.Render()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := d.Seal(content, nil); err != nil {
			b.Fatal(err)
		}
	}
}
