"""One instance's folder of signed files, as tests write it again and again: whose it is, and who follows it. How it is
written is the matter of `forge.federation.publish`.
"""

from datetime import datetime
from pathlib import Path

from sqlalchemy import update
from support.factories.core import NOW, a_catalog, a_project, an_adoption, an_organization, identity, load
from support.feed_follower import Follower

from catalog.store import Store
from catalog.store.core.public_changes import changing
from catalog.tables.adoptions import adoption
from forge.federation.publish.folder import write
from forge.federation.publish.keys import keys

HERE = "https://forge.example"
ORGANIZATIONS = (an_organization(), an_organization("ana-maintains", kind="tech-collective"))
GALETTE = a_project(
    features={"fr": ("Fiches", "Cotisations")},
    adoptions=(an_adoption(purpose={"fr": "Tenir les adhérents"}), an_adoption("ana-maintains", visibility="network")),
)


class Folder:
    """One instance's data folder and exchange, written again and again."""

    def __init__(self, store, path: Path):
        self.store, self.data, self.path = store, path, path / "exchange"

    def write(self, now: datetime = NOW):
        return write(self.store, self.data, self.path, HERE, now=now)

    def follower(self) -> Follower:
        return Follower(self.path, keys(self.store, self.data).private.public)

    def take_back(self, project_slug="galette", organization_slug="coop-des-halles", visibility="maintainers"):
        with changing(self.store.engine) as (connection, change):
            change()
            mine = adoption.c.organization_id == identity(organization_slug, "organization")
            connection.execute(update(adoption).where(mine).values(visibility=visibility))


def a_folder(store: Store, path: Path) -> Folder:
    """That of a catalogue of two projects, one of them used."""
    load(store, a_catalog(GALETTE, a_project("paheko"), *ORGANIZATIONS))
    return Folder(store, path)
