"""What a follower serves on of another catalogue: the same files under the same signatures, read by whoever follows it
while its home is dead, and no more of what it withdrew."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from support.factories.core import a_catalog, a_manifest, a_project, load
from support.factories.following import a_following, followed, names_of, visit
from support.factories.visits import Clock
from support.hosts.exchange import Home, a_signer
from support.hosts.static import Served, served
from support.serving import served as site_of
from support.world import a_client

from catalog.store.store import Store
from forge.exchange.follow import adding
from forge.exchange.follow.visit_job import PeerVisitor


@pytest.fixture
def keeper(app: Any, store: Store, clock: Clock) -> PeerVisitor:
    """A catalogue with a site, which follows the home."""
    load(store, a_catalog(a_project(), manifest=a_manifest(languages=("en",))))
    return a_following(store, app.state.peers, clock)


@pytest.fixture
def third(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[PeerVisitor]:
    """Another catalogue, which follows both."""
    file = tmp_path / "third.db"
    file.write_bytes(sqlite_template.read_bytes())
    with closing(Store(f"sqlite:///{file}")) as store:
        load(store, a_catalog(a_project(), manifest=a_manifest(languages=("es",))))
        yield a_following(store, tmp_path / "third", clock)


def test_each_file_goes_on_as_it_was_signed_with_a_tag(app: Any, keeper: PeerVisitor, home: Home, host: Served) -> None:
    peer = followed(keeper, host.url)
    visit(keeper, peer)
    home.rotate()
    home.publish()
    visit(keeper, peer)
    reader, base = a_client(app), f"/exchange/mirror/{home.id}"
    served_on = ["metadata/1.root.json", "metadata/2.root.json", "metadata/root.json", "metadata/timestamp.json"]
    served_on += [f"metadata/{home.version}.{role}.json" for role in ("snapshot", "targets")]
    served_on += [str(home.file(target).relative_to(home.folder)) for target in home.targets()]
    for path in served_on:
        answer = reader.get(f"{base}/{path}", headers={"accept-encoding": "gzip"})
        assert answer.status_code == 200 and answer.content == (home.folder / path).read_bytes(), path
        assert "content-encoding" not in answer.headers
        tag = {"if-none-match": answer.headers["etag"]}
        assert reader.get(f"{base}/{path}", headers=tag).status_code == 304
    for no in ("metadata/1.targets.json", "metadata/3.root.json", "lock", "metadata/../lock", "targets/x.json", ""):
        assert reader.get(f"{base}/{no}").status_code == 404, no
    assert reader.get("/exchange/mirror/nobody/metadata/root.json").status_code == 404


def test_what_was_withdrawn_is_in_no_file_that_is_served_on(
    app: Any, keeper: PeerVisitor, home: Home, host: Served
) -> None:
    peer = followed(keeper, host.url)
    visit(keeper, peer)
    path = str(home.file(home.shard(2)).relative_to(home.folder))
    assert a_client(app).get(f"/exchange/mirror/{home.id}/{path}").status_code == 200
    home.withdraw(2)
    home.publish()
    visit(keeper, peer)
    assert a_client(app).get(f"/exchange/mirror/{home.id}/{path}").status_code == 404


def test_a_catalogue_that_is_followed_no_more_is_served_no_more(
    app: Any, keeper: PeerVisitor, home: Home, host: Served
) -> None:
    from catalog import moderation

    peer = followed(keeper, host.url)
    visit(keeper, peer)
    moderation.remove_peer(keeper.store, peer.id, "We meet them no more.", now=keeper.clock())
    assert a_client(app).get(f"/exchange/mirror/{home.id}/metadata/root.json").status_code == 404
    keeper.drop_unknown()
    assert not list(keeper.folder.glob("*"))


def test_a_third_reads_a_dead_home_at_whoever_follows_it_and_goes_back_when_it_lives(
    app: Any, keeper: PeerVisitor, third: PeerVisitor, home: Home, clock: Clock
) -> None:
    with site_of(app) as site:
        with served(home.folder) as host:
            home.address = host.url
            home.publish()
            kept, known = followed(keeper, host.url), followed(third, host.url)
            visit(keeper, kept)
            visit(third, known)
            home.withdraw(2)
            home.publish()
            visit(keeper, kept)
        assert visit(third, known)[0].refusal.code == "unreachable"
        copy = f"{site}/exchange/mirror/{home.id}"
        outcome = adding.move(third, third.store.peers.get(known.id), copy)
        assert outcome.good and names_of(third.store) == ["Contarapido", "Galette"]
        clock.move(days=40)
        home.withdraw(1)
        home.online = a_signer()
        home.now = clock.now
        home.rotate()  # by the keeper of a root key: another server signs from now on
        home.publish()
        with served(home.folder) as host:
            home.addresses = (host.url,)
            home.rotate()
            home.publish()
            adding.move(keeper, keeper.store.peers.get(kept.id), host.url)
            outcome, known = visit(third, known)
            assert outcome.good and names_of(third.store) == ["Galette"]
            assert outcome.good and known.address in (f"{copy}/", f"{host.url}/")
