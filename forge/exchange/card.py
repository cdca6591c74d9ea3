"""Makes the card of this catalogue for other catalogues, from the manifest and its address."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice

from catalog.exchange.limits import LIMITS
from catalog.exchange.names import INSTANCE
from catalog.exchange.statements import CardLicense, CardOperator, FollowedCatalogue, InstanceCard
from catalog.exchange.values import MAX_FOLLOWED
from catalog.exchange.writing import as_json, card_bytes
from catalog.model import Manifest
from catalog.rules.peer import FOLLOWING, Peer
from catalog.validation import InvalidData, read

FOLLOWED_LANGUAGES = 10
SPACE_BYTES = 50  # what stands around an entry of the list
CONTACT = "/help"  # "Help and contact", in the reader's language


def instance_card(manifest: Manifest, address: str, peers: Iterable[Peer]) -> InstanceCard:
    """The card. Where the manifest names no contact, it has the page by which readers write to the operators. Of
    `peers` it names those that are followed, as many as MAX_FOLLOWED and the size of a card allow."""
    operator, license, here = manifest.operator, manifest.data_license, address.rstrip("/")
    card = InstanceCard(
        instance=manifest.id,
        name=_stated_texts(manifest.name),
        address=here,
        languages=tuple(manifest.languages),
        data_license=CardLicense(license.facts, license.texts),
        operator=CardOperator(operator.name, operator.homepage, operator.country) if operator else None,
        contact=manifest.contact or f"{here}{CONTACT}",
        criteria=_stated_texts(manifest.criteria),
        validation=_stated_texts(manifest.validation),
        refresh=_stated_texts(manifest.refresh),
    )
    return replace(card, follows=_first_that_fit(_followed(peers), LIMITS[INSTANCE].unpacked - len(card_bytes(card))))


def missing(manifest: Manifest) -> tuple[str, ...]:
    """What a card does not say and should, by the names of the document's manifest."""
    return tuple(name for name in ("operator", "criteria", "validation", "refresh") if not getattr(manifest, name))


def _followed(peers: Iterable[Peer]) -> Iterator[FollowedCatalogue]:
    """What does not fit the format, such as a catalogue without an address, is not named."""
    for peer in peers:
        operator, card = peer.card.get("operator"), peer.card
        told = {"name": peer.name, "root": peer.fingerprint, "address": card.get("address")}
        told |= {"languages": card.get("languages", ())[:FOLLOWED_LANGUAGES]}
        if isinstance(operator, Mapping) and operator.get("country"):
            told["country"] = operator["country"]
        if peer.state == FOLLOWING:
            try:
                yield read(FollowedCatalogue, told)
            except InvalidData:
                continue


def _first_that_fit(followed: Iterable[FollowedCatalogue], free_bytes: int) -> tuple[FollowedCatalogue, ...]:
    """The catalogues that make a card by no more than `free_bytes` longer."""
    entries: list[FollowedCatalogue] = []
    for entry in islice(followed, MAX_FOLLOWED):
        free_bytes -= len(json.dumps(as_json(entry), ensure_ascii=False).encode()) + SPACE_BYTES
        if free_bytes < 0:
            break
        entries.append(entry)
    return tuple(entries)


def _stated_texts(texts: Mapping[str, str]) -> Mapping[str, str]:
    return {language: text for language, text in texts.items() if text}
