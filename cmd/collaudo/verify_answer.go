package main

import (
	"crypto/x509"
	"strings"
	"time"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/rules"
)

// verifySchema is the version of the form of the JSON answer. It changes when
// a reader of the old form would misread the new one; new fields do not.
const verifySchema = "collaudo/verify/1"

type verifyAnswer struct {
	Schema   string        `json:"schema"`
	Profile  rules.Profile `json:"profile"`
	ExitCode int           `json:"exitCode"`
	Files    []verified    `json:"files"`
}

// verified is the answer about one file.
type verified struct {
	File     string `json:"file"`
	ExitCode int    `json:"exitCode"`
	Error    string `json:"error,omitempty"`
	*Judged
}

// Judged is the answer about a file that was judged.
type Judged struct {
	Bytes     int               `json:"bytes"`
	Kind      string            `json:"kind"`
	Virus     bool              `json:"virus,omitempty"`
	Verdict   rules.Outcome     `json:"verdict"`
	Cut       string            `json:"cut,omitempty"`
	Signer    *signer           `json:"signer,omitempty"`
	Certified *certified        `json:"certified,omitempty"`
	Directory *listing          `json:"directory,omitempty"`
	Holds     []certificate     `json:"certificates,omitempty"`
	Trust     string            `json:"trust"`
	Checks    []check           `json:"checks"`
	NotJudged map[string]string `json:"notJudged"`
}

type signer struct {
	Name      string     `json:"name,omitempty"`
	Addresses []string   `json:"addresses,omitempty"`
	Digest    string     `json:"digest,omitempty"`
	SignedAt  *time.Time `json:"signedAt,omitempty"`
	Verifies  bool       `json:"verifies"`
	Error     string     `json:"error,omitempty"`
}

type certified struct {
	Provider      string      `json:"provider,omitempty"`
	Instant       string      `json:"instant,omitempty"`
	Identifier    string      `json:"identifier,omitempty"`
	MessageID     string      `json:"msgid,omitempty"`
	Sender        string      `json:"sender,omitempty"`
	Recipients    []recipient `json:"recipients,omitempty"`
	Delivery      string      `json:"delivery,omitempty"`
	Error         string      `json:"error,omitempty"`
	ExtendedError string      `json:"extendedError,omitempty"`
}

type recipient struct {
	Address string `json:"address"`
	Type    string `json:"type,omitempty"`
}

type check struct {
	Rule     string        `json:"rule"`
	Title    string        `json:"title"`
	Verdict  rules.Verdict `json:"verdict"`
	Count    int           `json:"count,omitempty"`
	Expected string        `json:"expected,omitempty"`
	Seen     string        `json:"seen,omitempty"`
	Need     string        `json:"need,omitempty"`
	Because  string        `json:"because,omitempty"`
	Where    string        `json:"where,omitempty"`
}

// describe puts into the answer what was found about a file, or why nothing.
func describe(catalogue *rules.Catalogue, file string, single *rules.Single, err error) verified {
	if err != nil {
		return verified{File: file, ExitCode: conformance.ExitUsage, Error: err.Error()}
	}
	m := single.Message
	j := &Judged{
		Bytes: len(m.Raw), Kind: m.Kind.String(), Virus: m.Virus, Verdict: single.Outcome(), Cut: single.Cut, Trust: "not judged",
		Signer: signerOf(single), Certified: certifiedBy(m), NotJudged: single.Missing,
	}
	switch {
	case m.Kind == pec.Ordinary && len(single.Checks) == 0:
		j.Trust, j.NotJudged = "not applicable", map[string]string{}
	case single.Trusted:
		j.Trust = "judged"
	}
	j.Checks = told(catalogue, single.Checks)
	return verified{File: file, ExitCode: conformance.ExitCode(single.Outcome()), Judged: j}
}

// told puts checks into the answer; it is never nil.
func told(catalogue *rules.Catalogue, checks []rules.Check) []check {
	all := []check{}
	for _, c := range checks {
		one := check{
			Rule: c.Rule, Verdict: c.Verdict, Count: c.Count,
			Expected: c.Expected, Seen: c.Seen, Need: c.Need, Because: c.Because, Where: c.Where.Part,
		}
		if law, known := catalogue.Rule(c.Rule); known {
			one.Title = law.Title.EN
		}
		all = append(all, one)
	}
	return all
}

func signerOf(single *rules.Single) *signer {
	if single.Message.SignaturePart == nil {
		return nil
	}
	return signerIn(single.Signature, single.SignatureErr)
}

// signerIn says who made a signature; err is what verifying it gave.
func signerIn(signature *smime.Signature, err error) *signer {
	s := &signer{Verifies: err == nil}
	if err != nil {
		s.Error = err.Error()
	}
	if signature == nil {
		return s
	}
	s.Digest = signature.Digest.String()
	if signature.HasSigningTime {
		s.SignedAt = &signature.SigningTime
	}
	if c := signature.Certificate; c != nil {
		s.Name, s.Addresses = nameOf(c), c.EmailAddresses
	}
	return s
}

func nameOf(c *x509.Certificate) string {
	if c.Subject.CommonName != "" {
		return c.Subject.CommonName
	}
	return strings.Join(c.Subject.Organization, ", ")
}

func certifiedBy(m *pec.Message) *certified {
	data := m.Certification
	if data == nil {
		return nil
	}
	c := &certified{
		Provider: data.Issuer, Instant: strings.TrimSpace(data.Day + " " + data.Time + " " + data.Zone),
		Identifier: data.Identifier, MessageID: data.MessageID, Sender: data.Sender,
		Delivery: data.Delivery, Error: data.Error, ExtendedError: data.ExtendedError,
	}
	for _, r := range data.Recipients {
		c.Recipients = append(c.Recipients, recipient{r.Address, r.Type})
	}
	return c
}
