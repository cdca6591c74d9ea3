"""Facts and the lines of a history as pages and feeds show them: grouped, ordered, each with its origin.

Pure. The values themselves are prepared by `values`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from catalog.licenses import expressions
from catalog.publication.model import PublicProject
from catalog.rules.fact import (
    CURATED,
    DECLARED,
    LICENSE,
    OBSERVED,
    PEER,
    UNREVIEWED,
    ChosenFact,
    Fact,
    choose_facts,
)
from catalog.rules.fields import field_of, value_digest
from catalog.store.core.read_models import HistoryLine, Mirror
from forge.git.read import is_oid
from forge.web.code.access import address_of, visible_text
from forge.web.facts.evidence import EvidencePlace, evidence_places
from forge.web.facts.values import DrawnValue, cleaned, draw_value

MAX_STATEMENTS = 20  # of one field; the API gives all
PATH_CHARACTERS = 300
NOTICE_FOR = timedelta(days=365)  # how long the page tells of a change of the license; from or to not free always
# The same file as an address and as a source: owner/repository:path.
_GITHUB_FILE = re.compile(r"^https://github\.com/([^/]+/[^/]+)/blob/[^/]+/(.+)$")
_INVALID_SURROGATES = re.compile("[\ud800-\udc7f\udd00-\udfff]")  # stand for no byte of a name


@dataclass(frozen=True)
class FactOrigin:
    """Where a statement comes from. `kind`: curated | declared | unreviewed | maintainer | observed | peer."""

    kind: str
    host: str = ""  # of a peer, or the name of an imported layer
    license: str = ""  # under which a layer gives it
    evidence: tuple[EvidencePlace, ...] = ()  # of this value
    urls: tuple[str, ...] = ()  # without any: of the record as a whole
    file: str = ""  # as it can be shown
    commit: str = ""
    address: str = ""  # of the file, or of the commit, in our pages of code; "" where code is not served


@dataclass(frozen=True)
class StatementSource:
    """An origin that states the value, and when this was seen first and last."""

    origin: FactOrigin
    first_seen_at: datetime
    seen_at: datetime

    @property
    def once(self) -> bool:
        """Whether it was seen on one day only."""
        return self.first_seen_at.date() == self.seen_at.date()


@dataclass(frozen=True)
class ShownStatement:
    """A value and all origins that state exactly this. `shown`: the project's page shows this value."""

    value: DrawnValue
    sources: tuple[StatementSource, ...]
    shown: bool


@dataclass(frozen=True)
class FactGroup:
    """All statements of one field, the strongest first; `field` is its anchor, `label` None for an unknown field.

    `each`: every source speaks about something else, so that none is chosen before the others.
    """

    field: str
    label: str | None
    technical: bool
    each: bool
    disputed: bool
    statements: tuple[ShownStatement, ...]
    left_out: int


@dataclass(frozen=True)
class HistoryEvent:
    """A line of a history. `free`: "lost", "gained" or "kept" for a change of the license; "" for other changes."""

    line: HistoryLine
    label: str | None
    before: DrawnValue | None
    after: DrawnValue | None
    origin: FactOrigin
    free: str

    @property
    def about_license(self) -> bool:
        return self.line.field == LICENSE


@dataclass(frozen=True)
class LicenseNotice:
    """A change of the license that readers of the page must know. `free` as in HistoryEvent; `before` and `after` are
    "" where nobody could name the license, although its words say that it is not free."""

    at: datetime
    before: str
    after: str
    free: str
    commit: str
    address: str  # of the commit in our pages of code; "" where code is not served
    last_free: str  # the last commit known to be free, when later ones are not
    last_free_address: str


def is_code_served(mirror: Mirror | None) -> bool:
    """Whether our pages of code may be linked to."""
    return mirror is not None and bool(mirror.may_serve) and mirror.head is not None


def fact_groups(facts: Sequence[Fact], slug: str, code: bool) -> tuple[FactGroup, ...]:
    """The present facts, by field in the order of `catalog.rules.fields.FIELDS`. `code`: files may be linked to."""
    by_field: dict[str, list[ChosenFact]] = {}
    for choice in choose_facts(facts).values():
        by_field.setdefault(choice.fact.field, []).append(choice)
    return tuple(_group(field, chosen, slug, code) for field, chosen in by_field.items())


