Feature: Delay notices
  Whoever hears nothing of a message learns so after 12 hours, and again before 24 have passed.

  Rule: Silence gives one notice after 12 hours and a last one before 24

    @id:silence-with-a-reply-to @PEC-TMO-011 @stages:PEC-GEN-020
    Scenario: Twelve hours, and replies wanted elsewhere
      Given Paolo's provider answers nothing
      When Anna sends a plain message with replies to Carla to Paolo
      And 12 hours pass
      Then Anna receives one first delay notice about Paolo
      And Carla receives nothing

    @id:silence-of-12-hours @core @PEC-TMO-001 @stages:PEC-TMO-007 @stages:PEC-TMO-009 @stages:PEC-TMO-010 @stages:PEC-TMO-011 @stages:PEC-TMO-012 @stages:PEC-TMO-014 @stages:PEC-TMO-016
    Scenario: Twelve hours
      Given Paolo's provider answers nothing
      When Anna sends a plain message to Paolo
      And 12 hours pass
      Then Anna receives one first delay notice about Paolo
      And Anna receives no second delay notices
      And it is accepted
      And Paolo receives one transport envelope
      And nothing more follows

    @id:silence-of-24-hours @PEC-TMO-002 @stages:PEC-TMO-008 @stages:PEC-TMO-009 @stages:PEC-TMO-010 @stages:PEC-TMO-011 @stages:PEC-TMO-013 @stages:PEC-TMO-014 @stages:PEC-TMO-016
    Scenario: Twenty-four hours
      Given Paolo's provider answers nothing
      When Anna sends a plain message to Paolo
      And 24 hours pass
      Then Anna receives one first delay notice about Paolo
      And Anna receives one second delay notice about Paolo

    @id:silence-of-three-days @PEC-TMO-002 @PEC-TMO-018
    Scenario: Nothing comes after the second notice
      Given Paolo's provider answers nothing
      When Anna sends an HTML message with attachments to Paolo
      And 3 days pass
      Then it is accepted
      And Paolo receives one transport envelope
      And Anna receives two delay notices about Paolo
      And nothing more follows

  Rule: A notice does not come before its time

    @id:silence-of-almost-12-hours @PEC-TMO-007
    Scenario: A minute before 12 hours
      Given Paolo's provider answers nothing
      When Anna sends a plain message to Paolo
      And the clock reaches 11 hours and 59 minutes after the sending
      Then Anna receives no delay notices

    @id:silence-of-almost-22-hours @PEC-TMO-008
    Scenario: A minute before 22 hours
      Given Paolo's provider answers nothing
      When Anna sends a plain message to Paolo
      And the clock reaches 21 hours and 59 minutes after the sending
      Then Anna receives one first delay notice about Paolo
      And Anna receives no second delay notices

    @id:silence-of-exactly-24-hours @PEC-TMO-008
    Scenario: When 24 hours are reached it has come
      Given Paolo's provider answers nothing
      When Anna sends a plain message to Paolo
      And the clock reaches 24 hours after the sending
      Then Anna receives one second delay notice about Paolo

  Rule: Being taken in charge stops the first notice, delivery stops both

    @id:taken-in-charge-and-never-delivered @PEC-TMO-003
    Scenario: Taken in charge, never delivered
      Given Paolo's provider takes everything in charge
      When Anna sends a plain message to Paolo
      And 24 hours pass
      Then Anna receives no first delay notices
      And Anna receives one second delay notice about Paolo

    @id:delivered-between-12-and-24-hours @PEC-TMO-004
    Scenario: Delivered between 12 and 24 hours
      Given Paolo's provider answers nothing
      When Anna sends a plain message to Paolo
      And 13 hours pass
      And Paolo's provider answers with a delivery receipt
      And 12 hours pass
      Then Anna receives one first delay notice about Paolo
      And Anna receives no second delay notices
      And Anna receives one delivery receipt about Paolo

    @id:delivered-without-being-taken-in-charge @PEC-TMO-005
    Scenario: Delivered within 12 hours, never taken in charge
      Given Paolo's provider answers nothing
      When Anna sends a plain message to Paolo
      And 11 hours pass
      And Paolo's provider answers with a delivery receipt
      And 14 hours pass
      Then Anna receives no delay notices
      And Anna receives one delivery receipt about Paolo

    @id:an-exchange-in-time @PEC-TMO-006
    Scenario: A normal exchange
      Given Paolo's provider answers as it should
      When Anna sends a plain message to Paolo
      And 25 hours pass
      Then the transaction is complete
      And Anna receives no delay notices

    @id:an-exchange-in-time-with-the-other-provider @PEC-TMO-006
    Scenario: A normal exchange between the two providers
      When Anna sends a plain message to Bruno
      And 25 hours pass
      Then the transaction is complete
      And Anna receives no delay notices

    @id:taken-in-charge-after-12-hours @PEC-TMO-001 @stages:PEC-TMO-023
    Scenario: Taken in charge between 12 and 24 hours
      Given Paolo's provider answers nothing
      When Anna sends a plain message to Paolo
      And 13 hours pass
      And Paolo's provider answers with a taken-in-charge receipt
      And 12 hours pass
      Then Anna receives one first delay notice about Paolo

  Rule: Each recipient is waited for apart

    @id:one-silent-of-three @PEC-TMO-015
    Scenario: Three recipients with three providers, one of them silent
      Given Paolo's provider answers nothing
      And Delia's provider answers as it should
      When Anna sends a plain message to Bruno, Delia and Paolo
      And 24 hours pass
      Then Anna receives one first delay notice about Paolo
      And Anna receives one second delay notice about Paolo
      And Anna receives no delay notices about Bruno
      And Anna receives no delay notices about Delia

    @id:two-silent-at-one-provider @PEC-TMO-015
    Scenario: Two silent recipients with one provider
      Given Paolo's provider answers nothing
      When Anna sends a plain message to Paolo and Pia
      And 24 hours pass
      Then Anna receives two delay notices about Paolo
      And Anna receives two delay notices about Pia

    @id:taken-in-charge-for-one-of-two @PEC-TMO-021
    Scenario: Taken in charge for one of two
      Given Paolo's provider answers nothing
      When Anna sends a plain message to Paolo and Pia
      And Paolo's provider answers with a taken-in-charge receipt about Paolo
      And 13 hours pass
      Then Anna receives one first delay notice about Pia
      And Anna receives no delay notices about Paolo

    @id:delivered-to-one-of-two @PEC-TMO-015
    Scenario: Delivered to one of two
      Given Paolo's provider takes everything in charge
      When Anna sends a plain message to Paolo and Pia
      And Paolo's provider answers with a delivery receipt about Pia
      And 24 hours pass
      Then Anna receives one second delay notice about Paolo
      And Anna receives no delay notices about Pia

  Rule: Who has a final answer is waited for no longer

    @id:not-delivered-within-12-hours @PEC-TMO-017
    Scenario: Not delivered, within 12 hours
      Given Paolo's provider takes everything in charge
      When Anna sends a plain message to Paolo
      And 2 hours pass
      And Paolo's provider answers with a non-delivery notice
      And 24 hours pass
      Then Anna receives one non-delivery notice about Paolo
      And Anna receives no delay notices

    @id:virus-detected-within-12-hours @PEC-TMO-017
    Scenario: A virus found by the other side, within 12 hours
      Given Paolo's provider takes everything in charge
      When Anna sends a plain message to Paolo
      And 2 hours pass
      And Paolo's provider answers with a virus detection notice
      And 24 hours pass
      Then Anna receives one virus non-delivery notice about Paolo
      And Anna receives no delay notices

    @id:ordinary-recipients-are-not-waited-for @PEC-TMO-019
    Scenario: Ordinary recipients
      When Anna sends a plain message to Elena
      And 24 hours pass
      Then Anna receives no delay notices

  Rule: What comes late still arrives

    @id:delivered-after-24-hours @PEC-TMO-018
    Scenario: Delivered after 24 hours
      Given Paolo's provider takes everything in charge
      When Anna sends a plain message to Paolo
      And 26 hours pass
      And Paolo's provider answers with a delivery receipt
      And 24 hours pass
      Then Anna receives one delivery receipt about Paolo
      And Anna receives one delay notice about Paolo

    @id:silent-for-30-hours @PEC-INT-008 @PEC-TMO-018
    Scenario: A provider that is silent for 30 hours and then answers
      Given Paolo's provider answers nothing
      When Anna sends a plain message to Paolo
      And 30 hours pass
      And Paolo's provider answers with a taken-in-charge receipt
      And Paolo's provider answers with a delivery receipt
      And 24 hours pass
      Then Anna receives one first delay notice about Paolo
      And Anna receives one second delay notice about Paolo
      And Anna receives one delivery receipt about Paolo

  Rule: A receipt that cannot be trusted stops nothing

    @id:altered-receipt-does-not-stop-the-timer @PEC-TMO-020
    Scenario: A taken-in-charge receipt altered after signing
      Given Paolo's provider answers nothing
      When Anna sends a plain message to Paolo
      And Paolo's provider answers with a taken-in-charge receipt altered after signing
      And 12 hours pass
      Then Anna receives one first delay notice about Paolo

    @id:receipt-of-a-stranger-does-not-stop-the-timer @PEC-TMO-020
    Scenario: A taken-in-charge receipt signed by somebody in no record
      Given Paolo's provider answers nothing
      When Anna sends a plain message to Paolo
      And Paolo's provider answers with a taken-in-charge receipt signed by a stranger to the directory
      And 12 hours pass
      Then Anna receives one first delay notice about Paolo

    @id:altered-delivery-does-not-stop-the-timer @PEC-TMO-020
    Scenario: A delivery receipt altered after signing
      Given Paolo's provider takes everything in charge
      When Anna sends a plain message to Paolo
      And Paolo's provider answers with a delivery receipt altered after signing
      And 24 hours pass
      Then Anna receives one second delay notice about Paolo

  Rule: The wait outlives a restart

    @id:restart-before-12-hours @PEC-TMO-022
    Scenario: Restarted before 12 hours
      Given Paolo's provider answers nothing
      When Anna sends a plain message to Paolo
      And 6 hours pass
      And Anna's provider is restarted
      And 7 hours pass
      Then Anna receives one first delay notice about Paolo
      And Anna receives no second delay notices

    @id:restart-between-the-notices @PEC-TMO-022
    Scenario: Restarted between the two notices
      Given Paolo's provider answers nothing
      When Anna sends a plain message to Paolo
      And 13 hours pass
      And Anna's provider is restarted
      And 12 hours pass
      Then Anna receives one first delay notice about Paolo
      And Anna receives one second delay notice about Paolo

    @id:restart-of-a-watch-that-is-over @PEC-TMO-022
    Scenario: Restarted when everybody has answered
      Given Paolo's provider answers as it should
      When Anna sends a plain message to Paolo
      And Anna's provider is restarted
      And 25 hours pass
      Then the transaction is complete
      And Anna receives no delay notices

  Rule: What cannot be handed over is tried for 24 hours and then given up

    @id:relay-is-tried-again @PEC-TE-021
    Scenario: The other host is back before long
      Given Paolo's provider refuses connections
      When Anna sends a plain message to Paolo
      And 2 hours pass
      And Paolo's provider answers as it should
      And 6 hours pass
      Then it is accepted
      And Paolo receives one transport envelope
      And Anna receives one delivery receipt about Paolo
      And Anna receives no delay notices

    @id:relay-that-is-put-off @PEC-TE-021 @stages:PEC-IP-022
    Scenario: The other host says not now, and later takes it
      Given Paolo's provider refuses for now
      When Anna sends a plain message to Paolo
      And 2 hours pass
      And Paolo's provider answers as it should
      And 6 hours pass
      Then it is accepted
      And Paolo receives one transport envelope
      And Anna receives one delivery receipt about Paolo

    @id:relay-that-is-given-up @PEC-TMO-001 @stages:PEC-TMO-024 @stages:PEC-TE-021
    Scenario: The other host is down for a day
      Given Paolo's provider refuses connections
      When Anna sends a plain message to Paolo
      And 26 hours pass
      Then it is accepted
      And Anna receives one first delay notice about Paolo
      And Paolo receives nothing

    @id:relay-that-is-given-up-for-good @PEC-TMO-018 @stages:PEC-TMO-024
    Scenario: The other host is back after two days, which is too late
      Given Paolo's provider refuses connections
      When Anna sends a plain message to Paolo
      And 2 days pass
      And Paolo's provider answers as it should
      And 24 hours pass
      Then Paolo receives nothing

    @id:relay-that-is-refused-for-good @PEC-TMO-006 @stages:PEC-ND-012 @stages:PEC-IP-022
    Scenario: The other host refuses the recipient for good
      Given Paolo's provider refuses the recipients for good
      When Anna sends a plain message to Paolo
      And 25 hours pass
      Then it is accepted
      And Paolo receives nothing

  Rule: A malformed envelope is an anomaly, and nobody vouches for it

    @id:malformed-envelope-to-the-target @PEC-INT-005
    Scenario: The target receives one
      Given Paolo's provider answers nothing
      When Paolo's provider sends a transport envelope without certification data to Bruno
      And 24 hours pass
      Then Bruno receives one anomaly envelope
      And the service mailbox of Paolo's provider receives no taken-in-charge receipts
      And nothing more follows

  Rule: Many at once are waited for as well as one

    @id:many-silences-at-once @PEC-SLA-007 @stages:PEC-TMO-001 @stages:PEC-TMO-002
    Scenario: Thirty messages to somebody silent
      Given Paolo's provider answers nothing
      When Anna sends 30 plain messages to Paolo over 3 connections at once
      And 24 hours pass
      Then each is accepted
      And Anna receives one first delay notice about Paolo
      And Anna receives one second delay notice about Paolo

    @id:many-exchanges-at-once @PEC-SLA-007
    Scenario: Thirty messages that are answered
      When Anna sends 30 plain messages to Bruno over 6 connections at once
      And 25 hours pass
      Then each is accepted
      And the transaction is complete
      And Anna receives no delay notices
