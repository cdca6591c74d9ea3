"""Rules of single values of a record: sources, stated dates, features, pictures, and when it changed last. Pure."""
