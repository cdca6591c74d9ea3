"""What the find page adds to the search: filters, reasons of a match, questions of a category, what to do where little
is found.
"""
