@virus
Feature: A virus found at the access point
  The sender's provider lets nothing infected into the network.

  Rule: Refused by a notice that names the virus, and nothing goes on

    Background:
      Given Anna's well-formed message is accepted

    @id:virus-attached @core @PEC-NAV-001 @PEC-INT-004
    Scenario: In an attachment
      When Anna sends a message with a virus attached to Bruno
      Then it is refused by notice
      And Anna receives one virus non-acceptance notice
      And nothing more follows

    @id:virus-in-a-zip-archive @PEC-NAV-001 @PEC-INT-004
    Scenario: In a zip archive
      When Anna sends a message with a virus in a zip archive to Bruno with Carla in copy
      Then Anna receives one virus non-acceptance notice
      And nothing more follows

    @id:virus-in-an-attached-message @PEC-NAV-001 @PEC-INT-004
    Scenario: In an attached message
      When Anna sends a message with a virus inside an attached message to Bruno
      Then Anna receives one virus non-acceptance notice
      And nothing more follows

    @id:virus-deep-inside @PEC-NAV-001 @PEC-INT-004
    Scenario: Deeper than a scanner may look
      When Anna sends a message with a virus deep inside attached messages to Bruno
      Then Anna receives one virus non-acceptance notice
      And nothing more follows

    @id:virus-in-the-text @PEC-NAV-001 @PEC-ACC-008
    Scenario: In the text itself
      When Anna sends a message with a virus in its text to Bruno and Elena
      Then Anna receives one virus non-acceptance notice
      And Anna receives no acceptance receipts
      And Elena receives nothing
