"""Rules for single texts of the document. Each checks one value only, without other values or files.

A rule takes the text and returns one sentence that says what is wrong and what to do, or None.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date as day
from functools import cache, cached_property
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from catalog import vocabulary
from catalog.memoize import memoize
from catalog.sentences import Sentence, quoted

CHOSEN_BY_EDITORS = "chosen-by-editors"  # in place of a source: no page states it, the editors judged it
MAX_SUMMARY = 120  # characters
MAX_EASY = 1000  # characters: what fits on a card
MAX_URL = 2000  # characters
MAX_SLUG = 80  # characters

FIELDS_WITH_OWN_SOURCES = frozenset({"features", "adoptions", "maintenance", "last_change", "rules", "cautions"})
FIELDS_WITHOUT_EVIDENCE = FIELDS_WITH_OWN_SOURCES | {
    *("slug", "id", "former", "translated", "evidence", "sources", "notes")
}
CHOSEN_FIELDS = ("summary", "about", "domains", "made_for")  # that editors may write or choose by themselves

_RESERVED_SLUGS = frozenset({"filters"})  # taken in addresses where a slug would be: /projects/filters
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?")  # BCP 47, without variants
_REGION = re.compile(r"([A-Z]{2})-[A-Z0-9]{1,3}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
# owner/repository, then @commit, or :path with an optional #L12, #L12-L20 or #Heading, or both.
_SOURCE = re.compile(
    r"(?P<repository>[A-Za-z0-9._-]+/[A-Za-z0-9._-]+)(?:@(?P<commit>[0-9a-f]{7,64}))?"
    r"(?::(?P<path>[^\s:#][^#\n]*)(?:#(?P<place>[^\s#][^#\n]*))?)?"
)
_PICTURE = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+:(?P<path>.+)", re.DOTALL)
_EMAIL = re.compile(r"(?<![\w.@/:+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
# Codes that CLDR lists beside ISO 3166-1: unions, exceptional reservations, private use.
_NO_COUNTRY = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"})
# Words of addresses that belong to a function; any other may be a person's own name.
_ROLES = frozenset(
    re.findall(
        r"\w+",
        "admin administration adhesion asso association bonjour bureau catalog catalogo catalogue coletivo collectif"
        " comite committee communication community comunicacion comunidad contact contacto contato coop cooperative"
        " coordenacao coordinacion coordination desk equipe equipo forge forum geral hello help helpdesk hola info"
        " information logiciels mail moderation office ola ouvidoria postmaster press presse secretaria secretariado"
        " secretariat secretary security software sse ess suporte support team tech webmaster welcome",
    )
)


@dataclass(frozen=True)
class RepositorySource:
    """A place in a repository that is named owner/repository, as on GitHub or at the record's own host."""

    repository: str
    commit: str | None
    path: str | None
    place: str | None  # L12, L12-L20, or a heading


def extendable_vocabulary(text: str) -> str | None:
    """The name of a list to which a catalogue may add terms."""
    if text in vocabulary.EXTENDABLE:
        return None
    return f"{quoted(text)} takes no terms of your own; these do: {', '.join(vocabulary.EXTENDABLE)}."


def prose(text: str) -> str | None:
    """Any text that is not empty, without anybody's e-mail address."""
    if not text.strip():
        return "There is no text; write it or remove the key."
    match = _CONTROL.search(text)
    if match:
        return f"The character U+{ord(match[0]):04X} cannot be shown; remove it."
    match = _EMAIL.search(text) if "@" in text else None
    if match:
        return f"{quoted(match[0])} is somebody's address; remove it, and give a page where people can write."
    return None


def summary(text: str) -> str | None:
    if len(text) > MAX_SUMMARY:
        return f"The summary has {len(text)} characters; shorten it to at most {MAX_SUMMARY}."
    return prose(text)


def easy(text: str) -> str | None:
    if len(text) > MAX_EASY:
        return f"The easy text has {len(text)} characters; shorten it to at most {MAX_EASY}, a short sentence a line."
    return prose(text)


def slug(text: str) -> str | None:
    if len(text) > MAX_SLUG or not _SLUG.fullmatch(text):
        return f"{quoted(text)} is no slug; use a-z, 0-9 and single hyphens, at most 80 characters."
    if text in _RESERVED_SLUGS:
        return f"{quoted(text)} is the address of a page of the catalogue; choose another slug."
    return None


