"""Claiming as people meet it: the ways that are open, the page of a proof, the desk of those who maintain a project."""

import re

import pytest
from sqlalchemy import select, update
from support.factories.core import NOW, identity
from support.factories.rewriting import rewriting
from support.factories.submissions import begin_draft
from support.visitors import BROWSER, HOSTILE, signed_in, standing
from support.waiting_rows import waiting_submissions
from support.world import a_client, a_site, filled_store

from catalog import submissions
from catalog.ownership import verify
from catalog.rules.submission import ADOPT, CLAIM, CORRECT, DRAFT, PUBLISHED, REPORT, WAITING
from catalog.rules.verification import ABSENT, FOUND, LOST
from catalog.store.core.engine import reading
from catalog.store.core.public_changes import changing
from catalog.store.submissions import submission_rows
from catalog.tables.ownership import verification
from catalog.tables.people import message
from forge.web.core import session

store = filled_store
GALETTE = identity("galette")


@pytest.fixture
def app(store, tmp_path):
    with a_site(store, tmp_path / "data", base_url="https://catalog.example.org") as opened:
        yield opened


@pytest.fixture
def reader(app):
    client = a_client(app)
    client.headers.update({"host": "catalog.example.org"})
    return client


@pytest.fixture
def ana(app, store):
    client = signed_in(app, store, "ana@galette.eu", None)
    client.cookies.set(session.SECURE_NAME, client.cookies[session.NAME])
    client.headers.update({"host": "catalog.example.org"})
    return client


def begun(client, way="file", path="/fr/projects/galette/claim"):
    return client.post(path, data={"way": way}).headers["location"]


def test_a_reader_sees_the_ways_and_signs_in_to_begin(reader):
    page = reader.get("/en/projects/galette/claim")
    assert page.status_code == 200 and page.headers["cache-control"] == "private, no-store"
    for way in ("file", "dns", "link", "address", "word"):
        assert f'value="{way}"' in page.text
    assert "galette.eu" in page.text
    answer = reader.post("/en/projects/galette/claim", data={"way": "file"}, headers=BROWSER)
    assert answer.status_code == 303 and "/en/sign-in?next=" in answer.headers["location"]


def test_a_proof_has_a_page_that_names_nobody_and_may_be_passed_on(ana, reader, store):
    where = begun(ana)
    assert where.startswith("/fr/proofs/")
    mine, theirs = ana.get(where), reader.get(where)
    nonce = where.rpartition("/")[2]
    for page in (mine, theirs):
        assert page.status_code == 200 and f"forge-claim={nonce}" in page.text and "ana@" not in page.text
        assert "refresh" not in page.headers and page.headers["cache-control"] == "private, no-store"
    assert 'value="give-up"' in mine.text and 'value="give-up"' not in theirs.text
    assert reader.get("/fr/proofs/x").status_code == reader.get("/fr/proofs/" + "a" * 99).status_code == 404


def test_a_press_makes_the_page_ask_again_by_itself_until_there_is_an_answer(ana, reader, store):
    where = begun(ana)
    assert reader.post(where, data={"step": "look"}, headers=BROWSER).status_code == 303
    page = reader.get(where)
    assert page.headers["refresh"] == "2" and "http-equiv" not in page.text
    proof = store.verifications.by_nonce(where.rpartition("/")[2])
    verify.settle(store, proof.id, ABSENT, detail={}, reason="no-file", now=NOW)
    page = ana.get(where)
    assert "refresh" not in page.headers and "The file was not found." in ana.get(where.replace("/fr/", "/en/")).text
    verify.settle(store, proof.id, FOUND, detail={"file": "forge-claim.txt", "commit": "1" * 40}, reason=None, now=NOW)
    page = ana.get(where)
    assert "refresh" not in page.headers and "/fr/projects/galette/keep" in page.text and "1111111111" in page.text
    assert "/fr/projects/galette/keep" not in reader.get(where).text


def test_the_link_back_is_shown_ready_to_be_copied(ana):
    page = ana.get(begun(ana, "link"))
    nonce = str(page.url).rpartition("/")[2]
    wanted = f"https://catalog.example.org/fr/projects/galette#forge-claim={nonce}"
    assert f'&lt;a href="{wanted}"&gt;' in page.text


def test_an_address_at_the_domain_proves_at_once_and_another_is_told(ana, app, store):
    where = begun(ana, "address")
    assert (
        store.verifications.by_nonce(where.rpartition("/")[2]).state == "verified" and ana.get(where).status_code == 200
    )
    assert ana.get("/fr/projects/galette/keep").status_code == 200
    eve = signed_in(app, store, "eve@example.org", None)
    eve.cookies.set(session.SECURE_NAME, eve.cookies[session.NAME])
    eve.headers.update({"host": "catalog.example.org"})
    answer = eve.post("/en/projects/galette/claim", data={"way": "address", "words": HOSTILE})
    assert answer.status_code == 422 and verify.OTHER_DOMAIN in answer.text and "<script>" not in answer.text
    assert "<title>Error: " in answer.text and "alert(" in answer.text
    assert eve.post("/en/projects/galette/claim", data={"way": "magic"}).status_code == 422
    assert eve.get("/fr/projects/galette/keep").status_code == 403


