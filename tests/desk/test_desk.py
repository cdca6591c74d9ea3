"""The desk and the log as moderators and readers meet them: who gets in, what a decision does, and what goes wrong."""

import hashlib
import json
import re
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import update
from support.factories.code import a_full_repository, mirrored
from support.factories.core import NOW, identity
from support.factories.memberships import a_member
from support.factories.people import a_person
from support.factories.rewriting import rewriting
from support.open_findings import open_findings
from support.visitors import BROWSER, HOSTILE, LEVELS, person_id, signed_in, standing
from support.world import a_client, a_filled_site, a_site, fill

from catalog import moderation
from catalog.moderation import DecisionRequest
from catalog.rules import permissions
from catalog.rules import submission as rules_submission
from catalog.rules.decision import serving_basis
from catalog.rules.person import Person
from catalog.tables.core import mirror
from catalog.tables.people import session
from forge import app as site
from forge import routes
from forge.web.api.resources.routes import ROUTES as API_ROUTES
from forge.web.core.session import SECURE_NAME
from forge.web.wording import decisions, submissions

GALETTE = identity("galette")
WORDS = "I read it: it is the text of the MIT licence."


@pytest.fixture
def reader(app):
    return a_client(app)


def a_finding(store, kind="license-changed", key="c1", slug="galette", **detail):
    detail = {"before": "GPL-3.0", "after": "AGPL-3.0", "free_before": True, "free": True} | detail
    store.findings.add(identity(slug), kind, key, detail, now=NOW - timedelta(days=3))
    return open_findings(store)[-1].number


def unsure(store, slug="galette"):
    with rewriting(store.engine) as connection:
        connection.execute(update(mirror).where(mirror.c.project_id == identity(slug)).values(free=None))


def seen(store, slug="galette"):
    return serving_basis(store.mirrors.mirror(identity(slug)).observation)


def a_wish(store, choice="looked-at", reason="read", words=WORDS, **more):
    return {"choice": choice, "reason": reason, "words": words, "seen": seen(store), "step": "decide"} | more


EVERYBODY = {"anyone", "person", "representative", "maintainer", "moderator", "administrator"}
DESK = {"moderator", "administrator"}
# Who may, by address: written apart from `catalog.rules.permissions`, as its second witness. The first that fits.
WHO_MAY = [
    (re.compile(pattern), who)
    for pattern, who in (
        (r"(GET|POST) /desk/health|(GET|POST) /desk/projects/{slug}/erase", {"administrator"}),
        (r"POST /desk/(people|peers)(/.*)?", {"administrator"}),
        (r"(GET|POST) /desk(/.*)?", DESK),
        (r"(GET|POST) /projects/{slug}/keep", {"maintainer"}),
        (r"POST /projects/{slug}/(obstacles|experiences)/{code}", {"maintainer"}),
        (r"(GET|POST) /projects/{slug}/(obstacles|reported|upload)(/.*)?", {"maintainer", *DESK}),
        (r"POST /projects/{slug}/answers", {"maintainer", *DESK}),
        (r"(GET|POST) /organizations/{slug}/(speakers|vouch(/back)?)", {"representative"}),
        (r"POST /projects/{slug}/users/{organization}", {"representative"}),
        (r"(GET|POST) /organizations/{slug}/upload", {"representative", *DESK}),
        (r"(GET|POST) /me(/.*)?", EVERYBODY - {"anyone"}),
        (r"(GET|POST) /calls/{reference}/tend", EVERYBODY - {"anyone"}),
        (r"POST /(projects|organizations)/{slug}/claim", EVERYBODY - {"anyone"}),
    )
]


def who_may(method, path):
    return next((who for pattern, who in WHO_MAY if pattern.fullmatch(f"{method} {path}")), EVERYBODY)


ROUTES = [("GET", path, name) for path, _, name in routes.PAGES if who_may("GET", path) != EVERYBODY]
ROUTES += [("POST", path, name) for path, _, name in routes.FORMS]


def test_each_form_and_each_page_of_desk_and_person_has_a_rule_and_each_rule_a_route():
    private = {name for path, _, name in routes.PAGES if path.startswith(("/desk", "/me"))}
    by_token = {
        route.name
        for route in API_ROUTES
        if any(operation.needs_token for operation in getattr(route, "operations", {}).values())
    }
    assert {name for _, _, name in ROUTES} | by_token == set(permissions.RULES) >= private
    assert all(set(who) <= set(permissions.LEVELS) and who for who in permissions.RULES.values())