def identifier(text: str) -> str | None:
    if not _IDENTIFIER.fullmatch(text):
        return f"{quoted(text)} is no kind of identifier; use a short lower-case word, such as siren or ror."
    return None


def url(text: str) -> str | None:
    """An http or https address of the public web, without a password."""
    parts = _split_address(text)
    if parts is None or parts.scheme not in ("http", "https"):
        return f"{quoted(text)} is no web address; write it in full, such as https://example.org/page."
    if parts.username is not None or parts.password is not None:
        return "The address holds a user name; remove what stands before the @."
    if not _is_ip_address(parts.hostname or "") and not _HOST.fullmatch(parts.hostname or ""):
        return f"{quoted(parts.hostname or '')} is no name of a site; write it in full, such as example.org."
    return None


def repository(text: str) -> str | None:
    """An https address. Plain http only to an address inside a private network, which no public document needs."""
    wrong = url(text)
    parts = _split_address(text)
    if wrong or parts is None:
        return wrong
    if parts.scheme != "https" and not _is_private_address(parts.hostname or ""):
        return "A repository is read over https only; write its https address."
    if parts.path.strip("/") == "":
        return "The address names a site and no repository; add the path of the repository."
    return None


def repository_key(text: str) -> str:
    """What all addresses of the same repository share, whatever their case, their end and their "www."."""
    bare = re.sub(r"^https?://(?:www\.)?", "", text.strip().lower()).rstrip("/")
    return bare.removesuffix(".git").rstrip("/")


def source(text: str) -> str | None:
    """A web address, owner/repository:path with an optional #L12, #L12-L20 or #Heading, or owner/repository@commit."""
    if repository_source(text) is not None or url(text) is None:
        return None
    return f"{quoted(text)} is no source; give a web address, owner/repository:path#L12 or owner/repository@commit."


def repository_source(text: str) -> RepositorySource | None:
    """The parts of a source in a repository; None where it is no such source."""
    match = _SOURCE.fullmatch(text) if len(text) <= MAX_URL and "://" not in text else None
    if match is None or _CONTROL.search(text) or not (match["commit"] or match["path"]):
        return None
    if match["path"] and path(match["path"]) is not None:
        return None
    return RepositorySource(match["repository"], match["commit"], match["path"], match["place"])


def evidence_source(text: str) -> str | None:
    """A source, or the word for what the editors judged."""
    return None if text == CHOSEN_BY_EDITORS else source(text)


def contact(text: str) -> str | None:
    """An https page or an address of a function, never of a person."""
    if "@" not in text or "://" in text:
        return url(text)
    local, _, host = text.removeprefix("mailto:").partition("@")
    if not _HOST.fullmatch(host) or not re.fullmatch(r"[\w.+-]+", local):
        return f"{quoted(text)} is no address; give a page or an address such as contact@example.org."
    if not _ROLES.intersection(re.split(r"[.+_-]", local.lower())):
        return f"{quoted(text)} may be a person's address; give one of a function, such as contact@{host}."
    return None


def path(text: str) -> str | None:
    """A path inside a repository."""
    parts = text.split("/")
    if "://" in text or "\\" in text or text.startswith("/") or {"", ".", ".."} & set(parts) or _CONTROL.search(text):
        return f"{quoted(text)} is no path in the repository; write it as docs/screen.png."
    return None


def picture(text: str) -> str | None:
    """A path inside the repository, or inside another one: owner/repository:path."""
    other = _PICTURE.fullmatch(text)
    if len(text) > MAX_URL or path(other["path"] if other else text) is not None:
        return f"{quoted(text)} is no path in a repository; write docs/a.png, or owner/repository:docs/a.png."
    return None


def license(text: str) -> str | None:
    from catalog.licenses import expressions  # loads the list of SPDX, which a document without licenses does not need

    try:
        expressions.parse(text)
    except ValueError as error:
        return str(error)
    return None


def language(text: str) -> str | None:
    match = _LANGUAGE.fullmatch(text)
    if not match or (len(match[1]) == 2 and match[1] not in _language_codes()):
        return f"{quoted(text)} is no language; use a tag such as fr, ar or pt-BR."
    return None


def country(text: str) -> str | None:
    if text in countries():
        return None
    hint = text.upper()
    if hint == "UK":
        hint = "GB"
    near = f"; write {hint}" if hint in countries() else ", such as FR or BR"
    return f"{quoted(text)} is no country; use the two letters of ISO 3166-1{near}."