def test_without_any_proof_a_person_decides_and_can_take_it_back(ana, store):
    answer = ana.post("/en/projects/galette/claim", data={"way": "word", "words": ""})
    assert answer.status_code == 422 and "Write how we can know it" in answer.text
    again = re.search(r'name="draft" value="([^"]+)"', answer.text)[1]  # the page that came back is sent, not a new one
    said = {"way": "word", "draft": again, "words": f"Ask the board. {HOSTILE}"}
    answer = ana.post("/en/projects/galette/claim", data=said)
    page = ana.get(answer.headers["location"])
    assert page.status_code == 200 and "Ask the board." in page.text and "<script>" not in page.text
    (case,) = waiting_submissions(store)
    assert case.state == WAITING
    from catalog import submissions

    with changing(store.engine) as (connection, change):
        sent = submission_rows.by_id(connection, case.id, hold=True)
        assert submissions.publish(connection, sent, None, change, now=NOW).state == PUBLISHED
    assert ana.get("/fr/projects/galette/keep").status_code == 200
    assert [voice.method for voice in store.verifications.standing("project", GALETTE, NOW)] == ["moderator"]
    with changing(store.engine) as (connection, change):
        submissions.take_back(connection, submission_rows.by_id(connection, case.id), change, now=NOW)
    assert ana.get("/fr/projects/galette/keep").status_code == 403


def test_the_desk_of_a_project_answers_invites_and_lets_go(ana, reader, store):
    begun(ana, "address")
    path = "/en/projects/galette/keep"
    for data, wrong in (
        ({"step": "answer"}, ["Choose what you answer to", "Write your answer"]),
        ({"step": "answer", "field": "nonsense", "text": HOSTILE}, ["Choose what you answer to"]),
        ({"step": "invite", "email": "nobody"}, ["Enter an e-mail address like"]),
    ):
        answer = ana.post(path, data=data)
        assert (
            answer.status_code == 422
            and all(sentence in answer.text for sentence in wrong)
            and "<script>" not in answer.text
        )
    assert (
        ana.post(path, data={"step": "answer", "field": "license", "text": HOSTILE, "language": "xx"}).status_code
        == 303
    )
    assert ana.post(path, data={"step": "invite", "email": "cleo@example.org"}).status_code == 303
    text = ana.get(path).text
    assert "cleo@example.org" in text and "<script>" not in text and "alert(" in text
    with reading(store.engine) as connection:
        token = connection.execute(
            select(message.c.argument).where(message.c.kind == "membership-invitation")
        ).scalar_one()["token"]
    assert "Press the button to accept" in ana.get(f"/en/sign-in/{token}").text
    came = reader.post(f"/en/sign-in/{token}", data={"go": ""})
    assert came.headers["location"] == path
    assert ana.post("/en/projects/galette/answers", data={"field": "license"}).status_code == 303
    assert store.maintainer_replies.of_project(GALETTE) == {}
    assert ana.post(path, data={"step": "remove", "who": "no"}).status_code == 303
    assert ana.post(path, data={"step": "nonsense"}).status_code == 422


def test_what_somebody_said_who_is_no_longer_verified_is_not_said_to_be_reviewed(ana, reader):
    at = begun(ana, "address")
    said = {"field": "homepage", "value": "https://own.example.org"}
    draft = re.search(r'name="draft" value="([^"]+)"', ana.post("/en/projects/galette/correct", data=said).text)[1]
    assert ana.post("/en/projects/galette/correct", data=said | {"step": "send", "draft": draft}).status_code == 303
    told = reader.get("/en/projects/galette/facts").text
    assert "Declared by its verified maintainers." in told and "own.example.org" in told
    assert ana.post(at, data={"step": "give-up"}).status_code == 303
    told = reader.get("/en/projects/galette/facts").text
    assert "own.example.org" in told and "Declared by its verified maintainers." not in told
    assert "Declared here by someone whose verification has ended since." in told
    assert "reviewed by a moderator" not in told
    begun(ana, "address")
    assert "Declared by its verified maintainers." in reader.get("/en/projects/galette/facts").text


