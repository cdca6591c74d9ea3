"""A publiccode.yml of a project as the catalogue knows it, valid by the standard. Guesses are marked as such.

What is mandatory and not known is the standard's most neutral value, with a comment that says so. Where even that
would be untrue (no address, no free license, no sentence) there is no file, and `Incomplete`, a 409 on the web, names
what is missing. Contacts are organizations or "Maintainers of X", never a person, never an address for mail.
https://yml.publiccode.tools
"""

import re
from collections.abc import Mapping

from catalog.errors import Incomplete
from catalog.licenses import expressions
from catalog.rules.caution import NOT_FREE_SERVICE
from catalog.sentences import mark
from catalog.store.exports.records import NamedBeside
from catalog.vocabulary import vocabulary
from forge.export.catalogue_site import CatalogueSite
from forge.export.metadata import LEAST, LONGEST, SHORT, VERSION, YamlRows, first_sentence, guess_kind
from forge.export.software import Software
from forge.i18n import languages
from forge.observe.publiccode import rules

UNKNOWN = "not known here"
NO_LANGUAGE = "und"  # BCP 47: undetermined
MAX_USERS = 1_000
_ENDED = ("abandoned", "unsupported", "ended")
_NOTHING = NamedBeside()
_NEEDS_SENTENCE = mark("It is meant for: %(needs)s.")
_SOURCE_SENTENCE = mark(
    "This text was compiled by the catalogue %(name)s from public sources, not by the maintainers. "
    "Users, support and the source of each fact: %(address)s"
)


def publiccode(project: Software, home: CatalogueSite, beside: NamedBeside = _NOTHING) -> str:
    """Return the text. Raises Incomplete."""
    url, license = _address_and_license(project)
    out, record, page = YamlRows(), project.record, home.project(project.slug)
    out.note(f"{languages.plain(record.name)}, as the catalogue {home.name} knows it; its makers did not write this.")
    out.note(home.terms)
    out.note(f"Every fact with who says it: {page}/facts")
    out.add(0, "publiccodeYmlVersion", VERSION)
    out.add(0, "name", languages.plain(record.name))
    out.add(0, "url", url)
    if record.homepage and rules.is_web_address(record.homepage):
        out.add(0, "landingURL", record.homepage)
    if bases := [url for url in beside.forked if rules.is_address(url)]:
        out.each(0, "isBasedOn", bases)
    version, day = project.release
    if version:
        out.add(0, "softwareVersion", version)
    if version and day:
        out.add(0, "releaseDate", day)
    kind = guess_kind(project.installs)
    # The standard asks for what its users have: a container says only where it is installed.
    platforms = ["mac" if term == "macos" else term for term in record.platforms if term != "container"]
    browsed = kind in ("standalone/web", "addon") or (record.runs and record.runs.online)
    guess = "" if platforms or not browsed else "from the ways to use it"
    out.each(0, "platforms", platforms or ["web" if guess else UNKNOWN], guess)
    if project.categories:
        out.each(0, "categories", project.categories)
    if beside.users:
        out.note("Organizations that confirmed that they use it, and said so to everybody.")
        out.each(0, "usedBy", beside.users[:MAX_USERS])
    _funders(out, project, home, beside.homepages)
    if record.roadmap and rules.is_web_address(record.roadmap):
        out.add(0, "roadmap", record.roadmap)
    _status(out, project, version)
    software_type = project.software_type
    guess = "from the ways to install it" if kind != "standalone/other" else UNKNOWN
    out.add(0, "softwareType", software_type or kind, "" if software_type else guess)
    countries = [code for code in record.deployment_countries if rules.is_country(code)]
    if countries:
        out.add(0, "intendedAudience")
        out.each(1, "countries", [code.upper() for code in countries])
    _descriptions(out, project, home)
    out.add(0, "legal")
    later = "" if expressions.suffix_known(license) else "whether later versions are allowed is not known here"
    out.add(1, "license", license, later)
    _maintenance(out, project)
    if needed := [line.name for line in record.cautions if line.kind == NOT_FREE_SERVICE and line.name]:
        out.add(0, "dependsOn")
        out.add(1, "proprietary")
        for name in needed:
            out.add(2, "- name", " ".join(languages.plain(name).split()))
    _languages(out, project)
    return out.text


