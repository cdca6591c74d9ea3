"""What other catalogues may read about our records, and what they were told so far."""
