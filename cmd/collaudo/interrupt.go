package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/collaudo/collaudo/conformance"
)

// interruptible gives a context that ends when the process is told to end. Told
// once, a command brings to an end what it does and writes what there is to
// write; told again, it leaves at once and says so: whoever waits for a target
// that hangs must be able to go, and not in silence.
func interruptible(trouble io.Writer, leave func(code int)) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	told, over := make(chan os.Signal, 2), make(chan struct{})
	signal.Notify(told, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-told:
		case <-over:
			return
		}
		fmt.Fprintln(trouble, "\ncollaudo: told to end: finishing what is under way and writing what there is; once more to leave at once")
		cancel()
		select {
		case <-told:
			fmt.Fprintln(trouble, "collaudo: told to end again: left at once, and what was under way is not finished; of a run, the evidence up to here is in its folder")
			leave(conformance.ExitInterrupted)
		case <-over:
		}
	}()
	return ctx, func() {
		signal.Stop(told)
		close(over)
		cancel()
	}
}

// panicked tells of a panic in a command, for the exit code of a harness error:
// the runtime would end the program with that of a usage error.
func panicked(trouble io.Writer, p any) int {
	fmt.Fprintf(trouble, "collaudo: the harness panicked, which is its own mistake and says nothing of what it was to judge: %v\n%s", p, debug.Stack())
	return conformance.ExitInvalid
}
