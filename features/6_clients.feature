@client
Feature: 6 What a mail client must do
  A client, and every program that sends certified e-mail and reads its receipts, lives among messages that come late, twice,
  out of order, damaged, or from somebody who only pretends. It is judged by what it did on the wire and by what it concluded.
  It serves Anna's mailbox.

  Rule: The provider is reached through protected channels, and the client signs in

    @id:client-channels @PEC-CLI-001
    Scenario: Nothing of what a client sends or reads is said in clear text
      When the client sends a plain message to Bruno
      And the client fetches its mail
      Then every session of the client is protected

    @id:client-signs-in @PEC-CLI-002
    Scenario: A client signs in to send and to read
      When the client sends a plain message to Carla
      And the client fetches its mail
      Then every session of the client is authenticated

  Rule: MIME and ISO-8859-1

    @id:client-writes-accents @PEC-CLI-003
    Scenario: Accented letters of subject and text arrive as they were written
      When the client sends a message in accented letters to Bruno
      And the client fetches its mail
      Then what the client sent reads as it was written

    @id:client-shows-accents @PEC-CLI-003
    Scenario: Accented letters of a certified message are shown as they were written
      When Bruno writes the client a message in accented letters
      And the client fetches its mail
      Then the client shows what Bruno wrote

  Rule: Signatures of envelopes and receipts are verified

    @id:client-altered-receipt @PEC-CLI-004 @fault:acceptance-changed-after-signing
    Scenario: A receipt that was altered after it was signed proves nothing
      When the client sends a plain message to Elena
      And the client fetches its mail
      Then the client concludes sent

    @id:client-unsigned-receipt @PEC-CLI-004 @fault:acceptance-unsigned
    Scenario: A receipt without a signature proves nothing
      When the client sends a plain message to Elena
      And the client fetches its mail
      Then the client concludes sent

    @id:client-foreign-receipt @PEC-CLI-004 @fault:acceptance-certificate-foreign
    Scenario: A receipt signed under another CA of the same name proves nothing
      When the client sends a plain message to Elena
      And the client fetches its mail
      Then the client concludes sent

    @id:client-imitated-receipt @PEC-CLI-004
    Scenario: A delivery receipt that somebody imitated proves nothing
      When the client sends a plain message to an unknown mailbox
      And a delivery receipt that no provider signed lies in the client's mailbox
      And the client fetches its mail
      Then the client concludes failed

  Rule: Receipts are tied to messages by identifiers

    @id:client-same-subject @PEC-CLI-005
    Scenario: Two messages with one subject have each its own outcome
      When the client sends a plain message to Bruno
      And the client sends another message with the same subject to an unknown mailbox
      And the client fetches its mail
      Then the client concludes delivered of its first message
      And the client concludes failed

    @id:client-subject-of-receipt @PEC-CLI-005
    Scenario: An ordinary message whose subject is that of a receipt is no receipt
      When the client sends a plain message to an unknown mailbox
      And an ordinary message whose subject is that of the receipt lies in the client's mailbox
      And the client fetches its mail
      Then the client concludes failed

    @id:client-orphan @PEC-CLI-005
    Scenario: A receipt about a message that nobody sent changes nothing
      When the client sends a plain message to Elena
      And a delivery receipt about a message that nobody sent lies in the client's mailbox
      And the client fetches its mail
      Then the client concludes accepted or ordinary

    @id:client-own-envelope @PEC-CLI-005
    Scenario: The envelope of a message to oneself is not taken for its receipt
      When the client sends a plain message to Anna and an unknown mailbox
      And the client fetches its mail
      Then the client concludes failed about an unknown mailbox
      And the client concludes delivered about Anna

    @id:client-renamed-prefix @PEC-CLI-005 @fault:delivery-subject-prefix
    Scenario: A receipt counts whatever its subject begins with
      When the client sends a plain message to Bruno
      And the client fetches its mail
      Then the client concludes delivered

  Rule: Neither order nor repetition changes an outcome

    @id:client-reverse-order @PEC-CLI-006
    Scenario: A delivery receipt that arrives before the acceptance receipt
      When the client sends a plain message to Bruno
      And the client's mail arrives in reverse order
      And the client fetches its mail
      Then the client concludes delivered

    @id:client-late-acceptance @PEC-CLI-006
    Scenario: Receipts that arrive once more after the outcome was known
      When the client sends a plain message to Bruno
      And the client fetches its mail
      And the client's mail arrives once more
      And the client fetches its mail
      Then the client concludes delivered

    @id:client-doubled @PEC-CLI-006 @fault:acceptance-twice @fault:delivery-twice
    Scenario: Receipts that a provider issues twice
      When the client sends a plain message to Bruno
      And the client fetches its mail
      Then the client concludes delivered

    @id:client-lost-acceptance @PEC-CLI-006 @fault:acceptance-none
    Scenario: A delivery receipt whose acceptance receipt was lost
      When the client sends a plain message to Bruno
      And the client fetches its mail
      Then the client concludes delivered

  Rule: What is final is final, and nothing else

    @id:client-delivered @PEC-CLI-007
    Scenario: A delivered message
      When the client sends a plain message to Bruno
      And the client fetches its mail
      Then the client concludes delivered

    @id:client-refused @PEC-CLI-007 @virus
    Scenario: A message that the provider does not accept
      When the client sends a message with a virus to Bruno
      And the client fetches its mail
      Then the client concludes refused

    @id:client-undelivered @PEC-CLI-007
    Scenario: A message that cannot be delivered
      When the client sends a plain message to an unknown mailbox
      And the client fetches its mail
      Then the client concludes failed

    @id:client-twelve-hours @PEC-CLI-007
    Scenario: The notice after twelve hours is not the end
      Given Paolo's provider answers nothing
      When the client sends a plain message to Paolo
      And 13 hours pass
      And the client fetches its mail
      Then the client concludes accepted or late

    @id:client-twenty-four-hours @PEC-CLI-007
    Scenario: The notice after twenty-four hours is the end
      Given Paolo's provider answers nothing
      When the client sends a plain message to Paolo
      And 25 hours pass
      And the client fetches its mail
      Then the client concludes failed

    @id:client-taken-in-charge @PEC-CLI-007 @fault:taken-in-charge-to-user @fault:delivery-none
    Scenario: A receipt of taking in charge that strays to the user is no delivery
      When the client sends a plain message to Bruno
      And the client fetches its mail
      Then the client concludes accepted

  Rule: Every recipient has an outcome of its own

    @id:client-mixed-recipients @PEC-CLI-008
    Scenario: One message with three outcomes
      When the client sends a plain message to Bruno, an unknown mailbox and Elena
      And the client fetches its mail
      Then the client concludes delivered about Bruno
      And the client concludes failed about an unknown mailbox
      And the client concludes accepted or ordinary about Elena

  Rule: A message that cannot be read stops nothing

    @id:client-odd-mail @PEC-CLI-009
    Scenario Outline: Receipts are read beside <what>
      When <what> lies in the client's mailbox
      And the client sends a plain message to Bruno
      And the client fetches its mail
      Then the client fetches without trouble
      And the client concludes delivered

      Examples:
        | id        | what                                                         |
        | quota     | a warning about the mailbox, which is no certified mail      |
        | no-mime   | a message that is no MIME                                    |
        | list-mail | a message of a mailing list with a signature of another kind |

    @id:client-odd-receipts @PEC-CLI-009
    Scenario Outline: The outcome is known beside <what>
      When the client sends a plain message to an unknown mailbox
      And <what> lies in the client's mailbox
      And the client fetches its mail
      Then the client fetches without trouble
      And the client concludes failed

      Examples:
        | id           | what                                          |
        | unknown-kind | a receipt of a kind that nobody knows         |
        | without-data | a delivery receipt without certification data |
        | bounce       | a bounce of an ordinary mail host             |

    @id:client-control-character @PEC-CLI-009 @fault:daticert-control-character
    Scenario: Certification data with a control character, seen in the field
      When the client sends a plain message to Bruno
      And the client fetches its mail
      Then the client fetches without trouble
      And the client concludes delivered

    @id:client-doctype @PEC-CLI-009 @fault:field-doctype-and-stylesheet
    Scenario: Certification data that refer to a DTD on a web site, seen in the field
      When the client sends a plain message to Bruno
      And the client fetches its mail
      Then the client fetches without trouble
      And the client concludes delivered

    @id:client-truncated-data @PEC-CLI-009 @fault:daticert-not-well-formed
    Scenario: Certification data that are cut off
      When the client sends a plain message to Bruno
      And the client fetches its mail
      Then the client fetches without trouble
      And the client concludes delivered

  Rule: Only the outermost certification data count

    @id:client-nested-receipt @PEC-CLI-010
    Scenario: A delivery receipt that lies inside a certified message is not the client's
      When the client sends a plain message to an unknown mailbox
      And Bruno writes the client a message that encloses a delivery receipt about its last one
      And the client fetches its mail
      Then the client concludes failed

    @id:client-anomaly @PEC-CLI-010
    Scenario: A delivery receipt inside an anomaly envelope is not certified
      When the client sends a plain message to Elena
      And Elena's host sends a delivery receipt to Anna
      And the client fetches its mail
      Then the client concludes accepted or ordinary
