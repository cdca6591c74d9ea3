"""Which files a document consists of, and how large each may be. A file is parsed only if it may include others."""

from pathlib import Path

MAX_BYTES = 10_000_000  # of one file


def files(path: Path | str) -> list[Path]:
    """The document's own file, then those it includes, in the order they are read; nothing is checked.

    Raises OSError when the first cannot be read.
    """
    path = Path(path)
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if b"include" not in data:  # the usual document, asked at each start: reading YAML took a fiftieth of it
        return [path]
    from catalog.document.folder import included_paths

    return [path, *included_paths(path, data)]
