// Package conformance is the trial: it selects scenarios, gives each a world,
// lets the steps drive it, and has the evidence judged. It is what the command
// line calls and what a provider calls from its own tests, through Run.
//
// It decides no verdict itself: verdicts come from package rules, which sees
// nothing but the evidence that was written to disk.
package conformance
