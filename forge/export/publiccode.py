"""A publiccode.yml of a project as the catalogue knows it, valid by the standard. It guesses nothing silently.

What is mandatory and not known stands as the standard's most neutral value, with a comment that says so. Where even
that would be untrue (no address, no free license, no sentence) there is no file, and `Incomplete`, a 409 on the web,
names what is missing. Contacts are organizations or "Maintainers of X", never a person, never an address for mail.
https://yml.publiccode.tools
"""

import re
from collections.abc import Iterable

from catalog.errors import Incomplete
from catalog.licenses import expressions
from catalog.store.exports.records import Related
from catalog.vocabulary import vocabulary
from forge.export.home import Home
from forge.export.metadata import LEAST, LONGEST, SHORT, VERSION, Rows, kind_of, sentence
from forge.export.software import Software
from forge.i18n import languages
from forge.i18n.languages import mark
from forge.observe.publiccode import rules

UNKNOWN = "not known here"
NO_LANGUAGE = "und"  # BCP 47: undetermined
MAX_USERS = 1_000
_ENDED = ("abandoned", "unsupported", "ended")
_FORK = "fork-of"
_FOR = mark("It is meant for: %(needs)s.")
_BY = mark(
    "This text was put together by the catalogue %(name)s from public sources and not by its makers. Who uses it, who "
    "helps with it and where each fact comes from is told at %(address)s"
)


def publiccode(told: Software, home: Home, users: tuple[str, ...] = (), bases: tuple[str, ...] = ()) -> str:
    """`users`: names of organizations that confirmed a public use; `bases`: repositories that it was forked from.

    Raises Incomplete.
    """
    url, license = _needed(told)
    out, record, page = Rows(), told.record, home.project(told.slug)
    out.note(f"{languages.plain(record.name)}, as the catalogue {home.name} knows it; its makers did not write this.")
    out.note(home.terms)
    out.note(f"Every fact with who says it: {page}/facts")
    out.add(0, "publiccodeYmlVersion", VERSION)
    out.add(0, "name", languages.plain(record.name))
    out.add(0, "url", url)
    if record.homepage and rules.web(record.homepage) is None:
        out.add(0, "landingURL", record.homepage)
    if bases:
        out.each(0, "isBasedOn", bases)
    version, day = told.release
    if version:
        out.add(0, "softwareVersion", version)
    if version and day:
        out.add(0, "releaseDate", day)
    kind, platforms = kind_of(told.installs)
    guessed = "from the ways to install it"
    if not platforms and record.runs and record.runs.online:
        platforms, guessed = ["web"], "it can be used on line"
    out.each(0, "platforms", platforms or [UNKNOWN], "" if not platforms else guessed)
    if told.categories:
        out.each(0, "categories", told.categories)
    if users:
        out.note("Organizations that confirmed that they use it, and said so to everybody.")
        out.each(0, "usedBy", users[:MAX_USERS])
    if record.roadmap and rules.web(record.roadmap) is None:
        out.add(0, "roadmap", record.roadmap)
    _status(out, told, version)
    stated = told.software_type
    guess = "from the ways to install it" if kind != "standalone/other" else UNKNOWN
    out.add(0, "softwareType", stated or kind, "" if stated else guess)
    countries = [code for code in record.deployment_countries if rules.country(code) is None]
    if countries:
        out.add(0, "intendedAudience")
        out.each(1, "countries", [code.upper() for code in countries])
    _descriptions(out, told, home)
    out.add(0, "legal")
    later = "" if expressions.suffix_known(license) else "whether later versions are allowed is not known here"
    out.add(1, "license", license, later)
    _maintenance(out, told)
    _languages(out, told)
    return out.text


def lacking(told: Software) -> list[str]:
    """What keeps a project from having a file: no address, no free license, no sentence."""
    missing = []
    if told.repository is None:
        missing.append("url: no address of its repository is known here")
    if told.license is None:
        missing.append("legal.license: no license is known here")
    elif told.free is not True:
        missing.append("legal.license: publiccode.yml is for free software, and this is not known to be")
    if not told.spoken(told.record.summary) and not told.spoken(told.record.description):
        missing.append("description: nothing says in any language what it is for")
    return missing


