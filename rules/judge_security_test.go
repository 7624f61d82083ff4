package rules

import (
	"testing"
	"time"

	"github.com/collaudo/collaudo/evidence"
)

func TestSecurity(t *testing.T) {
	t.Parallel()
	probed := func(p evidence.Probe) func(*testCase) {
		return func(c *testCase) {
			if p.Provider == "" {
				p.Provider = aurora
			}
			c.add(evidence.Event{Type: evidence.Probed, Probe: &p})
		}
	}
	relayed := func(to string, tls bool) func(*testCase) {
		return func(c *testCase) {
			c.add(evidence.Event{Type: evidence.RelayRead, Relay: []evidence.RelayExchange{{From: aurora, To: to, TLS: tls, At: acceptedAt.Add(time.Second)}}})
		}
	}
	inClear := func(code int) func(*testCase) {
		return func(c *testCase) {
			c.submitted(originalText, func(s *evidence.Submission) {
				s.Channel, s.TLS, s.DataReply = evidence.SubmissionClear, false, evidence.Reply{Code: code}
			})
		}
	}
	runTrials(t, securityJudges(), []trial{
		{rule: "PEC-SEC-001", name: "sign in without TLS refused", build: probed(evidence.Probe{Name: "auth-in-clear", Refused: true}), want: holds},
		{rule: "PEC-SEC-001", name: "sign in without TLS", build: probed(evidence.Probe{Name: "auth-in-clear", Replies: []evidence.Reply{{Code: 235}}}), want: broken},
		{rule: "PEC-SEC-001", name: "STARTTLS", build: probed(evidence.Probe{Name: "starttls-incoming", TLSVersion: "TLS 1.3"}), want: holds},
		{rule: "PEC-SEC-001", name: "no STARTTLS", build: probed(evidence.Probe{Name: "starttls-incoming", Refused: true}), want: broken},
		{rule: "PEC-SEC-001", name: "another's provider", build: probed(evidence.Probe{Name: "auth-in-clear", Provider: "Cirro PEC S.p.A."}), none: true},
		{rule: "PEC-SEC-001", name: "TLS between providers", build: relayed(borea, true), want: holds},
		{rule: "PEC-SEC-001", name: "clear text between providers", build: relayed(borea, false), want: broken},
		{rule: "PEC-SEC-001", name: "clear text to an ordinary host", build: relayed("posta.example", false), none: true},
		{rule: "PEC-SEC-001", name: "submission without TLS refused", build: inClear(530), want: holds},
		{rule: "PEC-SEC-001", name: "submission without TLS", build: inClear(250), want: broken},
		{rule: "PEC-SEC-003", name: "refused", build: probed(evidence.Probe{Name: "imap-in-clear", Refused: true}), want: holds},
		{rule: "PEC-SEC-003", name: "mail read", build: probed(evidence.Probe{Name: "imap-in-clear", Replies: []evidence.Reply{{Text: "OK"}}}), want: broken},
		{rule: "PEC-SEC-004", name: "refused", build: probed(evidence.Probe{Name: "wrong-password-imap", Refused: true}), want: holds},
		{rule: "PEC-SEC-004", name: "let in", build: probed(evidence.Probe{Name: "wrong-password-submission", Replies: []evidence.Reply{{Code: 235}}}), want: broken},
		{rule: "PEC-SEC-006", name: "old version refused", build: probed(evidence.Probe{Name: "tls-1.1-submission", Asked: "TLS 1.1 on submission", Refused: true}), want: holds},
		{rule: "PEC-SEC-006", name: "old version", build: probed(evidence.Probe{Name: "tls-1.1-submission", TLSVersion: "TLS 1.1"}), want: broken},
		{rule: "PEC-SEC-006", name: "TLS 1.2", build: probed(evidence.Probe{Name: "tls-1.2-submission", TLSVersion: "TLS 1.2"}), want: holds},
		{rule: "PEC-SEC-006", name: "only later", build: probed(evidence.Probe{Name: "tls-1.2-submission", Refused: true}), want: observed},
		{rule: "PEC-SMB-002", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-SMB-002", name: "another address", build: alone("acceptance", "From: posta-certificata@gestore.aurora.example", "From: notifiche@gestore.aurora.example"), want: broken},
	})
}
