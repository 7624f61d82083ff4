package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"
	"unsafe"
)

// pseudoTerminal opens a terminal of so many columns: what is written to its
// inner end is read from its outer one.
func pseudoTerminal(t *testing.T, columns uint16) (outer, inner *os.File) {
	t.Helper()
	outer, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	control := func(file *os.File, request uintptr, argument unsafe.Pointer) {
		if _, _, trouble := syscall.Syscall(syscall.SYS_IOCTL, file.Fd(), request, uintptr(argument)); trouble != 0 {
			t.Fatal(trouble)
		}
	}
	var locked, number int32
	control(outer, syscall.TIOCSPTLCK, unsafe.Pointer(&locked))
	control(outer, syscall.TIOCGPTN, unsafe.Pointer(&number))
	inner, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	size := struct{ rows, columns, width, height uint16 }{40, columns, 0, 0}
	control(inner, syscall.TIOCSWINSZ, unsafe.Pointer(&size))
	return outer, inner
}

// onTerminal runs the built binary on a terminal and gives all that it wrote
// there. A nil error says that it ended with 0.
func onTerminal(t *testing.T, columns uint16, environment []string, arguments ...string) (string, error) {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	outer, inner := pseudoTerminal(t, columns)
	defer outer.Close()
	command := exec.CommandContext(t.Context(), path, arguments...)
	command.Dir, command.Stdout, command.Stderr = t.TempDir(), inner, inner
	command.Env = append(os.Environ(), append([]string{"TERM=xterm-256color", "NO_COLOR="}, environment...)...)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	if err := inner.Close(); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	if _, err := io.Copy(&said, outer); err != nil && !errors.Is(err, syscall.EIO) { // EIO: the other end is closed
		t.Fatal(err)
	}
	return said.String(), command.Wait()
}

// On a terminal there is colour and one line that moves, as wide as the
// terminal is; NO_COLOR takes the colour, and a dumb terminal both.
func TestARunOnATerminal(t *testing.T) {
	t.Parallel()
	arguments := []string{"run", "--rule", "PEC-ACC-003", "--tags", "@id:complete-transaction", "--fault", "acceptance-subject-prefix"}
	for _, test := range []struct {
		name        string
		columns     uint16
		environment []string
		colour      bool
		moves       bool
	}{
		{"wide", 132, nil, true, true},
		{"narrow", 60, nil, true, true},
		{"no colour", 80, []string{"NO_COLOR=1"}, false, true},
		{"dumb", 80, []string{"TERM=dumb"}, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			said, err := onTerminal(t, test.columns, test.environment, arguments...)
			var exited *exec.ExitError
			if !errors.As(err, &exited) || exited.ExitCode() != 1 {
				t.Fatalf("%v, want exit code 1:\n%s", err, said)
			}
			if got := strings.Contains(said, "\x1b[1;31mNOT CONFORMANT\x1b[0m"); got != test.colour {
				t.Errorf("colour: %t, want %t:\n%q", got, test.colour, said)
			}
			if !test.colour && strings.Contains(said, "\x1b") {
				t.Errorf("there are codes in what should be plain:\n%q", said)
			}
			said = strings.ReplaceAll(said, "\r\n", "\n")
			if got := strings.Contains(said, "\r  ░"); got != test.moves {
				t.Errorf("a line that moves: %t, want %t:\n%q", got, test.moves, said)
			}
			width := int(test.columns)
			if !test.moves {
				width = terminalWidth
			}
			for line := range strings.FieldsFuncSeq(plainOf(said), func(r rune) bool { return r == '\n' || r == '\r' }) {
				whole := strings.Contains(line, "collaudo run") || strings.HasPrefix(line, "    octets ") // there to be pasted
				if n := utf8.RuneCountInString(line); n > width && !whole && strings.Contains(strings.TrimSpace(line), " ") {
					t.Errorf("%d columns on a terminal of %d: %q", n, test.columns, line)
				}
			}
		})
	}
}

// plainOf takes the colours away.
func plainOf(text string) string {
	var b strings.Builder
	for i, part := range strings.Split(text, "\x1b[") {
		if i > 0 {
			_, part, _ = strings.Cut(part, "m")
		}
		b.WriteString(part)
	}
	return b.String()
}
