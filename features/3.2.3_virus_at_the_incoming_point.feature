@virus
Feature: A virus found at the incoming point
  What the sender's scanner missed, the recipient's provider holds back.

  Rule: The envelope is not delivered, and both providers tell

    @id:virus-missed-by-the-sender @core @PEC-VIR-001 @PEC-INT-003
    Scenario: One recipient
      When Anna sends a message with a virus that only Bruno's provider knows to Bruno
      Then the service mailbox of Anna's provider receives one virus detection notice
      And Anna receives one virus non-delivery notice about Bruno
      And Bruno receives nothing

    @id:virus-for-three-recipients @PEC-VIR-002 @PEC-INT-003
    Scenario: Three recipients
      When Anna sends a message with a virus that only Bruno's provider knows to Bruno and Carla with Dario in copy
      Then the service mailbox of Anna's provider receives three virus detection notices
      And Anna receives three virus non-delivery notices
      And the transaction is complete

    @id:virus-never-delivered @PEC-VIR-001
    Scenario: No receipt of delivery for what was held back
      When Anna sends a message with a virus that only Bruno's provider knows asking for a brief receipt to Carla
      Then Carla receives nothing
      And Anna receives no delivery receipts
      And Anna receives one acceptance receipt
