"""What pages of code ask of git beside objects: differences, blame, search, archives, identifiers. Each is one bounded
child process or pure; nothing is changed.
"""
