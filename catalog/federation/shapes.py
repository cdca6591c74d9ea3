"""Words of what other catalogues tell: kinds of records, and methods of translation."""

PROJECT, ORGANIZATION, ADOPTION = "project", "organization", "adoption"
EXPERIENCE, CALL, JOIN = "experience", "call", "join"
KINDS = (PROJECT, ORGANIZATION, ADOPTION, EXPERIENCE, CALL)  # of records; references lead to earlier ones
SAME, NOT_THE_SAME, PART_OF, SUCCESSOR_OF = "same", "not-the-same", "part-of", "successor-of"
PERSON, MACHINE, REVISED = "person", "machine", "machine then person"
METHODS = (PERSON, MACHINE, REVISED)
