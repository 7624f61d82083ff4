Feature: Non-delivery
  The sender is told that a recipient was not reached, and why.

  Rule: One notice for each recipient not reached

    @id:unknown-mailbox @core @PEC-ND-001 @PEC-INT-002
    Scenario: An unknown mailbox
      When Anna sends a plain message to an unknown mailbox
      Then Anna receives one non-delivery notice about an unknown mailbox
      And the transaction is complete

    @id:full-mailbox @PEC-ND-002
    Scenario: A full mailbox
      When Anna sends a plain message to a full mailbox
      Then Anna receives one non-delivery notice about a full mailbox
      And the transaction is complete

    @id:one-unknown-of-three @PEC-ND-008
    Scenario: One of three
      When Anna sends a plain message to Bruno, an unknown mailbox and Carla
      Then Anna receives two delivery receipts
      And Anna receives one non-delivery notice about an unknown mailbox

    @id:unknown-mailbox-at-home @PEC-ND-001
    Scenario: Nobody else is named, and a brief receipt is asked for
      When Anna sends an HTML message with attachments asking for a brief receipt to an unknown mailbox
      Then Anna receives one non-delivery notice about an unknown mailbox
      And Anna receives no delivery receipts
