"""A repository with everything that repositories hold and pages stumble over, and a site that serves its mirror."""

import atexit
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from sqlalchemy import update
from support.factories.core import NOW, a_catalog, a_project, identity, load
from support.hosts.git_origin import git

from catalog.store.core.public_changes import changing
from catalog.store.store import Store
from catalog.tables.core import mirror, project
from forge.app import create_app
from forge.config.settings import Settings
from forge.git.http_backend import CloneLimit

BIDI = "ab\u202egnp.txt"
LATIN = b"caf\xe9.txt"  # no UTF-8
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
HOSTILE_BRANCH = "feature/<script>alert(1)</script>"


def a_tree(path: Path, rows: list[tuple[str, str, bytes, bytes]]) -> bytes:
    """A tree of (mode, kind, name, content or id); its id."""
    lines = b""
    for mode, kind, name, content in sorted(rows, key=lambda row: row[2]):
        oid = git("hash-object", "-w", "--stdin", cwd=path, stdin=content) if kind == "blob" else content
        lines += b"%s %s %s\t%s\0" % (mode.encode(), kind.encode(), oid, name)
    return git("mktree", "-z", "--missing", cwd=path, stdin=lines)


def a_tree_of(path: Path, rows: bytes) -> bytes:
    """A tree with these very bytes, as a hostile origin may send them; its id."""
    return git("hash-object", "-t", "tree", "-w", "--stdin", cwd=path, stdin=rows)


def a_row(mode: bytes, name: bytes, oid: bytes) -> bytes:
    return mode + b" " + name + b"\0" + bytes.fromhex(oid.decode())


def a_large_folder(path: Path, files: int, oid: bytes, inside: bytes | None = None) -> bytes:
    """A tree of so many files f000000, f000001 … that are all the blob `oid`, and a folder `d` if `inside` is one."""
    folder = a_row(b"40000", b"d", inside) if inside else b""
    return a_tree_of(path, folder + b"".join(a_row(b"100644", b"f%06d" % number, oid) for number in range(files)))


def a_full_repository(path: Path) -> dict[str, str]:
    """A bare repository at `path`; the ids of its commits by name. It is made once a process, and copied."""
    shutil.rmtree(path, ignore_errors=True)  # the copy that `support.world` puts there is none for git
    made, ids = _full_repository()
    shutil.copytree(made, path)
    return dict(ids)


@cache
def _full_repository() -> tuple[Path, dict[str, str]]:
    folder = mkdtemp(prefix="full-repository-")
    atexit.register(shutil.rmtree, folder)
    path = Path(folder) / "full.git"
    git("init", "-q", "--bare", "--initial-branch=main", path)
    blob = "100644", "blob"
    deep = a_tree(path, [(*blob, b"inner.c", b"int x;\n")])
    first = a_tree(path, [(*blob, b"README.md", b"# Old\n"), (*blob, b"gone.txt", b"bye\n")])
    first_commit = git("commit-tree", first, "-m", "First", cwd=path)
    rows = [
        (*blob, b"README.md", b"# Tool\n\nRead <b>me</b>.\n"),
        (*blob, LATIN, b"caf\xe9\n"),
        (*blob, BIDI.encode(), b"x\n"),
        (*blob, b"line\nbreak.txt", b"odd\n"),
        (*blob, b"what?#.txt", b"question\n"),
        (*blob, b"page.html", b"<script>alert(1)</script>\n"),
        (*blob, b"picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>\n"),
        (*blob, b"dot.png", PNG),
        (*blob, b"noise.bin", bytes(range(256)) * 4),
        (*blob, b"huge.txt", b"0123456789\n" * 900_000),
        (*blob, b"large.txt", b"0123456789\n" * 400_000),
        (*blob, b"line.txt", b"<" * 100_000 + b"\nnext\n"),
        (*blob, b"long.txt", b"x\n" * 6000),
        ("120000", "blob", b"pointer", b"src/inner.c"),
        ("160000", "commit", b"vendor", b"1" * 40),
        ("040000", "tree", b"src", deep),
    ]
    two = git("commit-tree", a_tree(path, rows), "-p", first_commit, "-m", "Second <b>\n\nWhy \u202eit is.", cwd=path)
    third = git("commit-tree", first, "-p", two, "-m", "Aside", cwd=path)
    git("update-ref", "refs/heads/main", two, cwd=path)
    git("update-ref", "refs/heads/feature/x", third, cwd=path)
    git("update-ref", f"refs/heads/{HOSTILE_BRANCH}", third, cwd=path)
    git("tag", "v1", first_commit, cwd=path)
    git("tag", "-a", "-m", "Two", "v2", two, cwd=path)
    git("pack-refs", "--all", cwd=path)
    return path, {"one": first_commit.decode(), "two": two.decode(), "third": third.decode()}


def mirrored(store: Store, slug: str = "galette", **changes: Any) -> None:
    """Note a visit that went well in the row of the mirror."""
    values = {
        "state": "mirrored",
        "free": True,
        "branch": "main",
        "first_mirrored_at": NOW,
        "last_success_at": NOW,
        "observed_at": NOW,
    }
    with changing(store.engine) as (connection, change):
        connection.execute(update(mirror).where(mirror.c.project_id == identity(slug)).values(**(values | changes)))
        change = change()
        connection.execute(update(project).where(project.c.id == identity(slug)).values(change=change))


def load_galette(store: Store) -> None:
    """Load `galette`, formerly `galette-old`, and two others without code."""
    galette = a_project(id=identity("galette"), former=("galette-old",))
    load(store, a_catalog(galette, a_project("empty-tool"), a_project("codeless", repository=None)))


def a_site(store: Store, data: Path, gate: CloneLimit | None = None) -> Any:
    """The application over a store that knows `galette`, or is made to."""
    if not store.change():
        load_galette(store)
    settings = Settings(data=data, secret="test")
    app = create_app(settings, store, None, clock=lambda: NOW)
    if gate is not None:
        app.state.code_readers.clones = gate
    return app
