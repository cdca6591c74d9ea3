"""What an operator sets: settings, mail server, theme."""
