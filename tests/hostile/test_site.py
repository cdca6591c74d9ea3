"""What an attack on the whole site found once: each test keeps one hole closed."""

import json
import os
import re
import socket
import stat
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.testclient import TestClient
from support.factories.code import a_full_repository, mirrored
from support.factories.code import a_site as a_code_site
from support.factories.core import identity, load
from support.factories.document import a_project
from support.hosts.git_origin import git
from support.serving import served
from support.world import a_client, a_site, the_document

from catalog.store.store import Store
from forge.cli import forge
from forge.git.http_backend import CloneLimit
from forge.i18n import languages
from forge.web.code import git_http

RESULT = "Content-Type: application/x-git-upload-pack-request\r\nGit-Protocol: version=2\r\n"


@pytest.fixture
def client(sqlite_store: Store, tmp_path: Path) -> Iterator[TestClient]:
    document = the_document()
    manifest = replace(
        document.manifest, contact="https://social.example.org/@ours", name={"en": "Forge: a\u202eb\ue000c"}
    )
    renamed = a_project("renamed", former=("pro", "en", "projects"))
    load(sqlite_store, replace(document, manifest=manifest, projects=(*document.projects, renamed)))
    with a_site(sqlite_store, tmp_path / "data") as app:
        yield a_client(app)


def test_a_language_behind_two_slashes_does_not_lead_to_another_host_regression(client: TestClient) -> None:
    assert client.get("http://testserver//en").headers["location"] == "/en/"
    assert client.get("http://testserver///fr").headers["location"] == "/fr/"


@pytest.mark.parametrize("former", ["pro", "en", "projects"])
def test_a_former_slug_that_stands_earlier_in_the_address_still_leads_to_the_project_regression(
    client: TestClient, former: str
) -> None:
    assert client.get(f"/en/projects/{former}/users?a=b").headers["location"] == "/en/projects/renamed/users?a=b"
    assert client.get(f"/projects/{former}/raw/main/x").headers["location"] == "/projects/renamed/raw/main/x"


def test_an_address_without_a_page_is_answered_in_its_own_language_regression(client: TestClient) -> None:
    answer = client.get("/fr/nowhere", headers={"Accept-Language": "en"})
    assert answer.status_code == 404
    assert '<html lang="fr"' in answer.text
    assert 'hreflang="en" href="http://testserver/en/nowhere"' in answer.text


def test_a_contact_page_with_an_at_sign_is_no_mail_address_regression(client: TestClient) -> None:
    text = client.get("/en/help").text
    assert 'href="https://social.example.org/@ours"' in text
    assert "mailto:" not in text


def test_the_name_of_the_site_turns_no_direction_and_opens_no_element_regression(client: TestClient) -> None:
    text = client.get("/en/").text
    assert "Forge: abc</title>" in text
    assert "\u202e" not in text


def test_a_form_of_marks_without_a_letter_keeps_few_of_them_in_a_row_regression(client: TestClient) -> None:
    """100,000 of them, in a form of anybody's, stopped the whole process for 20 seconds."""
    typed = ("email=a" + "\u0315\u0300" * 45_000).encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = client.post("/en/sign-in", content=typed, headers=kind)
    assert answer.status_code == 422
    assert "\u0300" in answer.text and answer.text.count("\u0300") + answer.text.count("\u0315") <= 60


@pytest.mark.parametrize("charset", ["undefined", "punycode", '"punycode"', "latin-1"])
def test_a_form_with_a_picture_is_read_in_no_encoding_of_the_senders_choice_regression(
    client: TestClient, charset: str
) -> None:
    """ "undefined" failed, and "punycode" kept all readers of the process waiting for minutes."""
    body = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\na-zb\r\n--x--\r\n'
    for named, status in ((f"; charset={charset}", 415), ("; charset=UTF-8", 403), ("", 403)):
        kind = {"Content-Type": f"Multipart/Form-Data; boundary=x{named}"}
        assert client.post("/en/projects/galette/upload", content=body, headers=kind).status_code == status, named


