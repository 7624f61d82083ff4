Feature: The log over time
  It is saved and time-stamped every day, kept for 30 months, and tells a holder what became of a message.

  Rule: The log is saved every day

    @id:log-saved-every-day @PEC-INT-001 @stages:PEC-LOG-005
    Scenario: Mail on every one of four days
      When Anna sends a plain message to Bruno
      And a day passes
      And Anna sends an HTML message with attachments to Bruno
      And a day passes
      And Anna sends a plain message to Elena
      And 2 days pass
      And Anna sends a message with inline images to Bruno
      And a day passes
      And the log files of Anna's provider are read
      And the log files of Bruno's provider are read
      Then the transaction is complete

    @id:log-saved-on-quiet-days @PEC-INT-001 @stages:PEC-LOG-005
    Scenario: Days on which nothing happens
      When Anna sends a plain message to Bruno
      And 7 days pass
      And the log files of Anna's provider are read
      Then the transaction is complete

    @id:log-saved-over-a-restart @PEC-INT-001 @stages:PEC-LOG-005
    Scenario: A restart in between
      When Anna sends a plain message to Bruno
      And 30 hours pass
      And Anna's provider is restarted
      And 2 days pass
      And the log files of Anna's provider are read
      Then the transaction is complete

  Rule: The log is kept for 30 months

    @id:log-after-30-months-less-a-day @PEC-INT-001 @stages:PEC-LOG-004 @stages:PEC-LOG-005
    Scenario: Thirty months less a day, and plus a day
      Given the file server of Paolo's provider is down
      When Anna sends a plain message to Bruno
      And 2 days pass
      And the log and the quarantine of both providers are read
      And the log files of Anna's provider are read
      And Anna asks her provider for the trace of the message
      And the clock reaches 30 months less a day after the sending
      And the log files of Anna's provider are read
      And Anna asks her provider for the trace of the message
      And 3 days pass
      And the log files of Anna's provider are read
      And Anna asks her provider for the trace of the message
      Then the transaction is complete

  Rule: A holder whose receipts are lost can have the trace of a message

    @id:trace-of-a-delivered-message @PEC-INT-001 @stages:PEC-LOG-007 @stages:PEC-LOG-008
    Scenario: A message that was delivered
      When Anna sends a plain message to Bruno
      And Anna asks her provider for the trace of the message
      Then the transaction is complete

    @id:trace-among-other-messages @PEC-INT-001 @stages:PEC-LOG-007 @stages:PEC-LOG-008
    Scenario: One message among others
      When Bruno sends a plain message to Anna
      And Anna sends an HTML message with attachments to Bruno and Anna's colleague
      And Anna asks her provider for the trace of the message
      Then the transaction is complete

    @id:trace-of-a-mixed-transaction @PEC-INT-009 @stages:PEC-LOG-007 @stages:PEC-LOG-008
    Scenario: Delivered, not delivered and ordinary
      When Anna sends a plain message to Bruno, an unknown mailbox and Elena
      And Anna asks her provider for the trace of the message
      Then the transaction is complete

    @id:trace-of-a-refused-message @PEC-NA-001 @stages:PEC-LOG-007 @stages:PEC-LOG-008
    Scenario: A message that was refused
      When Anna sends a message whose From is somebody else to Bruno
      And Anna asks her provider for the trace of the message
      Then it is refused by notice

    @id:trace-of-a-silence @PEC-TMO-002 @stages:PEC-LOG-007 @stages:PEC-LOG-008
    Scenario: A message that was never answered
      Given Paolo's provider answers nothing
      When Anna sends a plain message to Paolo
      And 24 hours pass
      And Anna asks her provider for the trace of the message
      Then Anna receives one second delay notice about Paolo
