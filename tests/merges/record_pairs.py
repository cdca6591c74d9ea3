"""Two hundred pairs of records of two catalogues, and whether they are the same: what identity is measured by.

Made for this, of names as groups bear them in ten languages and five scripts. The traps: copies that were changed,
namesakes, chapters of one federation, renamed repositories, mirrors on several forges, mailbox domains, accents,
abbreviations. The lists stand in tests/identity.
"""

from typing import Any
from uuid import UUID, uuid5

from support.paths import TESTS

from catalog.federation.identity import IdentityValues, subject
from catalog.record_kind import ORGANIZATION, PROJECT

FOLDER = TESTS / "identity"
HERE, THERE = UUID(int=1), UUID(int=2)
Pair = tuple[IdentityValues, IdentityValues]
_CELLS = 5  # of a record
_LISTS = ("sources", "other_repositories")
_FORK = "fork-of"


def _pairs(wanted: str) -> list[Pair]:
    found = []
    for kind, file in ((PROJECT, "software.tsv"), (ORGANIZATION, "organizations.tsv")):
        for number, line in enumerate((FOLDER / file).read_text().splitlines()):
            said, *cells = line.split("\t")
            if said == wanted:
                cells += [""] * (2 * _CELLS - len(cells))
                subject = _subject(kind, HERE, number, cells[:_CELLS])
                found.append((subject, _subject(kind, THERE, number, cells[_CELLS:])))
    return found


def _subject(kind: str, home: UUID, number: int, cells: list[str]) -> IdentityValues:
    name, country, repository, homepage, more = cells
    record: dict[str, Any] = {"name": name, "identifiers": {}}
    record |= {"country": country} if country else {}
    record |= {
        key: f"https://{address}" for key, address in (("repository", repository), ("homepage", homepage)) if address
    }
    apart = frozenset[UUID]()
    for part in more.split():
        key, _, value = part.partition("=")
        if key in _LISTS:
            record.setdefault(key, []).append(value)
        elif key == _FORK:
            apart = frozenset({uuid5(HERE, f"{kind} {number}")})  # of the record beside it
        else:
            record["identifiers"][key] = value.replace("_", " ")
    return subject(kind, uuid5(home, f"{kind} {number}"), home, record, apart)


SAME = _pairs("same")
DIFFERENT = _pairs("different")
