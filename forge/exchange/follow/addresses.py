"""Where a catalogue can be read: what an address means, where else it can be read, and whether the address on a card is
its own. Pure.
"""

from collections.abc import Collection, Iterable, Iterator
from urllib.parse import urlsplit

from catalog.exchange.statements import InstanceCard
from catalog.rules.peer import Peer
from forge.exchange.follow.repository import RootInfo

EXCHANGE, MIRROR = "exchange/", "mirror/"


def base_of(address: str) -> str:
    """An address with the slash at its end that all paths are appended to."""
    return f"{address.rstrip('/')}/" if address else ""


def bases_of(addresses: Iterable[str]) -> Iterator[str]:
    """The addresses at which the exchange of a catalogue may be, from those of its pages, in the order in which they
    are tried: `/exchange/` below each address, then the address itself, for a host that has nothing else."""
    for address in map(base_of, addresses):
        yield f"{address}{EXCHANGE}"
        yield address


def card_problem(card: InstanceCard, root: RootInfo, base: str, others: Collection[Peer], accepted: str = "") -> str:
    """What is wrong with a card, "" where nothing is. Whose records come the root alone says, but readers are led to
    the card's address, and see its host: so it is the host at which the exchange is read, or `accepted` before.

    A folder, or the copy at another catalogue, has no host of its own: there the root must name the address's.
    """
    if card.instance != root.instance:
        return f"instance {card.instance}"
    if any(_place(other.card.get("address")) == _place(card.address) for other in others):
        return card.address
    borrowed = f"/{MIRROR}" in base or not base.startswith("http")
    own = {host_of(place) for place in root.said.addresses} if borrowed else {host_of(base)}
    return "" if host_of(card.address) in own | {host_of(accepted)} else card.address


def _place(address: object) -> str:
    """An address as two are compared; "" for none."""
    if not isinstance(address, str):
        return ""
    parts = urlsplit(address)
    return f"{(parts.netloc or '').lower()}{parts.path.rstrip('/')}"


def host_of(address: str) -> str:
    """Host and port of an address, in lower case; "" for none."""
    try:
        return (urlsplit(address).netloc or "").lower()
    except ValueError:
        return ""
