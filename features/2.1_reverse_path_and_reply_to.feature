Feature: Reverse path and Reply-To
  Receipts go to who sent the message, not to where the author wants answers.

  Rule: Receipts ignore Reply-To

    @id:receipts-ignore-reply-to @PEC-GEN-020 @PEC-DP-011
    Scenario: Answers are wanted by somebody else
      When Anna sends a plain message with replies to Carla to Bruno
      Then Anna receives one acceptance receipt
      And Anna receives one delivery receipt about Bruno
      And Carla receives nothing

    @id:refusals-ignore-reply-to @PEC-GEN-020 @PEC-NA-001
    Scenario: A refusal too goes back to who sent the message
      When Anna sends a plain message with replies to Carla to Bruno, hiding Dario from the header
      Then Anna receives one non-acceptance notice
      And Carla receives nothing

    @id:non-delivery-ignores-reply-to @PEC-GEN-020
    Scenario: A failure too goes back to who sent the message
      When Anna sends a plain message with replies to Carla to an unknown mailbox
      Then Anna receives one non-delivery notice
      And Carla receives nothing
