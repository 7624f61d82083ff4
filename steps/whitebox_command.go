package steps

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"slices"
	"time"
)

// Exit codes by which a white box program answers; every other one is trouble,
// and what it wrote to its standard error is quoted.
const (
	commandDone       = 0
	commandNotOffered = 69 // EX_UNAVAILABLE of sysexits.h: it has no such operation
	commandBusy       = 75 // EX_TEMPFAIL: of idle, that something is still under way
)

// commandEnds bounds how long a program that was told to end may go on.
const commandEnds = 2 * time.Second

// insideBy runs the program of the target file for one question: the method and
// the path are its first arguments, each parameter of the query follows as
// NAME=VALUE, the body is its standard input, and it writes its answer, one JSON
// document, to its standard output.
func (w *World) insideBy(ctx context.Context, command []string, q question) (insideAnswer, error) {
	arguments := append(slices.Clone(command[1:]), q.method, q.path)
	for _, name := range sortedKeys(q.query) {
		for _, value := range q.query[name] {
			arguments = append(arguments, name+"="+value)
		}
	}
	program := exec.CommandContext(ctx, command[0], arguments...)
	program.WaitDelay = commandEnds
	program.Stdin = bytes.NewReader(q.body)
	out, complaint := &limited{limit: maxAnswer}, &limited{limit: maxComplaint}
	program.Stdout, program.Stderr = out, complaint
	err := program.Run()
	var ended *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return insideAnswer{}, fmt.Errorf("ask the white box: %s: %w", q, ctx.Err())
	case err == nil && out.over:
		return insideAnswer{}, fmt.Errorf("ask the white box: the answer to %s is longer than %d octets", q, maxAnswer)
	case err == nil && out.Len() == 0:
		return insideAnswer{http.StatusNoContent, nil}, nil
	case err == nil:
		return insideAnswer{http.StatusOK, out.Bytes()}, nil
	case errors.As(err, &ended) && ended.ExitCode() == commandNotOffered:
		return insideAnswer{http.StatusNotImplemented, complaint.Bytes()}, nil
	case errors.As(err, &ended) && ended.ExitCode() == commandBusy:
		return insideAnswer{http.StatusServiceUnavailable, complaint.Bytes()}, nil
	}
	return insideAnswer{}, fmt.Errorf("ask the white box: %s %s: %w: %s", command[0], q, err, bytes.TrimSpace(complaint.Bytes()))
}

func sortedKeys(values map[string][]string) []string {
	var names []string
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// limited keeps the beginning of what is written to it.
type limited struct {
	bytes.Buffer
	limit int
	over  bool
}

// Write keeps what there is room for, and takes the rest all the same.
func (l *limited) Write(p []byte) (int, error) {
	room := max(0, l.limit-l.Len())
	if len(p) > room {
		l.over = true
		_, _ = l.Buffer.Write(p[:room])
		return len(p), nil
	}
	return l.Buffer.Write(p)
}
