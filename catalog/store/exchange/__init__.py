"""What is sent to other catalogues: the records to send, what is published now, what was withdrawn."""
