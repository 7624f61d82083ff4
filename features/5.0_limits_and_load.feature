Feature: Limits and load
  What a provider takes at once, from its users and from other providers, and how it fares when much comes together.

  Rule: A provider's limits are met in both directions

    @id:limit-met-by-a-user @heavy @PEC-AP-017 @stages:PEC-SLA-001
    Scenario: A user is above the limit
      When Anna sends a message just above the size limit to Bruno
      Then it is refused

    @id:limit-of-recipients-met-by-a-user @PEC-AP-020 @stages:PEC-SLA-001
    Scenario: A user writes to a hundred and twenty
      When Anna sends a plain message to Bruno and 119 unknown mailboxes
      Then Bruno receives no anomaly envelopes

    @id:limit-of-recipients-met-by-another-provider @PEC-IP-003 @stages:PEC-SLA-001
    Scenario: Another provider writes to a hundred and twenty
      When Paolo's provider sends a correct transport envelope to Bruno and 119 unknown mailboxes
      Then Bruno receives one transport envelope