def test_a_form_without_a_rule_keeps_the_site_from_starting():
    with pytest.raises(ValueError, match="no rule for nothing"):
        site._form_handler(lambda request: None, "nothing")


@pytest.mark.parametrize("level", LEVELS)
def test_each_route_lets_in_whom_it_should_and_nobody_else(level, sqlite_template, tmp_path):
    """A world a level, and a new one after a press that did something: it may have taken the session or the right."""
    wrong, tried, worlds = [], iter(ROUTES), count(1)
    while route := next(tried, None):
        (folder := tmp_path / str(next(worlds))).mkdir()
        with a_filled_site(sqlite_template, folder) as app:
            client, number = LEVELS[level](app, app.state.store), a_finding(app.state.store)
            while route:
                answer = _asked(client, number, *route)
                if not _as_it_should_be(answer, level, *route):
                    wrong.append((*route, answer.status_code))
                if route[0] == "POST" and answer.status_code < 400:
                    break
                route = next(tried, None)
    assert wrong == []


OTHERS = {
    "representative": {"organization_id": identity("org-3", "organization")},
    "maintainer": {"project_id": identity("asleep")},
}


@pytest.mark.parametrize("level", OTHERS)
def test_no_route_of_a_record_lets_in_who_has_a_role_for_another_record(level, sqlite_template, tmp_path):
    """All routes of galette, coop-des-halles and the pair that only who maintains or represents them may use."""
    asked, wrong = 0, []
    with a_filled_site(sqlite_template, tmp_path) as app:
        client, number = standing(app, app.state.store, **OTHERS[level]), a_finding(app.state.store)
        before = app.state.store.change()
        for method, path, name in ROUTES:
            if "person" in who_may(method, path) or "{slug}" not in path:
                continue
            path = path.replace("/organizations/{slug}", "/organizations/coop-des-halles")
            answer = _asked(client, number, method, path, name)
            asked += 1
            if answer.status_code not in (403, 404):
                wrong.append((method, path, name, answer.status_code))
        assert app.state.store.change() == before
    assert wrong == [] and asked > 15


def test_behind_https_the_cookie_of_a_session_is_bound_to_it(sqlite_store, tmp_path):
    fill(sqlite_store)
    with a_site(sqlite_store, tmp_path / "data", base_url="https://catalog.example.org") as app:
        client = a_client(app)
        token = sqlite_store.people.invite("ana@example.org", "moderator", "fr", now=NOW)
        answer = client.post(f"/fr/sign-in/{token}", data={"go": ""}, headers=BROWSER)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{SECURE_NAME}=") and "Domain" not in cookie
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))


def _asked(client, number, method, path, name):
    path = (
        path.replace("{number}", str(number))
        .replace("{slug}", "galette")
        .replace("{token}", "x")
        .replace("{nonce}", "x")
        .replace("{organization}", "coop-des-halles")
    )
    return client.request(method, f"/fr{path}", data={"go": ""} if method == "POST" else None, headers=BROWSER)


def _as_it_should_be(answer, level, method, path, name):
    away = answer.status_code == 303 and "/sign-in?next=" in answer.headers["location"]
    if level in who_may(method, path):
        own = name in ("submission-status-change", "question-change")  # a reference is for whom it concerns
        return own or (not away and (answer.status_code != 403 or name == "sign-out"))
    if level == permissions.ANYONE:
        return away
    return answer.status_code == 403 and "modération" in answer.text


def test_levels_are_read_from_the_role_and_an_unknown_one_is_a_person():
    def somebody(role):
        return Person(GALETTE, "a@example.org", "fr", role)

    assert [
        permissions.level_of(person) for person in (None, somebody(None), somebody("king"), somebody("moderator"))
    ] == [
        "anyone",
        "person",
        "person",
        "moderator",
    ]


