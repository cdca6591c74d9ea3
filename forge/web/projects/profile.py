"""Parts of a project's page: vitality, the declared and the detected license, adoptions, and what is not known.

Pure. Whatever is not known becomes a key of `unknown`, never a guess.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.licenses import expressions
from catalog.model import HELPER_ROLES, MAKER_ROLES, Project
from catalog.publication.model import PublicProject
from catalog.rules.fact import LICENSE
from catalog.rules.today import declared_and_detected_agree, license_answer, license_findings, packaged_license
from catalog.store.core.read_models import AdoptionLine, Mirror
from catalog.store.core.visibility import CONFIRMED, DECLARED_SORT, FOUND_ONLY, PAST
from forge.web.code.access import MAX_DOUBTS, license_doubts, visible_text
from forge.web.facts.fact_groups import is_code_served, observed_origin
from forge.web.facts.merged_record import RecordSupplement
from forge.web.wording.license_quotes import Quote, license_quotes

_ROLES_THAT_KNOW_COSTS = ("integrator", *MAKER_ROLES)  # roles of those who may know what help costs


@dataclass(frozen=True)
class AdoptionsBySort:
    """Public adoptions: confirmed by the organization, declared by somebody without that, merely found in a public
    source, and ended."""

    confirmed: tuple[AdoptionLine, ...]
    declared: tuple[AdoptionLine, ...]
    found: tuple[AdoptionLine, ...]
    past: tuple[AdoptionLine, ...]


@dataclass(frozen=True)
class DetectedLicense:
    spdx: str
    path: str  # as it can be shown
    commit: str | None
    address: str = ""  # of the file in our pages of code; "" where code is not served


@dataclass(frozen=True)
class LicenseView:
    """The license of a project. `free` is None when nobody can say, or when only the declared license is free; `agrees`
    is None when the declared and the detected license cannot be compared. What a package file at the top names is
    declared, too, where nobody declared another one: `declared_in` is that file. `beside` are the sentences that stand
    next to the licenses in the files, `doubted` those that leave a doubt. `apart` are files with terms of their own for
    what is not the program, such as icons."""

    declared: expressions.ExpressionInWords | None
    declared_as: str | None  # as written, also when it is no SPDX expression
    detected: tuple[DetectedLicense, ...]
    main: expressions.ExpressionInWords | None  # what the words on the page are about
    free: bool | None
    agrees: bool | None
    doubts: tuple[str, ...] = ()  # files and folders that leave open whether all of it is free, while nobody decided
    declared_in: DetectedLicense | None = None
    beside: tuple[Quote, ...] = ()
    doubted: tuple[Quote, ...] = ()
    apart: tuple[str, ...] = ()


def adoptions_by_sort(lines: Iterable[AdoptionLine]) -> AdoptionsBySort:
    """The lines in four sorts, each in the store's order."""
    order = (CONFIRMED, DECLARED_SORT, FOUND_ONLY, PAST)
    sorts: dict[int, list[AdoptionLine]] = {sort: [] for sort in order}
    for line in lines:
        sorts[line.sort].append(line)
    return AdoptionsBySort(*(tuple(sorts[sort]) for sort in order))


def license_view(
    declared: str | None, mirror: Mirror | None, context_only: bool = False, slug: str = ""
) -> LicenseView:
    """The declared and the detected license side by side; with a slug, its files are linked to where code is served."""
    packaged = None if declared else _packaged(mirror, slug)
    declared = packaged.spdx if packaged else declared
    declared_words = _described(declared)
    detected = _detected(mirror, slug)
    words = _described(detected[0].spdx) if len({finding.spdx for finding in detected}) == 1 else None
    main = (words or declared_words) if packaged else (declared_words or words)
    doubts = license_doubts(mirror)
    observation = mirror.observation if mirror else None
    return LicenseView(
        declared=declared_words,
        declared_as=declared,
        detected=detected,
        main=main,
        free=license_answer(declared, [finding.spdx for finding in detected], context_only).free,
        agrees=declared_and_detected_agree(
            declared_words.expression if declared_words else None, [finding.spdx for finding in detected]
        ),
        doubts=doubts,
        declared_in=packaged,
        beside=license_quotes(observation),
        doubted=license_quotes(observation, doubted=True) if doubts else (),
        apart=_files_apart(observation),
    )


def _files_apart(observation: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The files with terms that nobody knows where what is the program is free all the same."""
    if not observation or not observation.get("free"):
        return ()
    files = observation.get("unidentified_license_files") or ()
    return tuple(visible_text(str(file.get("file"))) for file in files[:MAX_DOUBTS] if file.get("file"))


def license_view_of(project: PublicProject, record: Project) -> LicenseView:
    """The licenses of a project; `record`: as shown."""
    declared = str(project.chosen[LICENSE].value) if LICENSE in project.chosen else record.license
    return license_view(declared, project.mirror, record.context_only, record.slug)


def unknown_parts(
    page: PublicProject,
    project: Project,
    beside: RecordSupplement,
    license: LicenseView,
    *,
    verified: bool,
    pictured: bool,
    now: datetime,
) -> tuple[str, ...]:
    """Keys of what is not known, in the order of the page's parts. `project` is the record as shown; `verified`:
    somebody showed that they develop it; `pictured`: the page has pictures."""
    runs = project.runs
    roles = [line.maintenance.role for line in page.maintenance] + [
        maintainer.get("role") for maintainer in beside.maintainers
    ]
    helps = [role for role in roles if role in HELPER_ROLES]
    makes = [role for role in roles if role not in HELPER_ROLES]
    parts = {
        "made-for": project.made_for,
        "uses": page.uses.total,
        "how": project.platforms or (runs and (runs.online or runs.hosted or runs.self_hosted)),
        "cost": project.cost,
        "languages": project.languages,
        "accessibility": project.accessibility,
        "alive": page.activity.state(now),
        "license": license.main,
        "features": project.features,
        "pictures": pictured,
        "help": helps or page.hosts,
        "makers": makes or verified or beside.developers,
        "support": project.support or project.documentation or project.manuals,
        "hosting": page.hosts or (runs and (runs.online or runs.self_hosted)),
        "help-cost": any(
            line.organization for line in page.maintenance if line.maintenance.role in _ROLES_THAT_KNOW_COSTS
        ),
        "learning": page.tallies.efforts,
        "access": project.audiences or project.inclusion,
        "people": project.governance or project.funding,
        "security": project.security_contact,
        "leaving": project.leaving,
        "easy": project.easy_to_read,
    }
    return tuple(key for key, value in parts.items() if not value)


def _described(expression: str | None) -> expressions.ExpressionInWords | None:
    if not expression:
        return None
    try:
        return expressions.expression_in_words(expression)
    except ValueError:
        return None


def _packaged(mirror: Mirror | None, slug: str) -> DetectedLicense | None:
    license_ = packaged_license(mirror.observation if mirror else None)
    if license_ is None:
        return None
    place = observed_origin(license_, slug, bool(slug) and is_code_served(mirror))
    return DetectedLicense(str(license_["value"]), place.file, place.commit, place.address)


def _detected(mirror: Mirror | None, slug: str) -> tuple[DetectedLicense, ...]:
    code = bool(slug) and is_code_served(mirror)
    findings = license_findings(mirror.observation if mirror else None)
    places = [(str(finding["value"]), observed_origin(finding, slug, code)) for finding in findings]
    return tuple(DetectedLicense(spdx, place.file, place.commit, place.address) for spdx, place in places)
