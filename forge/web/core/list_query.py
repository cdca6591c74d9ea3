"""The search, filters, order and page of a list, read from the address and written back to it in one canonical form.
Pure.

What cannot be understood is left out and listed in `ignored`, never dropped silently.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from annotated_types import MaxLen, MinLen

from catalog.search.facets import BY_NAME, FACETS
from catalog.search.normalize import MAX_QUERY
from catalog.validation import OneOf, Pattern
from catalog.vocabulary import vocabulary
from forge.i18n.languages import plain

MAX_TEXT_CHARACTERS = MAX_QUERY  # what is searched is what addresses carry
MAX_VALUES = 20  # of one filter
MAX_VALUE_CHARACTERS = 80
MAX_LITERAL = 3  # names of countries in a text that are no countries there
MAX_PAGE = 10_000
MAX_LISTED = 20  # programs on a reader's own list
MAX_TITLE_CHARACTERS = 80  # of it
OWN_LIST = "list"  # the parameter in which pages keep it
SORTS = ("best", "uses", "recent", "name")

_SLUG = re.compile("[a-z0-9][a-z0-9-]{0,99}")

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class OwnList:
    """A reader's own list, which stands in addresses alone: slugs of programs, and what the reader calls it."""

    slugs: tuple[str, ...] = ()
    title: str = ""

    @property
    def text(self) -> str:
        """As one parameter holds it."""
        return ",".join(self.slugs) + (f"~{self.title}" if self.title else "")


NO_LIST = OwnList()


@dataclass(frozen=True)
class ListQuery:
    """The words, the chosen values of each filter, the order and the page of the find page."""

    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = "best"
    page: int = 1
    literal: tuple[str, ...] = ()  # words of the text that are searched as words: they name no country here
    own_list: OwnList = NO_LIST  # goes from page to page
    ignored: tuple[str, ...] = ()
    cut: bool = False  # more words were given than are searched

    def parameters(self, page: int | None = None) -> Pairs:
        """Return the parameters in canonical order, defaults left out."""
        pairs = [("q", self.text)]
        pairs += [(name, value) for name in BY_NAME for value in self.filters.get(name, ())]
        pairs += [("literal", words) for words in self.literal]
        pairs += [("sort", self.sort)] if self.sort != "best" else []
        pairs += [(OWN_LIST, self.own_list.text)]
        number = self.page if page is None else page
        pairs += [("page", str(number))] if number > 1 else []
        return [(key, value) for key, value in pairs if value]

    def has(self, name: str, value: str) -> bool:
        return value in self.filters.get(name, ())

    def without(self, name: str, value: str) -> "ListQuery":
        """Return the same from its first page, one chosen value less; the text, when `name` is "text"."""
        if name == "text":
            return replace(self, text="", page=1)
        left = tuple(other for other in self.filters.get(name, ()) if other != value)
        return replace(self, filters={**self.filters, name: left}, page=1)

    def cleared_of(self, name: str) -> "ListQuery":
        """Return the same from its first page, without anything chosen of one filter."""
        return replace(self, filters={key: values for key, values in self.filters.items() if key != name}, page=1)

    @property
    def about_uses(self) -> bool:
        """Whether a filter asks who uses a project: those count what nobody confirmed too."""
        return any(self.filters.get(facet.name) for facet in FACETS if facet.about_adoptions)

    @property
    def shared(self) -> "ListQuery":
        """The same without the reader's own list: what others may be given."""
        return replace(self, own_list=NO_LIST)

    @property
    def is_search(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.text or any(self.filters.values()))

    def cleared(self) -> "ListQuery":
        return replace(self, filters={}, page=1)

    def sorted_by(self, sort: str) -> "ListQuery":
        return replace(self, sort=sort, page=1)

    def taking_literally(self, words: Iterable[str]) -> "ListQuery":
        """Return the same from its first page, with these words of the text as words that name no country."""
        return replace(self, literal=tuple(dict.fromkeys((*self.literal, *words)))[:MAX_LITERAL], page=1)

    def saying(self, text: str) -> "ListQuery":
        return replace(self, text=text, page=1)

    @property
    def chosen(self) -> Pairs:
        """Filter and value of all that is chosen, in canonical order."""
        return [(name, value) for name in BY_NAME for value in self.filters.get(name, ())]


