"""What tests of visits are made of: a catalogue whose projects live at a loopback origin, and a conductor with a clock.

An origin has as long to answer as it always has; a test of one that stays silent gives it less (`patience`).
"""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete
from support.factories.core import NOW, a_catalog, a_project, an_adoption, an_organization, identity, load
from support.paths import ROOT

from catalog.model import Document
from catalog.store.core.engine import writing
from catalog.store.core.read_models import Mirror
from catalog.store.mirrors.mirror_rows import LOOK
from catalog.store.store import Store
from catalog.tables.core import job
from forge.config.settings import Settings
from forge.mirroring.observer_process import ObserverProcess
from forge.mirroring.politeness import HostTurns
from forge.mirroring.visit import VisitRunner
from forge.mirroring.visit_results import VisitReport
from forge.security.safe_http import AddressRules

LICENSE_TEXT = (ROOT / "LICENSE").read_text(encoding="utf-8")
README = "# Tool\n\nKeeps the *members* of a group.\n"
LOOPBACK = (ipaddress.ip_network("127.0.0.1/32"),)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime = NOW):
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **amount: float) -> datetime:
        self.now += timedelta(**amount)
        return self.now


def the_settings(tmp_path: Path, **changes: Any) -> Settings:
    """Settings of a data folder that is there, for remotes on 127.0.0.1."""
    data = tmp_path / "data"
    (data / "mirrors").mkdir(parents=True, exist_ok=True)
    return Settings(**{"data": data, "allow_networks": LOOPBACK, "catalog": tmp_path / "catalog.yaml"} | changes)


def a_catalog_of(store: Store, *, uses: int = 0, **repositories: str) -> None:
    """Load a catalogue of these projects: slug (`_` for `-`) and address; the first one has so many uses."""
    organizations = [an_organization(f"user-{number}") for number in range(uses)]
    adoptions = tuple(an_adoption(organization.slug) for organization in organizations)
    projects = [a_project(slug.replace("_", "-"), repository=url) for slug, url in repositories.items()]
    projects[0] = replace(projects[0], adoptions=adoptions)
    load_for_visits(store, a_catalog(*projects, *organizations))


def load_for_visits(store: Store, document: Document) -> None:
    """Load a document without the looks before first visits, which would stand before these in the queue."""
    load(store, document)
    with writing(store.engine) as connection:
        connection.execute(delete(job).where(job.c.kind == LOOK))


@contextmanager
def a_conductor(
    store: Store, settings: Settings, *, clock: Clock | None = None, **changes: Any
) -> Iterator[VisitRunner]:
    """A Refresh as the worker has it, under a test's clock."""
    observers = ObserverProcess()
    given: dict[str, Any] = {"clock": clock or Clock(), "hosts": HostTurns(lambda host: True, store.remote_hosts)}
    try:
        yield VisitRunner(
            store, settings, AddressRules(settings.allow_networks), observers=observers, **(given | changes)
        )
    finally:
        observers.end()


def mirror_of(store: Store, slug: str = "galette") -> Mirror:
    return store.mirrors.mirror(identity(slug))


def visited(conductor: VisitRunner, slug: str = "galette") -> VisitReport:
    """Visit a project now, beside the queue."""
    return conductor.visit(slug, mirror_of(conductor.store, slug))


def queued(conductor: VisitRunner, slug: str = "galette") -> VisitReport | None:
    """Take the job that is due and do it, when it is this project's; None when there is none due."""
    jobs = conductor.store.jobs.lease("test", now=conductor.clock(), lease=timedelta(seconds=60))
    assert [job.argument["project"] for job in jobs] in ([], [str(identity(slug))])
    if not jobs:
        return None
    return conductor.run(jobs[0])