@pytest.fixture
def address(sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Host and port of a site with one place for clones, which waits for nobody longer than half a second."""
    monkeypatch.setattr(git_http, "STALL_SECONDS", 0.5)
    mirror = tmp_path / "data" / "mirrors" / f"{identity('galette')}.git"
    ids = a_full_repository(mirror)
    app = a_code_site(sqlite_store, tmp_path / "data", CloneLimit(1, wait_seconds=0.1, body_seconds=0.5))
    mirrored(sqlite_store, head=ids["two"])
    with served(app) as url:
        yield url.removeprefix("http://")
    app.state.code_readers.close()


def _opened(address: str, length: int, body: bytes) -> socket.socket:
    host, port = address.split(":")
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect((host, int(port)))
    head = f"POST /git/galette.git/git-upload-pack HTTP/1.1\r\nHost: x\r\n{RESULT}Content-Length: {length}\r\n\r\n"
    line.sendall(head.encode() + body)
    return line


def _clones_within(address: str, folder: Path, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        git("clone", "-q", "--bare", f"http://{address}/git/galette.git", folder / "copy.git", check=False)
        if (folder / "copy.git" / "HEAD").exists():
            return True
    return False


def test_who_trickles_a_request_does_not_keep_the_place_of_a_clone_regression(address: str, tmp_path: Path) -> None:
    with _opened(address, 5000, b"0") as line:
        time.sleep(0.2)
        assert _clones_within(address, tmp_path, 30)
        line.settimeout(30)
        assert line.recv(100).startswith(b"HTTP/1.1 400")


def test_who_reads_nothing_does_not_keep_the_place_of_a_clone_regression(address: str, tmp_path: Path) -> None:
    mirror = tmp_path / "data" / "mirrors" / f"{identity('galette')}.git"
    noise = git("hash-object", "-w", "--stdin", cwd=mirror, stdin=os.urandom(12 << 20))
    git("update-ref", "refs/tags/noise", noise, cwd=mirror)
    git("pack-refs", "--all", cwd=mirror)
    parts = [b"command=fetch", b"want " + noise + b"\n", b"done\n"]
    first, *others = [b"%04x%s" % (len(part) + 4, part) for part in parts]
    body = first + b"0001" + b"".join(others) + b"0000"
    with _opened(address, len(body), body):
        time.sleep(0.3)
        assert _clones_within(address, tmp_path, 30)


def test_an_export_replaces_files_and_nothing_else_regression(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(sqlite_store, the_document())
    monkeypatch.setenv("FORGE_DATA", str(tmp_path))
    os.mkfifo(tmp_path / "pipe")
    refused = CliRunner().invoke(forge, ["export", str(tmp_path / "pipe")])
    assert (refused.exit_code, "is no file" in refused.output) == (1, True)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


@pytest.mark.parametrize("order", [["export", "none/copy.yaml"], ["init"]])
def test_a_folder_that_does_not_exist_is_a_sentence_regression(
    order: list[str], sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(sqlite_store, the_document())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FORGE_DATA", str(tmp_path))
    monkeypatch.setenv("FORGE_CATALOG", "none/catalog.yaml")
    failed = CliRunner().invoke(forge, order)
    assert (failed.exit_code, "cannot be written (No such file" in failed.output) == (1, True)


def test_the_marks_of_english_words_in_a_strangers_text_are_no_marks_of_ours_regression(
    sqlite_store: Store, tmp_path: Path
) -> None:
    """A page puts an element in place of each: it broke the data of the page, and said that words were English."""
    text = "a \ue000b\ue001 \u202ec"
    odd = a_project("odd", description={"fr": f"Des *mots* {text}"}, programming_languages=(text,))
    load(sqlite_store, replace(the_document(), projects=(*the_document().projects, odd)))
    with a_site(sqlite_store, tmp_path / "data") as app:
        page = a_client(app).get("/fr/projects/odd").text
    (data,) = re.findall(r'<script type="application/ld\+json">([^<]*)</script>', page)
    assert json.loads(data)["programmingLanguage"] == ["a b c"]
    assert "<em>mots</em> a b c" in page


@pytest.mark.parametrize("tag", ["kg", "ik", "kg-CD", "en-US-x", "icr"])
def test_a_text_in_a_language_of_which_little_is_known_takes_no_page_down_regression(
    sqlite_store: Store, tmp_path: Path, tag: str
) -> None:
    """One project that is described in Kongo alone took the first page and Find away from everybody."""
    odd = a_project("odd", name="Oddity", summary={tag: "Kitungu"}, description={tag: "Kitungu kia *mambu*"})
    load(sqlite_store, replace(the_document(), projects=(*the_document().projects, odd)))
    with a_site(sqlite_store, tmp_path / "data") as app:
        client = a_client(app)
        for path in (
            "/en/",
            "/fr/projects?q=oddity",
            "/en/projects?sort=name",
            "/en/projects/odd",
            "/en/compare?p=odd",
        ):
            assert client.get(path).status_code == 200, path
        assert client.get("/export/projects/odd/publiccode.yml").status_code in (200, 409)
        assert "Kitungu kia <em>mambu</em>" in client.get("/en/projects/odd").text


@given(tag=st.from_regex(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}", fullmatch=True) | st.text(max_size=12))
@example(tag="kg")
@example(tag="en-US-x")
def test_each_language_that_is_known_can_be_spoken_regression(tag: str) -> None:
    if languages.is_supported(tag):
        assert languages.page_language(tag).direction in ("ltr", "rtl")
