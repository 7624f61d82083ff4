package provider

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/go-ldap/ldap/v3"

	"github.com/collaudo/collaudo/pec/directory"
	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/simulator/listen"
)

// directoryBase is where the directory hangs (RFC 6109 4.5.2).
const directoryBase = "o=postacert"

// maxDirectoryEntries bounds a directory read over LDAP; the real one has a few
// dozen.
const maxDirectoryEntries = 10_000

// overLDAP reads the directory from a server, and puts it in force when it can be
// read whole and is not empty. Unlike the file, it is signed by nobody: whoever
// runs the server, or stands between where it is not asked by ldaps, says what is
// believed.
func (t *trust) overLDAP(ctx context.Context) (news bool, err error) {
	text, err := t.searchDirectory(ctx)
	if err != nil {
		return false, fmt.Errorf("read the directory at %s: %w", t.c.Download.LDAP, err)
	}
	parsed, err := directory.ReadLDIF(bytes.NewReader(text))
	switch {
	case err != nil:
		return false, fmt.Errorf("the directory at %s cannot be read: %w", t.c.Download.LDAP, err)
	case len(parsed.Records) == 0:
		return false, fmt.Errorf("the directory at %s holds no provider beneath %s: load the world's directory.ldif into it", t.c.Download.LDAP, directoryBase)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if bytes.Equal(text, t.ldif) {
		return false, nil
	}
	t.ldif, t.parsed = text, parsed
	return true, t.keepCopy()
}

// searchDirectory asks for all entries, anonymously, and writes them as LDIF (RFC
// 2849) in the order in which they came: every value in base64, so that none needs
// care.
func (t *trust) searchDirectory(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, downloadTimeout)
	defer cancel()
	at, err := url.Parse(t.c.Download.LDAP)
	if err != nil {
		return nil, err
	}
	dialer := listen.Dialer(downloadTimeout) // to private addresses only
	conn, err := ldap.DialURL(t.c.Download.LDAP, ldap.DialWithDialer(dialer), ldap.DialWithTLSConfig(&tls.Config{
		RootCAs: t.c.Download.Roots, ServerName: at.Hostname(), MinVersion: tls.VersionTLS12, Time: t.c.Clock.Now,
	}))
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	conn.SetTimeout(downloadTimeout)
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	result, err := conn.Search(ldap.NewSearchRequest(
		directoryBase, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, maxDirectoryEntries, int(downloadTimeout/time.Second), false,
		"(objectClass=*)", nil, nil,
	))
	if err != nil {
		return nil, errors.Join(ctx.Err(), err)
	}
	var out bytes.Buffer
	line := func(name string, value []byte) {
		out.WriteString(name + ":: " + base64.StdEncoding.EncodeToString(value) + "\n")
	}
	for _, e := range result.Entries {
		line("dn", []byte(e.DN))
		for _, a := range e.Attributes {
			for _, v := range a.ByteValues {
				line(a.Name, v)
			}
		}
		out.WriteString("\n")
		if out.Len() > smime.MaxEnclosed {
			return nil, fmt.Errorf("it is longer than %d octets", int64(smime.MaxEnclosed))
		}
	}
	return out.Bytes(), nil
}
