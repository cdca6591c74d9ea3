"""docs/threats.md says what is true: its table of limits, its commands; and each catalogue names whom to write to."""

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from pathlib import Path
from threading import Barrier

import pytest
from support.factories.core import NOW, a_catalog, a_manifest, a_project, later, load
from support.paths import ROOT
from support.visitors import signed_in
from support.world import a_client, a_site, fill

from catalog.store.store import Store
from forge.config.settings import Settings
from forge.security.secret import instance_secret, rotate
from tests.commands.test_cli import a_file, forge

UNITS = {
    "KiB": 1 << 10,
    "MiB": 1 << 20,
    "GiB": 1 << 30,
    "kB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "bytes": 1,
    "s": 1,
    "": 1,
}
LIMIT = re.compile(r"^\| `([\w.]+)` \| ([\d,.]+) ?([A-Za-z]*) \|", re.MULTILINE)


def value_of(name: str) -> float:
    path, _, constant = name.rpartition(".")
    owner = Settings if path.endswith(".Settings") else import_module(path)
    return float(getattr(owner, constant))


def test_the_table_of_limits_says_what_the_code_does() -> None:
    text = (ROOT / "docs/threats.md").read_text()
    table = text[text.index("<!-- limits -->") : text.index("<!-- /limits -->")]
    rows = LIMIT.findall(table)
    assert len(rows) > 35 and len(rows) == table.count("| `")
    wrong = {
        name: number for name, number, unit in rows if value_of(name) != float(number.replace(",", "")) * UNITS[unit]
    }
    assert wrong == {}


@pytest.mark.parametrize(
    ("contact", "told"),
    [("security@ours.example.org", "mailto:security@ours.example.org"), ("https://ours.example.org/x", None)],
)
def test_security_txt_names_the_contact_and_expires(
    sqlite_store: Store, tmp_path: Path, contact: str, told: str
) -> None:
    load(sqlite_store, a_catalog(a_project(), manifest=a_manifest(contact=contact, languages=("fr", "en"))))
    with a_site(sqlite_store, tmp_path / "data", base_url="https://catalog.example.org") as app:
        answer = a_client(app).get("/.well-known/security.txt", headers={"host": "catalog.example.org"})
    lines = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert answer.headers["content-type"].startswith("text/plain")
    assert lines["Contact"] == (told or contact) and lines["Preferred-Languages"] == "fr, en"
    assert lines["Canonical"] == "https://catalog.example.org/.well-known/security.txt"
    assert NOW < datetime.fromisoformat(lines["Expires"].replace("Z", "+00:00")) < later(days=365)


def test_without_a_contact_there_is_no_security_txt(client_of) -> None:
    client = client_of(a_project(), manifest=replace(a_manifest(), contact=None))
    assert client.get("/.well-known/security.txt").status_code == 404


def test_a_new_secret_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    old = instance_secret(None, tmp_path)
    rotate(tmp_path)
    assert instance_secret(None, tmp_path) != old
    assert [path.name for path in tmp_path.iterdir() if "secret" in path.name] == ["secret"]


def test_pages_and_worker_that_begin_at_once_make_one_secret(tmp_path: Path) -> None:
    at_once = Barrier(8)

    def ask(number: int) -> bytes:
        at_once.wait()
        return instance_secret(None, tmp_path)

    pause = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # threads take turns within the function: with the pause of Python they seldom do
    try:
        with ThreadPoolExecutor(8) as threads:
            assert len(set(threads.map(ask, range(8)))) == 1
    finally:
        sys.setswitchinterval(pause)
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_everybody_is_signed_out_by_the_command(sqlite_store: Store, tmp_path: Path) -> None:
    fill(sqlite_store)
    with a_site(sqlite_store, tmp_path / "data") as app:
        ana = signed_in(app, sqlite_store, "ana@example.org")
        assert ana.get("/en/desk").status_code == 200
        assert sqlite_store.people.end_all() == 1
        assert ana.get("/en/desk").status_code != 200
    home = tmp_path / "home"
    home.mkdir()
    a_file(home)
    assert forge(home, "import", "catalog.yaml").returncode == 0
    (home / "data/secret").write_text("ab" * 32)
    ran = forge(home, "secret", "rotate", "--sign-out")
    assert ran.returncode == 0 and "0 sessions were ended" in ran.stdout
    assert (home / "data/secret").read_text() != "ab" * 32 and (home / "data/secret").stat().st_mode & 0o777 == 0o600
    given = forge(home, "secret", "rotate", secret="given")
    assert given.returncode == 1 and "FORGE_SECRET" in given.stderr
    with closing(Store(f"sqlite:///{home / 'data/catalog.db'}")) as store:
        assert store.change() > 0
