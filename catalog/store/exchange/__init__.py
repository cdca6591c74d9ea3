"""What goes to other catalogues: records out of the public ones, what is published now, what was withdrawn."""
