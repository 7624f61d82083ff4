package main

import "io"

// output is what a command prints to. It remembers the first error, so that
// those who print a line need not ask: a command whose words were lost fails.
type output struct {
	io.Writer
	err error
}

func (o *output) Write(octets []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.Writer.Write(octets)
	o.err = err
	return n, err
}