def history_events(lines: Iterable[HistoryLine], slug: str, code: bool) -> tuple[HistoryEvent, ...]:
    """The lines of a history, in their order."""
    return tuple(
        HistoryEvent(
            line=line,
            label=field_label(line.field),
            before=draw_value(line.field, line.before.value) if line.before else None,
            after=draw_value(line.field, line.after.value) if line.after else None,
            origin=_line_origin(line, slug, code),
            free=_license_change(line.before.value, line.after.value)
            if line.field == LICENSE and line.before and line.after
            else "",
        )
        for line in lines
    )


def names_by_slug(project: PublicProject) -> dict[str, str]:
    """The names, by slug, of the organizations and projects that facts mention."""
    organizations = [line.organization for line in project.maintenance if line.organization] + list(project.hosts)
    by_slug = {organization.slug: organization.name for organization in organizations}
    return by_slug | {relation.slug: relation.name for relation in project.relations}


def field_label(field: str) -> str | None:
    """The label of a field, as a msgid; None for a field that a newer version or a peer added."""
    return field_of(field).label or None


def origin_of(fact: Fact, slug: str, code: bool) -> FactOrigin:
    """Where a fact comes from."""
    source = fact.source
    if fact.origin == CURATED:
        if evidence := evidence_places(source.get("evidence")):
            return FactOrigin(CURATED, evidence=evidence)
        return FactOrigin(CURATED, urls=_sources_of_fact(fact, _addresses(source)))
    if fact.origin == DECLARED:
        day = fact.first_seen_at.date().isoformat()
        places = tuple(EvidencePlace(url, day) for url in _addresses(source))
        unread = UNREVIEWED if source.get(UNREVIEWED) else DECLARED
        return FactOrigin("maintainer" if source.get("maintainer") else unread, evidence=places)
    if fact.origin == OBSERVED:
        return observed_origin(source, slug, code)
    return _peer_origin(fact.origin, source)


def _addresses(source: Mapping[str, Any]) -> tuple[str, ...]:
    urls = source.get("urls")
    return tuple(cleaned(str(url)) for url in urls) if isinstance(urls, list | tuple) else ()


def _sources_of_fact(fact: Fact, urls: tuple[str, ...]) -> tuple[str, ...]:
    """The sources of this fact among those of the whole record, as far as the value says: an assessment names its
    report, and an address that is among the sources was found there. All sources otherwise."""
    address = fact.value.get("url") if isinstance(fact.value, Mapping) else fact.value
    if not isinstance(address, str) or not address:
        return urls
    if fact.field == "accessibility":
        return (cleaned(address),)
    return tuple(url for url in urls if url == address or url == _GITHUB_FILE.sub(r"\1:\2", address)) or urls


def _peer_origin(said_by: str, source: Mapping[str, Any]) -> FactOrigin:
    license_ = source.get("license")
    return FactOrigin(
        "peer",
        host=cleaned(said_by.removeprefix(PEER)),
        evidence=evidence_places(source.get("evidence")),
        urls=_addresses(source),
        license=cleaned(license_) if isinstance(license_, str) else "",
    )


def observed_origin(source: Mapping[str, Any], slug: str, code: bool) -> FactOrigin:
    """The place in a repository that a source names: a file, or a commit as a whole."""
    path, commit = source.get("file"), source.get("commit")
    commit = commit if isinstance(commit, str) and is_oid(commit) else ""
    if not isinstance(path, str) or not path:
        return FactOrigin(
            OBSERVED, commit=commit, address=address_of(slug, "commit", commit) if code and commit else ""
        )
    name = _INVALID_SURROGATES.sub("\ufffd", path)
    text = visible_text(name)
    address = address_of(slug, "blob", commit, name.encode("utf-8", "surrogateescape")) if code and commit else ""
    cut = f"{text[:PATH_CHARACTERS]}…" if len(text) > PATH_CHARACTERS else text
    return FactOrigin(OBSERVED, file=cut, commit=commit, address=address)


