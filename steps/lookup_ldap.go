package steps

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"github.com/collaudo/collaudo/evidence"
)

// maxEntries bounds a directory read over LDAP; the real one has a few dozen.
const maxEntries = 10_000

// everything that an entry says, the attributes of its own use included.
var everyAttribute = []string{"*", "+"}

func (w *World) readLDAP(ctx context.Context) error {
	return w.settledLook(ctx, func(ctx context.Context) error {
		return w.withLDAP(ctx, func(conn *ldap.Conn) error {
			if err := w.search(conn, lookLDAP, w.base(), "(objectClass=*)", ldap.ScopeWholeSubtree); err != nil {
				return err
			}
			return w.readSchema(conn)
		})
	})
}

// searchLDAP looks for what the words name, written in the other letter case.
func (w *World) searchLDAP(ctx context.Context, party, words string) error {
	filter, err := w.otherCase(Party(party), words)
	if err != nil {
		return err
	}
	return w.settledLook(ctx, func(ctx context.Context) error {
		return w.withLDAP(ctx, func(conn *ldap.Conn) error {
			return w.search(conn, lookSearch, w.base(), filter, ldap.ScopeWholeSubtree)
		})
	})
}

// otherCase is the filter for a party's domain or provider in capitals.
func (w *World) otherCase(p Party, words string) (string, error) {
	one, err := w.target.person(p)
	if err != nil {
		return "", err
	}
	domain := domainOf(one.address)
	if words == "domain" {
		return "(managedDomains=" + ldap.EscapeFilter(strings.ToUpper(domain)) + ")", nil
	}
	name := w.target.nameOfProvider(domain)
	if name == "" {
		return "", fmt.Errorf("the target describes no provider that manages %s", domain)
	}
	return "(providerName=" + ldap.EscapeFilter(strings.ToUpper(name)) + ")", nil
}

// nameOfProvider says who manages a domain, peers included.
func (t *Target) nameOfProvider(domain string) string {
	for _, p := range t.Providers {
		if managesDomain(p.Domains, domain) {
			return p.Name
		}
	}
	for _, p := range t.Peers {
		if managesDomain(p.Domains, domain) {
			return p.Name
		}
	}
	return ""
}

func (w *World) base() string {
	if w.target.Directory.Base != "" {
		return w.target.Directory.Base
	}
	return "o=postacert"
}

// ldapAddress is where the directory is asked over LDAP; "" where it is not.
func (w *World) ldapAddress() string {
	return cmp.Or(w.target.Directory.LDAP, w.target.Directory.LDAPS)
}

// withLDAP connects, anonymously, and ends with the context.
func (w *World) withLDAP(ctx context.Context, do func(*ldap.Conn) error) error {
	address := w.ldapAddress()
	if address == "" {
		return errors.New("the target names no LDAP address of its directory: add directory.ldap")
	}
	at, err := url.Parse(address)
	if err != nil {
		return err
	}
	config, err := w.lookupTLS(at.Hostname())
	if err != nil {
		return err
	}
	log := newSessionTranscript("", "") // it is asked as nobody
	defer w.overheard(evidence.Dialogue{Protocol: at.Scheme, Address: address}, log)
	conn, err := w.dialLDAP(ctx, at, config, log)
	if err != nil {
		log.note("%v", err)
		return fmt.Errorf("%w: LDAP: %w", ErrUnreachable, err)
	}
	defer func() { _ = conn.Close() }()
	conn.SetTimeout(lookupBudget)
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	if err := do(conn); err != nil {
		return errors.Join(ctx.Err(), err)
	}
	return nil
}

// dialLDAP connects through the door; ldaps means TLS from the first octet. What
// is said goes into log.
func (w *World) dialLDAP(ctx context.Context, at *url.URL, config *tls.Config, log *transcript) (*ldap.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupBudget)
	defer cancel()
	over := at.Scheme == "ldaps"
	port := at.Port()
	switch {
	case port == "" && over:
		port = ldap.DefaultLdapsPort
	case port == "":
		port = ldap.DefaultLdapPort
	}
	plain, err := w.options.Door.DialContext(ctx, "tcp", net.JoinHostPort(at.Hostname(), port))
	if err != nil {
		return nil, err
	}
	stream := plain
	if over {
		secured := tls.Client(plain, config)
		if err := secured.HandshakeContext(ctx); err != nil {
			_ = plain.Close()
			return nil, err
		}
		stream = secured
		log.note("%s", tls.VersionName(secured.ConnectionState().Version))
	}
	conn := ldap.NewConn(newLDAPTap(stream, log), over)
	conn.Start()
	return conn, nil
}

