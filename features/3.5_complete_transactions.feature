Feature: Complete transactions
  From the acceptance to the last receipt, nothing missing and nothing twice.

  Rule: Between two providers

    @id:complete-transaction @core @PEC-INT-001
    Scenario: All goes well
      When Anna sends a plain message to Bruno
      Then the transaction is complete
      And Anna receives one acceptance receipt
      And Anna receives one delivery receipt about Bruno

    @id:transaction-the-other-way @PEC-INT-001
    Scenario: The other way round
      When Bruno sends a plain message to Anna
      Then the transaction is complete
      And Bruno receives one delivery receipt about Anna

    @id:transaction-with-everything @PEC-INT-009
    Scenario: Every kind of recipient at once
      When Anna sends an HTML message with attachments asking for a brief receipt to Bruno, an unknown mailbox, a full mailbox, Elena and Anna's colleague with Carla and Anna's studio in copy
      Then the transaction is complete
      And Anna receives one delivery receipt about Anna's colleague
      And Anna receives two non-delivery notices
