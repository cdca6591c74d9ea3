"""Correcting as people meet it: choose a field, type, look at before and after, send; problems beside their field."""

import pytest
from support.factories.core import NOW, identity
from support.visitors import HOSTILE, signed_in, standing
from support.waiting_rows import waiting_submissions
from support.world import a_client, filled_store

from catalog.rules.submission import PUBLISHED, SENT, WAITING
from forge.web.submissions import correction_fields

store = filled_store
GALETTE = identity("galette")
PATH = "/en/projects/galette/correct"


@pytest.mark.parametrize("field", correction_fields.PROJECT)
def test_each_field_has_its_form_and_takes_an_empty_and_a_hostile_one(reader, field):
    page = reader.get(f"{PATH}?field={field}")
    assert (
        page.status_code == 200 and page.text.count("<h1") == 1 and page.headers["cache-control"] == "private, no-store"
    )
    for data in ({}, {"value": HOSTILE, "source": HOSTILE, "words": HOSTILE, "language": HOSTILE, "term.0": HOSTILE,
                      "percent.0": "-1", "value.online": HOSTILE, "value.state": HOSTILE, "value.note": HOSTILE,
                      "value.exports": HOSTILE, "value.self_hosted": HOSTILE, "term.99999999": "x"}):  # fmt: skip
        answer = reader.post(PATH, data={"field": field, **data})
        assert answer.status_code in (200, 422) and "<script>" not in answer.text
        if answer.status_code == 422:
            assert "<title>Error: " in answer.text and 'id="problems"' in answer.text
    assert "alert(" in answer.text  # what was typed came back


@pytest.mark.parametrize("field", correction_fields.ORGANIZATION)
def test_each_field_of_an_organization_too(reader, field):
    path = "/en/organizations/coop-des-halles/correct"
    assert reader.get(f"{path}?field={field}").status_code == 200
    for value in ("", HOSTILE):
        answer = reader.post(path, data={"field": field, "value": value, "source": "x"})
        assert answer.status_code == 422 and "<script>" not in answer.text


def test_the_lines_that_stand_there_are_in_the_form(reader):
    page = reader.get("/fr/projects/galette/correct?field=features&language=fr").text
    assert ">\nFiches\nCotisations</textarea>" in page
    data = {"field": "features", "language": "fr", "value": "Fiches\nReçus", "source": "https://example.org/where"}
    check = reader.post("/fr/projects/galette/correct", data=data).text
    assert check.count("<li>Fiches</li>") == 2 and "<li>Cotisations</li>" in check and "<li>Reçus</li>" in check


def test_who_may_be_verified_is_asked_as_whom(reader):
    software, organization = reader.get(PATH).text, reader.get("/en/organizations/coop-des-halles/correct").text
    assert "Are you the maintainer?" in software and "Do you represent this organization?" not in software
    assert "Do you represent this organization?" in organization and "maintainer?" not in organization


def test_the_fields_are_chosen_in_plain_words(reader):
    page = reader.get(PATH)
    assert (
        all(f"?field={field}" in page.text for field in correction_fields.PROJECT) and "context_only" not in page.text
    )
    assert reader.get(f"{PATH}?field=nonsense").status_code == 200
    assert reader.post(PATH, data={"field": "nonsense"}).status_code == 303
    assert reader.get("/en/projects/nobody/correct").status_code == 404
    assert reader.get("/en/projects/blocked/correct").status_code == 410


def test_what_is_typed_is_shown_beside_what_stands_there_and_waits_for_the_link_and_a_person(reader, store):
    data = {"field": "homepage", "value": "https://new.example.org", "source": "https://example.org/where"}
    check = reader.post(PATH, data=data)
    assert check.status_code == 200 and "https://galette.eu" in check.text and "new.example.org" in check.text
    draft = check.text.split('name="draft" value="')[1].split('"')[0]
    assert waiting_submissions(store) == ()
    changed = reader.post(PATH, data=data | {"step": "change", "draft": draft})
    assert 'value="https://new.example.org"' in changed.text
    again = reader.post(PATH, data=data | {"step": "send", "draft": draft})
    assert again.status_code == 422 and "Enter an e-mail address" in again.text
    sent = reader.post(PATH, data=data | {"step": "send", "draft": draft, "email": "eve@example.org"})
    assert sent.status_code == 303 and store.submissions.by_token(draft).state == SENT
    assert store.public_records.project("galette").record.homepage == "https://galette.eu"


