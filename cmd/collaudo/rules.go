package main

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/rules"
)

func rulesCommand() *cobra.Command {
	command := &cobra.Command{
		Use:     "rules",
		Short:   "The rules that are judged: list them, or explain one",
		Example: "  collaudo rules list\n  collaudo rules list --family AP\n  collaudo rules explain PEC-GEN-024",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			return exit{conformance.ExitUsage, errors.New("say what to do with the rules: collaudo rules list, or collaudo rules explain ID")}
		},
	}
	command.AddCommand(rulesListCommand(), rulesExplainCommand(), rulesCoverageCommand())
	return command
}

func rulesListCommand() *cobra.Command {
	var family string
	var asJSON bool
	command := &cobra.Command{
		Use:   "list",
		Short: "List the rules, with how each is judged",
		Example: "  collaudo rules list\n  collaudo rules list --family AP\n" +
			"  collaudo rules list --json | jq -r '.rules[] | select(.breach == \"fail\") | .id'",
		Args: noArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			catalogue, err := rules.LoadCatalogue()
			if err != nil {
				return exit{conformance.ExitInvalid, err}
			}
			by, err := judging()
			if err != nil {
				return exit{conformance.ExitInvalid, err}
			}
			family = strings.TrimPrefix(strings.ToUpper(family), "PEC-")
			if _, known := catalogue.Family(family); family != "" && !known {
				return exit{conformance.ExitUsage, fmt.Errorf("the catalogue has no family %q; `collaudo rules list` prints all rules", family)}
			}
			if asJSON {
				return printJSON(command.OutOrStdout(), by.list(catalogue, family))
			}
			table := tabwriter.NewWriter(command.OutOrStdout(), 2, 4, 2, ' ', 0)
			fmt.Fprintln(table, "RULE\tA BREACH IS\tJUDGED BY\tTITLE")
			shown, judged, excluded := 0, 0, 0
			for _, law := range catalogue.Rules {
				if family != "" && law.Family != family {
					continue
				}
				shown++
				how := by.how(law)
				if how != notJudged && law.Excluded == nil {
					judged++
				}
				if law.Excluded != nil {
					excluded++
					how += " (" + strings.ReplaceAll(string(law.Excluded.Kind), "-", " ") + ")"
				}
				fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", law.ID, law.Violation, how, law.Title.EN)
			}
			if err := table.Flush(); err != nil {
				return err
			}
			_, err = fmt.Fprintf(command.OutOrStdout(), "\n%d rules, %d of them judged, %d excluded; `collaudo rules explain ID` says why.\n", shown, judged, excluded)
			return err
		},
	}
	command.Flags().StringVar(&family, "family", "", "only this family, e.g. AP, TE, SIG")
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON document, for a program")
	return command
}

func rulesExplainCommand() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:   "explain ID",
		Short: "Say what a rule demands, what a breach is worth and how it is judged",
		Example: "  collaudo rules explain PEC-AP-005\n  collaudo rules explain ap-005\n" +
			"  collaudo rules explain PEC-AP-005 --json | jq .scenarios",
		Args: func(_ *cobra.Command, arguments []string) error {
			if len(arguments) != 1 {
				return errors.New("say which rule, one at a time, e.g. collaudo rules explain PEC-GEN-024")
			}
			return nil
		},
		RunE: func(command *cobra.Command, arguments []string) error {
			catalogue, err := rules.LoadCatalogue()
			if err != nil {
				return exit{conformance.ExitInvalid, err}
			}
			id := rules.CanonicalID(arguments[0])
			law, known := catalogue.Rule(id)
			if !known {
				hint := ""
				if _, family := catalogue.Family(strings.TrimPrefix(id, "PEC-")); family {
					hint = "; it is a family: collaudo rules list --family " + strings.TrimPrefix(id, "PEC-")
				}
				if near := catalogue.Suggest(id); len(near) > 0 {
					hint = "; did you mean " + strings.Join(near, " or ") + "?"
				}
				return exit{conformance.ExitUsage, fmt.Errorf("the catalogue has no rule %s%s", id, hint)}
			}
			by, err := judging()
			if err != nil {
				return exit{conformance.ExitInvalid, err}
			}
			if asJSON {
				one, err := by.explained(catalogue, law)
				if err != nil {
					return exit{conformance.ExitInvalid, err}
				}
				return printJSON(command.OutOrStdout(), one)
			}
			if err := explain(command.OutOrStdout(), catalogue, law, by); err != nil {
				return exit{conformance.ExitInvalid, err}
			}
			return nil
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON document, for a program")
	return command
}

const notJudged = "not judged yet"

// judges knows who answers for each rule.
type judges struct {
	looks     map[string][]string // rule → what its judges look at
	scenarios map[string][]string // rule → scenarios whose Then decides it
}

func judging() (judges, error) {
	by := judges{map[string][]string{}, map[string][]string{}}
	for _, j := range append(rules.Judges(), rules.ClientJudges()...) {
		by.looks[j.Rule] = append(by.looks[j.Rule], j.Looks)
	}
	scenarios, err := conformance.Scenarios()
	if err != nil {
		return by, err
	}
	clients, err := conformance.ClientScenarios()
	if err != nil {
		return by, err
	}
	for _, s := range append(scenarios, clients...) {
		for _, id := range s.Rules {
			by.scenarios[id] = append(by.scenarios[id], s.ID)
		}
	}
	return by, nil
}

func (by judges) how(law *rules.Rule) string {
	judge, scenario := len(by.looks[law.ID]) > 0, len(by.scenarios[law.ID]) > 0
	switch {
	case judge && scenario:
		return "judge and scenario"
	case judge:
		return "judge"
	case scenario:
		return "scenario"
	case law.Excluded != nil:
		return "excluded"
	}
	return notJudged
}

// wrap breaks text at blanks, and indents the lines after the first.
func wrap(text string, width, indent int) string {
	var b strings.Builder
	column := 0
	for _, word := range strings.Fields(text) {
		if column > 0 && column+1+len(word) > width {
			b.WriteString("\n" + strings.Repeat(" ", indent))
			column = 0
		} else if column > 0 {
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	return b.String()
}
