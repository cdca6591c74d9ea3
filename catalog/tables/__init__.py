"""The tables of the database, a file a subject; `all_tables` has them in one metadata."""
