Feature: The SMTP session at the incoming point
  Any mail host of the Internet speaks to it, well or badly.

  Rule: Ordinary mail may come without TLS, and TLS is there for who wants it

    @id:starttls-on-the-incoming-point @PEC-IP-001
    Scenario: STARTTLS is announced and works
      When somebody tries STARTTLS on the incoming point at Bruno's provider
      Then that is done over TLS

    @id:clear-text-on-the-incoming-point @PEC-IP-002
    Scenario: A host that knows no TLS
      When Elena sends a plain message to Bruno, in clear text
      Then Bruno receives one anomaly envelope

  Rule: Replies and effects are those of SMTP

    @id:commands-out-of-order @PEC-IP-033
    Scenario: Commands before their time
      When somebody tries commands out of order on the incoming point at Bruno's provider
      Then that is refused

    @id:reset-and-noop @PEC-IP-033
    Scenario: RSET and NOOP
      When somebody tries RSET and NOOP on the incoming point at Bruno's provider
      Then that is allowed

    @id:helo-session @PEC-IP-033
    Scenario: A host that says HELO
      When Elena sends a plain message to Bruno and Carla, greeting with HELO
      Then Bruno receives one anomaly envelope
      And Carla receives one anomaly envelope

    @id:reset-transaction @PEC-IP-033
    Scenario: A transaction that is reset leaves nothing behind
      When Elena sends a plain message to Bruno, after a transaction that is reset
      Then Bruno receives one anomaly envelope

    @id:lines-that-begin-with-a-dot @PEC-IP-033
    Scenario: Lines that begin with a dot
      When Elena sends a message with lines that begin with a dot to Bruno
      Then the original reaches Bruno intact
