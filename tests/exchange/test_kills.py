"""A visit that is killed at any commit: the next one makes the rows that it left, also where nothing else is new."""

import shutil
from pathlib import Path

from support.factories.core import a_catalog, a_manifest, a_project, load
from support.factories.following import a_following, followed, visit
from support.factories.visits import Clock
from support.hosts.exchange import Home, an_id
from support.hosts.static import Served

from catalog.store.store import Store
from tests.store.kills import killed_at


def users_shown(store: Store) -> list[str]:
    return [line.organization.name for line in store.public_records.project("contarapido").adoptions]


def test_an_organization_that_comes_later_is_shown_with_its_use_wherever_the_visit_was_killed(
    home: Home, host: Served, tmp_path: Path, clock: Clock
) -> None:
    coop = home.records.pop(an_id(3))
    home.publish()
    first, files = tmp_path / "first.db", tmp_path / "peers"
    before = Store(f"sqlite:///{first}")
    before.migrate()
    load(before, a_catalog(a_project(), manifest=a_manifest(languages=("fr", "es"))))
    following = a_following(before, files, clock)
    peer = followed(following, host.url)
    visit(following, peer)
    assert users_shown(before) == []
    before.close()
    home.records[coop.id] = coop
    home.publish()
    copies = tmp_path / "copies"

    def killed(step: int) -> bool:
        """Whether the visit was killed at this commit; the rows are right after the next one."""
        shutil.rmtree(copies, ignore_errors=True)
        shutil.copytree(files, copies / "peers")
        url = f"sqlite:///{shutil.copy(first, copies / 'here.db')}"
        was_killed = killed_at(
            url, step, lambda store: visit(a_following(store, copies / "peers", clock), peer), statements=False
        )
        after = Store(url)
        assert visit(a_following(after, copies / "peers", clock), peer)[0].good
        assert users_shown(after) == ["Coop Sol"], step
        assert after.public_record_upkeep.differing()[1] == ()
        after.close()
        return was_killed

    step = 1
    while killed(step):
        step += 1
    assert step > 4