def test_the_desk_shows_what_waits_oldest_first_with_what_was_and_what_is(bruno, store):
    first = a_finding(store)
    second = a_finding(store, "code-gone", "m", "asleep", url="https://b.example", seen=None, reason="")
    text = bruno.get("/fr/desk").text
    assert text.index(f"/fr/desk/{first}") < text.index(f"/fr/desk/{second}")
    assert "Sa licence a changé" in text and "1 dossier, trouvé il y a 3 jours" in text
    together = [bruno.get(f"/fr/desk/groups/{kind}").text for kind in ("license-changed", "code-gone")]
    assert "GPL-3.0" in together[0] and "https://b.example" in together[1]
    assert 'class="button" href="/fr/desk/next"' in text
    assert bruno.get("/fr/desk/next").headers["location"] == f"/fr/desk/{first}"
    assert "il y a 3 jours" in text
    assert "/fr/projects/galette/history" in together[0]
    signed_in(bruno.app, store, "ana@example.org")
    assert "Vous êtes seul à modérer" not in bruno.get("/fr/desk").text


def test_no_page_of_the_desk_is_kept_on_its_way(bruno, store):
    number = a_finding(store)
    for path in ("/fr/desk", f"/fr/desk/{number}", "/fr/desk/projects/galette"):
        answer = bruno.get(path)
        assert answer.headers["cache-control"] == "private, no-store" and "noindex" in answer.text


def test_a_decision_is_typed_checked_made_and_public(bruno, reader, store):
    number = a_finding(store)
    page = bruno.get(f"/fr/desk/{number}")
    assert page.status_code == 200 and 'value="looked-at"' in page.text and 'value="serve"' not in page.text
    wish = a_wish(store) | {"step": ""}
    check = bruno.post(f"/fr/desk/{number}", data=wish)
    assert check.status_code == 200 and WORDS in check.text and store.decisions.count() == 0
    changed = bruno.post(f"/fr/desk/{number}", data=wish | {"step": "change"})
    assert WORDS in changed.text and "checked" in changed.text
    done = bruno.post(f"/fr/desk/{number}", data=wish | {"step": "decide"})
    assert (done.status_code, done.headers["location"]) == (303, f"/fr/desk/{number}#decided")
    shown = bruno.get(f"/fr/desk/{number}").text
    assert "Décision prise" in shown and WORDS in shown and "/fr/desk/undo/1" in shown
    log = reader.get("/fr/log").text
    assert WORDS in log and "Galette" in log and "Examiné" in log and "bruno" not in log


def test_the_log_and_the_interface_say_the_same_and_nobody_s_name(bruno, reader, store):
    bruno.post(f"/fr/desk/{a_finding(store)}", data=a_wish(store, words=HOSTILE))
    secret = str(person_id(store, "bruno@example.org"))
    log, told = (reader.get(path) for path in ("/fr/log", "/api/v1/decisions"))
    for answer in (log, told):
        assert answer.status_code == 200 and secret not in answer.text and "bruno@" not in answer.text
        assert reader.get(str(answer.url), headers={"if-none-match": answer.headers["etag"]}).status_code == 304
    assert "<script>" not in log.text and "\u202e" not in log.text and "49" not in log.text.split("blockquote")[1]
    (line,) = json.loads(told.text)["decisions"]
    assert (line["number"], line["kind"], line["slug"]) == (1, "looked-at", "galette")
    assert line["previous"] == "0" * 64 and not {"person_id", "finding_id", "before"} & set(line)


def test_a_stranger_can_check_the_chain_with_what_the_interface_tells(bruno, reader, store):
    for choice, reason in (("hide", "law"), ("show", "over"), ("hide", "harm")):
        bruno.post("/fr/desk/projects/asleep", data=a_wish(store, choice, reason, f"Parce que… {choice}"))
    moderation.blank(store, 2, now=NOW)
    previous = "0" * 64
    for line in reversed(json.loads(reader.get("/api/v1/decisions").text)["decisions"]):
        if line["number"] == 2:
            assert (line["slug"], line["name"], line["words"], line["salt"]) == (None,) * 4
        else:
            assert sha256([line["salt"], line["slug"], line["name"], line["words"]]) == line["text_digest"]
        covered = [line["number"], line["at"], line["kind"], line["subject_kind"], line["subject_id"], line["about"]]
        covered += [line["reason"], line["role"], line["concerns"], line["text_digest"]]
        assert sha256([previous, *covered]) == line["digest"]
        previous = line["digest"]
    log = reader.get("/fr/log").text
    assert "Le texte de la décision 2 a été retiré" in log and "Son texte a été retiré" in log


