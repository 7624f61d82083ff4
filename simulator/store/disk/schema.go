package disk

import (
	"context"
	"fmt"
)

// version of the schema, in the database's user_version.
const version = 2

// bodies is the table of small octets, which the first version did not have.
const bodies = `
CREATE TABLE bodies (
	id INTEGER PRIMARY KEY,
	hash TEXT NOT NULL UNIQUE,
	octets BLOB NOT NULL
);
`

// schema is the database. Folders are told apart by mailbox and UIDVALIDITY,
// which is never used twice; order is that of the rowids.
const schema = `
CREATE TABLE mailboxes (
	name TEXT PRIMARY KEY, -- lower case
	quota INTEGER NOT NULL,
	next INTEGER NOT NULL, -- UIDVALIDITY of the next folder
	present INTEGER NOT NULL -- 0: removed, and remembered for the sake of next
);
CREATE TABLE folders (
	id INTEGER PRIMARY KEY,
	mailbox TEXT NOT NULL,
	validity INTEGER NOT NULL,
	name TEXT NOT NULL,
	next INTEGER NOT NULL, -- UIDNEXT
	UNIQUE (mailbox, validity)
);
CREATE TABLE messages (
	mailbox TEXT NOT NULL,
	validity INTEGER NOT NULL,
	uid INTEGER NOT NULL,
	received TEXT NOT NULL, -- RFC 3339 with nanoseconds
	flags TEXT NOT NULL, -- separated by blanks
	body TEXT NOT NULL,
	size INTEGER NOT NULL,
	reverse_path TEXT NOT NULL,
	recipient TEXT NOT NULL,
	PRIMARY KEY (mailbox, validity, uid)
) WITHOUT ROWID;
CREATE TABLE works (
	place INTEGER PRIMARY KEY,
	queue TEXT NOT NULL,
	id TEXT NOT NULL,
	body TEXT NOT NULL,
	data BLOB,
	UNIQUE (queue, id)
);
CREATE TABLE records (
	place INTEGER PRIMARY KEY,
	ledger TEXT NOT NULL,
	key TEXT NOT NULL,
	data BLOB,
	UNIQUE (ledger, key)
);
CREATE TABLE infected (
	place INTEGER PRIMARY KEY,
	at TEXT NOT NULL,
	found TEXT NOT NULL,
	point TEXT NOT NULL,
	body TEXT NOT NULL,
	reverse_path TEXT NOT NULL,
	recipient TEXT NOT NULL
);
` + bodies

// migrate makes the schema in a new database, and refuses one of another
// version.
func (d *database) migrate(ctx context.Context) error {
	var found int
	if err := d.conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&found); err != nil {
		return err
	}
	made := func(tables string) error {
		_, err := d.conn.ExecContext(ctx, "BEGIN EXCLUSIVE;"+tables+fmt.Sprintf("PRAGMA user_version = %d;COMMIT", version))
		return err
	}
	switch found {
	case version:
		return nil
	case 1:
		return made(bodies)
	case 0:
		return made(schema)
	}
	return fmt.Errorf("the database has schema %d, this program knows %d: use the program that made it, or another directory", found, version)
}
