"""What a visit of a peer hands over: verified records and statements, of which nothing is known here yet. Pure.

Its signature, hashes, sizes and shapes were checked, and each record is of the peer's own home. What happens with it is
`merge`'s matter.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from catalog.federation.shapes import (
    Acknowledgement,
    Correction,
    Join,
    Offer,
    Record,
    Texts,
    Tombstone,
)


@dataclass(frozen=True)
class Delta:
    """`whole`: a snapshot; of `kinds`, what it does not carry is published no more. Else what changed since the last
    one, each record with all its texts. `kinds`: what was decided to be read; tombstones, offers, corrections and
    acknowledgements are handed over whatever was decided. `texts` by kind and language, in the languages of this
    instance; those of `text_layers.IN_ANY_LANGUAGE` in all. `missing`: languages of this instance whose texts are
    published but not to be had, since whoever keeps the files of a dead home never read them.
    """

    sequence: int
    at: datetime
    whole: bool
    kinds: frozenset[str]
    records: Mapping[str, tuple[Record, ...]]
    texts: Mapping[tuple[str, str], Mapping[UUID, Texts]]
    tombstones: tuple[Tombstone, ...] = ()
    joins: tuple[Join, ...] = ()
    offers: tuple[Offer, ...] = ()
    acknowledgements: tuple[Acknowledgement, ...] = ()
    corrections: tuple[Correction, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages in which it brings texts, sorted."""
        return tuple(sorted({language for _, language in self.texts}))
