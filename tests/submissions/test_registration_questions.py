"""The questions of a registration: the pages from the pasted address to the public page, what is asked and judged, and
what becomes of hostile answers. The look is a real one, at a real loopback origin."""

import re
from contextlib import closing

import pytest
from sqlalchemy import func, select
from support.factories.core import NOW, a_store
from support.factories.registration import (
    ANA,
    HERE,
    SAID,
    Lasting,
    a_caisse,
    a_draft,
    a_registering_site,
    begun,
    looked,
    of_path,
    opened,
    published,
    put,
    value,
)
from support.factories.visits import Clock
from support.hosts.git_origin import a_repository, an_origin
from support.world import fill

from catalog import submissions
from catalog.errors import Invalid
from catalog.rules.submission import DRAFT, PREVIEW, REGISTER, SENT, WAITING
from catalog.store.core.engine import reading
from catalog.submissions.base.fields import TOO_LONG_REASON
from catalog.submissions.kinds import registration_fields, registration_form
from catalog.tables.people import message
from forge.i18n.languages import page_language
from forge.web.submissions import registration_questions
from forge.web.wording import submissions as wording_submissions
from tests.hostile.test_forms import HOSTILE

ANSWERS = {
    "needs": "accounting",
    "use": ["online", "install"], "online": "demo.caisse.example.org", "hardness": "easy",
    "screens": ["fr", "en"], "other_screens": "Catalan",
    "maker": "no", "email": ANA,
}  # fmt: skip


@pytest.fixture(scope="module")
def child():
    with closing(Lasting()) as lasting:
        yield lasting


@pytest.fixture
def site(sqlite_store, tmp_path, clock, child):
    """A client, and the look that the worker would do."""
    fill(sqlite_store)
    with a_registering_site(sqlite_store, tmp_path, clock, child) as given:
        yield given


@pytest.fixture
def caisse(origin):
    return a_caisse(origin)


def test_the_sentence_is_the_senders_else_a_files_else_how_the_readme_begins_else_none(store):
    assert registration_form.summary_of(SAID, {}) == {"fr": SAID["summary"]}
    nothing = SAID | {"summary": ""}
    stated = {PREVIEW: {"values": {"summary": value({"fr": "Tient la caisse", "en": "x" * 130})}}}
    assert registration_form.summary_of(nothing, stated) == {"fr": "Tient la caisse"}
    readme = {PREVIEW: {"readme": {"text": "Keeps the purse of a group. And more.", "language": "und"}}}
    assert registration_form.summary_of(nothing, readme) == {"und": "Keeps the purse of a group"}
    asked = registration_questions.filled("summary", nothing, readme, page_language("es"))
    assert asked.line("language") == "en"  # as its words are, whatever the language of the page
    assert registration_form.summary_of(nothing, {}) == {}
    submission = a_draft(store, summary="")
    with pytest.raises(Invalid, match="summary"):
        published(store, submission, NOW)
    assert store.submissions.get(submission.id).state == DRAFT


@pytest.mark.parametrize(
    ("file", "stated", "title", "name"),
    [
        ("publiccode.yml", "Caisse", "The purse", "Caisse"),
        ("package.json", "caisse-web", "Caisse commune", "Caisse commune"),
        ("package.json", "caisse-web", "Welcome to the place where we keep it", "caisse-web"),
        (None, None, "Welcome to the place where we keep it", "Welcome to the place where we keep it"),
        (None, None, "", "caisse"),
    ],
)
def test_the_name_is_the_one_that_is_written_for_people(file, stated, title, name):
    values = {"name": value(stated, file)} if stated else {}
    look = {"values": values, "readme": {"title": title}, "url": HERE}
    assert registration_form.name_of({"address": HERE}, {PREVIEW: look}) == name


