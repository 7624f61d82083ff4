package authority

import "strings"

// The schema of the directory as it is registered (RFC 6109 4.5.1 to 4.5.9),
// with what it leans on of RFC 4512 and RFC 4519.
const schemaDN = "cn=Subschema"

// matching is how values of an attribute are compared.
type matching int

const (
	noMatching matching = iota
	ignoreCase
	exact
)

// attributeType is what the LDAP server knows of an attribute.
type attributeType struct {
	name, oid    string
	equality     matching
	substrings   bool
	definition   string
	registeredBy bool // RFC 6109 defines it
}

var attributeTypes = []attributeType{
	{"objectClass", "2.5.4.0", ignoreCase, false, "( 2.5.4.0 NAME 'objectClass' EQUALITY objectIdentifierMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.38 )", false},
	{"cn", "2.5.4.3", ignoreCase, true, "( 2.5.4.3 NAME 'cn' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )", false},
	{"o", "2.5.4.10", ignoreCase, true, "( 2.5.4.10 NAME 'o' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )", false},
	{"description", "2.5.4.13", ignoreCase, true, "( 2.5.4.13 NAME 'description' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )", false},
	{
		"providerCertificateHash", "1.3.6.1.4.1.16572.2.2.1", ignoreCase, false,
		"( 1.3.6.1.4.1.16572.2.2.1 NAME 'providerCertificateHash' DESC 'Hash SHA1 of X.509 certificate in hexadecimal format' EQUALITY caseIgnoreIA5Match SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 )", true,
	},
	{
		"providerCertificate", "1.3.6.1.4.1.16572.2.2.2", noMatching, false,
		"( 1.3.6.1.4.1.16572.2.2.2 NAME 'providerCertificate' DESC 'X.509 certificate in ASN.1 DER binary format' SYNTAX 1.3.6.1.4.1.1466.115.121.1.8 )", true,
	},
	{
		"providerName", "1.3.6.1.4.1.16572.2.2.3", ignoreCase, true,
		"( 1.3.6.1.4.1.16572.2.2.3 NAME 'providerName' DESC 'PEC provider name' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )", true,
	},
	{
		"mailReceipt", "1.3.6.1.4.1.16572.2.2.4", ignoreCase, true,
		"( 1.3.6.1.4.1.16572.2.2.4 NAME 'mailReceipt' DESC 'E-mail address of the service mailbox' EQUALITY caseIgnoreIA5Match SUBSTR caseIgnoreIA5SubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 SINGLE-VALUE )", true,
	},
	{
		"managedDomains", "1.3.6.1.4.1.16572.2.2.5", ignoreCase, true,
		"( 1.3.6.1.4.1.16572.2.2.5 NAME 'managedDomains' DESC 'Domains handled by the PEC provider' EQUALITY caseIgnoreIA5Match SUBSTR caseIgnoreIA5SubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 )", true,
	},
	{
		"LDIFLocationURL", "1.3.6.1.4.1.16572.2.2.6", exact, false,
		"( 1.3.6.1.4.1.16572.2.2.6 NAME 'LDIFLocationURL' DESC 'URL of the LDIF file that defines the entry' EQUALITY caseExactMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )", true,
	},
	{
		"providerUnit", "1.3.6.1.4.1.16572.2.2.7", ignoreCase, true,
		"( 1.3.6.1.4.1.16572.2.2.7 NAME 'providerUnit' DESC 'Name of the secondary operative environment' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )", true,
	},
}

var objectClasses = []string{
	"( 2.5.6.0 NAME 'top' ABSTRACT MUST objectClass )",
	"( 2.5.6.4 NAME 'organization' SUP top STRUCTURAL MUST o MAY description )",
	"( 1.3.6.1.4.1.16572.2.1.1 NAME 'LDIFLocationURLObject' SUP top AUXILIARY MAY ( LDIFLocationURL ) )",
	"( 1.3.6.1.4.1.16572.2.1.2 NAME 'provider' SUP top STRUCTURAL MUST ( providerCertificateHash $ providerCertificate $ providerName $ mailReceipt $ managedDomains ) MAY ( description $ LDIFLocationURL $ providerUnit ) )",
}

// classOIDs are object classes by identifier, as a filter may name them.
var classOIDs = map[string]string{
	"2.5.6.0": "top", "2.5.6.4": "organization",
	"1.3.6.1.4.1.16572.2.1.1": "LDIFLocationURLObject", "1.3.6.1.4.1.16572.2.1.2": "provider",
}

var syntaxes = []string{
	"( 1.3.6.1.4.1.1466.115.121.1.8 DESC 'Certificate' X-NOT-HUMAN-READABLE 'TRUE' )",
	"( 1.3.6.1.4.1.1466.115.121.1.15 DESC 'Directory String' )",
	"( 1.3.6.1.4.1.1466.115.121.1.26 DESC 'IA5 String' )",
	"( 1.3.6.1.4.1.1466.115.121.1.38 DESC 'OID' )",
	"( 1.3.6.1.4.1.1466.115.121.1.58 DESC 'Substring Assertion' )",
}

var matchingRules = []string{
	"( 2.5.13.0 NAME 'objectIdentifierMatch' SYNTAX 1.3.6.1.4.1.1466.115.121.1.38 )",
	"( 2.5.13.2 NAME 'caseIgnoreMatch' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
	"( 2.5.13.4 NAME 'caseIgnoreSubstringsMatch' SYNTAX 1.3.6.1.4.1.1466.115.121.1.58 )",
	"( 2.5.13.5 NAME 'caseExactMatch' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
	"( 1.3.6.1.4.1.1466.109.114.2 NAME 'caseIgnoreIA5Match' SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 )",
	"( 1.3.6.1.4.1.1466.109.114.3 NAME 'caseIgnoreIA5SubstringsMatch' SYNTAX 1.3.6.1.4.1.1466.115.121.1.58 )",
}

// typeOf returns what is known of an attribute by its name or identifier,
// options and case left aside; nil for an unknown one.
func typeOf(description string) *attributeType {
	kind, _, _ := strings.Cut(description, ";")
	for i := range attributeTypes {
		if strings.EqualFold(attributeTypes[i].name, kind) || attributeTypes[i].oid == kind {
			return &attributeTypes[i]
		}
	}
	return nil
}

// schema is the subschema subentry (RFC 4512 4.2).
func (a *Authority) schema() entry {
	e := entry{dn: schemaDN}
	for _, class := range []string{"top", "subentry", "subschema"} {
		e.add("objectClass", class)
	}
	e.add("cn", "Subschema")
	for _, s := range syntaxes {
		e.add("ldapSyntaxes", s)
	}
	for _, r := range matchingRules {
		e.add("matchingRules", r)
	}
	for _, t := range attributeTypes {
		e.add("attributeTypes", a.asDefined(t.definition))
	}
	for _, c := range objectClasses {
		e.add("objectClasses", a.asDefined(c))
	}
	return e
}

// rootDSE tells a client what the server is (RFC 4512 5.1).
func rootDSE() entry {
	e := entry{}
	e.add("objectClass", "top")
	e.add("namingContexts", base)
	e.add("subschemaSubentry", schemaDN)
	e.add("supportedLDAPVersion", "3")
	e.add("vendorName", "Collaudo (simulator)")
	return e
}
