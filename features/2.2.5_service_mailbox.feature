Feature: The service mailbox
  Providers talk to each other there; nobody is answered from it for ever.

  Rule: Mail that users send there starts no storm

    @id:certified-mail-to-the-service-mailbox @PEC-SMB-003
    Scenario: A user of the other provider
      When Anna sends a plain message to the service mailbox of Bruno's provider
      Then it is accepted

    @id:ordinary-mail-to-the-service-mailbox @PEC-SMB-003
    Scenario: Ordinary mail
      When Elena sends a plain message to the service mailbox of Bruno's provider
      Then Elena receives no delivery receipts
      And nothing more follows
