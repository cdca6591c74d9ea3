"""Messages to people: worded in their language, sent by SMTP or laid into an outbox folder. The web never sends."""
