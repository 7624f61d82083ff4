Feature: Messages that cannot be trusted
  Only what a provider of the directory has signed, in the right form, is certified mail.

  Rule: What no provider has validly signed is not certified mail

    Background:
      Given Paolo's provider's correct envelope to Bruno is taken in charge

    @id:envelope-without-signature @PEC-IP-006
    Scenario: No signature
      When Paolo's provider sends a transport envelope without signature to Bruno
      Then Bruno receives no transport envelopes
      And the service mailbox of Paolo's provider receives no taken-in-charge receipts

    @id:envelope-signed-by-a-stranger @PEC-IP-007
    Scenario: A certificate in no record
      When Paolo's provider sends a transport envelope signed by a stranger to the directory to Bruno
      Then Bruno receives no transport envelopes
      And the service mailbox of Paolo's provider receives no taken-in-charge receipts

    @id:envelope-altered @PEC-IP-008
    Scenario: Altered after signing
      When Paolo's provider sends a transport envelope altered after signing to Bruno
      Then Bruno receives no transport envelopes
      And the service mailbox of Paolo's provider receives no taken-in-charge receipts

    @id:envelope-with-an-expired-certificate @odd-directory @PEC-IP-009
    Scenario: An expired certificate
      When Paolo's provider sends a transport envelope signed with an expired certificate to Bruno
      Then Bruno receives no transport envelopes
      And the service mailbox of Paolo's provider receives no taken-in-charge receipts

    @id:envelope-with-a-revoked-certificate @odd-directory @PEC-IP-010
    Scenario: A revoked certificate
      When Paolo's provider sends a transport envelope signed with a revoked certificate to Bruno
      Then Bruno receives no transport envelopes
      And the service mailbox of Paolo's provider receives no taken-in-charge receipts

    @id:envelope-under-another-authority @odd-directory @PEC-IP-011
    Scenario: A certificate of another authority, though its hash is listed
      When Paolo's provider sends a transport envelope signed under another authority to Bruno
      Then Bruno receives no transport envelopes
      And the service mailbox of Paolo's provider receives no taken-in-charge receipts

    @id:envelope-known-by-its-hash-only @odd-directory @PEC-IP-030
    Scenario: A certificate of which only the hash is listed
      When Paolo's provider sends a transport envelope signed with a certificate that is listed by its hash only to Bruno
      Then Bruno receives no transport envelopes
      And the service mailbox of Paolo's provider receives no taken-in-charge receipts

    @id:envelope-in-the-name-of-another-provider @PEC-IP-015
    Scenario: One provider speaks in the domain of another
      When Paolo's provider sends a transport envelope signed by another provider to Bruno
      Then Bruno receives no transport envelopes
      And the service mailbox of Paolo's provider receives no taken-in-charge receipts

  Rule: What a provider has signed in the wrong form reaches its user as an anomaly

    Background:
      Given Paolo's provider's correct envelope to Bruno is taken in charge

    @id:certificate-for-another-address @odd-directory @PEC-IP-016
    Scenario: A certificate for another address
      When Paolo's provider sends a transport envelope signed with a certificate for another address to Bruno
      Then Bruno receives one anomaly envelope
      And the service mailbox of Paolo's provider receives no taken-in-charge receipts

    @id:from-that-is-not-in-the-certificate @PEC-IP-016
    Scenario: A From that is not in the certificate
      When Paolo's provider sends a transport envelope whose From is not in its certificate to Bruno
      Then Bruno receives one anomaly envelope
      And nothing more follows

    @id:opaque-envelope @stages:PEC-IP-024 @PEC-SSA-008
    Scenario: In opaque signed form
      When Paolo's provider sends a transport envelope in opaque signed form to Bruno
      Then Bruno receives no transport envelopes
      And the service mailbox of Paolo's provider receives no taken-in-charge receipts

    @id:malformed-envelope @PEC-IP-013
    Scenario Outline: A formal error
      When Paolo's provider sends a transport envelope <error> to Bruno
      Then Bruno receives one anomaly envelope
      And the service mailbox of Paolo's provider receives no taken-in-charge receipts
      And Paolo receives no delivery receipts

      Examples:
        | id                | error                                             |
        | no-data           | without certification data                        |
        | two-data          | with certification data twice                     |
        | invalid-data      | with certification data that break the DTD        |
        | malformed-data    | with certification data that are not well-formed  |
        | other-type        | with certification data of another type           |
        | no-kind           | without the field that names its kind             |
        | both-kinds        | with X-Ricevuta and X-Trasporto                   |
        | unknown-kind      | with an unknown value in X-Trasporto              |
        | no-original       | without the original                              |
        | other-identifier  | whose Message-ID is not its identifier            |

    @id:signed-mail-of-a-provider @PEC-IP-014
    Scenario: Ordinary mail that a provider has signed
      When Paolo's provider sends a correct signed message of its own to Bruno
      Then Bruno receives one anomaly envelope
      And the service mailbox of Paolo's provider receives no taken-in-charge receipts
      And nothing more follows

  Rule: Hostile certification data do no harm

    @id:hostile-data-entities @PEC-XML-024
    Scenario: Entities
      When Paolo's provider sends a transport envelope with entities in its certification data to Bruno
      Then Bruno receives one anomaly envelope
      And Paolo receives no delivery receipts

    @id:hostile-data-doubled @PEC-XML-024
    Scenario: Doubled elements
      When Paolo's provider sends a transport envelope with doubled elements in its certification data to Bruno
      Then Bruno receives one anomaly envelope
      And Paolo receives no delivery receipts

    @id:hostile-data-doctype @PEC-XML-024
    Scenario: A DOCTYPE, and all is well after it
      When Paolo's provider sends a transport envelope with a DOCTYPE in its certification data to Bruno
      And Paolo's provider sends a correct transport envelope to Bruno
      Then Bruno receives one transport envelope

    @id:hostile-data-long @PEC-XML-024
    Scenario: Very long text, and all is well after it
      When Paolo's provider sends a transport envelope with very long text in its certification data to Bruno
      And Paolo's provider sends a correct transport envelope to Bruno
      Then Bruno receives one transport envelope
      And Paolo receives one delivery receipt about Bruno

  Rule: A receipt is taken for one only when it can be trusted

    @id:receipt-about-an-unknown-message @PEC-IP-027
    Scenario: About a message that nobody knows
      When Paolo's provider sends a correct delivery receipt to Anna
      Then Anna receives one delivery receipt
      And nothing more follows

    @id:notice-about-an-unknown-message @PEC-IP-027
    Scenario: A notice about a message that nobody knows
      When Paolo's provider sends a correct non-delivery notice to Anna
      Then Anna receives one non-delivery notice
      And nothing more follows

    @id:untrusted-receipt @PEC-IP-031
    Scenario Outline: Nobody vouches for it
      Given Paolo's provider's correct envelope to Anna is taken in charge
      When Paolo's provider sends a delivery receipt <damage> to Anna
      Then Anna receives no delivery receipts

      Examples:
        | id        | damage                               |
        | unsigned  | without signature                    |
        | altered   | altered after signing       |
        | unlisted  | signed by a stranger to the directory  |

    @id:untrusted-receipt-odd @odd-directory @PEC-IP-031
    Scenario Outline: Its certificate is no longer good
      Given Paolo's provider's correct envelope to Anna is taken in charge
      When Paolo's provider sends a delivery receipt <damage> to Anna
      Then Anna receives no delivery receipts

      Examples:
        | id       | damage                              |
        | expired  | signed with an expired certificate  |
        | revoked  | signed with a revoked certificate   |

    @id:forged-receipt @PEC-IP-031
    Scenario: A look-alike from an ordinary host
      When Elena's host sends a delivery receipt without signature to Anna
      Then Anna receives no delivery receipts
      And Anna receives one anomaly envelope

    @id:delivery-status-notification @PEC-IP-019
    Scenario: What mail hosts report to each other
      When Elena's host sends a delivery status notification to Bruno
      Then Bruno receives one anomaly envelope
      And nothing more follows

    @id:malformed-receipt @PEC-IP-032
    Scenario Outline: A formal error
      When Paolo's provider sends a delivery receipt <error> to Anna
      Then Anna receives no delivery receipts
      And Anna receives one anomaly envelope

      Examples:
        | id            | error                                       |
        | no-data       | without certification data                  |
        | invalid-data  | with certification data that break the DTD  |
        | no-kind       | without the field that names its kind       |

    @id:relabelled-receipt @PEC-IP-032
    Scenario: An acceptance that calls itself a delivery
      When Paolo's provider sends an acceptance receipt relabelled as a delivery receipt to Anna
      Then Anna receives no delivery receipts
      And Anna receives one anomaly envelope

    @id:hostile-data-in-a-receipt @PEC-XML-024
    Scenario: Entities in a receipt
      When Paolo's provider sends a delivery receipt with entities in its certification data to Anna
      Then Anna receives no delivery receipts
      And Anna receives one anomaly envelope
