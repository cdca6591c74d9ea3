"""Sources and dates of the values of a record, and what becomes of them when a value is corrected. Pure."""
