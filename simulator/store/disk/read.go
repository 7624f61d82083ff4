package disk

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/collaudo/collaudo/simulator/store"
)

// read gives the changes that lead from an empty store to this one.
func (d *database) read(ctx context.Context, yield func(*store.Change) error) error {
	for _, table := range []struct {
		query string
		read  func(*sql.Rows) ([]*store.Change, error)
	}{
		{"SELECT name, quota, next, present FROM mailboxes", readMailbox},
		{"SELECT mailbox, validity, name, next FROM folders ORDER BY id", readFolder},
		{`SELECT m.mailbox, f.name, m.uid, m.received, m.flags, m.body, m.size, m.reverse_path, m.recipient
			FROM messages m JOIN folders f ON f.mailbox = m.mailbox AND f.validity = m.validity ORDER BY m.mailbox, m.validity, m.uid`, readMessage},
		{"SELECT queue, id, body, data FROM works ORDER BY place", readWork},
		{"SELECT ledger, key, data FROM records ORDER BY place", readRecord},
		{"SELECT at, found, point, body, reverse_path, recipient FROM infected ORDER BY place", readInfected},
	} {
		if err := d.readTable(ctx, table.query, table.read, yield); err != nil {
			return err
		}
	}
	return nil
}

// bodies tells of the octets that are in the database.
func (d *database) bodies(ctx context.Context, tell func(hash string, size int64)) error {
	rows, err := d.conn.QueryContext(ctx, "SELECT hash, length(octets) FROM bodies")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells what went wrong
	for rows.Next() {
		var hash string
		var size int64
		if err := rows.Scan(&hash, &size); err != nil {
			return err
		}
		tell(hash, size)
	}
	return rows.Err()
}

// octets reads a body.
func (d *database) octets(hash string) ([]byte, error) {
	d.busy.Lock()
	defer d.busy.Unlock()
	s, err := d.prepared("SELECT octets FROM bodies WHERE hash = ?")
	if err != nil {
		return nil, err
	}
	var octets []byte
	err = s.QueryRow(hash).Scan(&octets)
	return octets, err
}

func (d *database) readTable(ctx context.Context, query string, read func(*sql.Rows) ([]*store.Change, error), yield func(*store.Change) error) error {
	rows, err := d.conn.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells what went wrong
	for rows.Next() {
		changes, err := read(rows)
		if err != nil {
			return err
		}
		for _, c := range changes {
			if err := yield(c); err != nil {
				return err
			}
		}
	}
	return rows.Err()
}

func readMailbox(rows *sql.Rows) ([]*store.Change, error) {
	c, present := &store.Change{Verb: store.MakeMailbox}, false
	if err := rows.Scan(&c.Mailbox, &c.Quota, &c.UIDValidity, &present); err != nil || present {
		return []*store.Change{c}, err
	}
	return []*store.Change{c, {Verb: store.RemoveMailbox, Mailbox: c.Mailbox}}, nil
}

func readFolder(rows *sql.Rows) ([]*store.Change, error) {
	c := &store.Change{Verb: store.MakeFolder}
	err := rows.Scan(&c.Mailbox, &c.UIDValidity, &c.Folder, &c.UIDNext)
	return []*store.Change{c}, err
}

func readMessage(rows *sql.Rows) ([]*store.Change, error) {
	c := &store.Change{Verb: store.AddMessage}
	m := &c.Message
	var received, flags string
	if err := rows.Scan(&c.Mailbox, &c.Folder, &m.UID, &received, &flags, &m.Body, &m.Size, &m.Trace.ReversePath, &m.Trace.Recipient); err != nil {
		return nil, err
	}
	if flags != "" {
		m.Flags = strings.Split(flags, " ")
	}
	var err error
	m.Received, err = readInstant(received)
	return []*store.Change{c}, err
}

func readWork(rows *sql.Rows) ([]*store.Change, error) {
	c := &store.Change{Verb: store.PutWork}
	err := rows.Scan(&c.Work.Queue, &c.Work.ID, &c.Work.Body, &c.Work.Data)
	return []*store.Change{c}, err
}

func readRecord(rows *sql.Rows) ([]*store.Change, error) {
	c := &store.Change{Verb: store.PutRecord}
	err := rows.Scan(&c.Ledger, &c.Record.Key, &c.Record.Data)
	return []*store.Change{c}, err
}

func readInfected(rows *sql.Rows) ([]*store.Change, error) {
	c := &store.Change{Verb: store.AddInfected}
	i := &c.Infected
	var at string
	if err := rows.Scan(&at, &i.Found, &i.Where, &i.Body, &i.Trace.ReversePath, &i.Trace.Recipient); err != nil {
		return nil, err
	}
	var err error
	i.At, err = readInstant(at)
	return []*store.Change{c}, err
}

func readInstant(text string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return at, fmt.Errorf("an instant in the database: %w", err)
	}
	return at, nil
}
