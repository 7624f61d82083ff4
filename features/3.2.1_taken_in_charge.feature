Feature: Taken in charge
  The recipient's provider tells the sender's that it has the envelope.

  Rule: The receipt goes to the service mailbox, and to no user

    @id:taken-in-charge @core @PEC-SSA-007
    Scenario: One recipient
      When Anna sends a plain message to Bruno
      Then the service mailbox of Anna's provider receives one taken-in-charge receipt
      And Anna receives no taken-in-charge receipts
      And Bruno receives no taken-in-charge receipts

    @id:taken-in-charge-for-some @PEC-SSA-005
    Scenario: Three recipients of four
      When Anna sends a plain message to Bruno and Carla with Dario and Elena in copy
      Then the service mailbox of Anna's provider receives one taken-in-charge receipt
      And the transaction is complete

  Rule: Only envelopes are taken in charge

    @id:nothing-taken-in-charge-for-ordinary-mail @PEC-SSA-008
    Scenario: Ordinary mail
      When Elena sends a plain message to Bruno and Carla
      Then the service mailbox of Bruno's provider receives nothing
      And the service mailbox of Anna's provider receives nothing
