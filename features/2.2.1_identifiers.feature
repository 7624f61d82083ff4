Feature: Identifiers
  Each accepted message gets an identifier of the provider's own.

  Rule: Every accepted message has its own identifier

    @id:distinct-identifiers @PEC-ACC-001 @stages:PEC-AP-023 @stages:PEC-AP-024
    Scenario: Many messages at the same time
      When Anna sends 20 plain messages to Bruno over 4 connections at once
      Then each is accepted
      And the transaction is complete

  Rule: The client's identifier is kept as a reference

    @id:client-message-id @PEC-ACC-001 @stages:PEC-AP-025 @stages:PEC-AP-026 @stages:PEC-GEN-022 @stages:PEC-XML-014
    Scenario: The client gives an identifier
      When Anna sends a plain message to Bruno
      Then it is accepted
      And Bruno receives one transport envelope

    @id:no-client-message-id @PEC-ACC-001 @stages:PEC-AP-038 @stages:PEC-GEN-023
    Scenario: The client gives none
      When Anna sends a message without Message-ID to Bruno
      Then it is accepted
      And Bruno receives one transport envelope
