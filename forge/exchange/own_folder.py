"""Reads, before a restore publishes anything, what a folder that this catalogue wrote says was withdrawn."""

from collections.abc import Sequence
from pathlib import Path

from catalog.exchange.statements import Withdrawal
from forge.exchange.repository import read_published, read_withdrawals, roots_in
from forge.exchange.roots import chain_of


def withdrawals_in(folder: Path, roots: Sequence[bytes]) -> tuple[Withdrawal, ...] | None:
    """What the folder says was withdrawn; None where it is not signed by this catalogue, whose roots these are: those
    of the folder must be the same, or follow them."""
    signed_roots, there = chain_of(roots), roots_in(folder)
    bodies = [root.body for root in signed_roots]
    if not signed_roots or [root.body for root in there[: len(signed_roots)]] != bodies[: len(there)]:
        return None
    published = read_published(folder, max((*signed_roots, *there), key=lambda root: root.version))
    return read_withdrawals(folder, published) if published.versions else None
