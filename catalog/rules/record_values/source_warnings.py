"""Values without a source of their own, sources that were seen long ago or are of other code: one line a record."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from catalog import text_rules as rules
from catalog.document.references import Mention
from catalog.errors import DocumentProblem
from catalog.model import Document, Organization, Project
from catalog.rules.record_values.evidence import values_without_source
from catalog.rules.record_values.stated_date import last_day

OLD = timedelta(days=2 * 365)
MAX_NAMED = 12  # values of one record
# Repositories that tell of the code of others, such as the date of its last commit.
REPORTING_REPOSITORIES = frozenset({"awesome-selfhosted/awesome-selfhosted-data"})
_CODE_HOSTS = ("github.com", "gitlab.com", "codeberg.org", "framagit.org")

Places = Mapping[tuple[str, str], Mention]  # kind and slug -> where the record stands


def source_warnings(document: Document, file: str, places: Places, now: datetime) -> list[DocumentProblem]:
    """What lacks a source, or has an old one, of each record in the order of the document, which `file` names. It
    is a good one still."""
    document_problems = []
    records: list[tuple[str, Project | Organization]] = [("project", record) for record in document.projects]
    records += [("organization", record) for record in document.organizations]
    for kind, record in records:
        missing, old = values_without_source(record), list(dict.fromkeys(_old_values(record, now)))
        sentences = [f"No source of its own: {_shortened_list(missing)}."] if missing else []
        sentences += [f"Seen more than two years ago: {_shortened_list(old)}."] if old else []
        if isinstance(record, Project) and (other := _other_repository(record)):
            sentences.append(f"Its last change is that of another repository, {other}.")
        if sentences:
            place = places.get((kind, record.slug)) or Mention(record.slug, 1, 1, "")
            field = f"{kind}s[{record.slug}]"
            document_problems.append(DocumentProblem(file, place.line, place.column, field, " ".join(sentences)))
    return document_problems


def _old_values(record: Project | Organization, now: datetime) -> Iterator[str]:
    for name in (field.name for field in fields(record)):
        value = getattr(record, name)
        if name == "evidence":
            yield from (field for field, entry in value.items() if _is_old(entry.seen_at, now))
        elif name in rules.FIELDS_WITH_OWN_SOURCES:
            parts = value if isinstance(value, tuple) else (value,)
            yield from (name for part in parts if _is_old(getattr(part, "seen_at", None), now))


def _other_repository(record: Project) -> str | None:
    """The repository whose last change the record states, where it is not its own. A page that tells of the code, such
    as that of a package registry, is none."""
    if record.last_change is None:
        return None
    own = [rules.repository_key(text) for text in (record.repository, *record.other_repositories) if text]
    source = record.last_change.source
    in_repository = rules.repository_source(source)
    if in_repository is not None:
        own_address = in_repository.repository.lower().removesuffix(".git")
        is_own = any(key == own_address or key.endswith(f"/{own_address}") for key in own)
        return None if is_own or own_address in REPORTING_REPOSITORIES else in_repository.repository
    key = rules.repository_key(source)
    hosts = {*_CODE_HOSTS, *(address.partition("/")[0] for address in own)}
    is_own = any(key == address or key.startswith((f"{address}/", f"{address}.git/")) for address in own)
    return None if is_own or key.partition("/")[0] not in hosts else source


def _is_old(seen_at: Any, now: datetime) -> bool:
    return isinstance(seen_at, str) and now - last_day(seen_at) > OLD


def _shortened_list(names: list[str]) -> str:
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return ", ".join(names[:MAX_NAMED]) + more
