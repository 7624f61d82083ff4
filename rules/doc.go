// Package rules is the law of Collaudo: the catalogue of testable requirements
// of certified e-mail (RFC 6109 and the Italian decree behind it), what is
// decided where the texts are ambiguous, the judges that answer for each rule,
// and how their answers add up to a verdict.
//
// It reads evidence and nothing else. It does not talk to a target, does not
// compose messages, shares no constant with what does, and never looks at how
// the judged is built.
//
// The data lie beside the code: catalogue/*.yaml (one file per family, in
// order), catalogue/sections.yaml (the sections of RFC 6109), decisions.yaml
// and statements.txt. LoadCatalogue refuses data that do not hold together.
package rules