def _needed(told: Software) -> tuple[str, str]:
    """Address and license. Raises Incomplete where one is missing, or where it is not free."""
    if missing := lacking(told):
        raise Incomplete("project", told.slug, "publiccode.yml", missing)
    return str(told.repository), str(told.license)


def _status(out: Rows, told: Software, version: str | None) -> None:
    stated = told.development_status
    guess = "development" if not version else "beta" if re.match(r"\D*0\.", version) else "stable"
    reason = f"from its version {' '.join(version.split())[:40]}" if version else UNKNOWN
    out.add(0, "developmentStatus", stated or guess, "" if stated else reason)


def _descriptions(out: Rows, told: Software, home: Home) -> None:
    record = told.record
    summaries, texts = told.spoken(record.summary), told.spoken(record.description)
    out.add(0, "description")
    for tag in dict.fromkeys((*summaries, *texts)):
        summary, text = languages.plain(summaries.get(tag, "")), languages.plain(texts.get(tag, ""))
        needs = [_label(term, tag) for term in record.domains]
        short = sentence(summary) or sentence(text) or summary[:SHORT] or text[:SHORT]
        for one in record.translated:
            if one.language == tag:
                # A comment: the standard has no key for a translator.
                by, how = languages.plain(one.by), ", and the original changed since" if one.stale else ""
                out.note(f"{one.field}: translated by {by} ({home.license.texts}){how}", 1)
        out.add(1, tag)
        out.add(2, "shortDescription", short)
        out.add(2, "longDescription", _long(tag, summary, text, needs, told, home))
        if record.documentation and rules.web(record.documentation) is None:
            out.add(2, "documentation", record.documentation)
        features = [languages.plain(line) for line in record.features.get(tag, ()) if line.strip()]
        mark_of = "" if features else "no feature is known here: the needs that it answers" if needs else "as above"
        out.each(2, "features", features or needs or [short], mark_of)


def _long(tag: str, summary: str, text: str, needs: list[str], told: Software, home: Home) -> str:
    """At least as long as the standard asks: what is too short gets the needs and a sentence on where it comes from."""
    long = text or f"{summary}."
    tongue = languages.tongue(tag if languages.known(tag) else languages.SOURCE)
    if rules.characters(long) < LEAST and needs:
        long += " " + languages.unmarked(tongue.gettext(_FOR)) % {"needs": tongue.comma.join(needs)}
    if rules.characters(long) < LEAST:
        by = {"name": home.name, "address": home.project(told.slug)}
        long += " " + languages.unmarked(tongue.gettext(_BY)) % by
    return long[:LONGEST]


def _label(term: str, tag: str) -> str:
    domains = vocabulary("domain")
    return domains.label(term, tag) if term in domains.terms else term


def _maintenance(out: Rows, told: Software) -> None:
    ended = told.status in _ENDED
    out.add(0, "maintenance")
    out.add(1, "type", "none" if ended else "community", "" if ended else "no contract and no owner is known here")
    if ended:
        return
    out.add(1, "contacts")
    for name in [one.name for one in told.makers] or [f"Maintainers of {told.record.name}"]:
        out.add(2, "- name", " ".join(languages.plain(name).split()))


def _languages(out: Rows, told: Software) -> None:
    found = told.languages
    out.add(0, "localisation")
    several = "" if found else UNKNOWN
    out.add(1, "localisationReady", len(found) > 1, several)
    out.each(1, "availableLanguages", found or [NO_LANGUAGE], several)


def bases(relations: Iterable[Related]) -> tuple[str, ...]:
    """The addresses of what a project was forked from."""
    found = (one.repository for one in relations if one.type == _FORK)
    return tuple(url for url in found if url and rules.url(url) is None)