def test_every_line_has_its_label_and_each_text_the_desk_may_correct_too(store):
    found = {"values": {"license.detected": value("MIT", "LICENSE")}, "readme": {"text": "Keeps a purse."}}
    submission = a_draft(store, found=found, need_words="Purses", host_words="Coop")
    assert [
        line.field
        for line in wording_submissions.submission_rows(submissions.rows(store, submission))
        if line.label is None
    ] == []
    words = {typed.field: typed.value for typed in submissions.KINDS[REGISTER].editable(submission)}
    assert words["name"] == SAID["name"] and words["summary"] == SAID["summary"]
    assert [
        name for name in words if not (wording_submissions.FIELDS.get(name) or wording_submissions.field_label(name))
    ] == []


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", "x" * 101, registration_fields.LONG_NAME),
        ("name", "👩🏽‍🌾🎉", registration_fields.NO_LETTERS),
        ("name", "ana@example.org", registration_fields.HOLDS_EMAIL),
        ("summary", "x" * 121, registration_fields.LONG_SUMMARY),
        ("summary", "write to ana@example.org", registration_fields.HOLDS_EMAIL),
        ("summary", "!!! …", registration_fields.NO_LETTERS),
        ("license", "my own", registration_fields.NO_LICENSE),
        ("homepage", "javascript:alert(1)", registration_fields.NO_WEB_ADDRESS),
        ("homepage", "https://x.example/<script>", registration_fields.NO_WEB_ADDRESS),
        ("online", "https://user:pw@example.org/", registration_fields.NO_WEB_ADDRESS),
        ("needs", ["accounting", "donations", "loan-portfolio", "microcredit"], registration_fields.MANY_NEEDS),
        ("needs", ["no-such-term"], registration_fields.NO_NEED),
        ("need_words", "x" * 501, TOO_LONG_REASON),
        ("hardness", "impossible", registration_fields.NO_HARDNESS),
        ("screens", ["xx-not-a-tag!"], registration_fields.NO_SCREENS),
    ],
)
def test_what_is_wrong_stands_beside_its_field(store, field, typed, sentence):
    _, wrong = submissions.send(store, a_draft(store, **{field: typed}).id, email=ANA, now=NOW)
    assert wrong == {field: sentence}


@pytest.mark.parametrize(
    ("text", "language", "fits"),
    [("Tient la caisse", "ar", False), ("صندوق المجموعة", "fr", False), ("صندوق المجموعة", "ar", True),
     ("Gère WordPress", "fr", True), ("Касса группы", "ru", True), ("Касса группы", "en", False),
     ("Keeps 合作社", "en", True), ("任何", "zh", True), ("Tient", "xx", False)],
)  # fmt: skip
def test_a_sentence_is_in_the_letters_of_its_language(text, language, fits):
    assert (registration_form.wrong_summary(text, language) == {}) is fits


def test_from_a_pasted_address_to_the_public_page(site, sqlite_store, caisse, clock):
    client, looking = site
    start = client.get("/fr/register")
    assert "no-store" in start.headers["cache-control"]
    path = begun(client, f"{caisse}/tree/main", "fr")
    waiting = client.get(path)
    assert 'http-equiv="refresh" content="2"' in waiting.text and caisse in waiting.text
    assert looked(looking) == 1 and not list(looking.drafts.iterdir())
    assert client.get(path).headers["location"] == f"{path}/right"
    right = client.get(f"{path}/right")
    for told in ("Caisse commune", "publiccode.yml", "AGPL-3.0", "LICENSE", "caisse.example.org", "README.md", "main"):
        assert told in right.text
    for step in ("name", "license", "homepage", "summary"):  # what a file says is changed on a page of its own
        assert f'href="{path}/{step}"' in right.text
    assert 'name="needs"' in right.text and 'name="summary"' not in right.text  # a file says what it lets people do
    for _ in range(2):  # pressed twice
        assert put(client, f"{path}/right", **ANSWERS, step="send") == path
    submission = of_path(sqlite_store, path)
    own = client.get(path).headers["location"]
    assert submission.state == SENT and submission.reference in client.get(own).text
    with reading(sqlite_store.engine) as connection:
        assert connection.execute(select(func.count()).select_from(message)).scalar_one() == 1
    opened(sqlite_store, clock())
    assert of_path(sqlite_store, path).state == WAITING
    done = published(sqlite_store, of_path(sqlite_store, path), clock())
    for tail in ("", "/facts", "/history", "/users"):
        assert client.get(f"/fr/projects/{done.before['slug']}{tail}").status_code == 200, tail
    page = client.get("/fr/projects/caisse-commune")
    assert "Tient la caisse" in page.text and ANA not in page.text
    assert client.get("/api/v1/projects/caisse-commune/facts").status_code == 200
    assert "caisse-commune" in client.get("/fr/domains/accounting").text
    known = client.get(begun(client, caisse.removesuffix(".git"), "fr"))
    assert "/fr/projects/caisse-commune" in known.text and looked(looking) == 0


