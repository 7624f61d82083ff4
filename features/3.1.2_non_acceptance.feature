Feature: Non-acceptance for formal exceptions
  The sender is told that the message was refused, and why.

  Rule: One notice, and nothing else

    @id:notice-of-non-acceptance @core @PEC-NA-001 @PEC-NA-008 @PEC-ACC-008
    Scenario: Refused for a hidden recipient
      When Anna sends a plain message to Bruno with Carla in copy, hiding Dario from the header
      Then Anna receives one non-acceptance notice
      And Anna receives no acceptance receipts
      And Bruno receives nothing

    @id:notice-without-message-id @PEC-NA-001 @stages:PEC-GEN-023 @stages:PEC-NA-002
    Scenario: Refused, and the client gave no identifier
      When Anna sends a message with neither From nor Message-ID to Bruno
      Then Anna receives one non-acceptance notice
      And nothing more follows

    @id:notice-with-attachments @PEC-NA-001 @stages:PEC-NA-006
    Scenario: The refused message had attachments
      When Anna sends an HTML message with attachments to Bruno, hiding Dario from the header
      Then Anna receives one non-acceptance notice
      And nothing more follows
