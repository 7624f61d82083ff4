package main

import (
	"io"
	"os"
	"strings"
)

// Widths of what is printed, in columns.
const (
	terminalWidth = 110 // where there is no terminal, or it does not say
	narrowest     = 40
	widest        = 120 // lines that are longer are hard to read
)

// screen is what a command prints to, as a person sees it.
type screen struct {
	terminal bool // a line can be written over
	colour   bool
	width    int // in columns
}

// screenOf looks at what a command prints to. Colours are for terminals that
// show them, and NO_COLOR (no-color.org) switches them off.
func screenOf(out io.Writer, env func(string) string) screen {
	s := screen{width: terminalWidth}
	if said, is := out.(*output); is {
		out = said.Writer
	}
	file, is := out.(*os.File)
	if !is || env("TERM") == "dumb" {
		return s
	}
	columns, is := terminalOf(file)
	if !is {
		return s
	}
	s.terminal, s.colour = true, env("NO_COLOR") == "" && obeys(env)
	if columns > 0 {
		s.width = min(max(columns, narrowest), widest)
	}
	return s
}

// isTerminal tells that a person sits at a file.
func isTerminal(file *os.File) bool {
	_, is := terminalOf(file)
	return is
}

// Colours, as numbers of ANSI: the same ones as in the summary of a run.
const (
	good    = "1;32"
	bad     = "1;31"
	unclear = "1;35"
)

// paint colours a word, and leaves the blanks behind it alone.
func (s screen) paint(code, text string) string {
	word := strings.TrimRight(text, " ")
	if !s.colour || word == "" {
		return text
	}
	return "\x1b[" + code + "m" + word + "\x1b[0m" + text[len(word):]
}
