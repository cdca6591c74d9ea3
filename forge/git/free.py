"""Where the free part of a mirror lies whose license is no longer free, and up to which commit it goes. It only reads.

It is a repository of its own beside the mirror: over protocol v2 a client may ask any repository for any object by its
id, so that what must not be given out must not be in it. `separate` makes it.
"""

import json
from pathlib import Path

MARK = "free.json"


def part_of(mirror: Path) -> Path:
    """The folder of the free part of a mirror, whether it is there or not: `<id>.free.git` beside `<id>.git`."""
    return mirror.with_name(f"{mirror.name.removesuffix('.git')}.free.git")


def held(part: Path) -> dict[str, str]:
    """What a finished free part says of itself: `commit`, the last one it holds, and `names`, a digest of its refs; {}
    where there is none."""
    try:
        said = json.loads((part / MARK).read_bytes())
    except (OSError, ValueError):
        return {}
    known = isinstance(said, dict) and {"commit", "names"} <= said.keys()
    return {key: str(value) for key, value in said.items()} if known else {}


def mark(commit: str, names: str) -> bytes:
    """The content of the file MARK by which a part says so."""
    return json.dumps({"commit": commit, "names": names}).encode()
