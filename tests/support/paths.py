"""Where the checkout and what lies beside it are, for tests that read files of either."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"
SHARED = ROOT.parent / "shared"  # public data that the project does not copy; some tests are skipped without it
