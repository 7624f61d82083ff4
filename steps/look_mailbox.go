package steps

import (
	"context"
	"fmt"

	"github.com/collaudo/collaudo/evidence"
)

// lookMailbox signs in to a mailbox as a run would, at services without trouble.
func (w *World) lookMailbox(ctx context.Context, box *Mailbox, troubled map[string]bool) []Look {
	what := "sign in to " + box.Address
	provider := w.target.provider(box.Provider)
	address, tlsName := w.target.imapOf(box)
	var all []Look
	if address != "" && !troubled[address] {
		all = append(all, look(ctx, what+" by IMAP", address, func(ctx context.Context) (string, error) {
			return w.lookLogin(ctx, box, address, tlsName)
		})...)
		if all[0].Trouble != nil {
			return all // the same password is not tried again
		}
	}
	if provider == nil || provider.SubmissionTLS == "" || troubled[provider.SubmissionTLS] || box.Role != evidence.UserMailbox {
		return all
	}
	return append(all, look(ctx, what+" by submission", provider.SubmissionTLS, func(ctx context.Context) (string, error) {
		session, err := w.open(ctx, &sending{
			provider: provider, account: box, login: "PLAIN", hello: "EHLO",
			record: evidence.Submission{Channel: evidence.SubmissionTLS},
		}, newTranscript(box.User, box.Password.Reveal()))
		if err != nil {
			return "", err
		}
		session.quit()
		return "signed in", nil
	})...)
}

func (w *World) lookLogin(ctx context.Context, box *Mailbox, address, tlsName string) (string, error) {
	client, err := w.dialIMAP(ctx, address, tlsName, nil)
	if err != nil {
		return "", err
	}
	defer func() { _ = client.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = client.Close() })
	defer stop()
	if err := client.Login(box.User, box.Password.Reveal()).Wait(); err != nil {
		return "", fmt.Errorf("%w: %w", ErrLogin, secretsOf(box.User, box.Password.Reveal()).hideIn(err))
	}
	_ = client.Logout().Wait()
	return "signed in", nil
}
