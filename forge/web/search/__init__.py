"""The parts of the find page: filters, reasons of a match, questions of a category, what to do without results."""
