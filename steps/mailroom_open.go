package steps

import (
	"context"
	"errors"
	"fmt"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// enter waits until nobody else reads the mailbox; leave goes with it.
func (p *postbox) enter(ctx context.Context) error {
	select {
	case p.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait until another scenario has read it: %w", ctx.Err())
	}
}

// leave lets others read the mailbox, and use the line that it had.
func (p *postbox) leave() {
	if p.seated {
		p.seated = false
		p.lines.give(p)
	}
	<-p.turn
}

// sit gets the mailbox a line, if it has none, until leave.
func (p *postbox) sit(ctx context.Context) error {
	if p.seated {
		return nil
	}
	err := p.lines.take(ctx, p)
	p.seated = err == nil
	return err
}

// connected is the connection to the mailbox, which is opened where there is
// none; what was looked at, and the UIDs that this rests on, stay what they were.
func (p *postbox) connected(ctx context.Context) (*imapclient.Client, error) {
	if err := p.sit(ctx); err != nil {
		return nil, err
	}
	if p.client == nil {
		if err := p.open(ctx); err != nil {
			return nil, err
		}
	}
	return p.client, nil
}

// begin opens the mailbox for the first time.
func (p *postbox) begin(ctx context.Context) error {
	if err := p.enter(ctx); err != nil {
		return err
	}
	defer p.leave()
	_, err := p.connected(ctx)
	return err
}

// open signs in and, the first time, notes where the mailbox ends. The
// connection outlives ctx.
func (p *postbox) open(ctx context.Context) error {
	address, tlsName := p.world.target.imapOf(p.box)
	p.log.note("a connection is opened")
	client, err := p.world.dialIMAP(ctx, address, tlsName, p.log)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = client.Close() })
	defer stop()
	if err := client.Login(p.box.User, p.box.Password.Reveal()).Wait(); err != nil {
		_ = client.Close()
		return fmt.Errorf("%w: %s on IMAP: %w", ErrLogin, p.box.User, err)
	}
	selected, err := client.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait()
	if err == nil && selected.UIDNext == 0 {
		err = errors.New("the server says no UIDNEXT: what was there before cannot be told from what comes")
	}
	if err == nil && p.validity != 0 && p.validity != selected.UIDValidity {
		err = fmt.Errorf("UIDVALIDITY changed from %d to %d: what was there before cannot be told from what came", p.validity, selected.UIDValidity)
	}
	if err != nil {
		_ = client.Close()
		return fmt.Errorf("examine INBOX: %w", err)
	}
	p.client = client
	if p.validity == 0 {
		p.validity, p.begins, p.next = selected.UIDValidity, selected.UIDNext, selected.UIDNext
	}
	return nil
}

func (p *postbox) hangUp() {
	if p.client != nil {
		_ = p.client.Close()
		p.client = nil
	}
}
