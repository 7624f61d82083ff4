// Package acme is how a provider has its own system judged from its own tests.
package acme

import (
	"flag"
	"testing"

	"github.com/collaudo/collaudo/conformance"
)

// target is what is judged: a target file that describes the staging system. The
// pair of simulated providers stands in for it here, so that this example runs
// anywhere.
var target = flag.String("target", conformance.BuiltIn, "target file of the system under test")

// TestReceipts judges one family of rules, as a change to the receipts asks for:
//
//	go test -count=1 ./... -run TestReceipts
func TestReceipts(t *testing.T) {
	conformance.Run(t, *target, func(o *conformance.Options) {
		o.Rules = []string{"ACC"}
	})
}

// TestConformance judges by every rule that the core scenarios bring about. Leave
// the tags out for everything.
func TestConformance(t *testing.T) {
	conformance.Run(t, *target, func(o *conformance.Options) {
		o.Tags = "@core"
	})
}
