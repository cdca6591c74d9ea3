"""The public record: what everybody may see of a project or an organization, as one value, and how it is stored.

`store.public_records` reads it from all tables, keeps it as a row, and gives it to pages and programs.
"""
