"""Names of the kinds of records that other catalogues send, and of methods of translation."""

PROJECT, ORGANIZATION, ADOPTION = "project", "organization", "adoption"
EXPERIENCE, CALL = "experience", "call"
PERSON, MACHINE, REVISED = "person", "machine", "machine then person"
METHODS = (PERSON, MACHINE, REVISED)
