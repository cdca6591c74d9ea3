"""Which of our rows each record of another catalogue belongs to, and the rows that are made of the rest."""
