package rules

import (
	"encoding/base64"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec/smime"
)

// listing is a trial in which the central directory hands out the correct text
// with these replacements.
func listing(rule, name string, want answer, pairs ...string) trial {
	return trial{rule: rule, name: name, want: want, build: func(c *testCase) {
		c.read(centralFile, []byte(textWith(c.t, directoryText(), pairs...)))
	}}
}

// over is a certificate of Aurora for a span of time.
func over(serial int64, from, until time.Time) *smime.Signer {
	profile := auroraProfile()
	profile.SerialNumber = big.NewInt(serial)
	profile.NotBefore, profile.NotAfter = from, until
	return keys().issue(profile)
}

func auroraWith(signers ...*smime.Signer) string {
	var all [][]byte
	for _, s := range signers {
		all = append(all, s.Certificate.Raw)
	}
	return baseText + "\n" + entryText(aurora, "", serviceAurora, all, "aurora.example", "gestore.aurora.example")
}

func TestDirectoryEntryJudges(t *testing.T) {
	t.Parallel()
	encoded := base64.StdEncoding.EncodeToString(keys().aurora.Certificate.Raw)
	hash := hashOfCertificate(keys().aurora.Certificate.Raw)
	renewed := over(21, time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC), time.Date(2030, 6, 1, 0, 0, 0, 0, time.UTC))
	late := over(22, time.Date(2028, 2, 1, 0, 0, 0, 0, time.UTC), time.Date(2031, 2, 1, 0, 0, 0, 0, time.UTC))
	ending := over(23, time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), acceptedAt.Add(24*time.Hour))
	text := func(rule, name, ldif string, want answer) trial {
		return trial{rule: rule, name: name, want: want, build: func(c *testCase) { c.read(centralFile, []byte(ldif)) }}
	}
	var trials []trial
	for _, j := range directoryEntryJudges() {
		switch j.Rule {
		case "PEC-DIR-006", "PEC-DIR-007", "PEC-DIR-027":
		default:
			trials = append(trials, listing(j.Rule, "correct", holds))
			trials = append(trials, trial{rule: j.Rule, name: "of the harness", none: true, build: func(c *testCase) {
				c.read(centralFile, []byte(directoryText()), func(r *evidence.DirectoryReading) { r.Emitter = evidence.Harness })
			}})
		}
	}
	trials = append(trials,
		listing("PEC-DIR-001", "no base", broken, "dn: o=postacert\n", "dn: o=altro\n"),
		listing("PEC-DIR-001", "a class less", broken, "objectclass: organization\n", ""),
		trial{rule: "PEC-DIR-001", name: "one entry found by a filter", none: true, build: func(c *testCase) {
			c.read(searchOverLDAP, []byte(auroraEntries()))
		}},
		listing("PEC-DIR-002", "another path", broken, "dn: providerName="+borea, "dn: cn="+borea),
		listing("PEC-DIR-002", "no class", broken, "objectclass: provider\n", ""),
		text("PEC-DIR-002", "one provider without an entry", auroraWith(keys().aurora), broken),
		listing("PEC-DIR-003", "no mailReceipt", broken, "mailReceipt: "+serviceBorea+"\n", ""),
		listing("PEC-DIR-003", "an unknown attribute", broken, "mailReceipt: "+serviceBorea, "telephoneNumber: 1\nmailReceipt: "+serviceBorea),
		listing("PEC-DIR-003", "operational attributes", holds, "mailReceipt: "+serviceBorea, "entryUUID: 1\nmailReceipt: "+serviceBorea),
		listing("PEC-DIR-004", "another hash", broken, hash, strings.Repeat("0", 40)),
		listing("PEC-DIR-004", "SHA-256 length", broken, hash, hash+strings.Repeat("0", 24)),
		listing("PEC-DIR-004", "capital letters", holds, hash, strings.ToUpper(hash)),
		listing("PEC-DIR-005", "no option", broken, "providerCertificate;binary", "providerCertificate"),
		listing("PEC-DIR-005", "a letter missing", broken, encoded, encoded[:100]+encoded[101:]),
		listing("PEC-DIR-005", "something else", broken, encoded, base64.StdEncoding.EncodeToString([]byte("certificate"))),
		text("PEC-DIR-006", "two, each with its hash", auroraWith(keys().aurora, renewed), holds),
		text("PEC-DIR-006", "two and one hash", strings.Replace(auroraWith(keys().aurora, renewed), "providerCertificateHash: "+hash+"\n", "", 1), broken),
		text("PEC-DIR-006", "one and two hashes", strings.Replace(auroraWith(keys().aurora, renewed), "providerCertificate;binary:: "+encoded+"\n", "", 1), broken),
		trial{rule: "PEC-DIR-006", name: "one only", none: true, build: func(c *testCase) { c.read(centralFile, []byte(directoryText())) }},
		text("PEC-DIR-007", "overlapping", auroraWith(keys().aurora, renewed), holds),
		text("PEC-DIR-007", "a gap", auroraWith(keys().aurora, late), broken),
		text("PEC-DIR-007", "close to its end, alone", auroraWith(ending), broken),
		text("PEC-DIR-007", "close to its end, followed", auroraWith(ending, keys().aurora), holds),
		trial{rule: "PEC-DIR-007", name: "far from its end", none: true, build: func(c *testCase) { c.read(centralFile, []byte(directoryText())) }},
		listing("PEC-DIR-008", "another name", broken, "providerName: "+borea, "providerName: Borea"),
		listing("PEC-DIR-008", "twice", broken, "providerName: "+borea, "providerName: "+borea+"\nproviderName: "+borea),
		listing("PEC-DIR-008", "other letter case", holds, "providerName: "+borea, "providerName: "+strings.ToUpper(borea)),
		listing("PEC-DIR-008", "not in the certificate", broken, borea, "Boreale S.r.l."),
		listing("PEC-DIR-009", "brackets", broken, "mailReceipt: "+serviceBorea, "mailReceipt: <"+serviceBorea+">"),
		listing("PEC-DIR-009", "two", broken, "mailReceipt: "+serviceBorea, "mailReceipt: "+serviceBorea+"\nmailReceipt: altre@borea.example"),
		listing("PEC-DIR-009", "a comment", broken, "mailReceipt: "+serviceBorea, "mailReceipt: ricevute(qui)@borea.example"),
		listing("PEC-DIR-010", "with an at sign", broken, "managedDomains: borea.example", "managedDomains: @borea.example"),
		listing("PEC-DIR-010", "a wildcard", broken, "managedDomains: borea.example", "managedDomains: *.borea.example"),
		listing("PEC-DIR-010", "a dot at the end", broken, "managedDomains: borea.example", "managedDomains: borea.example."),
		listing("PEC-DIR-011", "twice", broken, "managedDomains: borea.example", "managedDomains: Aurora.Example"),
		listing("PEC-DIR-011", "no service domain", broken, "managedDomains: gestore.borea.example\n", ""),
		listing("PEC-DIR-012", "none", broken, "LDIFLocationURL: https://indice.example/igpec.ldif.p7m\n", ""),
		listing("PEC-DIR-012", "in clear text", broken, "https://indice.example", "http://indice.example"),
		listing("PEC-DIR-013", "in clear text", broken, "https://borea.example", "http://borea.example"),
		listing("PEC-DIR-014", "one of its own", broken, "providerUnit: Archivio\n", "providerUnit: Archivio\nLDIFLocationURL: https://aurora.example/x.p7m\n"),
		listing("PEC-DIR-015", "as the RFC misprints it", broken, "dn: providerUnit=", "dn: providerUnits="),
		listing("PEC-DIR-015", "another unit", broken, "providerUnit: Archivio", "providerUnit: Deposito"),
		listing("PEC-DIR-015", "beside its provider", broken, "dn: providerUnit=Archivio,providerName="+aurora+",", "dn: providerUnit=Archivio,"),
		listing("PEC-DIR-015", "no main entry", broken, "dn: providerName="+aurora, "dn: providerName=Alba S.p.A."),
		trial{rule: "PEC-DIR-027", name: "registered", want: holds, build: schemaOf()},
		trial{rule: "PEC-DIR-027", name: "another matching rule", want: broken, build: schemaOf("EQUALITY caseIgnoreIA5Match SYNTAX", "EQUALITY caseExactIA5Match SYNTAX")},
		trial{rule: "PEC-DIR-027", name: "not single", want: broken, build: schemaOf(" SINGLE-VALUE", "")},
		trial{rule: "PEC-DIR-027", name: "another number", want: broken, build: schemaOf("16572.2.2.5", "16572.2.2.9")},
		trial{rule: "PEC-DIR-027", name: "something optional less", want: broken, build: schemaOf("MAY ( description $ LDIFLocationURL $ providerUnit )", "MAY ( description $ providerUnit )")},
		trial{rule: "PEC-DIR-027", name: "no schema read", none: true, build: func(c *testCase) { c.read(centralFile, []byte(directoryText())) }},
	)
	runTrials(t, directoryEntryJudges(), trials)
}

