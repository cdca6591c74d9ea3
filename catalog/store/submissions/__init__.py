"""What people sent, in every state from draft to published or withdrawn."""
