"""Whether two records are the same project or organization: what is evidence, and what contradicts it.

Pure. Evidence joins by itself, where nothing contradicts: an address of the code, a number in a register, an item of
Wikidata, a website that is the organization's own. An identity is none: anybody can write that of another's record.
A history in common is none, since changed copies share it. Names are none: records that are called alike are joined by
a person. Why, and how many of 200 labelled pairs are joined: docs/decisions/033-which-records-are-the-same.md.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlsplit
from uuid import UUID

from catalog.document import repository_key
from catalog.federation.names import Name, agree, name, shortened
from catalog.memoize import memoize
from catalog.record_kind import PROJECT
from catalog.rules.registrable_domain import is_confirming, registrable_domain

SAME, DIFFERENT, APART = "same", "different", "apart"  # apart: something says that they are two

# Registers whose numbers are given once in the world or in their country. What another scheme counts, we do not know:
# "id: 7" of two catalogues is nobody's.
_REGISTERS = """
siren siret rna waldec ror lei isni grid vat eori cnpj nif nipc cif kvk rsin kbo bce ein abn acn krs regon ico
orgnr cvr crn opencorporates gln duns ruc rut cuit uid che viaf
"""
REGISTERS = frozenset(_REGISTERS.split())
WIKIDATA = "wikidata"
_ITEM = re.compile(r"Q[1-9][0-9]{0,11}", re.ASCII)
_DEEPER = re.compile(r"/(?:-/)?(?:tree|blob|src|commits?|releases|issues|wiki)(?:/.*)?$")
_DIFFERENT = ("fork-of", "derived-from", "successor-of", "moving-to", "extends")  # what states: another one
_LANGUAGE_PATH = re.compile(r"(?:[a-z]{2}(?:[-_][a-z]{2})?)?/?(?:index\.(?:html?|php))?", re.I)


@dataclass(frozen=True)
class IdentityValues:
    """The values of a record that are compared. `key` tells it from all others; `home`: its catalogue, None for
    ours."""

    kind: str
    key: UUID
    home: UUID | None
    name: str
    repositories: tuple[str, ...] = ()  # where its code is: the one stated, and where redirects led
    others: tuple[str, ...] = ()  # what the record calls further addresses of it
    homepage: str = ""
    country: str = ""
    identifiers: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    apart_from: frozenset[UUID] = frozenset()  # records that it states a relation to, or that somebody said it is not

    @cached_property
    def numbers(self) -> Mapping[str, str]:
        """The numbers by register, in the one spelling in which equal ones are equal; computed once, as each record is
        compared with many."""
        return _numbers(self)

    @cached_property
    def evidence(self) -> frozenset[str]:
        """The marks by which it may be joined with another that bears one of them; `verdict` decides."""
        marks = {f"{scheme}:{value}" for scheme, value in self.numbers.items()}
        if self.kind == PROJECT:
            marks |= {f"repository:{place(url)}" for url in (*self.repositories, *self.others) if place(url)}
        elif domain := own_domain(self):
            marks.add(f"domain:{domain}")
        return frozenset(marks)


def subject(
    kind: str,
    key: UUID,
    home: UUID | None,
    record: Mapping[str, object],
    apart_from: frozenset[UUID] = frozenset(),
    also_at: str | None = None,
) -> IdentityValues:
    """The compared values of a record in the document's shape; a value of another shape is passed over. `also_at`:
    where redirects led from its repository."""
    texts = {
        name: str(record[name]) for name in ("homepage", "country", "repository") if isinstance(record.get(name), str)
    }
    numbers_stated = record.get("identifiers")
    identifiers = (
        {str(scheme): str(value) for scheme, value in numbers_stated.items()}
        if isinstance(numbers_stated, Mapping)
        else {}
    )
    return IdentityValues(
        kind=kind,
        key=key,
        home=home,
        name=str(record.get("name") or ""),
        repositories=tuple(url for url in (texts.get("repository"), also_at) if url),
        others=_texts(record.get("other_repositories")),
        homepage=texts.get("homepage", ""),
        country=texts.get("country", ""),
        identifiers=identifiers,
        sources=_texts(record.get("sources")),
        apart_from=apart_from,
    )


def related(relations: object) -> frozenset[UUID]:
    """The projects that a record's relations call another one; each relation is {"type", "project": {"id"}}."""
    ids = set()
    for relation in relations if isinstance(relations, list) else ():
        target = (
            relation.get("project") if isinstance(relation, Mapping) and relation.get("type") in _DIFFERENT else None
        )
        try:
            ids.add(UUID(str(target["id"] if isinstance(target, Mapping) else target)))
        except (ValueError, KeyError):
            continue
    return frozenset(ids)