def region(text: str) -> str | None:
    match = _REGION.fullmatch(text)
    if not match or match[1] not in countries():
        return f"{quoted(text)} is no region; use ISO 3166-2, such as FR-BRE or CA-QC."
    return None


def currency(text: str) -> str | None:
    if _CURRENCY.fullmatch(text):
        return None
    return f"{quoted(text)} is no currency; write the three letters of ISO 4217, such as EUR."


def date(text: str) -> str | None:
    """A year, a month or a day, as far as it is known."""
    match = _DATE.fullmatch(text)
    try:
        if not match or not 1900 <= int(match[1]) <= 2100:
            raise ValueError
        day(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        return f"{quoted(text)} is no date; write 2019, 2019-05 or 2019-05-21."
    return None


def year(text: str) -> str | None:
    return date(text) if len(text) == 4 else f"{quoted(text)} is no year; write four digits, such as 2024."


def one_of(*words: str) -> Callable[[str], Sentence | None]:
    """The rule of a list that is too short for a vocabulary."""

    def rule(text: str) -> Sentence | None:
        return None if text in words else _sentence_of_unknown(text, f"write {' or '.join(words)}", words)

    return rule


@dataclass(frozen=True)
class VocabularyTerm:
    """The rule that a text is a term of one of these vocabularies; `below`: a term without parent is none."""

    names: tuple[str, ...]
    below: bool = False

    @cached_property
    def known(self) -> list[str]:
        terms = (term for name in self.names for term in vocabulary.vocabulary(name).terms.values())
        return [term.slug for term in terms if term.parent is not None or not self.below]

    def __call__(self, text: str) -> Sentence | None:
        slugs = self.known
        if text in slugs:
            return None
        where = " and ".join(f"catalog/vocabularies/{name}.yaml" for name in self.names)
        return _sentence_of_unknown(text, f"the list is {where}", slugs)


@dataclass(frozen=True)
class FieldName:
    """The rule that a text is the name of a field of a record whose value may have a source in `evidence`. `record`
    gives its dataclass, which is defined after the type of that key."""

    record: Callable[[], Any]

    @property
    def known(self) -> tuple[str, ...]:
        return tuple(name for name in self.record().__annotations__ if name not in FIELDS_WITHOUT_EVIDENCE)

    def __call__(self, text: str) -> Sentence | None:
        names = self.known
        if text not in names and text in FIELDS_WITH_OWN_SOURCES and text in self.record().__annotations__:
            return f"In {text} each line has a source of its own; write it there."
        return None if text in names else _sentence_of_unknown(text, "write the key of a value", names)


def term(*names: str, below: bool = False) -> VocabularyTerm:
    return VocabularyTerm(names, below)


def top_term(name: str) -> Callable[[str], Sentence | None]:
    """The rule that a text is a term without parent."""

    def rule(text: str) -> Sentence | None:
        terms = vocabulary.vocabulary(name)
        if text in terms.top:
            return None
        if text in terms.terms:
            return f"{quoted(text)} is a kind inside a family; write the family, {terms.ancestors(text)[-1]}."
        return _sentence_of_unknown(text, f"write {', '.join(terms.top)}", terms.top)

    return rule


@cache
def countries() -> frozenset[str]:
    """The codes of ISO 3166-1, from CLDR's list of territories."""
    from babel import Locale

    codes = (str(code) for code in Locale("en").territories)
    return frozenset(code for code in codes if re.fullmatch("[A-Z]{2}", code)) - _NO_COUNTRY


@cache
def _language_codes() -> frozenset[str]:
    from babel import Locale

    return frozenset(Locale("en").languages)


def _sentence_of_unknown(text: str, otherwise: str, names: Iterable[str]) -> Sentence:
    def sentence() -> str:
        near = vocabulary.nearest(text, names)
        return f"{quoted(text)} is no known term; {f'did you mean {near}?' if near else otherwise + '.'}"

    return sentence


@memoize
def _split_address(text: str) -> SplitResult | None:
    if len(text) > MAX_URL or re.search(r"[\s\\<>\"`{}|^]", text) or _CONTROL.search(text):
        return None
    try:
        parts = urlsplit(text)
        return parts if parts.hostname and parts.port != 0 else None
    except ValueError:
        return None


@memoize
def _is_ip_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return host == "localhost"
    return True


def _is_private_address(host: str) -> bool:
    return _is_ip_address(host) and (host == "localhost" or not ip_address(host).is_global)
