"""What `make bench` runs: Forge beside named peers, on the same data and machine in one run. It decides nothing."""
