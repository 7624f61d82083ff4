Feature: Size and number of recipients
  Fifty recipients and 30 MB, recipients times size, are guaranteed.

  Rule: What is guaranteed is accepted

    @id:fifty-recipients @PEC-AP-020
    Scenario: Fifty recipients
      When Anna sends a plain message to Bruno and 49 unknown mailboxes
      Then it is accepted

    @id:thirty-megabytes-to-one @heavy @PEC-AP-021
    Scenario: 30 MB to one recipient
      When Anna sends a message of 30 MB asking for a concise receipt to Bruno
      Then it is accepted
      And the transaction is complete

    @id:thirty-megabytes-over-fifty @heavy @PEC-AP-021
    Scenario: 0.6 MB to fifty recipients
      When Anna sends a message of 0.6 MB asking for a concise receipt to Bruno and 49 unknown mailboxes
      Then it is accepted

  Rule: What is above the provider's limit is refused

    Background:
      Given Anna's well-formed message is accepted

    @id:above-the-limit @heavy @PEC-AP-017 @PEC-AP-018
    Scenario: Above the limit, below where notices end
      When Anna sends a message just above the size limit to Bruno and 49 unknown mailboxes
      Then it is refused by notice
      And nothing more follows

    @id:far-above-the-limit @heavy @PEC-AP-017 @PEC-AP-019
    Scenario: So far above that SMTP says no
      When Anna sends a message far above the size limit to Bruno
      Then it is refused by SMTP
      And nothing more follows
