"""The exchange with other catalogues on The Update Framework: what is published, and who is followed."""
