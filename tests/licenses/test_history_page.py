"""The licences a project had, on its page: newest first, what was free last, and nothing a repository can spoil."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.factories.core import NOW, identity
from support.world import HEAD, OLD, a_client, an_observation, fill
from support.world import a_site as a_world

from catalog.rules.fact import Statement
from catalog.store.core.read_models import Mirror
from catalog.store.moderation.findings import Finding
from forge.web.projects.license_history import SHOWN, license_past
from forge.web.wording.decisions import matter

FREE = {"commit": OLD, "at": "2015-01-01T00:00:00+00:00", "license": "MIT", "free": True, "path": "LICENSE"}
CLOSED = {"commit": HEAD, "at": "2019-01-01T00:00:00+00:00", "license": None, "free": False, "path": "LICENSE"}
MIRROR = Mirror(identity("galette"), "https://example.org/x.git", "mirrored", head=HEAD, free=True)
LOST = replace(MIRROR, free=False, free_commit=OLD)


def test_a_license_that_never_changed_has_no_past():
    for history in (None, [], [FREE], "nothing", [5]):
        assert license_past(history, MIRROR, "galette") is None


def test_the_newest_stands_first_and_only_what_is_served_is_linked():
    past = license_past([FREE, CLOSED], LOST, "galette")
    assert [(past.commit, past.free, bool(past.address)) for past in past.entries] == [
        (HEAD, False, False),
        (OLD, True, True),
    ]
    assert (past.until, past.since.year, past.last_free) == ("not-free", 2019, OLD)
    assert past.last_free_address == f"/projects/galette/code/tree/{OLD}"


def test_what_is_free_again_is_not_lost():
    past = license_past([CLOSED, FREE], MIRROR, "galette")
    assert past.until == "" and past.last_free == "" and all(past.address for past in past.entries)


DOUBTED = CLOSED | {"free": None}


@pytest.mark.parametrize(
    ("later", "free", "until"),
    [
        ([DOUBTED], None, "unsure"),
        ([DOUBTED | {"gone": True}], None, "gone"),
        ([CLOSED, DOUBTED], None, "not-free"),
        ([], None, "part"),
        ([], False, "not-free"),
        ([DOUBTED, FREE | {"commit": HEAD}], None, "part"),
    ],
)
def test_a_doubt_is_not_told_as_a_change(later, free, until):
    past = license_past([FREE, *later], replace(LOST, free=free), "galette")
    assert (past.until, past.last_free) == (until, OLD)


def test_what_a_moderator_closed_did_not_cease_to_be_free():
    assert license_past([FREE], replace(MIRROR, free_commit=HEAD, decided=False), "galette") is None
    past = license_past([FREE, CLOSED | {"free": None}], replace(LOST, free=None, decided=False), "galette")
    assert (past.until, past.last_free, past.last_free_address) == ("", "", "")
    assert not any(past.address for past in past.entries)


@pytest.mark.parametrize(
    ("free", "label"), [(None, "Uncertain since then"), (False, "Since then"), (True, "Since then")]
)
def test_a_moderator_is_told_since_when_nobody_is_sure(free, label):
    detail = {"before": "AGPL-3.0", "free_before": True, "after": None, "free": free, "commit": HEAD}
    finding = Finding(1, "license-changed", identity("galette"), "galette", "Galette", HEAD, detail, NOW)
    told = matter(finding)
    assert [row.label for row in told.rows[:2]] == ["Before", label]
    assert told.title == ("Its licence is no longer certain" if free is None else "Its licence changed")


def test_a_long_past_is_cut_and_says_so():
    past = license_past([FREE, CLOSED] * 20, LOST, "galette")
    assert len(past.entries) == SHOWN and past.left_out == 40 - SHOWN


@given(
    st.lists(
        st.dictionaries(st.sampled_from([*FREE]), st.none() | st.booleans() | st.text(max_size=40) | st.integers())
        | st.integers(),
        max_size=5,
    )
)
def test_no_value_is_too_odd(history):
    for mirror in (MIRROR, LOST, None):
        license_past(history, mirror, "galette")


@pytest.fixture
def page_of(sqlite_store, tmp_path):
    """Galette's page after its license changed from MIT to what `last` is: the page and its words, and those of the
    page of its licence."""

    def draw(last, free):
        fill(sqlite_store)
        record = an_observation() | {"free": free, "license": None, "license_files": []}
        facts = [Statement("license.history", [FREE, last], {"commit": HEAD})]
        sqlite_store.observations.observe(
            identity("galette"), HEAD, record, facts=facts, free=free, free_commit=OLD, last_commit_at=NOW, now=NOW
        )
        with a_world(sqlite_store, tmp_path / "data") as app:
            page, license_page = (a_client(app).get(f"/en/projects/galette{tail}").text for tail in ("", "/license"))
        return page, *(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)) for html in (page, license_page))

    return draw


@pytest.fixture
def page(page_of):
    return page_of(CLOSED, False)


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (DOUBTED, "Since 1 January 2019, its files no longer state its licence clearly."),
        (DOUBTED | {"gone": True}, "Since 1 January 2019, its main folder has had no licence file."),
    ],
)
def test_the_page_of_what_is_doubted_says_so_and_never_that_it_ceased_to_be_free(page_of, last, words):
    html, said, _ = page_of(last, None)
    assert words in said and "Browse the last version with a certain licence" in said
    assert f'href="/en/projects/galette/code/tree/{OLD}"' in html
    assert "no longer find" not in said and "no longer free" not in said and "that was free" not in said


def test_the_page_says_that_it_was_free_and_leads_to_what_was(page):
    html, words, of_license = page
    assert "It was free software, and we no longer find a free licence in it." in words
    assert f'href="/en/projects/galette/code/tree/{OLD}"' in html and f"code/commit/{HEAD}" not in html
    assert "an unknown licence" in words and "Since 1 January 2015:" in of_license
    assert "Browse the last free version" in words and "Clone the last free version" in words
    assert 'href="/en/compare?p=galette' in html
    assert "No longer free software since 1 January 2019" in words
    assert "Before: MIT" in words and "Since then: an unknown licence" in words
