package reports

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/collaudo/collaudo/rules"
)

// Sense is a short name for what a check says: what it expected, what it saw and in
// which part of a message, without what differs between any two runs (tokens,
// instants, ports, hashes, durations) and without numbers. Two failures of one judge
// with one sense are the same failure as far as a program can tell; a baseline
// knows a failure by it.
func Sense(c rules.Check) string {
	const octets = 6
	whole := sha256.New()
	for _, text := range senseOf(c) {
		text, _ = skeleton(text)
		whole.Write([]byte(numbers.ReplaceAllString(text, "#") + "\x00")) // a hash never fails to take in
	}
	return hex.EncodeToString(whole.Sum(nil)[:octets])
}

// Senses lists the senses of checks, sorted, each once.
func Senses(checks []rules.Check) []string {
	list := []string{}
	for _, c := range checks {
		list = append(list, Sense(c))
	}
	slices.Sort(list)
	return slices.Compact(list)
}
