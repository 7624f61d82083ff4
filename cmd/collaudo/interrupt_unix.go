//go:build unix

package main

import (
	"os/signal"
	"syscall"
)

// deafToPipes has a reader who went away (collaudo run | head) be an error of
// writing: a run is not to die half-way without a word. Commands that only
// print are better served by what the system does.
func deafToPipes() { signal.Ignore(syscall.SIGPIPE) }
