// Package steps is the vocabulary of the scenarios and the driver that speaks
// to a target through its public protocols: SMTP as a user and as another mail
// host, IMAP, and the small HTTP adapter for what a target claims of its
// inside.
//
// A step acts or records; it never decides. A Then waits until things have
// settled and writes an expectation, a named check with its parameters, into
// the evidence. The package knows neither the rules nor the simulator.
package steps