def sha256(value):
    return hashlib.sha256(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


def test_the_log_is_read_by_pages(bruno, reader, store):
    for choice, reason in (("hide", "law"), ("show", "over")) * 11:
        answer = bruno.post("/fr/desk/projects/asleep", data=a_wish(store, choice, reason, f"{choice} {reason}"))
        assert answer.status_code == 303, answer.text
    first = reader.get("/fr/log").text
    assert 'id="d22"' in first and 'id="d3"' in first and 'id="d2"' not in first
    assert 'id="d2"' in reader.get("/fr/log?before=3").text and "/fr/log?before=3" in first
    part = reader.get("/api/v1/decisions?limit=17")
    assert len(json.loads(part.text)["decisions"]) == 17 and 'rel="next"' in part.headers["link"]
    assert len(json.loads(reader.get(json.loads(part.text)["next"]).text)["decisions"]) == 5
    for odd in ("x", "-1", "9" * 30, "0"):
        assert reader.get(f"/fr/log?before={odd}").status_code == 200


def test_a_decision_opens_and_closes_code_bytes_and_clones(bruno, reader, store, app, tmp_path):
    head = a_full_repository(tmp_path / "data" / "mirrors" / f"{GALETTE}.git")["two"]
    read = dict(store.mirrors.mirror(GALETTE).observation) | {"commit": head}
    mirrored(store, head=head, free=None, observation=read)
    doors = (
        f"/fr/projects/galette/code/tree/{head}",
        f"/projects/galette/raw/{head}/README.md",
        "/git/galette.git/info/refs?service=git-upload-pack",
    )

    def statuses():
        return [reader.get(door).status_code for door in doors]

    assert statuses() == [403] * 3
    assert bruno.post("/fr/desk/projects/galette", data=a_wish(store, "serve")).status_code == 303
    assert statuses() == [200] * 3
    page = reader.get("/fr/projects/galette").text
    assert "git clone" in page
    assert bruno.post("/fr/desk/projects/galette", data=a_wish(store, "close", "not-free")).status_code == 303
    assert statuses() == [403] * 3
    assert "La modération a décidé" in reader.get("/fr/projects/galette/code").text
    assert store.mirrors.mirror(GALETTE).free is None


def test_what_is_hidden_is_gone_at_once_with_its_reason_and_can_be_shown_again(bruno, reader, store):
    assert bruno.post(
        "/fr/desk/projects/asleep", data=a_wish(store, "hide", "harm", "It puts people at risk.")
    ).is_redirect
    gone = reader.get("/fr/projects/asleep")
    assert gone.status_code == 410 and "It puts people at risk." in gone.text
    assert "/fr/desk/projects/asleep" in bruno.get("/fr/desk").text
    page = bruno.get("/fr/desk/projects/asleep").text
    assert 'value="show"' in page and 'value="hide"' not in page
    assert bruno.post("/fr/desk/projects/asleep", data=a_wish(store, "show", "over", "")).status_code == 303
    assert reader.get("/fr/projects/asleep").status_code == 200


def test_a_hidden_organization_is_listed_with_hidden_software(bruno, store):
    hide = DecisionRequest("hide", "harm", "It puts people at risk.", "")
    moderation.decide(store, a_person(store), "coop-des-halles", hide, kind="organization", now=NOW)
    assert "/en/desk/organizations/coop-des-halles" in bruno.get("/en/desk").text.split('id="hidden"')[1]


@pytest.mark.parametrize("goes", ["org-1", "org-2"])
def test_who_represents_either_of_two_merged_organizations_does_not_undo_it(bruno, store, goes):
    two = {"kind": "organization", "one": "org-1", "other": "org-2", "step": "decide", "words": ""}
    stays = identity("org-2" if goes == "org-1" else "org-1", "organization")
    assert bruno.post("/en/desk/joins", data=two | {"choice": str(stays)}).status_code == 303
    ana = signed_in(bruno.app, store, "ana@example.org")
    with rewriting(store.engine) as connection:
        a_member(connection, person_id(store, "ana@example.org"), organization_id=identity("org-1", "organization"))
    page = ana.get("/en/desk/undo/1").text
    assert "This concerns you: someone else decides" in page and "<form method" not in page.split("<h1>")[1]
    assert ana.post("/en/desk/undo/1", data={"reason": "mistake", "words": ""}).status_code == 403
    assert store.decisions.count() == 1


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"choice": ""}, "choice", "Choisissez ce que vous décidez"),
        ({"choice": "serve"}, "choice", "ne peut pas être décidé maintenant"),
        ({"reason": ""}, "reason", "Choisissez une raison"),
        ({"reason": "harm"}, "reason", "qui va avec"),
        ({"reason": "other", "words": ""}, "words", "Expliquez votre décision"),
        ({"words": "x" * 1001}, "words", "1 000 caractères au plus"),
        ({"words": "Ask bruno@example.org"}, "words", "Retirez l’adresse"),
    ],
)
@pytest.mark.parametrize("step", ["", "decide"])
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(bruno, store, changes, field, sentence, step):
    number = a_finding(store)
    answer = bruno.post(f"/fr/desk/{number}", data=a_wish(store, step=step) | changes)
    assert answer.status_code == 422 and "Erreur" in answer.text.split("</title>")[0]
    assert sentence in answer.text and f'id="{field}-problem"' in answer.text and f'href="#{field}"' in answer.text
    assert f'id="{field}"' in answer.text and (changes | {"words": changes.get("words", WORDS)})["words"] in answer.text
    assert store.decisions.count() == 0