def test_who_speaks_for_an_organization_lets_a_colleague_in_and_everybody_can_leave(app, reader, store):
    organization = identity("coop-des-halles", "organization")
    ana = standing(app, store, organization_id=organization)
    ana.headers.update({"host": "catalog.example.org"})
    ana.cookies.set(session.SECURE_NAME, ana.cookies[session.NAME])
    path = "/en/organizations/coop-des-halles/speakers"
    assert f'href="{path}"' in ana.get("/en/me").text and f'href="{path}"' in ana.get(path.rpartition("/")[0]).text
    wrong = ana.post(path, data={"step": "invite", "email": "nobody"})
    assert wrong.status_code == 422 and "Enter an e-mail address like" in wrong.text
    assert ana.post(path, data={"step": "invite", "email": "cleo@example.org"}).status_code == 303
    assert "cleo@example.org" in ana.get(path).text
    with reading(store.engine) as connection:
        token = connection.execute(
            select(message.c.argument).where(message.c.kind == "membership-invitation")
        ).scalar_one()["token"]
    assert "invited to represent an organization" in reader.get(f"/en/sign-in/{token}").text
    came = reader.post(f"/en/sign-in/{token}", data={"go": ""})
    assert came.headers["location"] == path
    reader.cookies.set(session.SECURE_NAME, came.headers["set-cookie"].partition("=")[2].partition(";")[0])
    assert reader.get(path).status_code == 200
    (cleo,) = [
        member
        for member in store.memberships.of_record("organization", organization)
        if member.email.startswith("cleo")
    ]
    left = reader.post(path, data={"step": "remove", "who": str(cleo.person_id)})
    assert left.headers["location"] == "/en/me" and reader.get(path).status_code == 403
    assert ana.get("/en/organizations/ana-maintains/speakers").status_code == 403


def test_the_desk_of_a_project_leads_to_all_that_is_its_keepers_and_says_how_much_waits(ana, reader, store):
    begun(ana, "address")
    path = "/en/projects/galette"
    text = ana.get(f"{path}/keep").text
    calm = ("no unanswered reports", "no unanswered reviews")
    assert all(sentence in text for sentence in calm) and "a moderator reads it" not in text
    for below in ("obstacles", "experiences", "correct", "claim", "facts"):
        assert f'href="{path}/{below}"' in text
        assert ana.get(f"{path}/{below}").status_code == 200
    asking = "/en/calls/new?project=galette"
    assert f'href="{asking}"' in text and ana.get(asking).status_code == 200
    said = {"where": "The list", "happened": "Nothing is read out.", "audience": "seniors", "language": "en"}
    _, blocked = begin_draft(store, REPORT, "en", project_id=GALETTE, answers=said, now=NOW)
    submissions.send(store, blocked.id, email=None, now=NOW)
    with rewriting(store.engine) as connection:
        for kind, state in ((CORRECT, WAITING), (CORRECT, DRAFT), (CLAIM, WAITING), (ADOPT, WAITING)):
            submission = submission_rows.begin(connection, kind, "en", project_id=GALETTE, answers={}, now=NOW)[1]
            submission_rows.change(connection, submission.id, state=state, email="bo@example.org")
    text = ana.get(f"{path}/keep").text
    assert "1 report without your answer" in text and "1 correction" in text and "1 other person says" in text
    assert "bo@example.org" not in text


def test_whoever_keeps_another_project_does_not_come_in(app, store, tmp_path):
    with a_site(store, tmp_path / "plain") as plain:
        client = standing(plain, store, project_id=identity("asleep"))
        assert client.get("/fr/projects/galette/keep").status_code == 403
        assert client.post("/fr/projects/galette/keep", data={"step": "answer"}).status_code == 403
        assert client.post("/fr/projects/galette/answers", data={"field": "license"}).status_code == 403
        assert client.get("/fr/projects/asleep/keep").status_code == 200


def test_a_moderator_takes_an_answer_away_from_the_desk(store, tmp_path):
    with a_site(store, tmp_path / "plain") as plain:
        client = standing(plain, store, project_id=GALETTE)
        data = {"step": "answer", "field": "license", "text": "We say so.", "language": "en"}
        assert client.post("/fr/projects/galette/keep", data=data).status_code == 303
        bruno = signed_in(plain, store, "bruno@example.org")
        assert "We say so." in bruno.get("/en/desk/projects/galette").text
        answer = bruno.post("/en/projects/galette/answers", data={"field": "license"})
        assert (
            answer.headers["location"] == "/en/desk/projects/galette"
            and store.maintainer_replies.of_project(GALETTE) == {}
        )


def test_a_lost_proof_and_what_was_said_of_a_declaration_are_told_to_whom_they_concern(ana, store):
    at = begun(ana)
    assert "not found any more" not in ana.get("/en/me").text
    with rewriting(store.engine) as connection:
        connection.execute(update(verification).values(state=LOST, lost_at=NOW))
        mine = connection.execute(select(verification.c.person_id)).scalar_one()
        submission = submission_rows.begin(
            connection, CORRECT, "en", project_id=GALETTE, answers={}, person_id=mine, now=NOW
        )[1]
        submission_rows.add_remark(connection, submission.id, "moderator", "Where does it say so?", now=NOW)
    page = ana.get("/en/me").text
    assert "not found any more since" in page and f'href="/en/proofs/{at.rpartition("/")[2]}"' in page
    kept = ana.get("/en/me/data.json")
    assert [said["text"] for said in kept.json()["remark"]] == ["Where does it say so?"]
    assert kept.json()["remark"][0]["reference"] == submission.reference
