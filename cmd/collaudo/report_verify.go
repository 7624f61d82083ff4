package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/evidence"
)

// verifiedSchema is the version of the form of 'report verify --json'.
const verifiedSchema = "collaudo/report-verify/1"

func reportVerifyCommand() *cobra.Command {
	var trusted []string
	var asJSON bool
	command := &cobra.Command{
		Use:   "verify RUN",
		Short: "Look whether a run folder is as it was left, and whether its verdicts follow from its evidence",
		Long: "Looks, without any network, at four things, and ends with the first in which something is wrong:\n" +
			"the hash of every file against manifest.json, and the signature where there is one; then the chain of events\n" +
			"and the octets that they cite; then every verdict, worked out anew from the evidence and compared with\n" +
			"run.json; then every page and file that is made of run.json, made anew and compared. A file that was altered,\n" +
			"is missing or was added, and a verdict that does not follow, is named.\n\n" +
			"The hashes show damage and careless edits. Somebody who means to deceive can make them anew: against that\n" +
			"there is 'collaudo report sign', and --trust, which says to whom the signature must lead.\n\n" +
			"Exit codes: 0 it verifies, 2 no run folder, or one that was judged by other rules than this version's,\n" +
			"3 the harness failed, 4 what is there holds, and whether the run was whole cannot be told: another version\n" +
			"played it, and scenarios of this version are not in it, 7 something is wrong, 130 the run, or the writing of\n" +
			"its report, was interrupted and its folder is not sealed: nothing is wrong as far as it goes, and nothing\n" +
			"vouches for where it ends.",
		Example: "  collaudo report verify out/run-20261122-145437\n" +
			"  collaudo report verify out/run-20261122-145437 --trust ca.pem    signed, and by whom that CA names\n" +
			"  (cd out/run-20261122-145437 && sha256sum -c manifest.sha256)     the hashes alone, without Collaudo",
		Args: func(_ *cobra.Command, arguments []string) error {
			if len(arguments) != 1 {
				return errors.New("say which run folder, e.g. collaudo report verify out/run-20261122-145437")
			}
			return nil
		},
		RunE: func(command *cobra.Command, arguments []string) error {
			o := conformance.VerifyOptions{Version: version(), Now: time.Now()}
			// refuse ends the command; a program is told so too.
			refuse := func(code int, err error) error {
				if asJSON {
					if trouble := printJSON(command.OutOrStdout(), unverified{verifiedSchema, code, err.Error()}); trouble != nil {
						return trouble
					}
				}
				return exit{code, err}
			}
			if err := refuseBlanks(command, "trust"); err != nil {
				return refuse(conformance.ExitUsage, err)
			}
			if len(trusted) > 0 {
				pool, err := readTrusted(trusted)
				if err != nil {
					return refuse(conformance.ExitUsage, err)
				}
				o.Trust = pool
			}
			found, err := conformance.Verify(command.Context(), arguments[0], o)
			if err != nil {
				return refuse(conformance.ExitCodeOf(err), plain(err))
			}
			if err := tellVerified(command.OutOrStdout(), found, asJSON); err != nil {
				return exit{conformance.ExitInvalid, err}
			}
			if code := found.Code(); code != conformance.ExitConformant {
				return exit{code: code}
			}
			return nil
		},
	}
	command.Flags().StringSliceVar(&trusted, "trust", nil, "PEM file with certificates to which the signature, and the time stamp, must lead (repeatable)")
	command.Flags().BoolVar(&asJSON, "json", false, "print what was found as one JSON document")
	return command
}

// unverified is what 'report verify --json' prints of a folder that could not be
// verified at all.
type unverified struct {
	Schema   string `json:"schema"`
	ExitCode int    `json:"exitCode"`
	Error    string `json:"error"`
}

// tellVerified prints what a run folder came to.
func tellVerified(out io.Writer, v *conformance.Verified, asJSON bool) error {
	if asJSON {
		return printJSON(out, struct {
			Schema   string `json:"schema"`
			ExitCode int    `json:"exitCode"`
			*conformance.Verified
		}{verifiedSchema, v.Code(), v})
	}
	var b strings.Builder
	line := func(label, format string, a ...any) {
		fmt.Fprintf(&b, "%-12s%s\n", label, wrap(visible(fmt.Sprintf(format, a...)), terminalWidth-12, 12))
	}
	line("run", "%s", v.Dir)
	if v.Sealed {
		line("files", "%d files, %.1f MB, against manifest.json", v.Files, float64(v.Bytes)/1e6)
		line("signed by", "%s", signedBy(v))
	} else {
		line("files", "%d files, %.1f MB, and no manifest to hold them against", v.Files, float64(v.Bytes)/1e6)
	}
	if v.Timestamp != "" {
		line("stamped", "%s", v.Timestamp)
	}
	if v.Events > 0 {
		line("evidence", "%d events in one chain; %d messages, dialogues and other octets that they cite, each with its hash", v.Events, v.Octets)
	}
	if v.Verdict != "" {
		line("verdicts", "recomputed from the evidence: %s (rules: %d, scenarios: %d)", v.Verdict, v.Rules, v.Scenarios)
	}
	if v.Renderings > 0 {
		line("renderings", "%d files made anew and compared", v.Renderings)
	}
	for _, note := range v.Notes {
		line("note", "%s", note)
	}
	fmt.Fprintln(&b)
	switch {
	case len(v.Findings) > 0:
		fmt.Fprintf(&b, "DOES NOT VERIFY\n")
		for _, f := range v.Findings {
			fmt.Fprintf(&b, "  %s\n", wrap(visible(f.String()), terminalWidth-4, 4))
		}
		if v.Omitted > 0 {
			fmt.Fprintf(&b, "  and %d more\n", v.Omitted)
		}
	case v.Interrupted && !v.Sealed:
		fmt.Fprintln(&b, "INTERRUPTED AND NEVER SEALED: nothing is wrong as far as it goes; 'collaudo report render' makes the report of it.")
	case !v.Sealed:
		fmt.Fprintln(&b, "REPORT NOT FINISHED: nothing is wrong as far as it goes, and nothing vouches for it;\n'collaudo report render' writes the report anew from the evidence.")
	case v.Lacking > 0:
		fmt.Fprintln(&b, wrap(visible("OPEN: "+v.OpenWords()+"."), terminalWidth, 0))
	default:
		said := "VERIFIES: every file is as it was sealed, run.json says exactly what the evidence does, and what was made of it says the same."
		if v.Uncompared != "" {
			said = "VERIFIES, WITHOUT ITS PAGES: every file is as it was sealed, and run.json says exactly what the evidence does. report.html and the other files made of it were NOT compared with it: " + v.Uncompared + "."
		}
		fmt.Fprintln(&b, wrap(visible(said), terminalWidth, 0))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// visibleLines is visible of text that has lines of its own.
func visibleLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = visible(line)
	}
	return strings.Join(lines, "\n")
}

// visible is text that came out of a file, without what would move a terminal's
// cursor or change its colours.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '\uFFFD'
	}, text)
}

// signedBy says who signed, and does not call a signature that does not hold none.
func signedBy(v *conformance.Verified) string {
	for _, f := range v.Findings {
		if f.File == evidence.SignatureFile || f.File == evidence.TimestampFile {
			return "see below: it does not hold, or not as was asked"
		}
	}
	return orElse(v.Signature, "nobody")
}
