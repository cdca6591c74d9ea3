"""What tests of the store are made of: nouns (those of `factories.document`), times, visits, small catalogues.

Cast: `galette` is the project, `ana-maintains` looks after it, `coop-des-halles` adopts it, `bruno` moderates.
"""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from support.factories.document import (
    MANIFEST_ID,
    a_collection,
    a_document,
    a_maintenance,
    a_manifest,
    a_project,
    an_adoption,
    an_organization,
    documents,
)

from catalog import model
from catalog.document import as_record
from catalog.rules.submission import CONFIRMING
from catalog.store.core.public_changes import changing
from catalog.store.documents.load import LoadResult
from catalog.store.mirrors.mirror_rows import Visit
from catalog.store.store import Store
from catalog.tables.adoptions import adoption

NOW = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)

__all__ = [
    "MANIFEST_ID",
    "NOW",
    "a_catalog",
    "a_collection",
    "a_declared_adoption",
    "a_document",
    "a_maintenance",
    "a_manifest",
    "a_project",
    "a_store",
    "a_visit",
    "an_adoption",
    "an_organization",
    "documents",
    "identity",
    "later",
    "load",
]


@contextmanager
def a_store(template: Path, folder: Path) -> Iterator[Store]:
    """A migrated, empty store on SQLite in `folder`, which `template` (a migrated database file) is copied into: for
    what lasts longer than a test. A test's own is the fixture `sqlite_store`."""
    shutil.copyfile(template, folder / "catalog.db")
    with closing(Store(f"sqlite:///{folder / 'catalog.db'}")) as opened:
        yield opened


def later(**amount: float) -> datetime:
    """NOW and so much more: `later(minutes=5)`."""
    return NOW + timedelta(**amount)


def a_catalog(*records: model.Project | model.Organization, **changes: Any) -> model.Document:
    """A document of these records alone, without a collection."""
    return model.Document(
        manifest=changes.pop("manifest", a_manifest()),
        projects=tuple(project for project in records if isinstance(project, model.Project)),
        organizations=tuple(organization for organization in records if isinstance(organization, model.Organization)),
        **changes,
    )


def load(store: Store, document: model.Document, *, now: datetime = NOW, digest: str = "1") -> LoadResult:
    return store.curated_document.load(document, digest=digest, now=now)


def identity(slug: str, kind: str = "project") -> UUID:
    """The identity of a record of `a_manifest()` that states no id; `slug` is its first one."""
    return a_manifest().identity(kind, slug)


def a_declared_adoption(
    store: Store, project: str = "galette", organization: str = "coop-des-halles", **changes: Any
) -> None:
    """An adoption that the organization stated itself, as a decided declaration will write it."""
    stated = an_adoption(organization, **{"verification": "domain-confirmed"} | changes)

    with changing(store.engine) as (connection, change):
        if stated.visibility == "public":
            change.touch_adoptions([(identity(project), identity(organization, "organization"))])
        connection.execute(
            adoption.insert().values(
                project_id=identity(project),
                organization_id=identity(organization, "organization"),
                stage=stated.stage,
                last_sign=stated.until or stated.seen_at,
                visibility=stated.visibility,
                verification=stated.verification,
                confirmed=stated.verification in CONFIRMING,
                stands=True,
                confirmed_at=NOW,
                origin="declared",
                position=0,
                record=as_record(stated),
            )
        )


def a_visit(project_id: UUID, **changes: Any) -> Visit:
    given: dict[str, Any] = {"project_id": project_id, "started_at": NOW, "outcome": "running"}
    return Visit(**(given | changes))
