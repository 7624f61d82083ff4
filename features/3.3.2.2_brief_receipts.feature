Feature: What a brief receipt does to the original
  Attachments give way to their hashes, everything else stays.

  Rule: Every part with a file name is replaced

    @id:brief @PEC-RB-001 @PEC-RB-004 @stages:PEC-RB-006 @stages:PEC-RB-007 @stages:PEC-RB-018
    Scenario Outline: <what>
      When Anna sends a message with <what> asking for a brief receipt to Bruno
      Then the delivery receipt about Bruno encloses the original in brief

      Examples:
        | id                  | what                                           |
        | content-type-name   | an attachment named in Content-Type only        |
        | disposition-name    | an attachment named in Content-Disposition only |
        | both-names          | an attachment named in both fields              |

    @id:brief-structure @PEC-RB-001 @PEC-RB-015
    Scenario Outline: <what>
      When Anna sends a message with <what> asking for a brief receipt to Bruno
      Then the delivery receipt about Bruno encloses the original in brief

      Examples:
        | id                | what                                |
        | nested-multiparts | attachments in nested multiparts    |
        | inline-images     | inline images                       |
        | same-name-twice   | two attachments of the same name    |

    @id:brief-attached-message @PEC-RB-001 @PEC-RB-010
    Scenario Outline: <what>
      When Anna sends a message with <what> asking for a brief receipt to Bruno
      Then the delivery receipt about Bruno encloses the original in brief

      Examples:
        | id      | what                          |
        | named   | a named message attached      |
        | unnamed | an unnamed message attached   |

    @id:brief-p7m-attachment @PEC-RB-001 @PEC-RB-013
    Scenario: A p7m file below the top level
      When Anna sends a message with a p7m file attached asking for a brief receipt to Bruno
      Then the delivery receipt about Bruno encloses the original in brief

  Rule: The hash is over the content as it travelled

    @id:brief-encoding @PEC-RB-001 @stages:PEC-RB-008 @stages:PEC-RB-009
    Scenario Outline: <what>
      When Anna sends a message with <what> asking for a brief receipt to Bruno
      Then the delivery receipt about Bruno encloses the original in brief

      Examples:
        | id               | what                                |
        | quoted-printable | a quoted-printable attachment       |
        | eight-bit        | an 8-bit attachment                 |
        | short-lines      | a base64 attachment in short lines  |

  Rule: The file name can still be read

    @id:brief-name @PEC-RB-001 @stages:PEC-RB-014
    Scenario Outline: <what>
      When Anna sends a message with <what> asking for a brief receipt to Bruno
      Then the delivery receipt about Bruno encloses the original in brief

      Examples:
        | id            | what                                |
        | rfc2231       | an attachment name in RFC 2231 form |
        | encoded-words | an attachment name in encoded words |
        | odd           | odd attachment names                |

  Rule: What has no file name, or must not be touched, stays

    @id:brief-part-without-name @PEC-DP-006 @stages:PEC-RB-005
    Scenario: A second part without name
      When Anna sends a message with a second part that has no name asking for a brief receipt to Bruno
      Then Anna receives one delivery receipt about Bruno

    @id:brief-without-attachments @PEC-DP-006 @stages:PEC-RB-017
    Scenario: No attachments at all
      When Anna sends a plain message asking for a brief receipt to Bruno
      Then Anna receives one delivery receipt about Bruno

    @id:brief-signed-original @PEC-RB-001 @PEC-RB-011
    Scenario: An original that its author signed
      When Anna sends a message that its author signed asking for a brief receipt to Bruno
      Then the delivery receipt about Bruno encloses the original in brief

    @id:brief-opaque-original @PEC-DP-006 @stages:PEC-RB-012
    Scenario: An original signed in opaque form
      When Anna sends a message that its author signed in opaque form asking for a brief receipt to Bruno
      Then Anna receives one delivery receipt about Bruno
