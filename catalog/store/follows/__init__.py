"""What people follow by mail, and its news since their last message."""
