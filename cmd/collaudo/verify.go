package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
)

type verifyOptions struct {
	profile, directory, ca, crl string
	asJSON                      bool
}

func verifyCommand() *cobra.Command {
	var o verifyOptions
	command := &cobra.Command{
		Use:   "verify FILE…",
		Short: "Judge single messages, directory files and certificates: what each is, who signed it, which rules it breaks",
		Long: `Reads files and judges each by itself: what it is, who signed it and whether the signature verifies,
which rules it breaks. A file is
  a message of certified e-mail (.eml, as it was received),
  a directory of providers, or the file of one provider, as LDIF or signed (.p7m),
  a certificate in PEM or DER, or several in PEM.

Whether the signer may be trusted takes the CA (--ca) and the directory of providers (--directory);
--crl adds revocation. Without them trust is reported as not judged and does not change the exit code.

Exit codes, of several files the first that applies:
  3  the harness failed
  2  a file is none of these or cannot be read
  1  a file breaks a rule, or a message is cut short
  4  INCONCLUSIVE: ordinary mail, about which nothing was judged, or a rule that could not be concluded
  0  every file was judged, and no rule is broken

--json prints one object:
  schema     "` + verifySchema + `"
  profile    practice or strict
  exitCode   the exit code of the command
  files[]    one for each FILE, in their order
    file, exitCode
    error          why the file could not be judged; then nothing follows
    bytes
    kind           Acceptance, NonAcceptance, TakenInCharge, Delivery, NonDelivery, Delay, VirusDetection,
                   TransportEnvelope, AnomalyEnvelope, Ordinary, Unclear;
                   Directory, ProviderFile, Certificate, Authority of a file that is no message
    virus          true for a NonAcceptance or NonDelivery because of a virus
    verdict        CONFORMANT, CONFORMANT WITH WARNINGS, NOT CONFORMANT, INCONCLUSIVE, INVALID
    cut            where the message ends too early, and what is missing
    signer         name, addresses[], digest, signedAt, verifies, error
    certified      provider, instant, identifier, msgid, sender, recipients[] {address, type},
                   delivery, error, extendedError
    directory      signed, provider, providers, secondary, domains: of a directory
    certificates[] subject, addresses[], issuer, serial, from, until, sha1: of a file that is no message
    trust          judged, not judged or not applicable
    checks[]       rule, title, verdict (error, fail, inconclusive, warn, pass, observed),
                   count, expected, seen, need, because, where
    notJudged      what each rule that was not judged would take
Fields without a value are left out; files is always there, and so are checks and notJudged of a file that was judged.`,
		Example: "  collaudo verify message.eml\n" +
			"  collaudo verify --ca out/a/trust/ca.pem --crl out/a/trust/crl.pem --directory out/a/trust/directory.ldif message.eml\n" +
			"  collaudo verify igpec.ldif.p7m signer.pem\n" +
			"  collaudo verify --json *.eml",
		Args: func(_ *cobra.Command, arguments []string) error {
			if len(arguments) == 0 {
				return errors.New("say which file, at least one arg: a message, a directory file or a certificate, e.g. collaudo verify message.eml")
			}
			return nil
		},
		RunE: func(command *cobra.Command, files []string) error { return verify(command, files, o) },
	}
	f := command.Flags()
	f.StringVar(&o.profile, "profile", string(rules.Practice), "practice or strict")
	f.StringVar(&o.directory, "directory", "", "directory of providers, LDIF or signed (.p7m)")
	f.StringVar(&o.ca, "ca", "", "certificate of the CA, PEM")
	f.StringVar(&o.crl, "crl", "", "revocation list of the CA, PEM or DER")
	f.BoolVar(&o.asJSON, "json", false, "print JSON, see above")
	return command
}

func verify(command *cobra.Command, files []string, o verifyOptions) error {
	profile := rules.Profile(o.profile)
	if profile != rules.Practice && profile != rules.Strict {
		return exit{conformance.ExitUsage, fmt.Errorf("unknown profile %q: choose practice or strict", o.profile)}
	}
	trust, err := o.trust()
	if err != nil {
		return exit{conformance.ExitUsage, err}
	}
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		return exit{conformance.ExitInvalid, err}
	}
	court := &rules.Court{Catalogue: catalogue, Judges: rules.Judges(), Profile: profile}
	answer := verifyAnswer{Schema: verifySchema, Profile: profile, Files: []verified{}}
	for i, file := range files {
		one, err := verifyFile(court, trust, file)
		v := one.describe(catalogue, file, err)
		answer.ExitCode = worseCode(answer.ExitCode, v.ExitCode)
		if o.asJSON {
			answer.Files = append(answer.Files, v)
			continue
		}
		if i > 0 {
			fmt.Fprintln(command.OutOrStdout())
		}
		if err != nil {
			fmt.Fprintf(command.ErrOrStderr(), "%s: %v\n", file, err)
			continue
		}
		if err := one.print(command.OutOrStdout(), catalogue, file); err != nil {
			return exit{conformance.ExitInvalid, err}
		}
	}
	if o.asJSON {
		encoder := json.NewEncoder(command.OutOrStdout())
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(answer); err != nil {
			return exit{conformance.ExitInvalid, err}
		}
	}
	if answer.ExitCode != conformance.ExitConformant {
		return exit{code: answer.ExitCode}
	}
	return nil
}

// worseCode returns the exit code that counts more.
func worseCode(a, b int) int {
	for _, code := range []int{conformance.ExitInvalid, conformance.ExitUsage, conformance.ExitNotConformant, conformance.ExitInconclusive} {
		if a == code || b == code {
			return code
		}
	}
	return conformance.ExitConformant
}

// judgedFile is a file that was judged: a message, or something else.
type judgedFile struct {
	message *rules.Single
	other   *rules.SingleFile
}

func verifyFile(court *rules.Court, trust *rules.Trust, file string) (one judgedFile, err error) {
	raw, message, err := readFile(file)
	switch {
	case err != nil:
	case message:
		one.message, err = court.Message(raw, trust)
	default:
		one.other, err = court.File(raw, trust, time.Now())
	}
	return one, err
}

func (one judgedFile) describe(catalogue *rules.Catalogue, file string, err error) verified {
	if err == nil && one.other != nil {
		return describeFile(catalogue, file, one.other)
	}
	return describe(catalogue, file, one.message, err)
}

func (one judgedFile) print(out io.Writer, catalogue *rules.Catalogue, file string) error {
	if one.other != nil {
		return reports.File(out, catalogue, file, one.other)
	}
	return reports.Message(out, catalogue, file, one.message)
}
