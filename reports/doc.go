// Package reports is the judgement in writing: run.json and what is rendered
// from it and from the evidence beside it (the HTML report, JUnit, the summary
// on the terminal, the answer about a single message).
//
// It judges nothing and adds nothing up: every verdict that it prints is one
// that the rules gave.
package reports
