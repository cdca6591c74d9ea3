"""The forms that people send, and the page of what they sent."""
