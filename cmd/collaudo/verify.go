package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
)

// maxMessage bounds what verify reads: twice the largest message that a
// provider is bound to carry.
const maxMessage = 64 << 20

// head is how much of a file is looked at to see whether it is a message.
const head = 64 << 10

type verifyOptions struct {
	profile, directory, ca, crl string
	asJSON                      bool
}

func verifyCommand() *cobra.Command {
	var o verifyOptions
	command := &cobra.Command{
		Use:   "verify FILE…",
		Short: "Judge single messages: what each is, who signed it, which rules it keeps and breaks",
		Long: "Reads certified e-mail messages from files and judges each by itself.\n\n" +
			"Whether a signer may be trusted needs the directory of providers and the CA; without them trust is\n" +
			"reported as not judged and does not change the exit code.\n\n" +
			"Exit codes: 0 no rule broken, 1 a rule broken, 2 a file that is no message or cannot be read.",
		Example: "  collaudo verify message.eml\n" +
			"  collaudo verify --directory out/a/trust/directory.ldif --ca out/a/trust/ca.pem --crl out/a/trust/crl.pem message.eml\n" +
			"  collaudo verify --json *.eml",
		Args: cobra.MinimumNArgs(1),
		RunE: func(command *cobra.Command, files []string) error { return verify(command, files, o) },
	}
	f := command.Flags()
	f.StringVar(&o.profile, "profile", string(rules.Practice), "practice or strict")
	f.StringVar(&o.directory, "directory", "", "directory of providers, LDIF")
	f.StringVar(&o.ca, "ca", "", "certificate of the CA, PEM")
	f.StringVar(&o.crl, "crl", "", "revocation list of the CA, PEM")
	f.BoolVar(&o.asJSON, "json", false, "print JSON")
	return command
}

// verified is the answer about one file.
type verified struct {
	File     string            `json:"file"`
	Error    string            `json:"error,omitempty"`
	Kind     string            `json:"kind,omitempty"`
	Verdict  rules.Verdict     `json:"verdict,omitempty"`
	Trust    string            `json:"trust,omitempty"`
	Checks   []rules.Check     `json:"checks,omitempty"`
	NotAsked map[string]string `json:"notJudged,omitempty"`
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
	code := conformance.ExitConformant
	var all []verified
	for i, file := range files {
		v, single := verifyFile(court, trust, file)
		all = append(all, v)
		code = max(code, codeOf(v))
		if o.asJSON {
			continue
		}
		if i > 0 {
			fmt.Fprintln(command.OutOrStdout())
		}
		if v.Error != "" {
			fmt.Fprintf(command.ErrOrStderr(), "%s: %s\n", file, v.Error)
			continue
		}
		if err := reports.Message(command.OutOrStdout(), catalogue, file, single, trust != nil); err != nil {
			return exit{conformance.ExitInvalid, err}
		}
	}
	if o.asJSON {
		encoder := json.NewEncoder(command.OutOrStdout())
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(all); err != nil {
			return exit{conformance.ExitInvalid, err}
		}
	}
	if code != conformance.ExitConformant {
		return exit{code: code}
	}
	return nil
}

func codeOf(v verified) int {
	switch {
	case v.Error != "":
		return conformance.ExitUsage
	case v.Verdict == rules.Error:
		return conformance.ExitInvalid
	case v.Verdict == rules.Fail:
		return conformance.ExitNotConformant
	}
	return conformance.ExitConformant
}

func verifyFile(court *rules.Court, trust *rules.Trust, file string) (verified, *rules.Single) {
	v := verified{File: file, Trust: "judged"}
	if trust == nil {
		v.Trust = "not judged"
	}
	raw, err := readMessage(file)
	if err != nil {
		v.Error = err.Error()
		return v, nil
	}
	single, err := court.Message(raw, trust)
	if err != nil {
		v.Error = err.Error()
		return v, nil
	}
	v.Kind, v.Verdict, v.Checks, v.NotAsked = single.Message.Kind.String(), single.Verdict, single.Checks, single.Missing
	if single.Message.Kind == pec.Ordinary {
		v.Trust = "not applicable"
	}
	return v, single
}

// readMessage reads a file that looks like a message, looking at its head
// before it takes in the rest.
func readMessage(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	first := make([]byte, head)
	n, err := io.ReadFull(file, first)
	switch {
	case n == 0 && errors.Is(err, io.EOF):
		return nil, errors.New("the file is empty: expected a message (.eml) as it was received")
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return nil, err
	}
	if why := notAMessage(first[:n]); why != "" {
		return nil, fmt.Errorf("this is not a message: %s; expected an .eml file as it was received, beginning with header fields such as \"From: …\"", why)
	}
	rest, err := io.ReadAll(io.LimitReader(file, maxMessage+1-int64(n)))
	if err != nil {
		return nil, err
	}
	if n+len(rest) > maxMessage {
		return nil, fmt.Errorf("the message is larger than %d MB, which is more than certified e-mail carries; nothing beyond that is read", maxMessage>>20)
	}
	return slices.Concat(first[:n], rest), nil
}

func (o verifyOptions) trust() (*rules.Trust, error) {
	if o.directory == "" && o.ca == "" && o.crl == "" {
		return nil, nil
	}
	var octets [3][]byte
	for i, path := range []string{o.ca, o.crl, o.directory} {
		if path == "" {
			continue
		}
		var err error
		if octets[i], err = os.ReadFile(path); err != nil {
			return nil, err
		}
	}
	trust := rules.NewTrust(octets[0], octets[1], octets[2])
	switch {
	case o.ca != "" && len(trust.Authority) == 0:
		return nil, fmt.Errorf("%s holds no certificate in PEM", o.ca)
	case o.crl != "" && trust.Revoked == nil:
		return nil, fmt.Errorf("%s holds no revocation list in PEM", o.crl)
	case o.directory != "" && trust.Directory == nil:
		return nil, fmt.Errorf("%s cannot be read as a directory in LDIF", o.directory)
	}
	return trust, nil
}
