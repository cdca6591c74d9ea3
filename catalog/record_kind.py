"""The kinds of records, as tables, addresses, the log and other catalogues name them."""

PROJECT, ORGANIZATION, ADOPTION = "project", "organization", "adoption"
EXPERIENCE, CALL = "experience", "call"
