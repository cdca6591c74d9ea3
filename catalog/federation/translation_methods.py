"""Names of the methods of translation, as catalogues tell each other."""

PERSON, MACHINE, REVISED = "person", "machine", "machine then person"
METHODS = (PERSON, MACHINE, REVISED)