def license_notice(
    chosen: Mapping[str, ChosenFact], mirror: Mirror | None, slug: str, now: datetime
) -> LicenseNotice | None:
    """The last change of the license that matters now: within a year, or ever to or from what is not free."""
    history = chosen.get("license.history")
    entries = history.value if history and isinstance(history.value, list) else ()
    steps = [
        entry
        for entry in entries
        if isinstance(entry, Mapping) and (entry.get("license") or entry.get("free") is False)
    ]
    code = is_code_served(mirror)
    for before, after in reversed(list(pairwise(steps))):
        at, free = _parsed_time(after.get("at")), _free_step(before.get("free"), after.get("free"))
        if at is None or licenses_agree(before.get("license"), after.get("license")):
            continue
        if free == "kept" and now - at > NOTICE_FOR:
            continue
        commit = str(after.get("commit") or "")
        commit = commit if is_oid(commit) else ""
        closed = mirror is None or mirror.decided is False
        last = (mirror.free_commit or "") if mirror and free == "lost" and not closed else ""
        return LicenseNotice(
            at=at,
            before=cleaned(str(before.get("license") or "")),
            after=cleaned(str(after.get("license") or "")),
            free=free,
            commit=commit,
            address=address_of(slug, "commit", commit) if code and commit else "",
            last_free=last,
            last_free_address=address_of(slug, "tree", last) if is_oid(last) else "",
        )
    return None


def licenses_agree(first: Any, second: Any) -> bool:
    """Whether two expressions say the same; a suffix that became known is no change."""
    if not (first and second):
        return bool(first == second)
    try:
        return expressions.licenses_agree(str(first), str(second)) is not False
    except ValueError:
        return bool(first == second)


def _group(field: str, chosen: Sequence[ChosenFact], slug: str, code: bool) -> FactGroup:
    facts = [choice.fact for choice in chosen]
    rest = [
        fact for choice in chosen for fact in choice.others if not any(fact is chosen_fact for chosen_fact in facts)
    ]
    every = [*facts, *rest] if len(chosen) == 1 else _without_duplicates([*facts, *rest])
    return FactGroup(
        field=field,
        label=field_label(field),
        technical=field_of(field).technical,
        each=field_of(field).each,
        disputed=any(choice.disputed for choice in chosen),
        statements=_statements(field, every[:MAX_STATEMENTS], facts, slug, code),
        left_out=max(0, len(every) - MAX_STATEMENTS),
    )


def _statements(
    field: str, facts: Sequence[Fact], shown_facts: Sequence[Fact], slug: str, code: bool
) -> tuple[ShownStatement, ...]:
    same: dict[str, list[Fact]] = {}
    for fact in facts:
        same.setdefault(value_digest(fact.value), []).append(fact)
    return tuple(
        ShownStatement(
            value=draw_value(field, facts[0].value),
            sources=tuple(
                StatementSource(origin_of(fact, slug, code), fact.first_seen_at, fact.seen_at) for fact in facts
            ),
            shown=any(fact is chosen_fact for fact in facts for chosen_fact in shown_facts),
        )
        for facts in same.values()
    )


def _without_duplicates(facts: Iterable[Fact]) -> list[Fact]:
    """Each fact once: for the license two facts are chosen, and each has the other among its others."""
    return list({id(fact): fact for fact in facts}.values())


def _line_origin(line: HistoryLine, slug: str, code: bool) -> FactOrigin:
    fact = line.after or line.before
    if fact is not None:
        return origin_of(fact, slug, code)
    if line.origin.startswith(PEER):
        return FactOrigin("peer", host=cleaned(line.origin.removeprefix(PEER)))
    return FactOrigin(line.origin)


def _license_change(before: Any, after: Any) -> str:
    return _free_step(_is_free(before), _is_free(after))


def _is_free(expression: Any) -> bool | None:
    try:
        return expressions.is_free(str(expression))
    except ValueError:
        return None


def _free_step(before: Any, after: Any) -> str:
    if before is True and after is False:
        return "lost"
    return "gained" if before is False and after is True else "kept"


def _parsed_time(at: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(at))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
