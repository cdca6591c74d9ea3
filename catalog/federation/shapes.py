"""Words of what other catalogues tell: kinds of records, and methods of translation."""

PROJECT, ORGANIZATION, ADOPTION = "project", "organization", "adoption"
EXPERIENCE, CALL = "experience", "call"
KINDS = (PROJECT, ORGANIZATION, ADOPTION, EXPERIENCE, CALL)  # of records; references lead to earlier ones
PERSON, MACHINE, REVISED = "person", "machine", "machine then person"
METHODS = (PERSON, MACHINE, REVISED)