@memoize
def place(address: str) -> str:
    """What the addresses of one repository share: not the scheme, the case, "www.", ".git", or a page inside of it.

    >>> place("https://GitHub.com/Galette/galette.git") == place("http://www.github.com/galette/galette/tree/main")
    True
    """
    text = re.sub(r"^(?:ssh://)?git@([^:/]+)[:/]", r"https://\1/", address.strip())
    key = repository_key(re.sub(r"^git://", "https://", text).partition("#")[0].partition("?")[0])
    return _DEEPER.sub("", key).removesuffix(".git")


def verdict(subject: IdentityValues, other: IdentityValues) -> str:
    """SAME: there is evidence; APART: something says that they are two; else DIFFERENT."""
    if subject.key in other.apart_from or other.key in subject.apart_from or contradicts(subject, other):
        return APART
    names = name(subject.name), name(other.name)
    if subject.kind == PROJECT:
        return _software(subject, other, *names)
    return _organization(subject, other, *names)


def contradicts(subject: IdentityValues, other: IdentityValues) -> bool:
    """Whether both have a number in one register, and not the same."""
    mine, theirs = subject.numbers, other.numbers
    return any(mine[scheme] != theirs[scheme] for scheme in mine.keys() & theirs.keys())


def _software(subject: IdentityValues, other: IdentityValues, mine: Name, theirs: Name) -> str:
    if _shares_number(subject, other):
        return SAME
    at, also = ({place(url) for url in urls} - {""} for urls in (subject.repositories, subject.others))
    there, there_too = ({place(url) for url in urls} - {""} for urls in (other.repositories, other.others))
    # A changed copy that names where it comes from looks like a mirror: so both must name each other's address.
    mirrors = at & there_too and there & also and agree(mine, theirs)
    return SAME if at & there or mirrors else DIFFERENT


def _organization(subject: IdentityValues, other: IdentityValues, mine: Name, theirs: Name) -> str:
    if subject.country and other.country and subject.country != other.country:
        return DIFFERENT
    if _shares_number(subject, other):
        return SAME
    site = own_domain(subject)
    forms_differ = bool(mine.forms and theirs.forms and mine.forms.isdisjoint(theirs.forms))
    if not site or site != own_domain(other) or forms_differ:
        return DIFFERENT
    return SAME if agree(mine, theirs) or shortened(mine, theirs) else DIFFERENT


def own_domain(subject: IdentityValues) -> str | None:
    """The registered domain whose first page is the organization's website; a page below it may be a chapter's."""
    domain = registrable_domain(subject.homepage) if subject.homepage else None
    if domain is None or not is_confirming(domain):
        return None
    parts = urlsplit(subject.homepage)
    at_top = (parts.hostname or "").removeprefix("www.") == domain
    return domain if at_top and not parts.query and _LANGUAGE_PATH.fullmatch(parts.path.strip("/")) else None


def _numbers(subject: IdentityValues) -> dict[str, str]:
    numbers = {}
    for scheme, value in subject.identifiers.items():
        bare_scheme = scheme.lower().replace("_", "").replace("-", "")
        if bare_scheme in REGISTERS and (
            plain := re.sub(
                r"[\W_]", "", value.rpartition("/")[2] if "/" in value and bare_scheme in ("ror", "isni") else value
            ).upper()
        ):
            numbers[bare_scheme] = plain
        elif bare_scheme == WIKIDATA and (item := _ITEM.search(value)):
            numbers[WIKIDATA] = item[0]
    if subject.kind == PROJECT and WIKIDATA not in numbers:
        items = {item[0] for url in subject.sources if "wikidata.org/" in url and (item := _ITEM.search(url))}
        if len(items) == 1:
            numbers[WIKIDATA] = items.pop()
    return numbers


def _shares_number(subject: IdentityValues, other: IdentityValues) -> bool:
    mine, theirs = subject.numbers, other.numbers
    return any(mine[scheme] == theirs[scheme] for scheme in mine.keys() & theirs.keys())


def _texts(value: object) -> tuple[str, ...]:
    return tuple(text for text in value if isinstance(text, str)) if isinstance(value, list | tuple) else ()
