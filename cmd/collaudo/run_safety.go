package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
)

// safetyFlags makes --yes answer the question that a run asks before it goes to
// systems elsewhere, and a terminal ask it.
func safetyFlags(command *cobra.Command, o *conformance.Options) {
	command.Flags().BoolVar(&o.Yes, "yes", false, "do not ask whether a target that is not on this machine may be tested; what its file does not allow stays forbidden")
	if isTerminal(os.Stdin) {
		o.Confirm = func(question string) (bool, error) {
			return confirm(os.Stdin, command.ErrOrStderr(), question)
		}
	}
}

// whereTo says where a run goes. Of what a target or a client does in its turn
// the harness knows nothing, and says nothing.
func whereTo(o *conformance.Options) string {
	switch foreign := o.Elsewhere(); {
	case len(foreign) > 0:
		return "It goes to " + strings.Join(foreign, ", ") + "."
	case o.Target != nil:
		return "The harness connects to this machine only; where the target sends to is its own affair."
	case o.Client != nil:
		return "The mailbox is on this machine; where the client connects to besides is its own affair."
	}
	return "Everything stays on this machine."
}

// maxReply bounds what is read of an answer.
const maxReply = 1 << 10

// confirm asks; only a plain yes is one. io.EOF says that nobody is there.
func confirm(in io.Reader, out io.Writer, question string) (bool, error) {
	if _, err := fmt.Fprintf(out, "%s [yes/no] ", question); err != nil {
		return false, err
	}
	line, err := bufio.NewReader(io.LimitReader(in, maxReply)).ReadString('\n')
	if err != nil && (line == "" || !errors.Is(err, io.EOF)) {
		return false, err
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes", "s", "sì", "si":
		return true, nil
	}
	return false, nil
}
