package rules

import (
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec/directory"
)

// FileSort says what a file is that is no message.
type FileSort string

// Sorts of files.
const (
	FullDirectory    FileSort = "directory"      // of all providers
	ProviderFile     FileSort = "provider-file"  // the entries of one provider
	CertificateFile  FileSort = "certificate"    // of a signer
	AuthorityFile    FileSort = "ca-certificate" // of who issues them
	certificateChain          = 100              // most certificates that are judged in one file
)

// SingleFile is what can be said of a directory file or of a certificate with
// nothing else at hand.
type SingleFile struct {
	Sort    FileSort
	Octets  []byte
	Verdict Verdict
	Trusted bool              // the CA and the directory were at hand
	Checks  []Check           // what was judged
	Missing map[string]string // rule → what would be needed to judge it, or to judge it wholly

	Signed       *directory.File      // the .p7m around a directory; nil for bare LDIF and certificates
	Directory    *directory.Directory // nil for a certificate
	Certificates []*x509.Certificate  // of the file itself, or listed in it, each once
	Standing     *Standing            // of the certificate, or of who signed the directory; nil when nobody did
}

// Outcome puts the verdict in the words of a run.
func (s *SingleFile) Outcome() Outcome { return s.asSingle().Outcome() }

// Kept lists the rules that were wholly judged and are kept.
func (s *SingleFile) Kept() []string { return s.asSingle().Kept() }

func (s *SingleFile) asSingle() *Single {
	return &Single{Verdict: s.Verdict, Checks: s.Checks, Missing: s.Missing}
}

// Provider returns whose file it is, "" when it is not that of one provider.
func (s *SingleFile) Provider() string {
	if s.Sort != ProviderFile {
		return ""
	}
	for i := range s.Directory.Records {
		if e := &s.Directory.Records[i]; isEntry(e) {
			return providerOf(e)
		}
	}
	return ""
}

// Counts says how many main entries, secondary environments and domains a
// directory holds.
func (s *SingleFile) Counts() (providers, secondary, domains int) {
	for i := range s.Directory.Records {
		switch e := &s.Directory.Records[i]; {
		case !isEntry(e):
		case isSecondary(e):
			secondary++
			domains += len(e.ManagedDomains)
		default:
			providers++
			domains += len(e.ManagedDomains)
		}
	}
	return providers, secondary, domains
}

// Hash returns what the directory lists a certificate by, in capitals.
func (s *SingleFile) Hash(c *x509.Certificate) string {
	return strings.ToUpper(hashOfCertificate(c.Raw))
}

// File judges one file by itself: a directory in LDIF or as a signed .p7m, or
// certificates in PEM or DER. trust may be nil or hold only a part. at is the
// instant for which the file is judged. The error says why it is none of these.
func (court *Court) File(octets []byte, trust *Trust, at time.Time) (*SingleFile, error) {
	s, err := readSingleFile(octets)
	if err != nil {
		return nil, err
	}
	switch {
	case s.Sort == CertificateFile:
		s.Standing = standingOf(s.Certificates[0], trust, at)
	case s.Signed != nil && s.Signed.Signer != nil:
		s.Standing = standingOf(s.Signed.Signer, trust, at)
	}
	view := s.view(trust, at)
	s.Trusted = trust != nil && trust.Directory != nil && len(trust.Authority) > 0
	for _, j := range court.Judges {
		law, known := court.Catalogue.Rule(j.Rule)
		if !known || law.Family != "DIR" && law.Family != "CRT" {
			continue // nothing else is about files
		}
		if need := view.missing(j.Needs); need != "" {
			s.Missing[j.Rule] = string(need)
			continue
		}
		checks := court.ask("verify", "judge", j.Rule, "", func(f *Findings) { j.Look(view, f) })
		for _, c := range checks {
			if c.Verdict == Inconclusive {
				s.Missing[c.Rule] = c.Need
				continue
			}
			s.Checks = append(s.Checks, c)
		}
		if need := s.lacks(law); len(checks) == 0 && need != "" {
			s.Missing[j.Rule] = need
		}
	}
	s.Verdict = verdictOf(s.Checks)
	return s, nil
}

