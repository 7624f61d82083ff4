package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/reports"
)

func reportRenderCommand() *cobra.Command {
	var o reports.RenderOptions
	var compare string
	command := &cobra.Command{
		Use:   "render RUN",
		Short: "Write the reports of a run anew: other formats, another language, or a run that was cut short",
		Long: "Makes reports from the result and the evidence of a run. A finished run folder is sealed and stays as it is:\n" +
			"without --out, only what is for people is written into it, with the language in its name (report.it.html); with\n" +
			"--out, every format goes to that folder, with links to the evidence where it lies.\n\n" +
			"A folder that is not finished (the run was killed, or the disk was full) is judged by the evidence that is\n" +
			"there, and the whole report is written into it and sealed. The verdict of a run that was cut short is\n" +
			"INTERRUPTED, whatever was seen until then.\n\n" +
			"Formats: html (report.html and the pages of the messages), junit (junit.xml), messages (Cucumber messages,\n" +
			"messages.ndjson), earl (W3C EARL 1.0 as JSON-LD, earl.jsonld), csv (traceability matrix, matrix.csv), markdown\n" +
			"(summary.md), dossier (dossier.html and dossier.it.html), pdf (the dossier printed by Chromium, Chrome or Edge\n" +
			"where one is found or COLLAUDO_BROWSER names one). run.json, from which all are made, has a published schema: collaudo report schema.\n\n" +
			"Exit codes: 0 written; 2 usage; 3 the harness failed; 7 the evidence was altered. Of a folder that was judged\n" +
			"now, the code of its verdict: 130 for a run that was cut short.",
		Example: "  collaudo report render out/run-1 --language it                    report.it.html beside report.html\n" +
			"  collaudo report render out/run-1 --out out/for-ci --format junit --format markdown\n" +
			"  collaudo report render out/run-1 --format pdf --language it       dossier.it.pdf, on A4\n" +
			"  collaudo report render out/killed                                 a run that was cut short",
		Args: func(_ *cobra.Command, arguments []string) error {
			if len(arguments) != 1 {
				return errors.New("name one run folder, e.g. collaudo report render out/run-1")
			}
			return nil
		},
	}
	language := languageFlag(command)
	command.RunE = func(command *cobra.Command, arguments []string) error {
		if err := refuseBlanks(command, "out", "format", "compare"); err != nil {
			return exit{conformance.ExitUsage, err}
		}
		dir := arguments[0]
		o.Language, o.Version = *language, version()
		if compare != "" {
			if err := compareWith(&o.WriteOptions, compare, dir); err != nil {
				return exit{conformance.ExitUsage, err}
			}
		}
		if slices.Contains(o.Formats, "pdf") {
			var err error
			if o.Print, err = printer(command.Context()); err != nil {
				return err
			}
		}
		rendered, err := conformance.Render(command.Context(), dir, o)
		if err != nil {
			return exit{conformance.ExitCodeOf(err), plain(err)}
		}
		return tellRendered(command, dir, rendered)
	}
	f := command.Flags()
	f.StringVar(&o.Out, "out", "", "folder for the reports, outside of the run folder")
	f.StringSliceVar(&o.Formats, "format", nil, "make only this one: "+strings.Join(reports.Formats(), ", ")+" (repeatable)")
	f.StringVar(&compare, "compare", "", "folder of an earlier run, to be compared with in report.html")
	return command
}

// compareWith puts an earlier run beside the one that is rendered.
func compareWith(o *reports.WriteOptions, earlier, dir string) error {
	before, err := reports.Read(earlier)
	if err != nil {
		return err
	}
	after, err := reports.Read(dir)
	if err != nil {
		return err
	}
	o.Compared = reports.Compare(before, after, earlier, dir)
	return nil
}

// tellRendered says what was written, and of a run that was judged now what it
// came to.
func tellRendered(command *cobra.Command, dir string, r *conformance.Rendered) error {
	out := command.OutOrStdout()
	if r.Judged {
		fmt.Fprintf(out, "The run in %s bore no seal: its evidence was judged now, and its report written and sealed.\n", dir)
		fmt.Fprintf(out, "%s: %s\n", r.Result.Verdict, r.Result.Reason)
		fmt.Fprintf(out, "  %s\n", filepath.Join(dir, reports.HTMLFile))
	}
	for _, file := range r.Files {
		fmt.Fprintf(out, "  %s\n", file)
	}
	if !r.Judged && len(r.Files) == 0 {
		fmt.Fprintf(out, "Nothing was to be written: the run folder has all of it.\n")
	}
	if code := conformance.ExitCode(r.Result.Verdict); r.Judged && code != conformance.ExitConformant {
		return exit{code: code}
	}
	return nil
}
