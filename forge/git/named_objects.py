"""Finds the objects that a person names to have them erased: by full id, or as `COMMIT:PATH`. Nothing is changed."""

from collections.abc import Iterable
from pathlib import Path

from forge.git import read
from forge.git.objects import ObjectMissing, ReaderPool, TooLarge, is_oid

MOST = 100  # named at once
PATH_CHARACTERS = 1_000


def object_ids(mirror: Path, names: Iterable[str]) -> tuple[list[str], list[str]]:
    """The full ids of the objects that are named so, and the names that name none.

    A full id needs no object: what is not here yet may come another day. Raises MirrorUnreadable.
    """
    oids, unknown = [], []
    pool = ReaderPool(1)
    try:
        for name in list(dict.fromkeys(names))[:MOST]:
            commit, colon, path = name.strip().partition(":")
            if not is_oid(commit) or (colon and not 0 < len(path) <= PATH_CHARACTERS):
                unknown.append(name)
            elif not colon:
                oids.append(commit)
            else:
                try:
                    with pool.objects(mirror) as objects:
                        oids.append(read.find(objects, commit, path.encode("utf-8", "surrogateescape")).oid)
                except (ObjectMissing, TooLarge):
                    unknown.append(name)
    finally:
        pool.close()
    return list(dict.fromkeys(oids)), unknown
