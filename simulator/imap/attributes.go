package imap

import (
	"slices"
	"strings"

	imap "github.com/emersion/go-imap/v2"
)

// specialUses are the folders that clients look for (RFC 6154), by the names that
// users and clients give them.
var specialUses = map[string]imap.MailboxAttr{
	"sent": imap.MailboxAttrSent, "inviata": imap.MailboxAttrSent, "posta inviata": imap.MailboxAttrSent,
	"drafts": imap.MailboxAttrDrafts, "bozze": imap.MailboxAttrDrafts,
	"trash": imap.MailboxAttrTrash, "cestino": imap.MailboxAttrTrash,
	"junk": imap.MailboxAttrJunk, "spam": imap.MailboxAttrJunk, "posta indesiderata": imap.MailboxAttrJunk,
	"archive": imap.MailboxAttrArchive, "archivio": imap.MailboxAttrArchive,
}

// attributes of a folder among these.
func attributes(name string, names []string) []imap.MailboxAttr {
	attrs := []imap.MailboxAttr{imap.MailboxAttrHasNoChildren}
	if slices.ContainsFunc(names, func(other string) bool { return strings.HasPrefix(other, name+string(delimiter)) }) {
		attrs[0] = imap.MailboxAttrHasChildren
	}
	if use, special := specialUses[strings.ToLower(name)]; special {
		attrs = append(attrs, use)
	}
	return attrs
}
