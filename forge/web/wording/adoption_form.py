"""Sentences about submitted uses that belong to no single field: rows of the preview, and warnings for moderators."""

from collections.abc import Mapping

from catalog.sentences import mark

LABELS: Mapping[str, str] = {
    "adopt.provider_words": mark("Who hosts or supports it, in your own words"),
    "adopt.stage": mark("Your use"),
    "adopt.told": mark("E-mail me about changes"),
    "away.words": mark("Message to the moderators"),
}
DOUBTS: Mapping[str, str] = {
    "same-name": mark("An organization with this name already exists"),
    "same-website": mark("An organization with this website already exists"),
    "unknown-website": mark("No website is known to verify an address"),
    "mailbox-provider": mark("The address is from a public e-mail provider: it verifies nothing"),
    "unknown-provider": mark("No organization with this name exists here: it is not shown unless you correct it"),
    "other-stage": mark("It contradicts the published information"),
    "confirmed-already": mark("The organization has already declared its use"),
    "withdrawn-before": mark("The organization withdrew this before"),
}
