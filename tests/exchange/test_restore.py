"""A catalogue that is restored from a backup: what it publishes is above what followers know, and nothing that was
withdrawn since the backup comes back."""

import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from support.exchange_reader import ExchangeReader
from support.factories.core import NOW, a_catalog, a_project, an_adoption, an_organization, identity, later, load
from tuf.api.exceptions import UnsignedMetadataError

from catalog.errors import Removed
from catalog.rules.submission import adoption_id
from catalog.store.core.public_changes import changing
from catalog.store.ownership import unlisted
from catalog.store.store import Store
from forge.backup import backup
from forge.config.settings import Settings
from forge.exchange import authority
from forge.exchange.paths import ONLINE_KEY, ROOT_KEY
from forge.exchange.publish import write

HERE = "https://forge.example"
USE = ("adoption", adoption_id(identity("galette"), identity("coop-des-halles", "organization")))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    chosen = Settings(data=tmp_path / "data", catalog=tmp_path / "catalog.yaml")
    chosen.data.mkdir()
    return chosen


def with_use(store: Store, now, digest: str) -> None:
    load(store, a_catalog(a_project(adoptions=(an_adoption(),)), an_organization()), now=now, digest=digest)


def without_use(store: Store, now, digest: str) -> None:
    load(store, a_catalog(a_project(), an_organization()), now=now, digest=digest)


def restored(store: Store, settings: Settings, file: Path, now) -> None:
    backup.restore(settings, store, file, replace=True, now=now)


def test_a_use_that_was_withdrawn_after_the_backup_stays_withdrawn(store: Store, settings, tmp_path: Path) -> None:
    with_use(store, NOW, "1")
    write(store, settings.data, HERE, now=NOW)
    file = tmp_path / "copy"
    backup.write(settings, store, file, mirrors=False, now=NOW)
    without_use(store, later(hours=1), "2")
    write(store, settings.data, HERE, now=later(hours=1))
    with ExchangeReader(settings.data / "exchange", NOW) as reader:
        number = reader.withdrawn[USE].n
        restored(store, settings, file, later(hours=2))  # the document is as it was then
        write(store, settings.data, HERE, now=later(hours=2))
        assert reader.visit().withdrawn[USE].n == number and not reader.adoptions()
        assert store.published_exchange.withheld() == (USE,)


def test_roots_and_keys_go_with_a_backup_and_newer_ones_stay(
    sqlite_store: Store, settings, tmp_path: Path, sqlite_template: Path
) -> None:
    store = sqlite_store
    with_use(store, NOW, "1")
    write(store, settings.data, HERE, now=NOW)
    file = tmp_path / "copy"
    backup.write(settings, store, file, mirrors=False, now=NOW)
    with ExchangeReader(settings.data / "exchange", NOW) as reader:
        authority.rotate_online(store, settings.data, None, now=later(hours=1))
        write(store, settings.data, HERE, now=later(hours=1))
        newer = (settings.data / ONLINE_KEY).read_bytes()
        restored(store, settings, file, later(hours=2))
        assert len(authority.known_chain(store)) == 2 and (settings.data / ONLINE_KEY).read_bytes() == newer
        write(store, settings.data, HERE, now=later(hours=2))
        reader.visit()
        (tmp_path / "new.db").write_bytes(sqlite_template.read_bytes())
        other, elsewhere = Store(f"sqlite:///{tmp_path / 'new.db'}"), replace(settings, data=tmp_path / "elsewhere")
        elsewhere.data.mkdir()
        restored(other, elsewhere, file, later(hours=3))
        for name in (ROOT_KEY, ONLINE_KEY):
            assert (elsewhere.data / name).stat().st_mode & 0o777 == 0o600
        write(other, elsewhere.data, HERE, now=later(hours=3))
        reader.folder = elsewhere.data / "exchange"
        with pytest.raises(UnsignedMetadataError):  # the backup knows the key before the last
            reader.visit()
        authority.rotate_online(other, elsewhere.data, None, now=later(hours=4))
        other.close()


def test_a_restore_into_an_empty_folder_publishes_above_what_followers_know(
    store: Store, settings, tmp_path: Path
) -> None:
    """They refuse what comes back without a word: `returns` is what a restored catalogue cannot say."""
    with_use(store, NOW, "1")
    write(store, settings.data, HERE, now=NOW)
    file = tmp_path / "copy"
    backup.write(settings, store, file, mirrors=False, now=NOW)
    without_use(store, later(hours=1), "2")
    write(store, settings.data, HERE, now=later(hours=1))
    with ExchangeReader(settings.data / "exchange", NOW) as reader:
        number = reader.withdrawn[USE].n
        elsewhere = replace(settings, data=tmp_path / "elsewhere")
        elsewhere.data.mkdir()
        forgotten(store)
        restored(store, elsewhere, file, later(hours=2))
        write(store, elsewhere.data, HERE, now=later(hours=2))
        reader.folder = elsewhere.data / "exchange"
        use = reader.visit().adoptions()["galette coop-des-halles"]
        assert use.returns is None and number
        without_use(store, later(hours=3), "3")
        write(store, elsewhere.data, HERE, now=later(hours=3))
        assert reader.visit().withdrawn[USE].n > number


def test_what_was_unlisted_or_blocked_after_the_backup_stays_so_where_the_exchange_alone_tells_it(
    sqlite_store: Store, settings, tmp_path: Path, sqlite_template: Path
) -> None:
    store, file = sqlite_store, tmp_path / "copy"
    load(store, a_catalog(a_project(), a_project("blocked"), a_project("shown")))
    write(store, settings.data, HERE, now=NOW)
    backup.write(settings, store, file, mirrors=False, now=NOW)
    with changing(store.engine) as (connection, change):
        unlisted.opt_out(connection, identity("galette"), "Our choice", "en", change=change, now=NOW)
    store.takedowns.block("blocked", "Harm", now=NOW)
    write(store, settings.data, HERE, now=later(hours=1))
    elsewhere = replace(settings, data=tmp_path / "elsewhere")
    shutil.copytree(settings.data / "exchange", elsewhere.data / "exchange")
    (tmp_path / "new.db").write_bytes(sqlite_template.read_bytes())
    with closing(Store(f"sqlite:///{tmp_path / 'new.db'}")) as other:
        restored(other, elsewhere, file, later(hours=2))
        assert other.public_records.project("galette").opted_out is not None
        assert other.public_records.project("shown").opted_out is None
        with pytest.raises(Removed):
            other.public_records.project("blocked")


def forgotten(store: Store) -> None:
    """The database is another one: nothing of what it held is there any more."""
    from support.factories.rewriting import rewriting

    from catalog.tables.core import meta
    from catalog.tables.publishing import exchange_root, published_record, withdrawal

    with rewriting(store.engine) as connection:
        for table in (published_record, withdrawal, exchange_root):
            connection.execute(table.delete())
        connection.execute(meta.delete().where(meta.c.key.in_(("exchange-published", "lineage"))))
