"""What `make bench` runs: Forge beside named peers, on the same data and machine in one run. It decides nothing."""

import sys
from pathlib import Path

# A checkout's tests have the servers, hosts and clients that benchmarks use too (`support`).
sys.path.append(str(Path(__file__).parents[1] / "tests"))