def missing_values(project: Software) -> list[str]:
    """Return what keeps a project from having a file: no address, no free license, no sentence."""
    missing = []
    if project.repository is None:
        missing.append("url: no address of its repository is known here")
    if project.license is None:
        missing.append("legal.license: no license is known here")
    elif project.public.license_answer.free is not True:
        missing.append("legal.license: publiccode.yml is for free software, and this is not known to be")
    if not project.spoken(project.record.summary) and not project.spoken(project.record.description):
        missing.append("description: nothing says in any language what it is for")
    return missing


def _address_and_license(project: Software) -> tuple[str, str]:
    """Return address and license. Raises Incomplete where one is missing, or where the license is not free."""
    if missing := missing_values(project):
        raise Incomplete("project", project.slug, "publiccode.yml", missing)
    return str(project.repository), str(project.license)


def _status(out: YamlRows, project: Software, version: str | None) -> None:
    status = project.development_status
    guess = "development" if not version else "beta" if re.match(r"\D*0\.", version) else "stable"
    reason = f"from its version {' '.join(version.split())[:40]}" if version else UNKNOWN
    out.add(0, "developmentStatus", status or guess, "" if status else reason)


def _descriptions(out: YamlRows, project: Software, home: CatalogueSite) -> None:
    record = project.record
    summaries, texts = project.spoken(record.summary), project.spoken(record.description)
    out.add(0, "description")
    for tag in dict.fromkeys((*summaries, *texts)):
        summary, text = languages.plain(summaries.get(tag, "")), languages.plain(texts.get(tag, ""))
        needs = [_label(term, tag) for term in record.domains]
        short = first_sentence(summary) or first_sentence(text) or summary[:SHORT] or text[:SHORT]
        for translation in record.translated:
            if translation.language == tag:
                # A comment: the standard has no key for a translator.
                by, how = (
                    languages.plain(translation.by),
                    ", and the original changed since" if translation.stale else "",
                )
                out.note(f"{translation.field}: translated by {by} ({home.license.texts}){how}", 1)
        out.add(1, tag)
        out.add(2, "shortDescription", short)
        out.add(2, "longDescription", _long_description(tag, summary, text, needs, project, home))
        if record.documentation and rules.is_web_address(record.documentation):
            out.add(2, "documentation", record.documentation)
        features = [languages.plain(line) for line in record.feature_lines.get(tag, ()) if line.strip()]
        mark_of = "" if features else "no feature is known here: the needs that it answers" if needs else "as above"
        out.each(2, "features", features or needs or [short], mark_of)


def _long_description(
    tag: str, summary: str, text: str, needs: list[str], project: Software, home: CatalogueSite
) -> str:
    """Return a text at least as long as the standard asks: what is too short gets the needs and a sentence on its
    source.
    """
    long = text or f"{summary}."
    page_language = languages.page_language(tag if languages.is_supported(tag) else languages.SOURCE)
    if len(long) < LEAST and needs:
        long += " " + languages.without_marks(page_language.gettext(_NEEDS_SENTENCE)) % {
            "needs": page_language.comma.join(needs)
        }
    if len(long) < LEAST:
        by = {"name": home.name, "address": home.project(project.slug)}
        long += " " + languages.without_marks(page_language.gettext(_SOURCE_SENTENCE)) % by
    return long[:LONGEST]


def _label(term: str, tag: str) -> str:
    domains = vocabulary("domain")
    return domains.label(term, tag) if term in domains.terms else term


def _funders(out: YamlRows, project: Software, home: CatalogueSite, homepages: Mapping[str, str]) -> None:
    """Name those who fund it: by `name`, as the text of the standard asks, and by `uri`, as its parsers do."""
    funders = project.organizations_as("funder")
    if funders:
        out.add(0, "fundedBy")
    for body in funders:
        site = homepages.get(body.slug, "")
        out.add(1, "- name", " ".join(languages.plain(body.name).split()))
        out.add(2, "uri", site if rules.is_web_address(site) else home.organization(body.slug))


def _maintenance(out: YamlRows, project: Software) -> None:
    ended = project.status in _ENDED
    out.add(0, "maintenance")
    out.add(1, "type", "none" if ended else "community", "" if ended else "no contract and no owner is known here")
    if ended:
        return
    out.add(1, "contacts")
    for name in [maker.name for maker in project.makers] or [f"Maintainers of {project.record.name}"]:
        out.add(2, "- name", " ".join(languages.plain(name).split()))


def _languages(out: YamlRows, project: Software) -> None:
    languages_of_screens = project.languages
    out.add(0, "localisation")
    several = "" if languages_of_screens else UNKNOWN
    out.add(1, "localisationReady", len(languages_of_screens) > 1, several)
    out.each(1, "availableLanguages", languages_of_screens or [NO_LANGUAGE], several)
