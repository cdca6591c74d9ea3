"""Former states of branches and versions, before the origin rewrote or deleted them: we keep them, and say when that
was.
"""

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request

from forge.git import read
from forge.web.code.access import CodeReaders, CodeSource, address_of, visible_text
from forge.web.code.code_page import open_objects

VISITS = 200  # that are looked through; idle ones leave no record
STATES = 100
_LOST = ("rewritten", "deleted")


@dataclass(frozen=True)
class FormerState:
    """A branch or version that is not what it was. `address` leads to its former history, "" where that is not free or
    no history; `erased`: it was removed from our copy.
    """

    name: str
    kind: str  # rewritten, deleted
    at: datetime
    address: str
    erased: bool = False


def former_states(request: Request, source: CodeSource) -> tuple[list[FormerState], bool]:
    """Return the former states, newest first, and whether there may be more."""
    visits = request.app.state.store.mirrors.visits(source.found.id, VISITS)
    lost = [(visit.started_at, change) for visit in visits for change in visit.changes if change.get("kind") in _LOST]
    states = []
    with open_objects(request, source) as objects:
        for at, change in lost[:STATES]:
            name = visible_text(str(change["ref"]).split("/", 2)[-1])
            address = _address(objects, source, str(change["old"]))
            gone = not address and _is_gone(request, source, str(change["old"]))
            states.append(FormerState(name, str(change["kind"]), at, address, gone))
    return states, len(lost) > STATES or len(visits) == VISITS


def _is_gone(request: Request, source: CodeSource, oid: str) -> bool:
    """Whether our mirror itself, and not only what of it is free, has no such object."""
    code_readers: CodeReaders = request.app.state.code_readers
    try:
        with code_readers.pool.objects(code_readers.mirrors / f"{source.found.id}.git") as objects:
            objects.info(oid)
    except read.ObjectMissing:
        return True
    return False


def _address(objects: read.ObjectReader, source: CodeSource, oid: str) -> str:
    try:
        return address_of(source.slug, "log", read.commit(objects, oid).oid)
    except (read.ObjectMissing, read.TooLarge):
        return ""
