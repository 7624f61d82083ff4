Feature: Anomaly envelope
  What is not certified reaches the user in an envelope that says so.

  Rule: Ordinary mail that is let in comes inside an anomaly envelope

    @id:ordinary-mail @core @PEC-IP-019 @PEC-INT-007
    Scenario: A plain message
      When Elena sends a plain message to Bruno
      Then Bruno receives one anomaly envelope
      And nothing more follows

    @id:ordinary-mail-with-attachments @PEC-ANO-001 @PEC-ANO-013
    Scenario: HTML with attachments
      When Elena sends an HTML message with attachments to Bruno
      Then the original reaches Bruno intact

    @id:ordinary-mail-with-odd-octets @PEC-ANO-001 @PEC-ANO-013
    Scenario: Odd folding, 8-bit text and trailing blanks
      When Elena sends a message with odd folding, 8-bit text and trailing blanks to Bruno
      Then the original reaches Bruno intact

    @id:ordinary-mail-signed @PEC-ANO-001 @PEC-ANO-013
    Scenario: A message that its author signed
      When Elena sends a message that its author signed to Bruno
      Then the original reaches Bruno intact

    @id:ordinary-mail-to-several @PEC-ANO-015
    Scenario: Several recipients
      When Elena sends a plain message to Bruno and Carla with Dario in copy
      Then Bruno receives one anomaly envelope
      And Carla receives one anomaly envelope
      And Dario receives one anomaly envelope

    @id:ordinary-mail-with-reply-to @PEC-ANO-002 @stages:PEC-ANO-006
    Scenario: A Reply-To
      When Elena sends a plain message with replies to Carla to Bruno
      Then Bruno receives one anomaly envelope
      And Carla receives nothing

    @id:ordinary-mail-without-message-id @PEC-ANO-002 @stages:PEC-ANO-007
    Scenario: No identifier
      When Elena sends a message without Message-ID to Bruno
      Then Bruno receives one anomaly envelope

  Rule: Ordinary mail provokes no receipts

    @id:no-receipts-for-ordinary-mail @PEC-ANO-012 @PEC-DP-003
    Scenario: It asks for a receipt all the same
      When Elena sends a plain message asking for a complete receipt to Bruno
      Then Bruno receives one anomaly envelope
      And Elena receives no delivery receipts
      And nothing more follows

    @id:ordinary-mail-to-an-unknown-mailbox @PEC-ND-007
    Scenario: An unknown mailbox
      When Elena sends a plain message to an unknown mailbox
      Then Elena receives no non-delivery notices
      And nothing more follows

  Rule: A forgery is told from the real thing

    @id:forged-envelope @PEC-ANO-014 @PEC-IP-006
    Scenario: A look-alike of a transport envelope, unsigned
      When Elena sends a forged transport envelope to Bruno
      Then Bruno receives one anomaly envelope
      And Bruno receives no transport envelopes
      And Anna receives nothing

  Rule: Infected ordinary mail is not delivered

    @id:infected-ordinary-mail @virus @PEC-IP-020
    Scenario: A virus attached
      When Elena sends a message with a virus attached to Bruno
      Then Bruno receives nothing
      And nothing more follows
