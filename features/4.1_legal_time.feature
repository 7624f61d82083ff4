Feature: Legal time
  One instant for one elaboration, in Italian legal time, also where the clock jumps.

  Rule: An exchange is dated rightly on both sides of a change of the clock

    @id:exchange-around-the-beginning-of-summer-time @clock:spring @PEC-INT-001 @stages:PEC-TIM-001 @stages:PEC-TIM-003 @stages:PEC-TIM-004
    Scenario: Summer time begins
      When Anna sends a plain message to Bruno
      Then the transaction is complete
      When 30 minutes pass
      And Anna sends a plain message to Bruno
      Then the transaction is complete

    @id:exchange-around-the-end-of-summer-time @clock:autumn @PEC-INT-001 @stages:PEC-TIM-001 @stages:PEC-TIM-003 @stages:PEC-TIM-004
    Scenario: Summer time ends
      When Anna sends a plain message to Bruno
      Then the transaction is complete
      When 30 minutes pass
      And Anna sends an HTML message with attachments to Bruno
      Then the transaction is complete

    @id:exchange-around-the-end-of-the-year @clock:year-end @PEC-INT-001 @stages:PEC-TIM-001 @stages:PEC-TIM-003 @stages:PEC-TIM-004
    Scenario: A year ends
      When Anna sends a plain message to Bruno
      Then the transaction is complete
      When 30 minutes pass
      And Anna sends a plain message to Bruno and an unknown mailbox
      Then the transaction is complete

    @id:exchange-around-a-leap-day @clock:leap-day @PEC-INT-001 @stages:PEC-TIM-001 @stages:PEC-TIM-003 @stages:PEC-TIM-004
    Scenario: A leap day begins, and ends
      When Anna sends a plain message to Bruno
      Then the transaction is complete
      When 30 minutes pass
      And Anna sends a plain message to Bruno and Carla
      Then the transaction is complete
      When 24 hours pass
      And Anna sends a plain message to Bruno with Dario in copy
      Then the transaction is complete

  Rule: Hours are real hours, whatever the clock on the wall does

    @id:12-hours-into-summer-time @clock:spring @PEC-TMO-001 @stages:PEC-TMO-007 @stages:PEC-TIM-003
    Scenario: Twelve hours into summer time
      Given Paolo's provider answers nothing
      When Anna sends a plain message to Paolo
      And the clock reaches 11 hours and 59 minutes after the sending
      And 2 minutes pass
      Then Anna receives one first delay notice about Paolo

    @id:24-hours-out-of-summer-time @clock:autumn @PEC-TMO-002 @stages:PEC-TMO-008 @stages:PEC-TIM-003
    Scenario: Twenty-four hours out of summer time
      Given Paolo's provider answers nothing
      When Anna sends a plain message to Paolo
      And the clock reaches 24 hours after the sending
      Then Anna receives one first delay notice about Paolo
      And Anna receives one second delay notice about Paolo

    @id:silence-over-a-year-end @clock:year-end @PEC-TMO-002 @stages:PEC-TIM-003
    Scenario: A silence that begins in one year and ends in the next
      Given Paolo's provider answers nothing
      When Anna sends a plain message to Paolo
      And 24 hours pass
      Then Anna receives two delay notices about Paolo

    @id:log-around-the-end-of-summer-time @clock:autumn @PEC-INT-001 @stages:PEC-LOG-005
    Scenario: The log of a day of 25 hours
      When Anna sends a plain message to Bruno
      And 3 days pass
      And the log files of Anna's provider are read
      Then the transaction is complete

    @id:log-around-the-beginning-of-summer-time @clock:spring @PEC-INT-001 @stages:PEC-LOG-005
    Scenario: The log of a day of 23 hours
      When Anna sends an HTML message with attachments to Bruno
      And 3 days pass
      And the log files of Bruno's provider are read
      Then the transaction is complete
