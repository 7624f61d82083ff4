@virus
Feature: Viruses between providers
  Nothing infected is delivered, and only who can be trusted is believed.

  Rule: An infected message is delivered in no form

    @id:infected-envelope-from-a-peer @PEC-IP-021
    Scenario: A correct envelope
      When Paolo's provider sends a transport envelope with a virus inside to Bruno
      Then the service mailbox of Paolo's provider receives one virus detection notice
      And Bruno receives nothing
      And Paolo receives no delivery receipts

    @id:infected-envelope-for-two @PEC-IP-021
    Scenario: A correct envelope for two
      When Paolo's provider sends a transport envelope with a virus inside to Bruno and Carla
      Then the service mailbox of Paolo's provider receives two virus detection notices
      And Carla receives nothing

    @id:infected-malformed-envelope @PEC-VIR-017
    Scenario: A malformed envelope
      When Paolo's provider sends a transport envelope with a virus inside and no certification data to Bruno
      Then Bruno receives nothing
      And the service mailbox of Paolo's provider receives one virus detection notice

    @id:infected-receipt @PEC-VIR-017
    Scenario: A receipt
      When Paolo's provider sends a delivery receipt that encloses a virus to Anna
      Then Anna receives nothing
      And the service mailbox of Paolo's provider receives one virus detection notice

  Rule: The user is told only what a provider vouches for

    @id:virus-detected-by-a-peer @PEC-VIR-009
    Scenario: The other provider found a virus
      Given Paolo's provider answers nothing
      When Anna sends a plain message to Paolo
      And Paolo's provider answers with a virus detection notice
      Then Anna receives one virus non-delivery notice about Paolo

    @id:untrusted-virus-detection @PEC-VIR-013
    Scenario Outline: Somebody says so
      Given Paolo's provider answers nothing
      When Anna sends a plain message to Paolo
      And Paolo's provider answers with a virus detection notice <damage>
      Then Anna receives no virus non-delivery notices

      Examples:
        | id        | damage                               |
        | unsigned  | without signature                    |
        | unlisted  | signed by a stranger to the directory  |