// readSingleFile finds out what a file is.
func readSingleFile(octets []byte) (*SingleFile, error) {
	s := &SingleFile{Octets: octets, Missing: map[string]string{}}
	if certificates := readCertificates(octets); len(certificates) > 0 {
		if len(certificates) > certificateChain {
			return nil, fmt.Errorf("the file holds %d certificates: at most %d are judged at once", len(certificates), certificateChain)
		}
		s.Sort, s.Certificates = CertificateFile, certificates
		if !slices.ContainsFunc(certificates, func(c *x509.Certificate) bool { return !isAuthority(c) }) {
			s.Sort = AuthorityFile
		}
		return s, nil
	}
	file := readDirectoryFile(octets)
	switch {
	case file.Signed != nil && file.Signed.Signature == nil:
		return nil, fmt.Errorf("it is DER, but neither a certificate nor a signed file (.p7m): %w", file.Signed.Invalid)
	case file.Signed != nil && file.Signed.Signature.Detached:
		return nil, errors.New("it is a signature alone: expected a signed file (.p7m) with its content inside")
	case file.Signed != nil && file.Directory == nil:
		return nil, fmt.Errorf("it is a signed file (.p7m) whose content is no directory: %w", file.Err)
	case file.Directory == nil:
		return nil, fmt.Errorf("it cannot be read as a directory: %w", file.Err)
	}
	s.Sort, s.Signed, s.Directory = sortOf(file.Directory), file.Signed, file.Directory
	for i := range s.Directory.Records {
		for _, c := range s.Directory.Records[i].Certificates {
			if !slices.ContainsFunc(s.Certificates, c.Equal) {
				s.Certificates = append(s.Certificates, c)
			}
		}
	}
	return s, nil
}

// sortOf tells the complete directory from the file of one provider, which has
// no base entry.
func sortOf(d *directory.Directory) FileSort {
	var names []string
	for i := range d.Records {
		e := &d.Records[i]
		if isRoot(e.DN) {
			return FullDirectory
		}
		if name := strings.ToLower(fold(providerOf(e))); isEntry(e) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 1 {
		return ProviderFile
	}
	return FullDirectory
}

// isAuthority tells the certificate of a CA, by what it says of itself.
func isAuthority(c *x509.Certificate) bool {
	return c.IsCA && c.KeyUsage&x509.KeyUsageCertSign != 0
}

// view is the view of a file without a world around it.
func (s *SingleFile) view(trust *Trust, at time.Time) *View {
	v := &View{Case: &evidence.Case{Start: evidence.Start{ID: "verify"}}, Trust: &Trust{}, Certificates: s.Certificates}
	if trust != nil {
		own := *trust
		v.Trust = &own
	}
	if v.Trust.Directory != nil {
		v.Trusts = []*Trust{v.Trust}
	} else {
		v.Trust.Directory = s.Directory // whose certificate is whose, at least
	}
	if s.Sort == AuthorityFile && len(v.Trust.Authority) == 0 {
		v.Trust.Authority = s.Certificates
		if v.Trust.Directory == nil {
			v.Trust.Directory = &directory.Directory{}
		}
	}
	if s.Directory == nil {
		return v
	}
	what := map[FileSort]string{FullDirectory: centralFile, ProviderFile: providerFile}[s.Sort]
	r := &Reading{DirectoryReading: evidence.DirectoryReading{What: what, Emitter: evidence.Target, At: at}, Shows: s.Directory}
	if s.Signed != nil {
		r.File = &directoryFile{Octets: s.Octets, Signed: s.Signed, Content: s.Signed.Content, Directory: s.Directory}
	}
	v.Directories = []*Reading{r}
	return v
}

// lacks says what it would take to judge a rule that the file did not exercise;
// "" when nothing more would: the case that it is about did not occur.
func (s *SingleFile) lacks(law *Rule) string {
	const (
		someDirectory = "a directory (LDIF or .p7m)"
		complete      = "the complete directory"
		own           = "the file of a provider (.p7m)"
		watched       = "a running system, see `collaudo run`"
	)
	switch law.ID {
	case "PEC-DIR-001", "PEC-DIR-011", "PEC-DIR-012":
		if s.Sort != FullDirectory {
			return complete
		}
		return ""
	case "PEC-DIR-016", "PEC-DIR-017", "PEC-DIR-019":
		if s.Sort != ProviderFile || s.Signed == nil {
			return own
		}
		return ""
	case "PEC-DIR-018":
		return "the HTTP answer that the file came with"
	case "PEC-DIR-030":
		if s.Sort != FullDirectory || s.Signed == nil {
			return complete + " as a .p7m"
		}
		return ""
	case "PEC-DIR-020", "PEC-DIR-021", "PEC-DIR-022", "PEC-DIR-023", "PEC-DIR-024", "PEC-DIR-025", "PEC-DIR-026",
		"PEC-DIR-027", "PEC-DIR-029", "PEC-DIR-031", "PEC-DIR-032":
		return watched
	case "PEC-CRT-001":
		if s.Sort == CertificateFile {
			return "the directory (--directory), which says what the provider is called"
		}
		return ""
	case "PEC-CRT-013":
		return "the certificate of the CA that issued it (--ca)"
	}
	switch {
	case law.Family == "DIR" && s.Directory == nil:
		return someDirectory
	case law.Family == "CRT" && s.Sort == AuthorityFile:
		return "the certificate of a signer"
	}
	return ""
}
