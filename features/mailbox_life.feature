Feature: The life of mailboxes
  Mailboxes expire, are locked, suspended, closed and bought again. The technical rules say nothing of it: what a provider
  chose is recorded, and nobody passes or fails by it. What they do fix holds all the same: every sender gets a signed
  answer, a mailbox that is gone is unknown, and the log outlives it.

  Rule: A mailbox that is not renewed can be renewed for a while, and is then deleted

    @id:mailbox-grace @PEC-MBX-003
    Scenario Outline: <days> days after the end of a subscription
      When the mailbox of Bruno is not paid for any more
      And <days> days pass
      And Bruno tries to sign in, to send and to read
      Then the mailbox of Bruno is <state>

      Examples:
        | id | days | state   |
        | 89 | 89   | expired |
        | 90 | 90   | gone    |
        | 91 | 91   | gone    |

    @id:mailbox-grace-own-domain @PEC-MBX-003
    Scenario Outline: <days> days after the end of a subscription in a domain of the customer's own
      Given the domain of Bruno's archive belongs to a customer
      When the mailbox of Bruno's archive is not paid for any more
      And <days> days pass
      And Bruno's archive tries to sign in, to send and to read
      Then the mailbox of Bruno's archive is <state>

      Examples:
        | id | days | state   |
        | 29 | 29   | expired |
        | 30 | 30   | gone    |
        | 31 | 31   | gone    |

    @id:mailbox-expired @PEC-INT-009 @stages:PEC-MBX-001 @stages:PEC-MBX-002
    Scenario: A message to a mailbox that has expired
      When the mailbox of Bruno is not paid for any more
      And Anna sends a plain message to Bruno
      And Bruno tries to sign in, to send and to read
      Then the transaction is complete

    @id:mailbox-renewed @PEC-INT-001 @stages:PEC-MBX-003
    Scenario: A mailbox that is renewed on the last day
      When the mailbox of Bruno is not paid for any more
      And 89 days pass
      And the mailbox of Bruno is renewed
      And Anna sends a plain message to Bruno
      Then the transaction is complete
      And the original reaches Bruno intact

    @id:mailbox-deleted @PEC-ND-001 @stages:PEC-MBX-003 @stages:PEC-ND-006
    Scenario: A message to a mailbox whose grace is over
      When the mailbox of Bruno is not paid for any more
      And 91 days pass
      And Anna sends a plain message to Bruno
      Then Anna receives one non-delivery notice about Bruno
      And the transaction is complete

  Rule: A mailbox that keeps its user out may still receive

    @id:mailbox-locked @PEC-MBX-001 @PEC-MBX-003 @stages:PEC-MBX-002
    Scenario: Wrong passwords over several protocols
      Given Bruno's provider locks a mailbox after 5 wrong passwords
      When 5 wrong passwords are tried at the mailbox of Bruno, by SMTP and IMAP in turn
      And Bruno tries to sign in, to send and to read
      And Anna sends a plain message to Bruno
      Then the mailbox of Bruno is locked for wrong passwords
      And Anna receives one outcome about Bruno, whichever it is

    @id:mailbox-locked-answered @PEC-INT-009 @stages:PEC-MBX-001
    Scenario: A message to a locked mailbox has one outcome
      Given Bruno's provider locks a mailbox after 2 wrong passwords
      When 2 wrong passwords are tried at the mailbox of Bruno, by SMTP and IMAP in turn
      And Anna sends a plain message to Bruno
      Then the transaction is complete

    @id:mailbox-locked-keeps @PEC-MBX-001 @stages:PEC-MBX-003
    Scenario: What came to a locked mailbox lies there when it is unlocked
      Given Bruno's provider locks a mailbox after 4 wrong passwords
      When 4 wrong passwords are tried at the mailbox of Bruno, by SMTP and IMAP in turn
      And Anna sends a plain message to Bruno
      And the mailbox of Bruno is unlocked by its provider
      Then the original reaches Bruno intact

    @id:mailbox-unlocked @PEC-INT-001 @stages:PEC-MBX-003
    Scenario: A mailbox that its provider unlocks
      Given Bruno's provider locks a mailbox after 3 wrong passwords
      When 3 wrong passwords are tried at the mailbox of Bruno, by SMTP and IMAP in turn
      And the mailbox of Bruno is unlocked by its provider
      And Anna sends a plain message to Bruno
      Then the transaction is complete
      And the original reaches Bruno intact

    @id:mailbox-suspended @PEC-MBX-001 @PEC-MBX-003 @stages:PEC-MBX-002
    Scenario: A mailbox that its provider suspends
      When the mailbox of Bruno is suspended by its provider
      And Anna sends a plain message to Bruno
      And Bruno tries to sign in, to send and to read
      Then the mailbox of Bruno is suspended
      And Anna receives one outcome about Bruno, whichever it is

    @id:mailbox-suspended-answered @PEC-INT-009 @stages:PEC-MBX-001
    Scenario: A message to a suspended mailbox has one outcome
      When the mailbox of Bruno is suspended by its provider
      And Anna sends a plain message to Bruno and Carla
      Then the transaction is complete

    @id:mailbox-without-room @PEC-ND-002 @stages:PEC-MBX-002
    Scenario: A mailbox over its quota
      When the mailbox of Bruno is moved to a plan without room
      And Anna sends a plain message to Bruno
      And Bruno tries to sign in, to send and to read
      Then Anna receives one non-delivery notice about Bruno
      And the transaction is complete

  Rule: A mailbox that is gone is unknown, and comes back empty

    @id:mailbox-closed @PEC-ND-001 @stages:PEC-MBX-002 @stages:PEC-ND-006
    Scenario: A message to a mailbox that its holder has closed
      When the mailbox of Bruno is closed by its holder
      And Anna sends a plain message to Bruno
      And Bruno tries to sign in, to send and to read
      Then Anna receives one non-delivery notice about Bruno
      And the transaction is complete

    @id:mailbox-bought-again @PEC-MBX-004
    Scenario: Its holder buys it again
      When Anna sends a plain message to Bruno
      And Bruno tries to sign in, to send and to read
      And the mailbox of Bruno is closed by its holder
      And the mailbox of Bruno is bought again by its holder
      And Bruno tries to sign in, to send and to read
      Then the mailbox of Bruno holds nothing of its former life

    @id:mailbox-bought-again-receives @PEC-INT-001 @stages:PEC-MBX-003
    Scenario: Mail to a mailbox that was bought again
      When the mailbox of Bruno is closed by its holder
      And the mailbox of Bruno is bought again by its holder
      And Anna sends a plain message to Bruno
      Then the transaction is complete
      And the original reaches Bruno intact

    @id:mailbox-late-receipts @PEC-MBX-004
    Scenario: Receipts that come when the mailbox is another
      Given Paolo's provider answers nothing
      When Anna sends a plain message to Paolo
      And Anna tries to sign in, to send and to read
      And the mailbox of Anna is closed by its holder
      And the mailbox of Anna is bought again by its holder
      And Anna tries to sign in, to send and to read
      And 25 hours pass
      And Anna tries to sign in, to send and to read
      Then the mailbox of Anna holds nothing of its former life

  Rule: The log outlives the mailbox

    @id:log-outlives-mailbox @PEC-INT-001 @stages:PEC-LOG-007 @stages:PEC-LOG-008
    Scenario: The trace of a message after its sender's mailbox is gone
      When Anna sends a plain message to Bruno
      And the mailbox of Anna is closed by its holder
      And Anna asks her provider for the trace of the message
      Then the transaction is complete

  Rule: Who asks for a password learns nothing of others' mailboxes

    @id:recovery-tells-nothing @PEC-MBX-005
    Scenario: A mailbox that exists, and one that does not
      When a new password is asked for the mailbox of Bruno and for an unknown one
      Then both are told the same