def test_hostile_text_is_kept_as_text_on_every_step(bruno, store):
    number = a_finding(store, before="<img src=x>\u202e", after=["not", "text"], commit="../../etc")
    for path in ("/fr/desk", f"/fr/desk/{number}"):
        page = bruno.get(path).text
        assert "<img src=x" not in page and "\u202e" not in page
    for step in ("", "change"):
        page = bruno.post(f"/fr/desk/{number}", data=a_wish(store, words=HOSTILE, step=step)).text
        assert "<script>" not in page and "&lt;script&gt;" in page and "<b>" not in page


def test_a_second_press_leads_to_the_same_place_and_decides_once(bruno, store):
    number = a_finding(store)
    for path, wish in (
        (f"/fr/desk/{number}", a_wish(store)),
        ("/fr/desk/projects/asleep", a_wish(store, "hide", "law")),
    ):
        first, second = (bruno.post(path, data=wish) for _ in range(2))
        assert first.status_code == second.status_code == 303
        assert first.headers["location"] == second.headers["location"]
    assert store.decisions.count() == 2


def test_who_comes_second_is_told_what_was_decided_and_keeps_their_words(bruno, app, store):
    ana, number = signed_in(app, store, "ana@example.org"), a_finding(store)
    assert bruno.post(f"/fr/desk/{number}", data=a_wish(store)).status_code == 303
    for step in ("", "decide"):
        answer = ana.post(f"/fr/desk/{number}", data=a_wish(store, words="My own words", step=step))
        assert answer.status_code == 409 and "My own words" in answer.text and WORDS in answer.text
    assert store.decisions.count() == 1


def test_going_back_after_a_decision_shows_that_it_is_made(bruno, store):
    number = a_finding(store)
    bruno.post(f"/fr/desk/{number}", data=a_wish(store))
    page = bruno.get(f"/fr/desk/{number}").text
    assert "Décision prise" in page and "<textarea" not in page


def test_what_closed_by_itself_meanwhile_is_told(bruno, store):
    number = a_finding(store, "license-unsure", "k")
    store.findings.withdraw(GALETTE, "license-unsure", now=NOW)
    assert "Il n’y a plus rien à décider" in bruno.get(f"/fr/desk/{number}").text
    assert bruno.post(f"/fr/desk/{number}", data=a_wish(store)).status_code == 409


def test_a_session_that_ended_while_writing_loses_no_word(bruno, store):
    number = a_finding(store)
    with rewriting(store.engine) as connection:
        connection.execute(update(session).values(expires_at=NOW - timedelta(seconds=1)))
    answer = bruno.post(f"/fr/desk/{number}", data=a_wish(store, words=HOSTILE))
    assert answer.status_code == 403 and f'action="/fr/desk/{number}"' in answer.text
    assert "&lt;script&gt;" in answer.text and "<script>" not in answer.text
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', answer.text))
    assert fields["choice"] == "looked-at" and fields["step"] == "decide"
    assert bruno.get(f"/fr/desk/{number}").status_code == 303 and store.decisions.count() == 0


