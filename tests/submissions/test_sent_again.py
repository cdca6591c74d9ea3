"""A form that is sent again: the same words are the same declaration; what is changed, chosen no more, or typed after
it was sent is neither lost nor said in another's name."""

import re

import pytest
from sqlalchemy import func, select
from support.factories.calls import COOP, GALETTE
from support.factories.core import NOW
from support.factories.submissions import begin_draft
from support.visitors import standing
from support.waiting_rows import waiting_submissions
from support.world import filled_store

from catalog import submissions
from catalog.rules.submission import ADOPT, REGISTER
from catalog.rules.submission import CORRECT as CORRECTION
from catalog.store.core.engine import reading
from catalog.tables.submissions import submission
from forge.web.wording import submissions as wording_submissions
from tests.calls.test_pages import a_form, token_of
from tests.submissions.test_obstacle import A_REPORT
from tests.submissions.test_obstacle import PATH as BLOCKS

store = filled_store


CALLS, CORRECT = "/en/calls/new", "/en/projects/galette/correct"


def declared(store):
    with reading(store.engine) as connection:
        return connection.execute(select(func.count()).select_from(submission)).scalar_one()


def test_a_report_that_is_typed_anew_after_it_was_sent_is_another_one(reader, store):
    form = A_REPORT | {"draft": token_of(reader.get(BLOCKS))}
    first, same = (reader.post(BLOCKS, data=form).headers["location"] for _ in range(2))
    other, again = (reader.post(BLOCKS, data=form | {"happened": "Another."}).headers["location"] for _ in range(2))
    assert first == same != other == again and declared(store) == 2
    kept = store.submissions.by_token(other.rpartition("/")[2])
    assert kept.answers["happened"] == "Another."


def test_a_maintainer_corrects_a_field_twice_with_the_form_of_the_first_time(app, store):
    client = standing(app, store, project_id=GALETTE)
    page = client.get(f"{CORRECT}?field=homepage")
    form = {"draft": token_of(page), "field": "homepage", "source": "https://example.org/x", "step": "send"}
    for address in ("https://one.example.org", "https://two.example.org", "https://one.example.org"):
        own = client.post(CORRECT, data=form | {"value": address}).headers["location"]
    assert own.endswith(form["draft"]) and declared(store) == 2
    assert store.public_records.project("galette").record.homepage == "https://two.example.org"
    check = client.post(CORRECT, data=form | {"value": "https://three.example.org", "step": "check"})
    form["draft"] = token_of(check)
    client.post(CORRECT, data=form | {"value": "https://three.example.org"})
    assert store.public_records.project("galette").record.homepage == "https://three.example.org"
    assert declared(store) == 3


def test_a_call_in_nobody_s_name_is_said_in_nobody_s_though_an_organization_was_chosen_first(app, store):
    client = standing(app, store, organization_id=COOP)
    form = a_form(client) | {"seen": "yes"}
    assert client.post(CALLS, data=form | {"organization": "coop-des-halles", "today": ""}).status_code == 422
    assert client.post(CALLS, data=form | {"organization": ""}).status_code == 303
    (case,) = waiting_submissions(store)
    assert case.organization_id is None and store.calls.of_organization(COOP) == ()


def test_a_call_for_a_project_goes_once_its_address_is_mended(app, store):
    client = standing(app, store, project_id=GALETTE)
    form = a_form(client, f"{CALLS}?kind=test") | {"call": "test", "seen": "yes"}
    assert client.post(CALLS, data=form | {"project": "galete"}).status_code == 422
    assert client.post(CALLS, data=form | {"project": "galette"}).status_code == 303
    assert [line.call.project_id for line in store.calls.find().lines] == [GALETTE]


def test_the_name_of_a_project_is_called_one(store):
    _, submission = begin_draft(
        store, REGISTER, "en", answers={"address": "https://a.example/b", "name": "Tool"}, now=NOW
    )
    _, corrected = begin_draft(
        store, CORRECTION, "en", project_id=GALETTE, answers={"field": "name", "value": "Galette 2"}, now=NOW
    )
    _, use = begin_draft(store, ADOPT, "en", project_id=GALETTE, answers={"name": "Amis", "version": "2"}, now=NOW)
    labels = {line.field: line.label for line in wording_submissions.editable_rows(submission)}
    assert (
        labels["name"] == "Name"
        and wording_submissions.submission_rows(submissions.rows(store, corrected))[0].label == "Name"
    )
    assert [line.label for line in wording_submissions.editable_rows(use)] == ["Name of the organization", "Version"]


@pytest.mark.parametrize("page", ["declare", "help", "experience"])
def test_a_search_for_the_organization_loses_nothing_that_was_typed(reader, store, page):
    path = f"/en/projects/galette/{page}"
    typed = {"words": "Zqwords", "source": "https://zq.example"} if page == "help" else {}
    typed |= (
        {"context": "Zqcontext", "hurt": "Zqhurt"} if page == "experience" else {"homepage": "https://zqhome.example"}
    )
    draft, before = token_of(reader.get(path)), declared(store)
    asked = typed | {"draft": draft, "q": "halles", "step": "search"}
    found = reader.post(path, data=asked)
    assert found.status_code == 200 and 'value="coop-des-halles"' in found.text and token_of(found) == draft
    assert [said for said in typed.values() if said not in found.text] == []
    chosen = reader.post(path, data=asked | {"q": "org-1", "organization": "coop-des-halles"})
    assert re.search(r'value="coop-des-halles" checked', chosen.text) and declared(store) == before
