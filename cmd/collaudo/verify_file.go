package main

import (
	"time"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/rules"
)

// listing is what a directory holds, in numbers.
type listing struct {
	Signed    bool   `json:"signed"`
	Provider  string `json:"provider,omitempty"` // of the file of one provider
	Providers int    `json:"providers"`
	Secondary int    `json:"secondary"`
	Domains   int    `json:"domains"`
}

type certificate struct {
	Subject   string    `json:"subject"`
	Addresses []string  `json:"addresses,omitempty"`
	Issuer    string    `json:"issuer"`
	Serial    string    `json:"serial"`
	From      time.Time `json:"from"`
	Until     time.Time `json:"until"`
	SHA1      string    `json:"sha1"`
}

// kinds of files that are no messages, as the answer in JSON names them.
func kindOfFile(sort rules.FileSort) string {
	return map[rules.FileSort]string{
		rules.FullDirectory: "Directory", rules.ProviderFile: "ProviderFile",
		rules.CertificateFile: "Certificate", rules.AuthorityFile: "Authority",
	}[sort]
}

// describeFile puts into the answer what was found about a directory file or a
// certificate.
func describeFile(catalogue *rules.Catalogue, file string, single *rules.SingleFile) verified {
	j := &Judged{
		Bytes: len(single.Octets), Kind: kindOfFile(single.Sort), Verdict: single.Outcome(), Trust: "not judged",
		Checks: told(catalogue, single.Checks), NotJudged: single.Missing,
	}
	if single.Trusted {
		j.Trust = "judged"
	}
	if single.Directory != nil {
		j.Directory = &listing{Signed: single.Signed != nil, Provider: single.Provider()}
		j.Directory.Providers, j.Directory.Secondary, j.Directory.Domains = single.Counts()
	}
	if single.Signed != nil {
		j.Signer = signerIn(single.Signed.Signature, single.Signed.Invalid)
	}
	for _, c := range single.Certificates {
		j.Holds = append(j.Holds, certificate{
			Subject: c.Subject.String(), Addresses: c.EmailAddresses, Issuer: c.Issuer.String(), Serial: c.SerialNumber.String(),
			From: c.NotBefore, Until: c.NotAfter, SHA1: single.Hash(c),
		})
	}
	return verified{File: file, ExitCode: conformance.ExitCode(single.Outcome()), Judged: j}
}