def test_a_decision_is_taken_back_within_a_day_and_the_log_keeps_both(bruno, reader, store):
    number = a_finding(store)
    bruno.post(f"/fr/desk/{number}", data=a_wish(store))
    assert bruno.get("/fr/desk/undo/1").status_code == 200
    wrong = bruno.post("/fr/desk/undo/1", data={"reason": "", "words": ""})
    assert wrong.status_code == 422 and "Choisissez une raison" in wrong.text
    done = bruno.post("/fr/desk/undo/1", data={"reason": "mistake", "words": ""})
    assert (done.status_code, done.headers["location"]) == (303, "/fr/desk/projects/galette")
    again = bruno.post("/fr/desk/undo/1", data={"reason": "mistake", "words": ""})
    assert again.status_code == 409 and "déjà été annulée" in again.text
    log = reader.get("/fr/log").text
    assert "La décision 1 a été annulée" in log and "par la décision 2" in log
    assert [case.number for case in open_findings(store)] == [number]


def test_nobody_decides_on_a_project_that_they_keep(bruno, store):
    number = a_finding(store)
    with rewriting(store.engine) as connection:
        a_member(connection, person_id(store, "bruno@example.org"), project_id=GALETTE)
    assert "Cela vous concerne" in bruno.get("/fr/desk").text
    page = bruno.get(f"/fr/desk/{number}").text
    assert "Vous maintenez ce projet" in page and "<textarea" not in page
    for path in (f"/fr/desk/{number}", "/fr/desk/projects/galette"):
        refused = bruno.post(path, data=a_wish(store, "looked-at" if path.endswith(str(number)) else "hide"))
        assert refused.status_code in (403, 422) and store.decisions.count() == 0
    refused = bruno.post(f"/fr/desk/{number}", data=a_wish(store))
    assert refused.status_code == 403 and "La décision revient à quelqu’un d’autre" in refused.text


def test_a_project_is_found_by_its_address_or_its_last_part(bruno, store):
    for typed in ("galette", "https://testserver/fr/projects/galette", " /en/projects/galette?x=y "):
        answer = bruno.get("/fr/desk", params={"project": typed})
        assert answer.headers["location"] == "/fr/desk/projects/galette"
    for typed in ("", "no such", "x" * 400, HOSTILE, "../..", "galette-old"):
        answer = bruno.get("/fr/desk", params={"project": typed})
        assert answer.status_code == 422 and 'id="project-problem"' in answer.text and "<script>" not in answer.text
    assert bruno.get("/fr/desk/projects/galette-old").headers["location"] == "/fr/desk/projects/galette"
    for path in ("/fr/desk/projects/nothing", "/fr/desk/999", "/fr/desk/x", f"/fr/desk/{'9' * 40}", "/fr/desk/undo/9"):
        assert bruno.get(path).status_code == 404


def test_the_project_s_page_says_what_was_decided_and_leads_to_the_log(bruno, reader, store):
    assert 'id="decided"' not in reader.get("/fr/projects/galette/license").text
    unsure(store)
    bruno.post("/fr/desk/projects/galette", data=a_wish(store, "serve", words=HOSTILE))
    page = reader.get("/fr/projects/galette/license").text
    assert "Le 24 novembre 2026, la modération a décidé que le code peut être montré" in page
    assert "/fr/log?before=2#d1" in page and "<script>" not in page


def test_who_may_come_to_the_desk_is_led_there_and_everybody_to_the_log(bruno, app, store, reader):
    assert 'href="/fr/desk"' in bruno.get("/fr/me").text
    assert 'href="/fr/desk"' not in signed_in(app, store, "p@example.org", None).get("/fr/me").text
    assert 'href="/fr/log"' in reader.get("/fr/").text and 'href="/fr/desk"' not in reader.get("/fr/").text


def test_every_reason_kind_and_role_of_the_log_has_its_words():
    from catalog.rules import decision as ground

    assert set(decisions.REASONS) == set(ground.REASONS)
    assert set(decisions.LABELS) == set(ground.KINDS) and set(decisions.CHOICES) == set(ground.CHOICES)
    assert set(decisions.ROLES) == {"moderator", "administrator", ground.OPERATOR, ground.BY_RULE}
    assert set(decisions.SUBMITTED) == set(rules_submission.KINDS) == set(submissions.KINDS)
    assert set(decisions.ANSWERS) <= {*ground.KINDS, ground.ASK}


def test_a_log_without_a_line_is_a_page_and_a_feed(reader):
    assert "Aucune décision pour l’instant" in reader.get("/fr/log").text
    assert json.loads(reader.get("/api/v1/decisions").text)["decisions"] == []