def read_query(pairs: Iterable[tuple[str, str]], *, any_license: bool = False) -> ListQuery:
    """Read the query out of the parameters of an address; of a parameter that counts once the last one holds.

    `any_license`: what looks like the id of a license is asked for, be it one or not.
    """
    once: dict[str, str] = {}
    filters: dict[str, list[str]] = {}
    literal: list[str] = []
    ignored: list[str] = []
    for key, raw in pairs:
        value = plain(raw).strip()
        if key in ("q", "sort", "page", OWN_LIST):
            once[key] = value
        elif key == "literal":
            literal += [value[:MAX_VALUE_CHARACTERS]] if value and value not in literal else []
        elif value and key in BY_NAME:
            chosen = filters.setdefault(key, [])
            too_much = len(value) > MAX_VALUE_CHARACTERS or max(len(chosen), len(ignored)) >= MAX_VALUES
            if too_much or not BY_NAME[key].accepts(value, by_shape=any_license):
                ignored.append(value[:MAX_VALUE_CHARACTERS])
            elif value not in chosen:
                chosen.append(value)
    sort = once.get("sort") or "best"
    if sort not in SORTS:
        ignored.append(sort[:MAX_VALUE_CHARACTERS])
        sort = "best"
    text = " ".join(once.get("q", "").split())
    return ListQuery(
        text=text[:MAX_TEXT_CHARACTERS].rstrip(),
        filters={name: _narrowest(name, filters[name]) for name in BY_NAME if name in filters},
        sort=sort,
        page=page_number_of(once.get("page")),
        literal=tuple(words for words in literal if words.casefold() in text.casefold())[:MAX_LITERAL],
        own_list=read_own_list(once.get(OWN_LIST, "")),
        ignored=tuple(ignored[:5]),
        cut=len(text) > MAX_TEXT_CHARACTERS,
    )


def _narrowest(name: str, values: Iterable[str]) -> tuple[str, ...]:
    """Return the values in order, without those that are above another one: who chooses a need in an area wants no
    more of the area than that.
    """
    facet = BY_NAME[name]
    vocabularies = [vocabulary(list_name) for list_name in facet.vocabularies] if facet.narrower else []
    wider = {
        above for value in values for terms in vocabularies if value in terms.terms for above in terms.ancestors(value)
    }
    return tuple(sorted(value for value in values if value not in wider))


def read_own_list(text: str) -> OwnList:
    """A reader's own list: its slugs, written with commas, each once, and what is no slug left out; its title."""
    named, _, title = text.partition("~")
    slugs = (slug for slug in named.lower().split(",")[: 2 * MAX_LISTED] if _SLUG.fullmatch(slug))
    return OwnList(tuple(dict.fromkeys(slugs))[:MAX_LISTED], list_title(title))


def list_title(text: str) -> str:
    """What a reader calls a list, in one line."""
    return " ".join(plain(text[: 4 * MAX_TITLE_CHARACTERS]).split())[:MAX_TITLE_CHARACTERS]


def value_type(name: str) -> Any:
    """The type of one value of a filter: `read_query` takes what fits it."""
    facet = BY_NAME[name]
    shape, terms = facet.pattern or facet.shape, facet.possible_values
    if shape is None and terms is not None:
        return Annotated[str, OneOf(terms)]
    text = Annotated[str, MinLen(1), MaxLen(MAX_VALUE_CHARACTERS)]
    return Annotated[text, Pattern(f"^{shape.pattern}$")] if shape else text


def without_empty_parameters(query: str) -> str:
    """Return a query string as it was written, without the parameters that a form sends empty; those without "="
    stay.
    """
    return "&".join(part for part in query.split("&") if part and part.partition("=")[1:] != ("=", ""))


def page_number_of(text: str | None) -> int:
    """Return a page number from 1; 1 for anything that is none, and `MAX_PAGE` + 1 for what is beyond any list."""
    if not text or not text.isascii() or not text.isdigit():
        return 1
    return min(max(1, int(text[:12])), MAX_PAGE + 1)


def line_number(text: str | None) -> int | None:
    """Return the number of a line below which a list goes on, as databases hold it; None for anything that is none."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > 9:
        return None
    return int(text) or None


@dataclass(frozen=True)
class ListPages:
    """Which page of a list is shown, from 1, and how many there are; `query`: what the addresses of all of them
    carry."""

    number: int
    last: int
    query: Sequence[tuple[str, str]] = ()

    def parameters(self, number: int) -> Pairs:
        """Return the parameters of one of the pages."""
        return [*self.query, *([("page", str(number))] if number > 1 else [])]

    @property
    def numbers(self) -> list[int | None]:
        """The numbers that are shown: the ends and the neighbours; None where some are left out."""
        number, last = self.number, self.last
        numbers: list[int | None] = []
        for near in sorted({1, last, *range(max(1, number - 1), min(last, number + 1) + 1)}):
            if numbers and numbers[-1] is not None and near - numbers[-1] > 1:
                numbers.append(None)
            numbers.append(near)
        return numbers


def list_pages(number: int, total: int, per_page: int, query: Sequence[tuple[str, str]] = ()) -> ListPages:
    """The pages of a list of `total` lines, of which the page `number` was asked for."""
    return ListPages(number, max(1, -(-total // per_page)), query)