def test_what_nobody_knows_is_left_open(site, sqlite_store, origin, clock):
    client, looking = site
    a_repository(origin.folder, "bare.git", commits=1)
    path = begun(client, origin.url("git/bare.git"))
    looked(looking)
    asked = ["summary", "needs", "use", "screens", "maker"]
    page = client.get(f"{path}/right").text
    assert all(f'name="{name}"' in page for name in asked)
    assert 'value="unknown"' in client.get(f"{path}/summary").text
    put(client, f"{path}/right", email=ANA, step="send")
    submission = of_path(sqlite_store, path)
    assert submission.state == SENT and submission.answers["unknown"] == sorted(asked)


def test_no_question_that_may_be_left_open_gives_an_error_when_it_is_answered_in_part(site, sqlite_store, origin):
    client, looking = site
    a_repository(origin.folder, "bare.git", commits=1)
    path = begun(client, origin.url("git/bare.git"))
    looked(looking)
    put(client, f"{path}/right", use=["online", "hosted", "install"], other_screens="Catalan", email=ANA, step="send")
    submission = of_path(sqlite_store, path)
    assert submission.state == SENT and submission.answers["screens"] == ["ca"]


def test_a_language_in_which_few_screens_are_is_not_ticked(store):
    said = [{"term": "fr"}, {"term": "br", "percent": 5}, {"term": "oc", "percent": 60}]
    assert registration_questions.tags_of(said) == ["fr", "oc"]


def test_what_was_typed_is_kept_for_later_and_one_answer_is_changed_alone(site, sqlite_store, caisse):
    client, looking = site
    path = begun(client, caisse)
    looked(looking)
    assert put(client, f"{path}/right", **ANSWERS, step="keep") == f"{path}/right"
    page = client.get(f"{path}/right").text
    assert 'value="https://demo.caisse.example.org"' in page and page.count('" checked') == 8 and ANA in page
    assert put(client, f"{path}/use", step="unknown") == f"{path}/right"
    assert put(client, f"{path}/name", name="La caisse") == f"{path}/right"
    assert "La caisse" in client.get(f"{path}/right").text
    for step in ("license", "homepage", "summary"):
        assert client.get(f"{path}/{step}").status_code == 200
    put(client, f"{path}/license", license="agpl-3.0-or-later")
    assert of_path(sqlite_store, path).answers["license"] == "AGPL-3.0-or-later"
    wrong = client.post(
        f"{path}/right", data={"use": "online", "online": "x y", "email": "x", "need_words": "Purses", "step": "send"}
    )
    assert wrong.status_code == 422 and 'href="#online"' in wrong.text and 'href="#email"' in wrong.text
    assert 'value="Purses"' in wrong.text


