Feature: One provider on both sides
  Nothing is left out because sender and recipient are neighbours.

  Rule: The whole cycle takes place

    @id:same-domain @PEC-SD-001
    Scenario: Two users of one domain
      When Anna sends a plain message to Anna's colleague
      Then Anna's colleague receives one transport envelope
      And Anna receives one acceptance receipt
      And Anna receives one delivery receipt about Anna's colleague

    @id:two-domains-of-one-provider @PEC-SD-002
    Scenario: Two domains of one provider
      When Anna sends a plain message to Anna's studio
      Then Anna's studio receives one transport envelope
      And the transaction is complete

    @id:write-to-oneself @PEC-SD-003
    Scenario: Writing to oneself
      When Anna sends a plain message to Anna
      Then Anna receives one acceptance receipt
      And Anna receives one transport envelope
      And Anna receives one delivery receipt about Anna

    @id:other-domain-of-the-recipient @PEC-SD-002 @stages:PEC-INT-001
    Scenario: The recipient's provider has another domain too
      When Bruno sends a plain message to Bruno's archive
      Then Bruno's archive receives one transport envelope
      And the transaction is complete
