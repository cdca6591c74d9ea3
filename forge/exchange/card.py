"""Makes the card of this catalogue for other catalogues, from the manifest and its address."""

from collections.abc import Mapping

from catalog.exchange.statements import DataLicense, InstanceCard, Operator
from catalog.model import Manifest

CONTACT = "/help"  # "Help and contact", in the reader's language


def instance_card(manifest: Manifest, address: str) -> InstanceCard:
    """The card. Where the manifest names no contact, it has the page by which readers write to the operators."""
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
    )


def missing(manifest: Manifest) -> tuple[str, ...]:
    """What a card does not say and should, by the names of the document's manifest."""
    return tuple(name for name in ("operator", "criteria", "validation", "refresh") if not getattr(manifest, name))


def _stated_texts(texts: Mapping[str, str]) -> Mapping[str, str]:
    return {language: text for language, text in texts.items() if text}
