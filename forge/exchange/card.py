"""Makes the card of this catalogue for other catalogues, from the manifest and its address."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from catalog.exchange.statements import DataLicense, FollowedCatalogue, InstanceCard, Operator
from catalog.exchange.values import MAX_FOLLOWED
from catalog.model import Manifest
from catalog.rules.peer import FOLLOWING, Peer
from catalog.validation import InvalidData, read

CONTACT = "/help"  # "Help and contact", in the reader's language


def instance_card(manifest: Manifest, address: str, peers: Iterable[Peer]) -> InstanceCard:
    """The card. Where the manifest names no contact, it has the page by which readers write to the operators. Of
    `peers` it names those that are followed, the first MAX_FOLLOWED."""
    operator, license, here = manifest.operator, manifest.data_license, address.rstrip("/")
    return InstanceCard(
        instance=manifest.id,
        name=_stated_texts(manifest.name),
        address=here,
        languages=tuple(manifest.languages),
        data_license=DataLicense(license.facts, license.texts),
        operator=Operator(operator.name, operator.homepage, operator.country) if operator else None,
        contact=manifest.contact or f"{here}{CONTACT}",
        criteria=_stated_texts(manifest.criteria),
        validation=_stated_texts(manifest.validation),
        refresh=_stated_texts(manifest.refresh),
        follows=tuple(islice(_followed(peers), MAX_FOLLOWED)),
    )


def missing(manifest: Manifest) -> tuple[str, ...]:
    """What a card does not say and should, by the names of the document's manifest."""
    return tuple(name for name in ("operator", "criteria", "validation", "refresh") if not getattr(manifest, name))


def _followed(peers: Iterable[Peer]) -> Iterator[FollowedCatalogue]:
    """What does not fit the format, such as a catalogue without an address, is not named."""
    for peer in peers:
        operator, card = peer.card.get("operator"), peer.card
        told = {"name": peer.name, "root": peer.fingerprint, "address": card.get("address")}
        told |= {"languages": card.get("languages", ())}
        if isinstance(operator, Mapping) and operator.get("country"):
            told["country"] = operator["country"]
        if peer.state == FOLLOWING:
            try:
                yield read(FollowedCatalogue, told)
            except InvalidData:
                continue


def _stated_texts(texts: Mapping[str, str]) -> Mapping[str, str]:
    return {language: text for language, text in texts.items() if text}
