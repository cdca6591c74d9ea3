"""What `make bench` runs: Forge beside named peers, on the same data and machine in one run. It decides nothing."""

import sys
from pathlib import Path

# Servers and hosts that the tests start are started here too.
TESTS = str(Path(__file__).resolve().parents[1] / "tests")
if TESTS not in sys.path:
    sys.path.append(TESTS)
