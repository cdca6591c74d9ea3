"""Messages to people: composed in their language, sent by SMTP or put into an outbox folder. The web never sends."""
