"""Words of what other catalogues tell: kinds of records, and methods of translation."""

PROJECT, ORGANIZATION, ADOPTION = "project", "organization", "adoption"
EXPERIENCE, CALL = "experience", "call"
PERSON, MACHINE, REVISED = "person", "machine", "machine then person"
METHODS = (PERSON, MACHINE, REVISED)
