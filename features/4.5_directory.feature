Feature: Providers directory
  Who is a provider, with which certificate and which domains, stands in one directory that providers read every day.

  Rule: The directory says what it has to, to whom it may

    @id:directory-over-ldap @PEC-DIR-001 @stages:PEC-DIR-002 @stages:PEC-DIR-003 @stages:PEC-DIR-004 @stages:PEC-DIR-005 @stages:PEC-DIR-006 @stages:PEC-DIR-007 @stages:PEC-DIR-008 @stages:PEC-DIR-009 @stages:PEC-DIR-010 @stages:PEC-DIR-011 @stages:PEC-DIR-012 @stages:PEC-DIR-013 @stages:PEC-DIR-014 @stages:PEC-DIR-015 @stages:PEC-DIR-027
    Scenario: Over LDAP, with its schema
      When the directory is read over LDAP
      Then it is handed out

    @id:directory-over-https @PEC-DIR-030 @stages:PEC-DIR-001 @stages:PEC-DIR-002 @stages:PEC-DIR-003 @stages:PEC-DIR-004 @stages:PEC-DIR-005 @stages:PEC-DIR-006 @stages:PEC-DIR-007 @stages:PEC-DIR-008 @stages:PEC-DIR-009 @stages:PEC-DIR-010 @stages:PEC-DIR-011 @stages:PEC-DIR-012 @stages:PEC-DIR-013 @stages:PEC-DIR-014 @stages:PEC-DIR-015
    Scenario: As a signed file, over HTTPS
      When the directory is read over HTTPS
      Then it is handed out

    @id:directory-without-a-certificate @PEC-DIR-024
    Scenario: Over HTTPS, by somebody without a certificate
      When the directory is read over HTTPS without a certificate
      Then it is withheld

    @id:directory-search-for-a-domain @PEC-DIR-026
    Scenario: A domain searched for in capital letters
      When Bruno's domain is searched for in capital letters over LDAP
      Then it is handed out

    @id:directory-search-for-a-provider @PEC-DIR-026
    Scenario: A provider searched for in capital letters
      When Anna's provider is searched for in capital letters over LDAP
      Then it is handed out

    @id:message-to-a-domain-in-capitals @PEC-DIR-026
    Scenario: A domain looked up in capital letters
      When Anna sends a plain message to Bruno in capital letters
      Then Bruno in capital letters is labelled as certified mail

  Rule: A provider serves its own entries in a signed file

    @id:own-file @PEC-DIR-017 @stages:PEC-DIR-013 @stages:PEC-DIR-016 @stages:PEC-DIR-018 @stages:PEC-DIR-019
    Scenario: The file of Anna's provider, which has a secondary environment
      When the directory is read over LDAP
      And the file of Anna's provider is fetched
      Then it is handed out

    @id:own-file-of-the-other-provider @PEC-DIR-017 @stages:PEC-DIR-018 @stages:PEC-DIR-019
    Scenario: The file of Bruno's provider
      When the file of Bruno's provider is fetched
      Then it is handed out

  Rule: The directory takes a provider's new file over, if it is sound

    @id:new-file @PEC-DIR-022 @stages:PEC-DIR-021
    Scenario: A new domain, published by its provider
      Given Paolo's provider answers as it should
      When Paolo's provider publishes a new domain
      And 24 hours pass
      And the directory is read over LDAP
      And 24 hours pass
      And Anna sends a plain message to Paolo's new domain
      Then Paolo's new domain is labelled as certified mail

    @id:unsound-file @PEC-DIR-020
    Scenario Outline: An unsound file
      When the directory is read over LDAP
      And Paolo's provider publishes <file>
      And 2 days pass
      And the directory is read over LDAP
      And Anna sends a plain message to Paolo's new domain
      Then Paolo's new domain is labelled as ordinary mail

      Examples:
        | id                     | file                             |
        | tampered               | a tampered file                  |
        | truncated              | a truncated file                 |
        | signed-by-a-stranger   | a file that somebody else signed |
        | unsigned               | a file that is not signed        |

    @id:sound-file-after-an-unsound-one @PEC-DIR-022 @stages:PEC-DIR-020 @stages:PEC-DIR-021
    Scenario: A sound file after an unsound one
      Given Paolo's provider answers as it should
      When the directory is read over LDAP
      And Paolo's provider publishes a tampered file
      And a day passes
      And the directory is read over LDAP
      And Paolo's provider publishes a new domain
      And 2 days pass
      And the directory is read over LDAP
      And Anna sends a plain message to Paolo's new domain
      Then Paolo's new domain is labelled as certified mail

    @id:own-file-out-of-reach @PEC-DIR-026 @stages:PEC-DIR-020
    Scenario: A file that is out of reach
      Given the file server of Paolo's provider is down
      When 2 days pass
      And the directory is read over LDAP
      And Anna sends a plain message to Paolo
      Then Paolo is labelled as certified mail

  Rule: A provider fetches the directory every day, as who it is

    @id:domain-not-yet-known @plays-directory @PEC-AP-016
    Scenario: A domain in no record is ordinary mail
      When Anna sends a plain message to Paolo's new domain
      Then Paolo's new domain is labelled as ordinary mail

    @id:new-domain @plays-directory @PEC-DIR-022 @stages:PEC-DIR-032 @stages:PEC-SIG-011
    Scenario: A new domain is known within a day
      Given Paolo's provider answers as it should
      When the central directory serves a new domain of Paolo's provider
      And 24 hours pass
      And Anna sends a plain message to Paolo's new domain
      Then Paolo's new domain is labelled as certified mail

    @id:directory-down @plays-directory @PEC-DIR-023
    Scenario: The directory is down
      When the central directory is down
      And 3 days pass
      And Anna sends a plain message to Bruno
      Then the transaction is complete

    @id:directory-down-and-up-again @plays-directory @PEC-DIR-022 @stages:PEC-DIR-023
    Scenario: The directory is down, and then has news
      Given Paolo's provider answers as it should
      When the central directory is down
      And 2 days pass
      And the central directory serves a new domain of Paolo's provider
      And 24 hours pass
      And Anna sends a plain message to Paolo's new domain
      Then Paolo's new domain is labelled as certified mail

    @id:directory-that-cannot-be-verified @plays-directory @PEC-DIR-025
    Scenario: A server whose certificate does not verify
      When the central directory serves a new domain under a certificate that does not verify
      And 2 days pass
      And Anna sends a plain message to Paolo's new domain
      Then Paolo's new domain is labelled as ordinary mail

    @id:directory-that-verifies-again @plays-directory @PEC-DIR-022 @stages:PEC-DIR-025
    Scenario: A server whose certificate does not verify, and then does
      Given Paolo's provider answers as it should
      When the central directory serves a new domain under a certificate that does not verify
      And a day passes
      And the central directory works as it should
      And 24 hours pass
      And Anna sends a plain message to Paolo's new domain
      Then Paolo's new domain is labelled as certified mail

    @id:damaged-directory @plays-directory @PEC-DIR-031
    Scenario Outline: A damaged directory is not applied
      When the central directory serves <file>
      And 2 days pass
      And Anna sends a plain message to Paolo's new domain
      Then Paolo's new domain is labelled as ordinary mail

      Examples:
        | id                     | file                             |
        | tampered               | a tampered file                  |
        | truncated              | a truncated file                 |
        | signed-by-a-stranger   | a file that somebody else signed |
        | unsigned               | a file that is not signed        |

    @id:older-directory @plays-directory @PEC-ACC-001 @stages:PEC-DIR-022
    Scenario: An older directory comes after a newer one, signed as it should be
      Given Paolo's provider answers as it should
      When the central directory serves a new domain of Paolo's provider
      And a day passes
      And Anna sends a plain message to Paolo's new domain
      And a day passes
      And the central directory serves an older file
      And a day passes
      And Anna sends a plain message to Paolo's new domain
      Then Anna receives one acceptance receipt

    @id:printed-form @plays-directory @PEC-DIR-029
    Scenario: A directory in the form of the printed examples
      Given Paolo's provider answers as it should
      When the central directory serves a new domain in the form of the printed examples
      And 24 hours pass
      And Anna sends a plain message to Paolo's new domain
      Then Paolo's new domain is labelled as certified mail

  Rule: A revocation takes effect with the next list

    @id:revoked-certificate @PEC-IP-012
    Scenario: A certificate is revoked, and the list published again
      When the revocation list is fetched
      And Paolo's provider sends a transport envelope signed with the renewed certificate to Bruno
      Then Bruno receives one transport envelope
      When the renewed certificate of Paolo's provider is revoked
      And an hour passes
      And Paolo's provider sends a transport envelope signed with the renewed certificate to Bruno
      And 24 hours pass
      And Paolo's provider sends a transport envelope signed with the renewed certificate to Bruno
      Then Bruno receives no transport envelopes

    @id:certificate-before-its-revocation @PEC-IP-018 @stages:PEC-IP-012
    Scenario: The same certificate before it is revoked, and the other one after
      When Paolo's provider sends a transport envelope signed with the renewed certificate to Bruno
      Then Bruno receives one transport envelope
      When 10 minutes pass
      And the renewed certificate of Paolo's provider is revoked
      And 25 hours pass
      And Paolo's provider sends a correct transport envelope to Bruno
      Then Bruno receives one transport envelope

  Rule: A domain of certified mail has its mail hosts

    @id:mail-hosts @PEC-INT-001 @stages:PEC-SEC-005
    Scenario: MX records
      When the mail hosts of Bruno's domain are looked up
      And Anna sends a plain message to Bruno
      Then the transaction is complete
