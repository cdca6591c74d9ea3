"""Saying who helps as people meet it: from the project's page, with or without an account, and at one press away."""

from support.factories.core import identity
from support.visitors import HOSTILE, signed_in, standing
from support.world import filled_store

from catalog.rules.submission import PUBLISHED, SENT, WAITING

store = filled_store


GALETTE, COOP = identity("galette"), identity("coop-des-halles", "organization")
PATH = "/en/projects/galette/help"
HOSTS = {"organization": "coop-des-halles", "role": "host"}


def draft_in(answer):
    return answer.text.split('name="draft" value="')[1].split('"')[0]


def sent(client, data, **more):
    check = client.post(PATH, data=data)
    assert check.status_code == 200, check.text
    draft = draft_in(check)
    answer = client.post(PATH, data=data | {"step": "send", "draft": draft} | more)
    assert answer.status_code == 303, answer.text
    return draft


def test_what_is_not_known_of_help_leads_to_the_form(reader):
    page = reader.get("/en/projects/unknown").text
    assert 'href="/en/projects/unknown/correct#unknown"' in page
    assert 'href="/en/projects/unknown/help"' in reader.get("/en/projects/unknown/correct").text
    found = reader.get(f"{PATH}?q=halles")
    assert 'value="coop-des-halles"' in found.text and found.headers["cache-control"] == "private, no-store"
    assert reader.get("/en/projects/blocked/help").status_code == 410


def test_an_organization_is_looked_for_before_it_is_described(reader):
    page = reader.get(PATH).text
    assert 'name="q"' in page and 'name="homepage"' not in page and "perhaps we know it already" in page
    for pressed in ({"step": "search"}, {}):  # with any button: nothing was chosen yet
        found = reader.post(PATH, data={"q": "halles", "role": "host", "words": "I saw it"} | pressed)
        assert found.status_code == 200 and 'value="coop-des-halles"' in found.text, pressed
        assert 'value="host" checked' in found.text and "I saw it" in found.text
    none = reader.post(PATH, data={"q": "Atelier du Lac", "role": "host"}).text
    assert "We do not know" in none and 'id="name" name="name" type="text" value="Atelier du Lac"' in none
    own = {"q": "Atelier du Lac", "name": "Atelier du Lac", "person": "Ana Ferreira", "role": "contributor"}
    assert reader.post(PATH, data=own).status_code == 200  # nobody described it: they give their own name after all
    again = reader.post(PATH, data=own | {"q": "Atelier du Port", "searched": "Atelier du Lac"}).text
    assert 'name="name" type="text" value="Atelier du Port"' in again and "We do not know" in again
    both = reader.post(PATH, data=own | {"kind": "cooperative", "country": "FR"})
    assert both.status_code == 422 and 'href="#person"' in both.text


def test_enter_goes_on_with_what_is_chosen_though_the_search_is_the_first_button(reader):
    shown = {"q": "halles", "searched": "halles", "step": "search", "role": "host"}
    assert "Check it before you send it" in reader.post(PATH, data=shown | {"organization": "coop-des-halles"}).text
    assert "Check it before you send it" not in reader.post(PATH, data=shown).text  # nothing is chosen
    own = {"searched": "", "step": "search", "person": "Ana Ferreira", "role": "contributor"}
    assert "Check it before you send it" in reader.post(PATH, data=own).text


def test_a_stranger_sends_it_by_a_link_and_nothing_is_public_before(reader, store):
    empty = reader.post(PATH, data={"words": ""})
    assert empty.status_code == 422 and 'href="#organization"' in empty.text and 'href="#role"' in empty.text
    again = reader.post(PATH, data=HOSTS | {"step": "send", "draft": draft_in(empty)})
    assert again.status_code == 422 and "Enter an e-mail address" in again.text
    draft = sent(reader, HOSTS, email="eve@example.org")
    assert store.submissions.by_token(draft).state == SENT
    assert "said by" not in reader.get("/en/projects/galette").text


def test_who_is_known_to_look_like_another_is_asked_about(reader):
    new = {"name": "Coop des Halles", "kind": "cooperative", "country": "FR", "role": "funder"}
    alike = reader.post(PATH, data=new)
    assert alike.status_code == 422 and 'value="other"' in alike.text and "alike" not in alike.text
    assert reader.post(PATH, data=new | {"organization": "other"}).status_code == 200
    changed = reader.post(PATH, data=new | {"organization": "other", "step": "change"})
    assert 'value="Coop des Halles"' in changed.text


def test_makers_say_it_at_once_with_its_origin_and_the_organization_takes_it_away(app, store, reader):
    makers = standing(app, store, project_id=GALETTE)
    draft = sent(makers, HOSTS)
    assert store.submissions.by_token(draft).state == PUBLISHED
    page = reader.get("/en/projects/galette").text
    assert "Coop des Halles" in page and "(stated by its maintainers" in page
    assert "Remove this" not in reader.get(PATH).text
    theirs = standing(app, store, organization_id=COOP)
    own = theirs.get("/en/organizations/coop-des-halles").text
    assert 'value="take-away"' in own
    press = {"line": "host coop-des-halles", "next": "/en/me", "step": "take-away"}
    assert reader.post(PATH, data=press).status_code == 303
    assert "(stated by its maintainers" in reader.get("/en/projects/galette").text
    assert theirs.post(PATH, data=press).headers["location"] == "/en/me"
    assert "(stated by its maintainers" not in reader.get("/en/projects/galette").text


def test_a_person_gives_their_own_name_and_takes_it_back_on_its_page(app, store, reader):
    someone = signed_in(app, store, "person@example.org", None)
    draft = sent(someone, {"person": "Ana Ferreira", "role": "contributor"})
    assert store.submissions.by_token(draft).state == WAITING
    makers = standing(app, store, project_id=GALETTE)
    draft = sent(makers, {"person": "Bo Martins", "role": "contributor"})
    page = reader.get("/en/projects/galette").text
    assert "Bo Martins" in page and "stated by the person" in page and "Ferreira" not in page
    assert makers.post(f"/en/declarations/{draft}", data={"step": "withdraw"}).status_code == 303
    assert "Bo Martins" not in reader.get("/en/projects/galette").text


def test_hostile_words_come_back_escaped(reader):
    answer = reader.post(PATH, data=dict.fromkeys(("person", "role", "source", "words", "name", "homepage"), HOSTILE))
    assert answer.status_code == 422 and "<script>" not in answer.text and "alert(" in answer.text


def test_a_link_to_another_project_is_typed_by_name_and_hosts_too(reader):
    path = "/en/projects/galette/correct"
    data = {"field": "relations", "type.0": "fork-of", "project.0": "Asleep", "type.2": "part-of", "project.2": "none"}
    wrong = reader.post(path, data=data)
    assert wrong.status_code == 422 and 'href="#project.1"' in wrong.text and 'value="none"' in wrong.text
    rows = {key: value for key, value in data.items() if not key.endswith(".2")}
    check = reader.post(path, data=rows)
    assert check.status_code == 200 and "/projects/asleep" in check.text
    hosts = {"field": "runs", "value.hosted": "coop des halles\nNobody at all"}
    wrong = reader.post(path, data=hosts)
    assert wrong.status_code == 422 and 'href="#value.hosted"' in wrong.text
    assert reader.post(path, data=hosts | {"value.hosted": "Coop des Halles"}).status_code == 200
