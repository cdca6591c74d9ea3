"""Registering and stating uses by the interface: the checks of the forms, without a message to prove an address, once a
key, all that is wrong at once."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from sqlalchemy import func, select
from support.factories.calls import COOP, messages, somebody
from support.factories.core import NOW
from support.world import a_client, filled_store

from catalog import submissions
from catalog.store.core.engine import reading
from catalog.tables.submissions import submission
from catalog.validation import json_schema
from forge.web.api.body import body_schema, checked_body, parse_body
from forge.web.api.resources import submission_bodies
from forge.web.core.problems import ApiError
from forge.web.core.rate_limits import HOUR, LIMITS, AttemptLimit

store = filled_store
USE = {"kind": "adopt", "project": "asleep", "organization": "coop-des-halles", "stage": "piloting",
       "visibility": "public", "speaks": True}  # fmt: skip


def program(app, email="ana@example.org", **stands):
    """A client with a token of somebody who stands so."""
    someone = somebody(app.state.store, email, **stands)
    token = app.state.store.api_tokens.make(someone, "a program", 30, now=NOW)
    client = a_client(app)
    client.headers["authorization"] = f"Bearer {token}"
    return client


@pytest.fixture
def ana(app):
    """Speaks for the cooperative."""
    return program(app, represented_organizations=(COOP,))


def count(store):
    with reading(store.engine) as connection:
        return connection.execute(select(func.count()).select_from(submission)).scalar_one()


def send(client, body, **headers):
    return client.post("/api/v1/declarations", json=body, headers=headers)


def wrong(answer):
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return {problem["field"]: problem["message"] for problem in answer.json()["problems"]}


def test_a_use_of_one_s_own_organization_is_published_at_once_and_no_message_is_sent(ana, store):
    before = messages(store)
    answer = send(ana, USE | {"purpose": "Our members", "language": "en", "since": "2024"})
    told = answer.json()
    assert (answer.status_code, told["state"]) == (201, "published")
    assert answer.headers["location"].endswith(f"/api/v1/declarations/{told['reference']}")
    assert (
        answer.headers["cache-control"] == "private, no-store" and "access-control-allow-origin" not in answer.headers
    )
    (use,) = ana.get("/api/v1/adoptions?project=asleep").json()["adoptions"]
    assert (use["standing"], use["adoption"]["purpose"], use["adoption"]["since"]) == (
        "confirmed",
        {"en": "Our members"},
        "2024",
    )
    assert messages(store) == before


def test_the_word_of_somebody_else_waits_for_a_person(app, store):
    told = send(program(app, "eva@mailbox.example"), USE).json()
    assert told["state"] == "waiting" and store.record_pages.users("asleep").adoptions == ()
    assert messages(store, submissions.CONFIRM_SUBMISSION) == []


def test_all_that_is_wrong_is_told_at_once_and_leaves_nothing(ana, store):
    before = count(store)
    found = wrong(send(ana, USE | {"since": "2099", "homepage": 3, "stage": "used", "speaks": "yes"}))
    assert set(found) == {"homepage", "stage", "speaks"}
    found = wrong(send(ana, USE | {"since": "2099", "speaks": False, "project": "nothing", "cost_band": "much"}))
    assert {"since", "speaks", "project", "cost_band"} <= set(found)
    assert count(store) == before


def test_sentences_come_in_the_language_that_is_asked_for(ana):
    said = wrong(send(ana, USE | {"since": "2099"}, **{"accept-language": "fr"}))
    assert said["since"] != "Enter a date that is not in the future" and "date" in said["since"]


def test_the_same_key_is_done_once_and_another_body_with_it_is_refused(ana, store):
    first, again = (send(ana, USE, **{"idempotency-key": "k-1"}) for _ in range(2))
    assert first.json() == again.json() and (first.status_code, again.status_code) == (201, 201)
    assert set(wrong(send(ana, USE | {"stage": "stopped"}, **{"idempotency-key": "k-1"}))) == {"Idempotency-Key"}
    elsewhere = send(ana, USE | {"organization": "org-1"}, **{"idempotency-key": "k-1"})
    assert set(wrong(elsewhere)) == {"Idempotency-Key"}
    assert send(ana, USE, **{"idempotency-key": "k-2"}).json()["reference"] != first.json()["reference"]
    assert send(ana, USE, **{"idempotency-key": "x" * 201}).status_code == 400


def test_a_key_is_its_senders_alone(app, ana):
    mine = send(ana, USE, **{"idempotency-key": "k"}).json()["reference"]
    assert send(program(app, "bo@example.org"), USE, **{"idempotency-key": "k"}).json()["reference"] != mine


@pytest.mark.parametrize("kind", ["correct", "call", "report", "withdraw", "claim", "help", ["adopt"], None])
def test_other_kinds_are_sent_by_their_forms_alone(ana, store, kind):
    before = count(store)
    assert set(wrong(send(ana, {"kind": kind, "project": "galette"}))) == {"kind"}
    assert count(store) == before


def test_an_organization_that_is_like_another_is_asked_about(ana):
    new = {key: value for key, value in USE.items() if key != "organization"}
    new["new_organization"] = {"name": "Coop des Halles", "kind": "cooperative", "country": "FR"}
    assert "coop-des-halles" in wrong(send(ana, new))["new_organization"]
    new["new_organization"]["other"] = True
    assert send(ana, new).json()["state"] == "waiting"


def test_a_declaration_is_read_and_taken_back_by_its_sender_alone(app, ana, store):
    reference = send(ana, USE).json()["reference"]
    path = f"/api/v1/declarations/{reference}"
    assert [submission["reference"] for submission in ana.get("/api/v1/declarations").json()["declarations"]] == [
        reference
    ]
    stranger = program(app, "eva@mailbox.example")
    for method in ("GET", "DELETE"):
        assert stranger.request(method, path).status_code == 404
    assert ana.get(path).json()["may_withdraw"]
    for _ in range(2):
        assert ana.delete(path).json()["state"] == "withdrawn"
    assert ana.get("/api/v1/adoptions?project=asleep").json()["adoptions"] == []


def test_a_project_is_registered_in_two_steps(app, store):
    eva = program(app, "eva@example.org")
    body = {"kind": "register", "address": "code.example.org/group/tool"}
    told = send(eva, body, **{"idempotency-key": "r"}).json()
    assert (told["state"], told["look"]["state"]) == ("draft", "reading")
    assert told["answers"]["address"] == "https://code.example.org/group/tool"
    assert send(eva, body, **{"idempotency-key": "r"}).json()["reference"] == told["reference"]
    to = f"/api/v1/declarations/{told['reference']}/send"
    assert set(wrong(eva.post(to, json={}))) == {"alone"}
    assert set(wrong(eva.post(to, json={"alone": True, "license": "what I like"}))) == {"license"}
    answers = {"alone": True, "name": "Tool", "summary": "Keep a till", "language": "en", "license": "MIT",
               "needs": ["accounting"], "use": ["install"], "hardness": "easy", "maker": False}  # fmt: skip
    assert eva.post(to, json=answers).json()["state"] == "waiting"
    assert eva.post(to, json={}).json()["state"] == "waiting"
    assert messages(store, submissions.CONFIRM_SUBMISSION) == []
    known = send(eva, {"kind": "register", "address": "https://github.com/galette/galette"})
    assert known.status_code in (201, 422)
    assert set(wrong(send(eva, {"kind": "register", "address": "ftp://x"}))) == {"address"}


def test_the_limit_of_sending_is_one_s_own_and_told(app, ana, monkeypatch):
    monkeypatch.setitem(LIMITS, "api-declarations", AttemptLimit("api-declarations", 2, HOUR))
    told = [send(ana, USE, **{"idempotency-key": str(number)}) for number in range(3)]
    assert [answer.status_code for answer in told] == [201, 201, 429] and "r=1;" in told[0].headers["ratelimit"]
    assert told[0].headers["ratelimit-policy"] == '"api-declarations";q=2;w=3600'
    assert send(program(app, "bo@example.org"), USE).status_code == 201


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 400)
    | st.text(max_size=12)
    | st.sampled_from(["adopt", "yes", "fr", "2024"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=150)
@given(st.sampled_from(sorted(submission_bodies.BODIES)), st.data())
def test_a_shape_is_refused_exactly_where_its_json_schema_says_so(kind, data):
    names = sorted(json_schema(submission_bodies.BODIES[kind])["properties"].keys() - {"kind"})
    body = {"kind": kind, **data.draw(st.dictionaries(st.sampled_from([*names, "other"]), VALUES, max_size=6))}
    try:
        checked_body(submission_bodies.ANY_BODY, body)
        accepted = True
    except ApiError as refused:
        accepted, told = False, refused.problems
        assert told and all(field and sentence for field, sentence in told.items())
    assert accepted is Draft202012Validator(body_schema(submission_bodies.ANY_BODY)).is_valid(body)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(submission_bodies.BODIES)), st.data())
def test_whatever_is_sent_is_answered_and_never_by_a_failure_of_ours(ana, kind, data):
    body = dict(submission_bodies.EXAMPLES[kind])
    members = json_schema(submission_bodies.BODIES[kind])["properties"]
    for name in data.draw(st.lists(st.sampled_from(sorted(members.keys() - {"kind"})), max_size=3)):
        schema = members[name]
        texts = st.text(max_size=20) | st.sampled_from(["galette", "coop-des-halles", "fr", "2024", "x" * 300])
        values = {"boolean": st.booleans(), "integer": st.integers(1, 5), "array": st.lists(texts, max_size=3)}
        drawn = data.draw(
            values.get(schema.get("type"), texts) if "enum" not in schema else st.sampled_from(schema["enum"])
        )
        body[name] = drawn
    assert send(ana, body).status_code in (201, 422, 429)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[" * 100_000, b"\xff", b'{"a": NaN}', b'{"a": 1e999}', b"9" * 5_000, b'"\\ud800"' * 2,
     b'{"a":' * 30 + b"1" + b"}" * 30],
)  # fmt: skip
def test_what_is_no_json_of_ours_is_told(ana, body):
    answer = ana.post("/api/v1/declarations", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert ana.post("/api/v1/declarations", content=b"kind=adopt").status_code == 415
    large = ana.post("/api/v1/declarations", content=b" " * 300_000, headers={"content-type": "application/json"})
    assert large.status_code == 413


def test_texts_are_cleaned_as_forms_are():
    assert parse_body(b'{"a": " e\\u0301\\u202e\\u0000 ", "b": ["\\ud800x"]}') == {"a": "é", "b": ["x"]}
    with pytest.raises(ApiError):
        parse_body(b"[" * 25 + b"]" * 25)
