Feature: Exchanges with another provider
  What the other side answers reaches the sender as it is, whatever its order and whenever it comes.

  Rule: Receipts of the other provider reach their user unmodified

    @id:exchange-with-a-peer @core @PEC-INT-001 @stages:PEC-IP-004
    Scenario: Taken in charge, then delivered
      Given Paolo's provider answers as it should
      When Anna sends an HTML message with attachments to Paolo
      Then Paolo receives one transport envelope
      And the service mailbox of Anna's provider receives one taken-in-charge receipt
      And Anna receives one delivery receipt about Paolo

    @id:exchange-with-a-peer-and-a-copy @PEC-INT-001 @stages:PEC-IP-004
    Scenario: Two recipients of one peer and one of another
      Given Paolo's provider answers as it should
      And Delia's provider takes everything in charge
      When Anna sends a plain message to Paolo with Pia and Delia in copy
      Then Anna receives one delivery receipt about Pia
      And Anna receives no delivery receipts about Delia
      And the service mailbox of Anna's provider receives two taken-in-charge receipts

    @id:receipts-out-of-order @PEC-IP-004
    Scenario: Delivered before it was taken in charge
      When Anna sends a plain message to Paolo
      And Paolo's provider answers with a delivery receipt
      And Paolo's provider answers with a taken-in-charge receipt
      Then Anna receives one delivery receipt about Paolo
      And the service mailbox of Anna's provider receives one taken-in-charge receipt

    @id:receipt-that-comes-twice @PEC-IP-004
    Scenario: The same receipt twice
      When Anna sends a plain message to Paolo
      And Paolo's provider answers with a concise delivery receipt
      And Paolo's provider sends the same once more
      Then Anna receives two delivery receipts about Paolo

    @id:taken-in-charge-for-some-of-a-peer @PEC-SSA-010
    Scenario: Taken in charge for some of the recipients
      When Anna sends a plain message to Paolo, Pia and Piero
      And Paolo's provider answers with a taken-in-charge receipt about Pia
      Then the service mailbox of Anna's provider receives one taken-in-charge receipt
      And Anna receives no taken-in-charge receipts

    @id:taken-in-charge-of-an-unknown-message @PEC-IP-005
    Scenario: Taken in charge what nobody sent
      When Paolo's provider sends a correct taken-in-charge receipt to the service mailbox of Anna's provider
      Then the service mailbox of Anna's provider receives one taken-in-charge receipt
      And Anna receives nothing

    @id:not-delivered-by-a-peer @PEC-IP-004
    Scenario: Not delivered
      When Anna sends a plain message to Paolo
      And Paolo's provider answers with a taken-in-charge receipt
      And Paolo's provider answers with a non-delivery notice
      Then Anna receives one non-delivery notice about Paolo

    @id:text-of-a-receipt-that-lies @PEC-GEN-015
    Scenario: A text that says something else than the data
      When Anna sends a plain message to Paolo
      And Paolo's provider answers with a delivery receipt whose text says something else
      Then Anna receives one delivery receipt about Paolo

    @id:text-of-taken-in-charge-that-lies @PEC-GEN-015
    Scenario: The same between providers
      When Anna sends a plain message to Paolo
      And Paolo's provider answers with a taken-in-charge receipt whose text says something else
      Then the service mailbox of Anna's provider receives one taken-in-charge receipt
      And Anna receives no taken-in-charge receipts

    @id:receipt-without-optional-attributes @PEC-XML-022
    Scenario: Attributes that have a default are left out
      When Anna sends a plain message to Paolo
      And Paolo's provider answers with a taken-in-charge receipt without the optional attributes
      And Paolo's provider answers with a delivery receipt without the optional attributes
      Then the service mailbox of Anna's provider receives one taken-in-charge receipt
      And Anna receives one delivery receipt about Paolo

    @id:brief-receipt-of-a-signed-original @PEC-RB-019
    Scenario: A brief receipt whose signed original no longer verifies
      When Anna sends a message that its author signed asking for a brief receipt to Paolo
      And Paolo's provider answers with a brief delivery receipt
      Then Anna receives one delivery receipt about Paolo

  Rule: Providers exchange mail over TLS, and never fall back

    @id:exchange-over-tls @PEC-SEC-002
    Scenario: As it should be
      When Bruno sends a plain message to Paolo
      Then Paolo receives one transport envelope

    @id:starttls-that-fails @PEC-SEC-007
    Scenario: A handshake that fails
      Given Paolo's provider offers a STARTTLS that fails
      When Anna sends a plain message to Paolo
      Then Paolo receives nothing

    @id:no-starttls @PEC-SEC-007
    Scenario: No STARTTLS
      Given Paolo's provider offers no STARTTLS
      When Anna sends a plain message to Paolo
      Then Paolo receives nothing

    @id:certificate-that-does-not-verify @stages:PEC-SEC-007 @PEC-ACC-001
    Scenario: A certificate that does not verify
      Given Paolo's provider shows a certificate that does not verify
      When Anna sends a plain message to Paolo
      Then it is accepted

  Rule: What the other side refuses is told to the user

    @id:recipient-refused-for-good @stages:PEC-ND-012 @stages:PEC-IP-022 @PEC-ACC-001
    Scenario: A recipient refused for good
      Given Paolo's provider refuses the recipients for good
      When Anna sends a plain message to Paolo
      Then it is accepted
      And Paolo receives nothing

    @id:recipient-refused-for-now @stages:PEC-IP-022 @stages:PEC-TE-021 @PEC-ACC-001
    Scenario: A recipient refused for now
      Given Paolo's provider refuses for now
      When Anna sends a plain message to Paolo
      Then it is accepted
      And Anna receives no non-delivery notices
