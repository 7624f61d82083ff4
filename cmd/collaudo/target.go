package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/steps"
)

func targetCommand() *cobra.Command {
	command := &cobra.Command{
		Use:     "target",
		Short:   "Look at a system under test before it is judged",
		Example: "  collaudo target check acme.yaml",
		Args:    noArguments,
		RunE:    sayWhat("collaudo target check FILE"),
	}
	command.AddCommand(targetCheckCommand())
	return command
}

func targetCheckCommand() *cobra.Command {
	var o conformance.Options
	var asJSON bool
	command := &cobra.Command{
		Use:   "check FILE",
		Short: "Reach every service of a target, sign in, send a message each way, and say what a run would play",
		Long: "Reads the target file, connects to every service it names, signs in to every mailbox, sends one message\n" +
			"from user to user, one to the provider that the harness plays and, where the file claims that, one to and\n" +
			"one from ordinary mail; and says which scenarios a run would play, what the others lack, and which claims\n" +
			"the target does not bear out. No verdict is given.\n\n" +
			"Exit codes: 0 everything is reachable; 2 the file is wrong, claims too much, or does not allow it; 6 something\n" +
			"cannot be reached, refuses the login, or no message came through.",
		Example: "  collaudo target check acme.yaml\n" +
			"  collaudo target check acme.yaml --json | jq .looks      for a program",
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			o.Version, o.Now, o.Seed = version(), time.Now, 1
			if err := o.ReadTarget(arguments[0]); err != nil {
				return exit{conformance.ExitCodeOf(err), plain(err)}
			}
			check, err := conformance.CheckTarget(command.Context(), o)
			if check != nil && !asJSON {
				out := command.OutOrStdout()
				tellCheck(out, screenOf(out, os.Getenv), o.TargetName(), check)
			} else if check != nil {
				if err := printJSON(command.OutOrStdout(), checkDocument(o.TargetName(), check)); err != nil {
					return err
				}
			}
			if err == nil {
				err = check.Trouble()
			}
			if err != nil {
				return exit{conformance.ExitCodeOf(err), plain(err)}
			}
			return nil
		},
	}
	safetyFlags(command, &o)
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON document, for a program")
	return command
}

// shownScenarios is how many of a list are named; the dry run names all.
const shownScenarios = 3

// signingIn begins the name of a look that signs in to a mailbox.
const signingIn = "sign in to "

// playedHere ends the name of a look at a provider of the harness.
const playedHere = ", which the harness plays"

func tellCheck(out io.Writer, s screen, name string, c *conformance.Check) {
	fmt.Fprintf(out, "Target %s\n", name)
	var services, mailboxes []steps.Look
	for _, l := range c.Looks {
		if strings.HasPrefix(l.What, signingIn) {
			mailboxes = append(mailboxes, l)
		} else {
			services = append(services, l)
		}
	}
	tellLooks(out, s, "Services", services)
	tellLooks(out, s, "Mailboxes", mailboxes)
	if slices.ContainsFunc(c.Looks, func(l steps.Look) bool { return l.Trouble != nil }) {
		fmt.Fprintln(out, "\nNo message was sent. Mend these first:")
		return // what a run would play is of no use yet, and would hide the reasons, which follow
	}
	if len(c.Trips) > 0 {
		fmt.Fprintln(out, "\nMessages")
	}
	for _, t := range c.Trips {
		switch {
		case len(t.Lacking) > 0:
			fmt.Fprintf(out, "  not tried  %s\n", wrap(t.Name+": it takes "+strings.Join(worded(t.Lacking), ", "), terminalWidth-13, 13))
		case t.Trouble != "":
			fmt.Fprintf(out, "  %s     %s\n", s.paint(bad, "FAILED"), wrap(t.Name+": "+t.Trouble, terminalWidth-13, 13))
		default:
			fmt.Fprintf(out, "  %s         %s, in %.1f s\n", s.paint(good, "ok"), t.Name, t.Took.Seconds())
		}
	}
	tellForecast(out, c)
}

// tellLooks tells what was found of services or mailboxes.
func tellLooks(out io.Writer, s screen, heading string, looks []steps.Look) {
	if len(looks) == 0 {
		return
	}
	fmt.Fprintf(out, "\n%s\n", heading)
	width := 0
	for i := range looks {
		if what, is := strings.CutSuffix(looks[i].What, playedHere); is {
			looks[i].What, looks[i].Found = what, "the harness plays it and "+looks[i].Found
		}
		width = max(width, utf8.RuneCountInString(looks[i].What))
	}
	for _, l := range looks {
		mark, found := s.paint(good, "ok    "), l.Found
		if l.Trouble != nil {
			mark, found = s.paint(bad, "FAILED"), "see the end"
		}
		line := fmt.Sprintf("  %s  %-*s  ", mark, width, l.What)
		fmt.Fprintln(out, line+wrap(l.Address+": "+found, terminalWidth-width-12, width+12))
	}
}

// tellForecast tells what a run would play, and what not.
func tellForecast(out io.Writer, c *conformance.Check) {
	claims := "none, so rules about optional capabilities are not judged"
	if len(c.Claims) > 0 {
		claims = strings.Join(c.Claims, ", ")
	}
	fmt.Fprintln(out)
	tellText(out, "Claims: "+claims+".")
	for _, wrong := range c.Contradicted {
		tellText(out, fmt.Sprintf("FAILED: claim contradicted: %s: %s.", wrong.Claim, wrong.Seen))
	}
	left := map[string]bool{}
	for _, l := range c.Left {
		for _, id := range l.Scenarios {
			left[id] = true
		}
	}
	text := fmt.Sprintf("A run would play %d of %s. Those decide %s by name.", c.Played, several(c.Played+len(left), "scenario"), several(c.Rules.Staged, "rule"))
	if c.Waits > 0 {
		text += " Of the scenarios, " + waitingWords(c.Waits)
	}
	tellText(out, text)
	if len(c.Left) == 0 {
		return
	}
	fmt.Fprintln(out)
	text = fmt.Sprintf("Not played: %s, by what the target does not give (run --dry-run names them all).", several(len(left), "scenario"))
	if c.Rules.Left > 0 {
		text += fmt.Sprintf(" %s decided nowhere else.", rulesAre(c.Rules.Left))
	}
	tellText(out, text)
	for _, l := range c.Left {
		names := slices.Clone(l.Scenarios)
		if more := len(names) - shownScenarios; more > 0 {
			names = names[:shownScenarios]
			names[shownScenarios-1] += fmt.Sprintf(" and %d more", more)
		}
		tellList(out, fmt.Sprintf("  %s (%s)", reports.NeedWords(l.Need), several(len(l.Scenarios), "scenario")), "    ", names)
	}
}

func rulesAre(n int) string {
	if n == 1 {
		return "1 rule is"
	}
	return fmt.Sprintf("%d rules are", n)
}

// worded are needs in words.
func worded(needs []string) []string {
	words := make([]string, 0, len(needs))
	for _, n := range needs {
		words = append(words, reports.NeedWords(n))
	}
	return words
}
