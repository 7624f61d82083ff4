package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/rules"
)

// File prints what can be said of a directory file or a certificate: what it
// is, who signed or issued it, the verdict, which rules it breaks, how many it
// keeps, and what could not be judged and why.
func File(w io.Writer, catalogue *rules.Catalogue, file string, single *rules.SingleFile) error {
	p := newPrinter(w, messageWidth, false)
	p.line(printable(file))
	p.wrapped("", sentence(fileWords(single)))
	p.line("")
	if single.Directory != nil {
		p.directoryFacts(single)
	} else {
		p.certificateFacts(single)
	}
	p.line("")
	p.wrapped("verdict     ", fileVerdict(single))
	p.wrapped("trust       ", standingWords(single))
	p.checkGroups(catalogue, single.Checks, single.Kept(), single.Missing, "the file", func(c rules.Check) string { return c.Where.Part })
	return p.err
}

// fileWords says what a file is.
func fileWords(single *rules.SingleFile) string {
	size := ", " + sizeWords(int64(len(single.Octets)))
	form := ", LDIF without a signature"
	if single.Signed != nil {
		form = ", signed (.p7m)"
	}
	switch single.Sort {
	case rules.FullDirectory:
		return "complete directory of providers" + form + size
	case rules.ProviderFile:
		return "directory file of " + single.Provider() + form + size
	case rules.AuthorityFile:
		return "certificate of a CA" + several(single) + size
	}
	return "certificate of a signer" + several(single) + size
}

func several(single *rules.SingleFile) string {
	if n := len(single.Certificates); n > 1 {
		return fmt.Sprintf(" and %s", plural(n-1, "more certificate"))
	}
	return ""
}

func (p *printer) directoryFacts(single *rules.SingleFile) {
	providers, secondary, domains := single.Counts()
	entries := plural(providers, "provider")
	if secondary > 0 {
		entries += ", " + plural(secondary, "secondary environment")
	}
	p.wrapped("entries     ", entries+", "+plural(domains, "domain")+", "+plural(len(single.Certificates), "certificate"))
	switch {
	case single.Signed == nil:
		p.wrapped("signed by   ", "nobody: this is what a .p7m holds, without its signature")
	case single.Signed.Signature != nil:
		p.wrapped("signed by   ", signatureWords(single.Signed.Signature, single.Signed.Invalid))
	}
	var odd []string
	for _, f := range single.Directory.Findings {
		odd = append(odd, fmt.Sprintf("line %d: %s", f.Line, f.Detail))
	}
	p.wrapped("oddities    ", atMost(odd, 5))
}

func (p *printer) certificateFacts(single *rules.SingleFile) {
	for i, c := range single.Certificates {
		if i == 5 {
			p.wrapped("            ", plural(len(single.Certificates)-i, "more certificate"))
			return
		}
		if i > 0 {
			p.line("")
		}
		const day = "02/01/2006 15:04:05 -0700"
		p.wrapped("subject     ", brief(c.Subject.String()))
		p.wrapped("addresses   ", brief(strings.Join(c.EmailAddresses, ", ")))
		p.wrapped("issued by   ", brief(c.Issuer.String()))
		p.wrapped("serial no.  ", c.SerialNumber.String()+" (hexadecimal "+c.SerialNumber.Text(16)+")")
		p.wrapped("valid       ", "from "+c.NotBefore.In(pec.Zone()).Format(day)+" to "+c.NotAfter.In(pec.Zone()).Format(day))
		p.wrapped("SHA-1       ", single.Hash(c))
	}
}

func fileVerdict(single *rules.SingleFile) string {
	const alone = ", in what the file alone can show"
	outcome, by := string(single.Outcome()), rulesOf(single.Checks)
	switch single.Outcome() {
	case rules.Invalid:
		return outcome + ": the harness failed"
	case rules.NotConformant:
		return outcome + ": " + plural(len(by[rules.Fail]), "rule") + " broken"
	case rules.Inconclusives:
		return outcome + ": no rule could be judged on this file alone"
	case rules.ConformantWithWarnings:
		return outcome + " (" + plainNumber(len(by[rules.Warn])) + ")" + alone
	}
	return outcome + alone
}

// standingWords says what is known of the certificate, or of who signed the
// directory.
func standingWords(single *rules.SingleFile) string {
	s := single.Standing
	if s == nil {
		return ""
	}
	who := "the certificate"
	if single.Directory != nil {
		who = "the signer"
	}
	var words []string
	switch {
	case !s.HasDirectory:
	case len(s.Listed) > 0:
		words = append(words, "the directory lists "+who+" for "+strings.Join(s.Listed, ", "))
	default:
		words = append(words, "the directory does not list "+who)
	}
	switch {
	case !s.HasAuthority:
	case s.Path == nil:
		words = append(words, "the CA issued it")
	default:
		words = append(words, "no path to the CA: "+s.Path.Error())
	}
	switch {
	case !s.HasList:
	case s.Revoked.IsZero():
		words = append(words, "it is not revoked")
	default:
		words = append(words, "it is REVOKED since "+s.Revoked.In(pec.Zone()).Format("02/01/2006 15:04:05 -0700"))
	}
	if len(words) == 0 {
		return "not judged: it takes the CA (--ca) and the directory of providers (--directory); --crl adds revocation"
	}
	return strings.Join(words, "; ")
}
