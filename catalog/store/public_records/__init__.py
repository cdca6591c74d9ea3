"""Public records as rows: read from all tables, written in the transaction that changes them, and given to readers."""
