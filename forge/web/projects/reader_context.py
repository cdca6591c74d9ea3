"""The reader's country and kind of group, as parameters of a page's address. Nothing of it is stored."""

from dataclasses import dataclass
from functools import lru_cache

from starlette.requests import Request

from catalog.rules.country_rule import countries_with_rules
from catalog.store.core.read_models import PreferredOrganizations, UseTallies
from catalog.vocabulary import vocabulary
from forge.i18n.languages import PageLanguage
from forge.web.core.list_query import NO_LIST, OWN_LIST, OwnList, read_own_list

KIND_VOCABULARY = "organization-kind"


@dataclass(frozen=True)
class Reader:
    """`country` and `kind` as terms; "" where the address does not say it, or names no such term."""

    country: str = ""
    kind: str = ""
    own_list: OwnList = NO_LIST

    @property
    def like(self) -> PreferredOrganizations | None:
        """The organizations whose adoptions are listed first: a kind includes its narrower kinds."""
        if not (self.country or self.kind):
            return None
        return PreferredOrganizations(
            self.country, (self.kind, *vocabulary(KIND_VOCABULARY).children(self.kind)) if self.kind else ()
        )

    @property
    def query(self) -> list[tuple[str, str]]:
        return [(name, value) for name, value in (("country", self.country), ("kind", self.kind)) if value]


@dataclass(frozen=True)
class ReaderChoices:
    """What a reader may say of themselves on a page: codes and labels, in the order of the labels."""

    countries: tuple[tuple[str, str], ...]
    kinds: tuple[tuple[str, str], ...]

    @property
    def any(self) -> bool:
        return len(self.countries) > 1 or len(self.kinds) > 1


def reader_of(request: Request) -> Reader:
    params, page_language = request.query_params, request.state.page_language
    country, kind = params.get("country", "").strip(), params.get("kind", "").strip()
    return Reader(
        country if country in page_language.countries() else "",
        kind if kind in vocabulary(KIND_VOCABULARY).terms else "",
        read_own_list(params.get(OWN_LIST, "")),
    )


@lru_cache(maxsize=2_000)
def rule_countries(page_language: PageLanguage, chosen: str = "") -> tuple[tuple[str, str], ...]:
    """Codes and names of the countries that have rules, and of the chosen one, in the order of the names."""
    codes = countries_with_rules() | ({chosen} if chosen else set())
    return tuple((code, name) for code, name in page_language.countries().items() if code in codes)


def reader_choices(tallies: UseTallies, reader: Reader, page_language: PageLanguage) -> ReaderChoices:
    """The countries that have an adoption, and the families of kinds that have one; the reader's own are included."""
    terms = vocabulary(KIND_VOCABULARY)
    countries = {code for code, _ in tallies.countries} | ({reader.country} if reader.country else set())
    families = {([*terms.ancestors(kind)] or [kind])[-1] for kind, _ in tallies.kinds if kind in terms.terms}
    families |= {reader.kind} if reader.kind else set()

    def in_order(pair: tuple[str, str]) -> tuple[str, str]:
        return page_language.in_order(pair[1])

    return ReaderChoices(
        countries=tuple(sorted(((code, page_language.country(code)) for code in countries), key=in_order)),
        kinds=tuple(sorted(((kind, terms.label(kind, page_language.tag)) for kind in families), key=in_order)),
    )