// schemaText is the schema as RFC 6109 4.5 prints it, one definition a line.
const schemaText = `dn: cn=Subschema
objectClass: subschema
attributeTypes: ( 1.3.6.1.4.1.16572.2.2.1 NAME 'providerCertificateHash' DESC 'Hash SHA1 of X.509 certificate in hexadecimal format' EQUALITY caseIgnoreIA5Match SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 )
attributeTypes: ( 1.3.6.1.4.1.16572.2.2.2 NAME 'providerCertificate' DESC 'X.509 certificate in ASN.1 DER binary format' SYNTAX 1.3.6.1.4.1.1466.115.121.1.8 )
attributeTypes: ( 1.3.6.1.4.1.16572.2.2.3 NAME 'providerName' DESC 'PEC provider name' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributeTypes: ( 1.3.6.1.4.1.16572.2.2.4 NAME 'mailReceipt' DESC 'E-mail address of the service mailbox' EQUALITY caseIgnoreIA5Match SUBSTR caseIgnoreIA5SubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.26{256} SINGLE-VALUE )
attributeTypes: ( 1.3.6.1.4.1.16572.2.2.5 NAME 'managedDomains' DESC 'Domains handled by the PEC provider' EQUALITY caseIgnoreIA5Match SUBSTR caseIgnoreIA5SubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 )
attributeTypes: ( 1.3.6.1.4.1.16572.2.2.6 NAME ( 'LDIFLocationURL' 'ldifURL' ) DESC 'URL of the LDIF file that defines the entry' EQUALITY caseExactMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributeTypes: ( 1.3.6.1.4.1.16572.2.2.7 NAME 'providerUnit' DESC 'Name of the secondary operative environment' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
objectClasses: ( 1.3.6.1.4.1.16572.2.1.1 NAME 'LDIFLocationURLObject' SUP top AUXILIARY MAY ( LDIFLocationURL ) )
objectClasses: ( 1.3.6.1.4.1.16572.2.1.2 NAME 'provider' SUP top STRUCTURAL MUST ( providerCertificateHash $ providerCertificate $ providerName $ mailReceipt $ managedDomains ) MAY ( description $ LDIFLocationURL $ providerUnit ) )
`

