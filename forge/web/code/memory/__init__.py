"""What pages of code keep in the memory of the process: results, lists of ids, and how much each network has read."""
