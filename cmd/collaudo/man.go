package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/collaudo/collaudo/conformance"
)

func manCommand() *cobra.Command {
	var date string
	command := &cobra.Command{
		Use:   "man DIR",
		Short: "Write the manual pages of all commands to a folder",
		Long: "Writes one manual page for each command, collaudo.1, collaudo-run.1 and so on, to a folder, which is made if it\n" +
			"is not there. They say the same as --help.",
		Example: "  collaudo man man1 && man -l man1/collaudo-run.1          read one\n" +
			"  collaudo man /usr/local/share/man/man1                   for all on this machine",
		Args: func(_ *cobra.Command, arguments []string) error {
			if len(arguments) != 1 {
				return errors.New("say which folder, e.g. collaudo man /usr/local/share/man/man1")
			}
			return nil
		},
		RunE: func(command *cobra.Command, arguments []string) error {
			if date == "" {
				date = commitDate()
			} else if _, err := time.Parse(time.DateOnly, date); err != nil {
				return exit{conformance.ExitUsage, fmt.Errorf("--date %q: expected a day such as 2026-01-31", date)}
			}
			n, err := writeManual(command.Root(), arguments[0], date)
			if err != nil {
				return exit{conformance.ExitUsage, err}
			}
			_, err = fmt.Fprintf(command.OutOrStdout(), "%d pages in %s\n", n, arguments[0])
			return err
		},
	}
	command.Flags().StringVar(&date, "date", "", "day in the pages, as 2026-01-31 (default: that of the commit this was built from)")
	return command
}

// commitDate is the day of the commit that the go command stamped in; without
// one there is no day in the pages: the same program writes the same pages.
func commitDate() string {
	info, known := debug.ReadBuildInfo()
	if !known {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.time" {
			day, _, _ := strings.Cut(s.Value, "T")
			return day
		}
	}
	return ""
}

// writeManual writes the page of a command and those of all below it.
func writeManual(command *cobra.Command, dir, date string) (n int, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, fmt.Errorf("the folder for the pages cannot be made: %w", err)
	}
	file, err := os.Create(filepath.Join(dir, pageName(command)+".1"))
	if err != nil {
		return 0, fmt.Errorf("a manual page cannot be written: %w", err)
	}
	written := &output{Writer: file}
	writePage(written, command, date)
	if err := errors.Join(written.err, file.Close()); err != nil {
		return 0, fmt.Errorf("a manual page cannot be written: %w", err)
	}
	n = 1
	for _, below := range command.Commands() {
		if !below.IsAvailableCommand() {
			continue
		}
		more, err := writeManual(below, dir, date)
		if err != nil {
			return 0, err
		}
		n += more
	}
	return n, nil
}

func pageName(command *cobra.Command) string {
	return strings.ReplaceAll(command.CommandPath(), " ", "-")
}

// writePage writes one page in the language of man(7).
func writePage(out io.Writer, command *cobra.Command, date string) {
	name := pageName(command)
	fmt.Fprintf(out, ".TH %s 1 \"%s\" %s %s\n", quoted(strings.ToUpper(name)), date, quoted("collaudo "+version()), quoted("Collaudo"))
	fmt.Fprintf(out, ".SH NAME\n%s \\- %s\n", escaped(name), escaped(command.Short))
	command.InitDefaultHelpFlag()
	fmt.Fprintf(out, ".SH SYNOPSIS\n.nf\n%s\n.fi\n", literal(command.UseLine()))
	text := command.Long
	if text == "" {
		text = command.Short + "."
	}
	fmt.Fprint(out, ".SH DESCRIPTION\n")
	var codes []string
	for i, paragraph := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if strings.HasPrefix(paragraph, "Exit codes") {
			codes = append(codes, paragraph)
			continue
		}
		writeParagraph(out, paragraph, i > 0)
	}
	writeOptions(out, command)
	for _, paragraph := range codes {
		fmt.Fprint(out, ".SH EXIT STATUS\n")
		writeParagraph(out, paragraph, false)
	}
	if command.Example != "" {
		fmt.Fprintf(out, ".SH EXAMPLES\n.nf\n%s\n.fi\n", literal(command.Example))
	}
	var also []string
	if parent := command.Parent(); parent != nil {
		also = append(also, pageName(parent))
	}
	for _, below := range command.Commands() {
		if below.IsAvailableCommand() {
			also = append(also, pageName(below))
		}
	}
	fmt.Fprint(out, ".SH SEE ALSO\n")
	for i, page := range also {
		comma := " ,"
		if i == len(also)-1 {
			comma = ""
		}
		fmt.Fprintf(out, ".BR %s (1)%s\n", escaped(page), comma)
	}
}

func writeOptions(out io.Writer, command *cobra.Command) {
	fmt.Fprint(out, ".SH OPTIONS\n")
	command.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		names := `\fB\-\-` + escaped(f.Name) + `\fR`
		if f.Shorthand != "" {
			names = `\fB\-` + escaped(f.Shorthand) + `\fR, ` + names
		}
		if value != "" {
			names += ` \fI` + escaped(value) + `\fR`
		}
		fmt.Fprintf(out, ".TP\n%s\n%s\n", names, literal(usage))
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" && f.DefValue != "[]" && f.DefValue != "0s" {
			fmt.Fprintf(out, "(default %s)\n", escaped(f.DefValue))
		}
	})
}

// writeParagraph writes a paragraph; one with lines that are set in keeps its
// lines.
func writeParagraph(out io.Writer, paragraph string, further bool) {
	if further {
		fmt.Fprint(out, ".PP\n")
	}
	if strings.Contains(paragraph, "\n ") {
		fmt.Fprintf(out, ".nf\n%s\n.fi\n", literal(paragraph))
		return
	}
	fmt.Fprintln(out, literal(paragraph))
}

// literal escapes lines: none of them is a request.
func literal(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = escaped(strings.TrimRight(line, " "))
	}
	return strings.Join(lines, "\n")
}

func escaped(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "…", `\[u2026]`, "’", `\[u2019]`).Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}

func quoted(text string) string { return `"` + strings.ReplaceAll(escaped(text), `"`, `\(dq`) + `"` }