@pytest.fixture(scope="module")
def draft(sqlite_template, tmp_path_factory, child):
    """A client, and the path of a draft that was looked at."""
    folder = tmp_path_factory.mktemp("draft")
    with a_store(sqlite_template, folder) as store, an_origin(folder) as origin:
        fill(store)
        with a_registering_site(store, folder, Clock(), child) as (client, looking):
            path = begun(client, a_caisse(origin))
            assert looked(looking) == 1
            yield client, path


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_is_refused_beside_its_field_or_kept_as_text(draft, kind):
    """One draft for all kinds: what another left in it is shown beside."""
    client, path = draft
    typed = HOSTILE[kind]
    fields = {"name": ["name"], "license": ["license"], "homepage": ["homepage"], "summary": ["summary", "language"],
              "needs": ["needs", "need_words"], "use": ["use", "online", "hardness", "host_words"],
              "screens": ["screens", "other_screens"], "maker": ["maker"],
              "right": ["needs", "need_words", "use", "screens", "maker", "email"]}  # fmt: skip
    for step, names in fields.items():
        answer = client.post(f"{path}/{step}", data=dict.fromkeys(names, typed))
        assert answer.status_code in (303, 422), (step, answer.status_code)
        if answer.status_code == 422:
            assert "Error: " in answer.text and "<script" not in answer.text
            assert not any(sign in answer.text for sign in ("\x00", "\x1b", "\u202e", "\u2066"))
    for step in ("right", "needs"):
        shown = client.get(f"{path}/{step}")
        assert shown.status_code == 200 and "<script" not in shown.text and "\u202e" not in shown.text
    answer = client.post(f"/en/register/{'x' * 43}/name", data={"name": typed})
    assert answer.status_code == 410


def test_without_the_look_a_person_fills_in_what_they_know(site, sqlite_store, origin, clock):
    client, looking = site
    draft = begun(client, origin.url("missing/purse.git"))
    looked(looking)
    assert put(client, draft, step="alone") == draft
    right = client.get(client.get(draft).headers["location"])
    assert re.search(r"purse</bdi>.*from <code[^>]*>[^<]*/missing/purse.git", right.text), "whence the name is"
    assert 'Change<span class="sr"> (Licence)' in right.text and "Not known yet" in right.text
    assert "(Purpose)" not in right.text, "what the page asks below stands in no row above"
    put(client, f"{draft}/summary", summary="Keeps the purse of a group", language="en")
    put(client, f"{draft}/license", license="MIT")
    put(client, f"{draft}/right", email=ANA, step="send")
    opened(sqlite_store, clock())
    assert published(sqlite_store, of_path(sqlite_store, draft), clock()).before["slug"] == "purse"


def test_who_is_signed_in_is_asked_for_no_address(site, sqlite_store, caisse):
    client, looking = site
    token = sqlite_store.people.invite(ANA, "moderator", "fr", now=NOW)
    _, cookie, _ = sqlite_store.people.sign_in(token, "fr", now=NOW)
    client.cookies.set("forge", cookie)
    path = begun(client, caisse)
    looked(looking)
    assert 'name="email"' not in client.get(f"{path}/right").text
    put(client, f"{path}/right", maker="yes", step="send")
    assert of_path(sqlite_store, path).state == WAITING


def test_what_was_taken_back_leads_to_where_it_stands(site, sqlite_store, caisse, clock):
    client, looking = site
    path = begun(client, caisse)
    looked(looking)
    submissions.withdraw(sqlite_store, of_path(sqlite_store, path).id, now=clock())
    secret = path.rpartition("/")[2]
    assert client.get(path).headers["location"] == f"/en/declarations/{secret}"
    assert client.get(f"/en/declarations/{secret}").status_code == 200


def test_every_question_has_its_title_and_its_fields():
    assert set(registration_questions.TITLES) == set(registration_questions.QUESTIONS)
    assert {field.step for field in registration_fields.FIELDS} == set(registration_questions.QUESTIONS)
    for step in registration_questions.UNKNOWABLE:
        assert registration_questions.nothing(step)
    assert len(registration_questions.ASKED) == 5
