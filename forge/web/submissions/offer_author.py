"""In whose name somebody offers a translation to another catalogue: the choices of a form, and what was chosen."""

from uuid import UUID

from catalog.federation.offered_translations import Draft, translator_of
from catalog.rules.person import Person
from catalog.store.store import Store

HERE = "here"  # this catalogue's name


def names(store: Store, someone: Person, language: str) -> list[tuple[str, str]]:
    """The values and names that somebody may choose of; none where nobody stands behind them."""
    found = [(str(key), name) for key, name in store.translation_offers.translators(someone).items()]
    if name := translator_of(store, someone, Draft(language, "", {}, "", None)):
        found.insert(0, (HERE, name))
    return found


def chosen(given: str) -> UUID | None:
    """The organization that was chosen; None: this catalogue. What is neither is nobody's identity."""
    if given == HERE:
        return None
    try:
        return UUID(given)
    except ValueError:
        return UUID(int=0)
