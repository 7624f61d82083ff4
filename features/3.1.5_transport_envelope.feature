Feature: Transport envelope
  The original travels inside an envelope that its sender's provider signs.

  Rule: The envelope inherits what the sender wrote

    @id:envelope-without-reply-to @core @PEC-TE-001 @stages:PEC-TE-006
    Scenario: No Reply-To
      When Anna sends a plain message to Bruno with Carla in copy
      Then Bruno receives one transport envelope
      And Carla receives one transport envelope

    @id:envelope-with-reply-to @PEC-TE-001 @stages:PEC-TE-005 @stages:PEC-XML-009
    Scenario: A Reply-To
      When Anna sends a plain message with replies to Anna's colleague to Bruno
      Then Bruno receives one transport envelope

    @id:envelope-with-named-reply-to @PEC-TE-001 @stages:PEC-TE-005 @stages:PEC-XML-009
    Scenario: A Reply-To with a display name
      When Anna sends a message with a display name in Reply-To to Bruno
      Then Bruno receives one transport envelope
      And the transaction is complete

    @id:envelope-with-trace @PEC-TE-001 @stages:PEC-TE-008
    Scenario: Received lines of other hosts
      When Anna sends a message that has passed through other hosts to Bruno
      Then Bruno receives one transport envelope
      And the transaction is complete

    @id:envelope-with-encoded-names @PEC-TE-001 @stages:PEC-TE-007
    Scenario: Display names in encoded words and quotes
      When Anna sends a message with encoded display names to Bruno with Carla in copy
      Then Bruno receives one transport envelope
      And the transaction is complete

    @id:envelope-with-forged-headers @PEC-TE-001 @stages:PEC-AP-027
    Scenario: The client forges the headers of certified mail
      When Anna sends a message with forged certified-mail headers to Bruno
      Then Bruno receives one transport envelope
      And the transaction is complete

    @id:same-envelope-for-all @PEC-TE-017 @stages:PEC-TE-018
    Scenario: Recipients of two providers and an ordinary one
      When Anna sends a plain message to Bruno, Anna's studio and Elena
      Then Bruno receives one transport envelope
      And Anna's studio receives one transport envelope
      And Elena receives one transport envelope

  Rule: A kind of receipt that is not one of the three counts as complete

    @id:unknown-receipt-type @PEC-AP-034
    Scenario: An unknown kind
      When Anna sends a message that asks for an unknown kind of receipt to Bruno
      Then the delivery receipt about Bruno encloses the whole original

    @id:receipt-type-in-capitals @PEC-AP-034
    Scenario: A known kind in capitals
      When Anna sends a message that asks for a brief receipt in capitals to Bruno
      Then the delivery receipt about Bruno encloses the whole original

    @id:repeated-receipt-type @PEC-AP-034
    Scenario: Two kinds at once
      When Anna sends a message that asks for two kinds of receipt to Bruno
      Then the delivery receipt about Bruno encloses the whole original

  Rule: The original stays as it was, octet by octet

    @id:odd-octets-in-the-original @PEC-TE-012
    Scenario: Odd folding, 8-bit text, trailing blanks and long lines
      When Anna sends a message with odd folding, 8-bit text and trailing blanks to Bruno
      Then the original reaches Bruno intact

    @id:dots-in-the-original @PEC-TE-012
    Scenario: Lines that begin with a dot
      When Anna sends a message with lines that begin with a dot to Bruno and Elena
      Then the original reaches Bruno intact
      And the original reaches Elena intact

    @id:signed-original @PEC-TE-012 @stages:PEC-TE-013
    Scenario: The author signed the message
      When Anna sends a message that its author signed to Bruno
      Then the original reaches Bruno intact

    @id:certified-message-enclosed @PEC-TE-012 @stages:PEC-TE-014
    Scenario: The original encloses another certified message
      When Anna sends a message that encloses a certified message to Bruno
      Then the original reaches Bruno intact
      And the transaction is complete
