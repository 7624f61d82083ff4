Feature: Subjects
  Whatever the subject, it comes back behind the prefix and inside the XML.

  Rule: Any subject goes through the whole transaction

    @id:subject @PEC-INT-001 @stages:PEC-GEN-025 @stages:PEC-GEN-026 @stages:PEC-XML-010
    Scenario Outline: A subject that is <subject>
      When Anna sends a message whose subject is <subject> to Bruno
      Then it is accepted
      And the transaction is complete

      Examples:
        | id                 | subject                        |
        | absent             | absent                         |
        | empty              | empty                          |
        | blank              | only blanks                    |
        | encoded-word       | one encoded word               |
        | two-charsets       | encoded words in two charsets  |
        | adjacent-words     | adjacent encoded words         |
        | folded             | folded over three lines        |
        | long-folded        | longer than 998 octets, folded |
        | xml-specials       | characters that XML escapes    |
        | beyond-the-bmp     | characters beyond the BMP      |
        | control-characters | encoded control characters     |
        | line-breaks        | encoded line breaks            |
        | quotes             | quotes and backslashes         |
        | prefix             | a prefix of certified mail     |
        | broken-word        | a broken encoded word          |
        | unknown-charset    | a charset that nobody knows    |
        | beyond-latin-1     | characters outside ISO-8859-1  |

  Rule: Ordinary mail too

    @id:anomaly-subject @PEC-ANO-001 @stages:PEC-ANO-003
    Scenario Outline: An ordinary message with a subject that is <subject>
      When Elena sends a message whose subject is <subject> to Bruno
      Then Bruno receives one anomaly envelope

      Examples:
        | id                 | subject                    |
        | absent             | absent                     |
        | encoded-word       | one encoded word           |
        | control-characters | encoded control characters |
