Feature: Envelopes from another provider
  What a provider sends correctly is taken in charge and delivered, however unusual its form.

  Rule: A correct envelope is taken in charge and delivered

    @id:envelope-from-a-peer @core @PEC-IP-003
    Scenario: One recipient
      When Paolo's provider sends a correct transport envelope to Bruno
      Then the service mailbox of Paolo's provider receives one taken-in-charge receipt
      And Bruno receives one transport envelope
      And Paolo receives one delivery receipt about Bruno

    @id:envelope-from-a-peer-to-three @PEC-IP-003
    Scenario: Three recipients
      When Paolo's provider sends a correct transport envelope to Bruno and Carla with Dario in copy
      Then the service mailbox of Paolo's provider receives one taken-in-charge receipt
      And Carla receives one transport envelope
      And Paolo receives three delivery receipts

    @id:envelope-from-a-peer-to-anna @PEC-IP-003
    Scenario: To the other provider
      When Paolo's provider sends a correct transport envelope to Anna
      Then Anna receives one transport envelope
      And Paolo receives one delivery receipt about Anna

    @id:envelope-with-bare-line-feeds @PEC-IP-033
    Scenario: Line feeds without carriage return, and all is well after it
      When Paolo's provider sends a transport envelope with bare line feeds to Bruno
      And Paolo's provider sends a correct transport envelope to Bruno
      Then Bruno receives one transport envelope

  Rule: The directory is searched without regard to letter case, and for every certificate

    @id:hash-in-the-other-letter-case @PEC-IP-017
    Scenario: A hash in the other letter case
      When Delia's provider sends a correct transport envelope to Bruno
      Then the service mailbox of Delia's provider receives one taken-in-charge receipt
      And Bruno receives one transport envelope

    @id:either-certificate-of-a-renewal @PEC-IP-018
    Scenario: The second certificate of a renewal
      When Paolo's provider sends a transport envelope signed with the renewed certificate to Carla
      Then the service mailbox of Paolo's provider receives one taken-in-charge receipt
      And Carla receives one transport envelope

  Rule: Unusual forms that the rules allow are correct

    @id:parts-in-the-other-order @PEC-IP-023
    Scenario: The original before the certification data
      When Paolo's provider sends a transport envelope with its parts in the other order to Bruno
      Then the service mailbox of Paolo's provider receives one taken-in-charge receipt
      And Bruno receives one transport envelope

    @id:an-extra-part @PEC-IP-023
    Scenario: A part that the provider added
      When Paolo's provider sends a transport envelope with an extra part to Bruno
      Then the service mailbox of Paolo's provider receives one taken-in-charge receipt
      And Bruno receives one transport envelope

    @id:text-that-lies @PEC-GEN-015
    Scenario: A text that says something else than the data
      When Paolo's provider sends a transport envelope whose text says something else to Bruno
      Then the service mailbox of Paolo's provider receives one taken-in-charge receipt
      And Bruno receives one transport envelope
      And Paolo receives one delivery receipt about Bruno

    @id:data-without-optional-attributes @PEC-XML-022
    Scenario: Attributes that have a default are left out
      When Paolo's provider sends a transport envelope without the optional attributes to Bruno
      Then the service mailbox of Paolo's provider receives one taken-in-charge receipt
      And Bruno receives one transport envelope
      And Paolo receives one delivery receipt about Bruno

  Rule: What the SMTP envelope says and the data do not

    @id:one-envelope-in-two-transactions @PEC-SSA-006
    Scenario: Each recipient in a transaction of its own
      When Paolo's provider sends a correct transport envelope to Bruno and Carla in two transactions
      Then Bruno receives one transport envelope
      And Carla receives one transport envelope
      And Paolo receives two delivery receipts

    @id:same-envelope-twice @PEC-IP-026
    Scenario: The same envelope comes twice
      When Paolo's provider sends a correct transport envelope to Bruno
      And Paolo's provider sends the same once more
      Then Paolo receives one delivery receipt about Bruno

    @id:recipient-that-the-data-do-not-list @stages:PEC-IP-025 @PEC-DP-006
    Scenario: A recipient that the data do not list
      When Paolo's provider sends a transport envelope that lists Pia instead to Bruno
      Then Paolo receives no delivery receipts about Pia

    @id:recipient-in-neither-to-nor-cc @PEC-RC-004
    Scenario: A recipient in neither To nor Cc
      When Paolo's provider sends a transport envelope that names its recipient neither in To nor in Cc to Bruno
      Then Paolo receives one delivery receipt about Bruno
      And the delivery receipt about Bruno encloses the whole original

    @id:addressees-that-cannot-be-read @PEC-RC-005
    Scenario: To and Cc that cannot be read
      When Paolo's provider sends a transport envelope whose To and Cc cannot be read to Bruno
      Then Paolo receives one delivery receipt about Bruno
      And the delivery receipt about Bruno encloses the whole original

    @id:conflicting-kinds-of-receipt @PEC-DP-009
    Scenario: The envelope asks for another receipt than the original
      When Paolo's provider sends a transport envelope asking for a concise receipt where the original asks for a complete one to Bruno
      Then Paolo receives one delivery receipt about Bruno
      And the delivery receipt about Bruno encloses no original

    @id:envelope-for-a-domain-that-is-not-managed @stages:PEC-ND-009 @PEC-DP-002
    Scenario: A domain that is not managed
      Given Paolo's provider's correct envelope to Bruno is taken in charge
      When Paolo's provider sends a correct transport envelope to a subdomain
      Then Paolo receives no delivery receipts

    @id:envelope-from-a-peer-to-an-unknown-mailbox @stages:PEC-SSA-009 @PEC-ND-001
    Scenario: An unknown mailbox
      When Paolo's provider sends a correct transport envelope to Bruno and an unknown mailbox
      Then Paolo receives one delivery receipt about Bruno
      And Paolo receives one non-delivery notice about an unknown mailbox
