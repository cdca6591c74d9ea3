"""What people follow by mail, and what happened to it since their last message."""
