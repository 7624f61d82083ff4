Feature: Log and storage
  What happened is written down, and infected messages are kept.

  Rule: Every event is in the log

    @id:log-of-a-mixed-transaction @PEC-INT-009 @stages:PEC-LOG-001 @stages:PEC-LOG-002 @stages:PEC-LOG-003 @stages:PEC-LOG-006
    Scenario: Delivery, failure and ordinary mail in one transaction
      When Anna sends a plain message to Bruno, an unknown mailbox and Elena
      And the log and the quarantine of both providers are read
      Then the transaction is complete

    @id:log-of-a-refusal @PEC-NA-001 @stages:PEC-LOG-001 @stages:PEC-LOG-003
    Scenario: A message that is refused
      When Anna sends a message whose From is somebody else to Bruno
      And the log and the quarantine of both providers are read
      Then Anna receives one non-acceptance notice

    @id:log-of-an-anomaly @PEC-ANO-001 @stages:PEC-LOG-001 @stages:PEC-LOG-003
    Scenario: Ordinary mail that came in
      When Elena sends an HTML message with attachments to Bruno
      And the log and the quarantine of both providers are read
      Then Bruno receives one anomaly envelope

  Rule: Infected messages are kept as they came

    @id:quarantine-of-the-sender @virus @PEC-NAV-001 @stages:PEC-STO-001 @stages:PEC-STO-003 @stages:PEC-NAV-007
    Scenario: Found at the access point
      When Anna sends a message with a virus attached to Bruno
      And the log and the quarantine of both providers are read
      Then Anna receives one virus non-acceptance notice

    @id:quarantine-of-the-recipient @virus @PEC-VIR-001 @stages:PEC-STO-002 @stages:PEC-VIR-008
    Scenario: Found at the incoming point
      When Anna sends a message with a virus that only Bruno's provider knows to Bruno
      And the log and the quarantine of both providers are read
      Then the service mailbox of Anna's provider receives one virus detection notice
