"""What a value of a record rests on: its source, its day, and what becomes of both when it is corrected. Pure."""