func schemaOf(pairs ...string) func(*testCase) {
	return func(c *testCase) { c.read(schemaRead, []byte(textWith(c.t, schemaText, pairs...))) }
}

// What the harness itself made odd is nobody's fault.
func TestOwnEntriesAreNotJudged(t *testing.T) {
	t.Parallel()
	odd := directoryText() + "\n" + strings.ReplaceAll(entryText(playedName, "", "ricevute@gestore.cirro.example", [][]byte{keys().stranger.Certificate.Raw}, "cirro.example"), "https:", "http:")
	for _, test := range []struct {
		name  string
		build func(*testCase)
		odd   bool
	}{
		{"as it is", func(*testCase) {}, true},
		{"in an odd world", func(c *testCase) {
			c.add(evidence.Event{Type: evidence.ScenarioStarted, Start: &evidence.Start{ID: "test", Tags: []string{"@odd-directory"}}})
		}, false},
		{"after it published a file", func(c *testCase) {
			c.changed(evidence.DirectoryChange{What: filePublished, Provider: playedName, At: acceptedAt}, []byte(odd))
		}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newCase(t)
			c.playedCirro()
			test.build(c)
			c.read(centralFile, []byte(odd))
			var f Findings
			everyEntry("PEC-DIR-013", "", judgeEntryLocation).Look(c.view(), &f)
			if got, _ := worst(f.list); (got.answer == broken) != test.odd {
				t.Errorf("got %s: %s", got.answer.name(), got.seen)
			}
		})
	}
}

func TestNamesOf(t *testing.T) {
	t.Parallel()
	for dn, want := range map[string][]rdn{
		"o=postacert": {{"o", "postacert"}},

		"providerName=Alfa\\, Beta S.p.A.,o=x": {{"providerName", "Alfa, Beta S.p.A."}, {"o", "x"}},

		`providerUnit=Ambiente, providerName=\C3\A8 = x , o = y`: {{"providerUnit", "Ambiente"}, {"providerName", "è = x"}, {"o", "y"}},
		"":        nil,
		"nothing": nil,
		"o=x,,":   nil,
	} {
		if diff := cmp.Diff(want, namesOf(dn), cmp.AllowUnexported(rdn{})); diff != "" {
			t.Errorf("%q (-want +got):\n%s", dn, diff)
		}
	}
}

func TestQueryOf(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]ldapQuery{
		"ldap://indice.example:389/o=postacert??sub?(managedDomains=AURORA.EXAMPLE)": {base: "o=postacert", scope: "sub", filter: "(managedDomains=AURORA.EXAMPLE)"},
		"ldaps://indice.example/o=postacert?providerName,mailReceipt?one":            {base: "o=postacert", scope: "one", attributes: []string{"providerName", "mailReceipt"}},
		"ldap://indice.example/cn=Subschema??base?(providerName=Aurora%20PEC)":       {base: "cn=Subschema", scope: "base", filter: "(providerName=Aurora PEC)"},
		"ldap://indice.example":  {},
		"https://indice.example": {},
	} {
		if diff := cmp.Diff(want, queryOf(address), cmp.AllowUnexported(ldapQuery{})); diff != "" {
			t.Errorf("%q (-want +got):\n%s", address, diff)
		}
	}
}