// search asks one question and keeps the answer as LDIF. A directory that
// refuses is evidence too.
func (w *World) search(conn *ldap.Conn, what, base, filter string, scope int) error {
	reading := &evidence.DirectoryReading{What: what, At: w.now().UTC(), Address: w.ldapURL(base, filter, scope)}
	reading.TLS = strings.HasPrefix(strings.ToLower(w.ldapAddress()), "ldaps:") // from the first octet on, see dialLDAP
	result, err := conn.Search(ldap.NewSearchRequest(
		base, scope, ldap.NeverDerefAliases, maxEntries, int(lookupBudget/time.Second), false, filter, everyAttribute, nil,
	))
	var answered *ldap.Error
	switch {
	case errors.As(err, &answered) && answered.ResultCode >= ldap.ErrorNetwork:
		return fmt.Errorf("%w: LDAP: %w", ErrUnreachable, err)
	case errors.As(err, &answered):
		reading.Refused, reading.Status, reading.Note = true, int(answered.ResultCode), answered.Error()
		return w.keepReading(reading, nil)
	case err != nil:
		return fmt.Errorf("read the directory over LDAP: %w", err)
	}
	return w.keepReading(reading, ldifOf(result.Entries))
}

// ldapURL says what was asked, as RFC 4516 writes it.
func (w *World) ldapURL(base, filter string, scope int) string {
	return strings.TrimSuffix(w.ldapAddress(), "/") + "/" + url.PathEscape(base) + "??" +
		map[int]string{ldap.ScopeBaseObject: "base", ldap.ScopeWholeSubtree: "sub"}[scope] + "?" + filter
}

// readSchema reads the subschema that the directory says it keeps to (RFC 4512
// 4.4): the root of the server names its entry.
func (w *World) readSchema(conn *ldap.Conn) error {
	root, err := conn.Search(ldap.NewSearchRequest(
		"", ldap.ScopeBaseObject, ldap.NeverDerefAliases, 1, int(lookupBudget/time.Second), false,
		"(objectClass=*)", []string{"subschemaSubentry"}, nil,
	))
	entry := "cn=Subschema"
	if err == nil && len(root.Entries) == 1 {
		if named := root.Entries[0].GetEqualFoldAttributeValue("subschemaSubentry"); named != "" {
			entry = named
		}
	}
	return w.search(conn, lookSchema, entry, "(objectClass=subschema)", ldap.ScopeBaseObject)
}

// ldifOf writes entries as RFC 2849 has them, in the order in which they came:
// attribute descriptions as the server sent them, options included, and values
// octet by octet.
func ldifOf(entries []*ldap.Entry) []byte {
	var out strings.Builder
	for i, e := range entries {
		if i > 0 {
			out.WriteString("\n")
		}
		ldifLine(&out, "dn", []byte(e.DN))
		attributes := slices.Clone(e.Attributes)
		// Object classes come first, as in every printed example.
		slices.SortStableFunc(attributes, func(a, b *ldap.EntryAttribute) int { return rankOf(a.Name) - rankOf(b.Name) })
		for _, a := range attributes {
			for _, value := range a.ByteValues {
				ldifLine(&out, a.Name, value)
			}
		}
	}
	return []byte(out.String())
}

func rankOf(attribute string) int {
	if strings.EqualFold(attribute, "objectClass") {
		return 0
	}
	return 1
}

// ldifLine writes one value: as text where that is safe, else in base64, and
// folded at 76 octets.
func ldifLine(out *strings.Builder, name string, value []byte) {
	line := name + ": " + string(value)
	if !safeLDIF(value) {
		line = name + ":: " + base64.StdEncoding.EncodeToString(value)
	}
	foldAt(out, line, 76)
}

// safeLDIF tells a SAFE-STRING of RFC 2849 that does not end in a blank.
func safeLDIF(value []byte) bool {
	for i, c := range value {
		if c == 0 || c == '\n' || c == '\r' || c > 127 || i == 0 && (c == ' ' || c == ':' || c == '<') {
			return false
		}
	}
	return len(value) == 0 || value[len(value)-1] != ' '
}
