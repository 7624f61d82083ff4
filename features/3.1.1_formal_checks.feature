Feature: Formal checks at the access point
  What cannot be certified is refused, whole.

  Rule: From holds one well-formed address, the sender's

    Background:
      Given Anna's well-formed message is accepted

    @id:no-from @PEC-AP-005
    Scenario: No From
      When Anna sends a message without From to Bruno
      Then it is refused
      And nothing more follows

    @id:malformed-from @PEC-AP-006
    Scenario: A From that does not parse
      When Anna sends a message with a malformed From to Bruno
      Then it is refused
      And nothing more follows

    @id:empty-from @PEC-AP-006
    Scenario: A From without value
      When Anna sends a message with an empty From to Bruno
      Then it is refused
      And nothing more follows

    @id:group-from @PEC-AP-006
    Scenario: A group in From
      When Anna sends a message whose From is a group to Bruno
      Then it is refused
      And nothing more follows

    @id:two-mailboxes-in-from @PEC-AP-007
    Scenario: Two mailboxes in From
      When Anna sends a message with two mailboxes in From to Bruno
      Then it is refused

    @id:reverse-path-differs @PEC-AP-010
    Scenario: A From that is not the reverse path
      When Anna sends a message whose From is somebody else to Bruno
      Then it is refused
      And nothing more follows

    @id:reverse-path-of-another-account @PEC-AP-002
    Scenario: The name of another user of the same provider
      When Anna sends a plain message to Bruno, under the name of Anna's colleague
      Then it is refused
      And nothing more follows

  Rule: To is there and well-formed

    Background:
      Given Anna's well-formed message is accepted

    @id:no-to @PEC-AP-008
    Scenario: No To, only Cc
      When Anna sends a message without To to Bruno
      Then it is refused
      And nothing more follows

    @id:malformed-to @PEC-AP-009
    Scenario: A To that does not parse
      When Anna sends a message with a malformed To to Bruno
      Then it is refused
      And nothing more follows

    @id:empty-group-to @PEC-AP-009
    Scenario: Undisclosed recipients
      When Anna sends a message whose To is an empty group to Bruno
      Then it is refused
      And nothing more follows

  Rule: Nobody receives who is not named in To or Cc

    Background:
      Given Anna's well-formed message is accepted

    @id:hidden-recipient @PEC-AP-012
    Scenario: A recipient who is in no header
      When Anna sends a plain message to Bruno, hiding Dario from the header
      Then it is refused
      And Dario receives nothing

    @id:bcc-with-value @PEC-AP-014
    Scenario: A Bcc with an address
      When Anna sends a message with Dario in Bcc to Bruno
      Then it is refused
      And nothing more follows

    @id:bcc-only-recipient @PEC-AP-016
    Scenario: A recipient who is only in Bcc
      When Anna sends a message with Dario in Bcc to Bruno, hiding Dario from the header
      Then it is refused
      And Dario receives nothing

    @id:one-fault-among-many @PEC-AP-022
    Scenario: One hidden recipient among many correct ones
      When Anna sends an HTML message with attachments to Bruno, Carla and Anna's colleague with Elena in copy, hiding Dario from the header
      Then it is refused
      And nothing more follows

  Rule: Other breaches of the message format are refused

    Background:
      Given Anna's well-formed message is accepted

    @id:format @PEC-AP-039
    Scenario Outline: <what>
      When Anna sends a message with <what> to Bruno
      Then it is refused
      And nothing more follows

      Examples:
        | id                 | what                         |
        | two-from-fields    | two From fields              |
        | two-to-fields      | two To fields                |
        | two-subjects       | two Subject fields           |
        | two-message-ids    | two Message-ID fields        |
        | line-without-colon | a header line without colon  |
        | bare-cr            | a bare CR                    |
        | overlong-line      | a line over 998 octets       |

    @id:no-date @PEC-AP-039
    Scenario: No Date, which the provider may refuse or supply
      When Anna sends a message without Date to Bruno
      Then the transaction is complete

  Rule: What is well-formed goes through, however unusual

    @id:domain-in-capitals @PEC-AP-011
    Scenario: The sender's domain in capitals
      When Anna sends a message whose From has its domain in capitals to Bruno
      Then it is accepted

    @id:empty-bcc @PEC-AP-015
    Scenario: A Bcc without value
      When Anna sends a message with an empty Bcc to Bruno
      Then it is accepted

    @id:to-without-rcpt @PEC-AP-013
    Scenario: An address in Cc that the server was not told
      When Anna sends a plain message to Bruno, naming Carla in the header only
      Then it is accepted
      And Carla receives nothing

    @id:same-recipient-twice @PEC-AP-035
    Scenario: The same recipient twice
      When Anna sends a plain message to Bruno, naming each recipient twice to the server
      Then Anna receives one delivery receipt about Bruno
      And the transaction is complete

    @id:unusual-recipient-fields @PEC-AP-036
    Scenario: Groups, comments, quoted names and encoded words
      When Anna sends a message with folded, grouped and commented recipients to Bruno and Carla with Dario in copy
      Then it is accepted
      And the transaction is complete