def test_a_web_address_may_be_typed_without_its_beginning(reader, store):
    data = {"field": "homepage", "value": "new.example.org/start", "source": "www.example.org"}
    draft = reader.post(PATH, data=data).text.split('name="draft" value="')[1].split('"')[0]
    answers = store.submissions.by_token(draft).answers
    assert (answers["value"], answers["source"]) == ("https://new.example.org/start", "https://www.example.org")


def test_a_maintainer_is_told_that_it_is_public_at_once_and_it_is(app, store):
    client = standing(app, store, project_id=GALETTE)
    data = {"field": "summary", "language": "en", "value": "Keeps the members of an association"}
    assert "public at once" in client.get(f"{PATH}?field=summary").text
    check = client.post(PATH, data=data)
    assert check.status_code == 200 and "published at once" in check.text and 'name="email"' not in check.text
    draft = check.text.split('name="draft" value="')[1].split('"')[0]
    sent = client.post(PATH, data=data | {"step": "send", "draft": draft})
    assert sent.status_code == 303 and store.submissions.by_token(draft).state == PUBLISHED
    assert "Keeps the members of an association" in a_client(app).get("/en/projects/galette").text
    other = client.post("/en/projects/asleep/correct", data=data)
    assert "A moderator reads it within 7 days" in other.text


def test_a_representative_corrects_its_organization_at_once_and_a_person_waits(app, store):
    path = "/en/organizations/coop-des-halles/correct"
    for client, state in (
        (standing(app, store, organization_id=identity("coop-des-halles", "organization")), PUBLISHED),
        (signed_in(app, store, "person@example.org", None), WAITING),
    ):
        data = {"field": "name", "value": f"Les Halles {state}"}
        draft = client.post(path, data=data).text.split('name="draft" value="')[1].split('"')[0]
        assert client.post(path, data=data | {"step": "send", "draft": draft}).status_code == 303
        assert store.submissions.by_token(draft).state == state
    assert store.public_records.organization("coop-des-halles").record.name == f"Les Halles {PUBLISHED}"


def test_languages_are_typed_by_name_and_rows_follow(reader):
    data = {"field": "languages", "term.0": "French", "term.1": "arabic", "percent.1": "60 %", "term.2": "oc"}
    check = reader.post(PATH, data=data)
    assert check.status_code == 200 and "Arabic" in check.text and "60%" in check.text and "Occitan" in check.text
    wrong = reader.post(PATH, data=data | {"term.1": "Klingon?", "percent.2": "much"})
    assert wrong.status_code == 422 and 'href="#term.1"' in wrong.text and 'href="#percent.2"' in wrong.text
    assert 'value="Klingon?"' in wrong.text and NOW
    endless = reader.post(PATH, data=data | {"percent.1": "9" * 5_000})
    assert endless.status_code == 422 and 'href="#percent.1"' in endless.text


def test_whose_word_counts_at_once_reads_that_and_not_that_a_person_reads_it_first(app, reader, store):
    keeps = standing(app, store, project_id=GALETTE)
    own, other = keeps.get(PATH).text, keeps.get("/en/projects/asleep/correct").text
    assert "Your correction is public at once" in own and "within 7 days" not in own
    assert "A moderator reads it within 7 days" in other


@pytest.mark.parametrize(
    ("path", "field", "value", "whose", "sentence"),
    [
        (PATH, "cost", "Free", {"project_id": GALETTE},
         "If your address is that of a verified maintainer, it is public"),
        ("/en/organizations/coop-des-halles/correct", "name", "Coop",
         {"organization_id": identity("coop-des-halles", "organization")},
         "If you represent this organization here, it is published"),
    ],
)  # fmt: skip
def test_who_is_not_signed_in_is_told_what_is_true_for_everybody(
    app, reader, store, path, field, value, whose, sentence
):
    standing(app, store, **whose)
    form = {"field": field, "language": "en", "value": value}
    for page in (reader.get(path).text, reader.post(path, data=form).text):
        assert f"{sentence} as soon as you open the link that we send you." in page
        assert "Otherwise a moderator reads it within 7 days." in page
        assert "A moderator reads it within 7 days" not in page and "Nothing is public before" not in page
