package disk

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/collaudo/collaudo/simulator/store"
)

// database keeps everything but octets. Writing is done by one goroutine at a
// time, as store.Backing says.
type database struct {
	pool       *sql.DB
	conn       *sql.Conn
	statements map[string]*sql.Stmt
	busy       sync.Mutex // while the connection is used
}

func (d *database) prepare(ctx context.Context) error {
	var err error
	if d.conn, err = d.pool.Conn(ctx); err != nil {
		return err
	}
	d.statements = map[string]*sql.Stmt{}
	// A lock is taken at the first write only: so it is made now, and a second
	// process learns at once that it is one too many.
	if _, err := d.conn.ExecContext(ctx, "BEGIN EXCLUSIVE; COMMIT"); err != nil {
		return err
	}
	return d.migrate(ctx)
}

func (d *database) close() error {
	var errs []error
	for _, s := range d.statements {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, d.conn.Close(), d.pool.Close())...)
}

// prepared gives a statement, which is prepared once.
func (d *database) prepared(statement string) (*sql.Stmt, error) {
	if s := d.statements[statement]; s != nil {
		return s, nil
	}
	s, err := d.conn.PrepareContext(context.Background(), statement)
	if err == nil {
		d.statements[statement] = s
	}
	return s, err
}

// do carries out a statement.
func (d *database) do(statement string, arguments ...any) error {
	s, err := d.prepared(statement)
	if err == nil {
		_, err = s.Exec(arguments...)
	}
	return err
}

// together carries out all that f does, or nothing of it.
func (d *database) together(f func() error) error {
	d.busy.Lock()
	defer d.busy.Unlock()
	err := d.do("BEGIN IMMEDIATE")
	if err != nil {
		return err
	}
	if err = f(); err == nil {
		err = d.do("COMMIT")
	}
	if err != nil {
		return errors.Join(err, d.do("ROLLBACK"))
	}
	return nil
}

func (d *database) write(c *store.Change) error {
	switch c.Verb {
	case store.PutWork:
		return d.do(`INSERT INTO works (queue, id, body, data) VALUES (?, ?, ?, ?)
			ON CONFLICT (queue, id) DO UPDATE SET body = excluded.body, data = excluded.data`, c.Work.Queue, c.Work.ID, c.Work.Body, c.Work.Data)
	case store.DropWork:
		return d.do("DELETE FROM works WHERE queue = ? AND id = ?", c.Work.Queue, c.Work.ID)
	case store.PutRecord:
		return d.do(`INSERT INTO records (ledger, key, data) VALUES (?, ?, ?)
			ON CONFLICT (ledger, key) DO UPDATE SET data = excluded.data`, c.Ledger, c.Record.Key, c.Record.Data)
	case store.ForgetRecords:
		return d.do(`DELETE FROM records WHERE ledger = ?1 AND place < (SELECT place FROM records WHERE ledger = ?1 AND key = ?2)`, c.Ledger, c.Record.Key)
	case store.AddInfected:
		i := c.Infected
		return d.do("INSERT INTO infected (at, found, point, body, reverse_path, recipient) VALUES (?, ?, ?, ?, ?, ?)",
			instant(i.At), i.Found, i.Where, i.Body, i.Trace.ReversePath, i.Trace.Recipient)
	case store.Wipe:
		for _, s := range []string{
			"UPDATE mailboxes SET present = 0", "DELETE FROM folders", "DELETE FROM messages",
			"DELETE FROM works", "DELETE FROM records", "DELETE FROM infected",
		} {
			if err := d.do(s); err != nil {
				return err
			}
		}
		return nil
	case store.MakeMailbox:
		return d.do(`INSERT INTO mailboxes (name, quota, next, present) VALUES (?, ?, ?, 1)
			ON CONFLICT (name) DO UPDATE SET quota = excluded.quota, present = 1`, c.Mailbox, c.Quota, c.UIDValidity)
	case store.RemoveMailbox:
		return d.several(c.Mailbox, "UPDATE mailboxes SET present = 0 WHERE name = ?",
			"DELETE FROM messages WHERE mailbox = ?", "DELETE FROM folders WHERE mailbox = ?")
	case store.SetQuota:
		return d.do("UPDATE mailboxes SET quota = ? WHERE name = ?", c.Quota, c.Mailbox)
	default:
		return d.writeFolder(c)
	}
}

// several carries out statements about one mailbox.
func (d *database) several(mailbox string, statements ...string) error {
	for _, s := range statements {
		if err := d.do(s, mailbox); err != nil {
			return err
		}
	}
	return nil
}

func (d *database) writeFolder(c *store.Change) error {
	switch c.Verb {
	case store.MakeFolder:
		if err := d.do("UPDATE mailboxes SET next = max(next, ?) WHERE name = ?", c.UIDValidity+1, c.Mailbox); err != nil {
			return err
		}
		return d.do("INSERT INTO folders (mailbox, validity, name, next) VALUES (?, ?, ?, ?)", c.Mailbox, c.UIDValidity, c.Folder, c.UIDNext)
	case store.RemoveFolder:
		if err := d.do("DELETE FROM messages WHERE mailbox = ? AND validity = ?", c.Mailbox, c.UIDValidity); err != nil {
			return err
		}
		return d.do("DELETE FROM folders WHERE mailbox = ? AND validity = ?", c.Mailbox, c.UIDValidity)
	case store.RenameFolder:
		return d.do("UPDATE folders SET name = ? WHERE mailbox = ? AND validity = ?", c.To, c.Mailbox, c.UIDValidity)
	case store.AddMessage:
		m := c.Message
		if err := d.do("UPDATE folders SET next = ? WHERE mailbox = ? AND validity = ?", m.UID+1, c.Mailbox, c.UIDValidity); err != nil {
			return err
		}
		return d.do(`INSERT INTO messages (mailbox, validity, uid, received, flags, body, size, reverse_path, recipient)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, c.Mailbox, c.UIDValidity, m.UID, instant(m.Received),
			strings.Join(m.Flags, " "), m.Body, m.Size, m.Trace.ReversePath, m.Trace.Recipient)
	case store.SetFlags:
		return d.do("UPDATE messages SET flags = ? WHERE mailbox = ? AND validity = ? AND uid = ?",
			strings.Join(c.Message.Flags, " "), c.Mailbox, c.UIDValidity, c.UIDs[0])
	case store.RemoveMessages:
		for _, uid := range c.UIDs {
			if err := d.do("DELETE FROM messages WHERE mailbox = ? AND validity = ? AND uid = ?", c.Mailbox, c.UIDValidity, uid); err != nil {
				return err
			}
		}
	}
	return nil
}

// instant keeps the offset from UTC, so that what is read back is what a client
// was shown.
func instant(at time.Time) string { return at.Format(time.RFC3339Nano) }
