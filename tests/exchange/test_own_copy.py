"""A home that was restored from an older backup, with its exchange and its follower: what it withdrew since stays
withdrawn, there and here, before it signs anything."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.factories.core import a_catalog, a_manifest, a_project, an_organization, load
from support.factories.following import a_following, followed, names_of, visit
from support.factories.visits import Clock
from support.hosts.exchange import Home, an_id
from support.hosts.static import served
from support.serving import served as site_of

from catalog.store.core.engine import writing
from catalog.store.exchange.published import mark_restored
from catalog.store.store import Store
from forge.exchange.follow.own_copy import learn_from_followers
from forge.exchange.follow.visit_job import PeerVisitor
from forge.exchange.publish import write

ENTRIES = (a_project(), a_project("paheko", repository="https://git.example.org/paheko"))


@pytest.fixture
def keeper(app: Any, store: Store, clock: Clock) -> PeerVisitor:
    """A catalogue with a site, which follows the home."""
    manifest = a_manifest(id=an_id(80), languages=("en",))
    load(store, a_catalog(an_organization(), manifest=manifest))
    return a_following(store, app.state.peers, clock)


@pytest.fixture
def home(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    shutil.copyfile(sqlite_template, tmp_path / "home.db")
    with closing(Store(f"sqlite:///{tmp_path / 'home.db'}")) as store:
        yield store


def test_what_it_withdrew_since_its_backup_is_learned_from_a_follower_and_stays_withdrawn(
    app: Any, keeper: PeerVisitor, home: Store, tmp_path: Path, clock: Clock
) -> None:
    data = tmp_path / "home"
    data.mkdir()
    load(home, a_catalog(*ENTRIES))
    with served(data / "exchange", "/exchange") as host, site_of(app) as site:
        write(home, data, host.url, now=clock.now)
        peer = followed(keeper, host.url)
        visit(keeper, peer)
        assert "Paheko" in names_of(keeper.store)
        mine = a_following(home, data / "peers", clock)
        friend = Home(tmp_path / "friend", id=an_id(90)).publish()
        with served(friend.folder, "/exchange") as elsewhere:
            friend.address = elsewhere.url
            friend.publish()
            known = followed(mine, elsewhere.url)
        home.peers.moved(known.id, f"{site}/exchange/")  # we know our followers
        with (
            closing(sqlite3.connect(tmp_path / "home.db")) as now,
            closing(sqlite3.connect(tmp_path / "backup.db")) as then,
        ):
            now.backup(then)

        clock.move(hours=1)
        load(home, a_catalog(ENTRIES[0]), digest="2")
        write(home, data, host.url, now=clock.now)
        visit(keeper, peer)
        assert names_of(keeper.store) == ["Galette"]

        clock.move(hours=1)
        shutil.rmtree(data / "exchange")
        with closing(Store(f"sqlite:///{tmp_path / 'backup.db'}")) as restored:
            with writing(restored.engine) as connection:
                mark_restored(connection)
            assert learn_from_followers(a_following(restored, data / "peers", clock)) == 1
            for _ in range(3):
                write(restored, data, host.url, now=clock.move(hours=1))
                again = replace(ENTRIES[1], summary={"fr": f"Une autre phrase {clock.now:%H}"})
                load(restored, a_catalog(ENTRIES[0], again), digest=str(clock.now))
                outcome, after = visit(keeper, peer)
                assert outcome.good and names_of(keeper.store) == ["Galette"]
            assert [kind for kind, _ in restored.published_exchange.withheld()] == ["project"]
        assert outcome.good and outcome.taken.asks == {} and names_of(keeper.store) == ["Galette"]
        assert after.notes == ()
