Feature: Acceptance
  One receipt says that the message was taken, and what each recipient is.

  Rule: Each recipient is looked up in the directory

    @id:mixed-recipients @core @PEC-AP-030
    Scenario: Certified and ordinary recipients
      When Anna sends a plain message to Bruno and Elena
      Then it is accepted
      And Bruno is labelled as certified mail
      And Elena is labelled as ordinary mail

    @id:recipients-in-to-and-cc @PEC-AP-029
    Scenario: Certified recipients in To and in Cc
      When Anna sends a plain message to Bruno with Carla and Elena in copy
      Then Bruno is labelled as certified mail
      And Carla is labelled as certified mail
      And Elena is labelled as ordinary mail

    @id:recipient-domain-in-capitals @PEC-AP-028
    Scenario: A recipient's domain in capitals
      When Anna sends a plain message to Bruno in capital letters
      Then Bruno in capital letters is labelled as certified mail
      And Bruno receives one transport envelope

    @id:unlisted-subdomain @PEC-AP-031
    Scenario: A subdomain that is not in the directory
      When Anna sends a plain message to Bruno and a subdomain
      Then it is accepted
      And a subdomain is labelled as ordinary mail

  Rule: Ordinary recipients get the envelope and give no receipts

    @id:only-an-ordinary-recipient @PEC-INT-006 @PEC-TE-017
    Scenario: An ordinary recipient alone
      When Anna sends a plain message to Elena
      Then it is accepted
      And Elena receives one transport envelope
      And Anna receives no delivery receipts
