// Command slim makes the executable of the container image small: it is a launcher
// that carries the real program compressed behind its own end, and puts it into
// memory when it is started. The program takes the launcher's place: same process
// id, same arguments, same environment.
//
//	slim FROM TO    writes to TO a launcher that carries the program FROM
//
// It is no installer and knows nothing of what it carries. Where memory cannot be
// executed from, a file in $TMPDIR is used, which is gone as soon as it runs.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args); err != nil {
		fmt.Fprintln(os.Stderr, "slim:", err)
		os.Exit(3)
	}
}

func run(arguments []string) error {
	self, err := os.Open("/proc/self/exe")
	if err != nil {
		return fmt.Errorf("the launcher cannot read itself: %w; is /proc mounted?", err)
	}
	defer self.Close()
	payload, err := find(self)
	if err != nil {
		return err
	}
	if payload != nil {
		return launch(payload, arguments)
	}
	if len(arguments) != 3 {
		return fmt.Errorf("this launcher carries no program; want: %s FROM TO", arguments[0])
	}
	return pack(self, arguments[1], arguments[2])
}
