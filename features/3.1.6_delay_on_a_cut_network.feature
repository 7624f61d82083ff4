Feature: Delay on a cut network
  Two providers that cannot reach each other keep what they have for each other, tell the sender in time, and deliver it late.

  Rule: What waits for the other provider is delivered when it can be reached again

    @id:network-cut-for-two-hours @PEC-INT-001 @stages:PEC-TMO-006
    Scenario: Cut for two hours
      Given the network between Anna's and Bruno's providers is cut
      When Anna sends a plain message to Bruno
      And 2 hours pass
      And the network between Anna's and Bruno's providers is whole again
      And 2 hours pass
      Then the transaction is complete
      And Anna receives no delay notices

    @id:network-cut-for-almost-a-day @PEC-TMO-002 @stages:PEC-TMO-001 @stages:PEC-TMO-007 @stages:PEC-TMO-008 @stages:PEC-TMO-018
    Scenario: Cut for almost a day: both notices, and then the late delivery
      Given the network between Anna's and Bruno's providers is cut
      When Anna sends a plain message to Bruno
      And 12 hours pass
      And the clock reaches 23 hours and 59 minutes after the sending
      And the network between Anna's and Bruno's providers is whole again
      And 2 hours pass
      Then it is accepted
      And Anna receives one first delay notice about Bruno
      And Anna receives one second delay notice about Bruno
      And Bruno receives one transport envelope
      And Anna receives one delivery receipt about Bruno

    @id:network-cut-for-13-hours @PEC-TMO-004 @stages:PEC-TMO-001
    Scenario: Cut, and whole again between the two notices
      Given the network between Anna's and Bruno's providers is cut
      When Anna sends a plain message to Bruno
      And 13 hours pass
      And the network between Anna's and Bruno's providers is whole again
      And 12 hours pass
      Then Anna receives one first delay notice about Bruno
      And Anna receives no second delay notices
      And Bruno receives one transport envelope
      And Anna receives one delivery receipt about Bruno

    @id:network-cut-for-more-than-a-day @PEC-TMO-002 @stages:PEC-TMO-001
    Scenario: Cut for more than a day: it is given up
      Given the network between Anna's and Bruno's providers is cut
      When Anna sends a plain message to Bruno
      And 26 hours pass
      And the network between Anna's and Bruno's providers is whole again
      And 24 hours pass
      Then it is accepted
      And Anna receives one first delay notice about Bruno
      And Bruno receives nothing
