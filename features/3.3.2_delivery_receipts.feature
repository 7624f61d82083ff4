Feature: Delivery receipts
  Who is in To gives back the original, who is in Cc a few lines.

  Rule: Complete receipts enclose the original for primary recipients

    @id:complete-receipt @core @PEC-RC-001 @PEC-DP-002
    Scenario: Nothing is asked for
      When Anna sends an HTML message with attachments to Bruno
      Then Anna receives one delivery receipt about Bruno
      And the delivery receipt about Bruno encloses the whole original

    @id:complete-receipt-on-request @PEC-RC-001 @stages:PEC-AP-032
    Scenario: The complete kind is asked for
      When Anna sends an HTML message with attachments asking for a complete receipt to Bruno
      Then the delivery receipt about Bruno encloses the whole original

    @id:complete-receipt-in-copy @core @PEC-RC-001 @PEC-RC-002
    Scenario: One recipient in To, one in Cc
      When Anna sends an HTML message with attachments to Bruno with Carla in copy
      Then the delivery receipt about Bruno encloses the whole original
      And the delivery receipt about Carla encloses no original

    @id:recipient-in-to-and-cc @PEC-RC-003
    Scenario: A recipient in To and in Cc
      When Anna sends an HTML message with attachments to Bruno and Carla with Bruno in copy
      Then the delivery receipt about Bruno encloses the whole original

    @id:one-receipt-per-recipient @PEC-DP-006
    Scenario: Three recipients, three receipts
      When Anna sends a plain message to Bruno, Carla and Dario
      Then Anna receives three delivery receipts
      And Anna receives one delivery receipt about Carla
      And the transaction is complete

  Rule: Brief receipts are brief for primary recipients

    @id:brief-receipt @core @PEC-RB-001
    Scenario: A recipient in To
      When Anna sends an HTML message with attachments asking for a brief receipt to Bruno
      Then the delivery receipt about Bruno encloses the original in brief

    @id:brief-receipt-in-copy @PEC-RB-001 @PEC-RB-002
    Scenario: One recipient in To, one in Cc
      When Anna sends an HTML message with attachments asking for a brief receipt to Bruno with Carla in copy
      Then the delivery receipt about Bruno encloses the original in brief
      And the delivery receipt about Carla encloses no original

    @id:brief-receipt-in-to-and-cc @PEC-RB-001 @stages:PEC-RB-003
    Scenario: A recipient in To and in Cc
      When Anna sends an HTML message with attachments asking for a brief receipt to Bruno with Bruno in copy
      Then the delivery receipt about Bruno encloses the original in brief

  Rule: Concise receipts enclose nothing for anybody

    @id:concise-receipt @core @PEC-RS-001
    Scenario: One recipient in To, one in Cc
      When Anna sends an HTML message with attachments asking for a concise receipt to Bruno with Carla in copy
      Then the delivery receipt about Bruno encloses no original
      And the delivery receipt about Carla encloses no original
