Feature: Authentication and secure channels
  Only the holder writes and reads, and nobody listens in.

  Rule: The submission service takes a session as the standard describes it

    @id:submission-over-implicit-tls @PEC-AP-004
    Scenario: Implicit TLS and AUTH LOGIN
      When Anna sends a plain message to Bruno, signing in with AUTH LOGIN
      Then it is accepted

    @id:submission-over-starttls @PEC-AP-004
    Scenario: STARTTLS and AUTH PLAIN
      When Anna sends a plain message to Bruno, over STARTTLS
      Then it is accepted

  Rule: Nobody submits without signing in, or without TLS

    Background:
      Given Anna's well-formed message is accepted

    @id:unauthenticated-submission @PEC-AP-001
    Scenario: Without signing in
      When Anna sends a plain message to Bruno, without signing in
      Then it is refused by SMTP
      And nothing more follows

    @id:clear-text-submission @PEC-AP-003
    Scenario: Without TLS
      When Anna sends a plain message to Bruno, in clear text
      Then it is refused by SMTP
      And nothing more follows

  Rule: Credentials are asked for, and only over TLS

    @id:sign-in-without-tls @PEC-AP-003
    Scenario: Signing in without TLS
      When somebody tries to sign in without TLS at Anna's provider
      Then that is refused

    @id:wrong-password-on-submission @PEC-SEC-004
    Scenario: A wrong password on submission
      When somebody tries to sign in with a wrong password on submission at Anna's provider
      Then that is refused

    @id:wrong-password-on-imap @PEC-SEC-004
    Scenario: A wrong password on IMAP
      When somebody tries to sign in with a wrong password on IMAP at Bruno's provider
      Then that is refused

    @id:imap-without-tls @PEC-SEC-003
    Scenario: Reading mail without TLS
      When somebody tries to read mail without TLS at Bruno's provider
      Then that is refused

  Rule: TLS is up to date

    @id:old-tls @PEC-SEC-006
    Scenario: A version that is out of use
      When somebody tries TLS 1.1 on submission at Anna's provider
      Then that is refused

    @id:current-tls @PEC-SEC-001
    Scenario: A version that is in use
      When somebody tries TLS 1.2 on submission at Anna's provider
      Then that is done over TLS
