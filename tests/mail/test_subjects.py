"""What a message is about: its subject and text name the project, organization or call, and lead to the page that
comes next; a name is one line without links."""

from email import message_from_bytes, policy
from uuid import uuid4

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.factories.calls import ANA, BRUNO, COOP, GALETTE, a_call, messages, somebody
from support.factories.core import NOW
from support.factories.people import a_person
from support.factories.registration import a_draft
from support.factories.submissions import begin_draft
from support.world import fill

from catalog import moderation, submissions
from catalog.model import Manifest, Operator
from catalog.moderation import DecisionRequest, stamp
from catalog.rules.decision import PUBLISH
from catalog.rules.submission import ADOPT, CORRECT, EXPERIENCE, WITHDRAW
from catalog.store.core.engine import writing
from catalog.store.people.mail_queue import Message
from catalog.submissions import answering
from catalog.submissions.about import SubmissionSubject, shown_subjects
from catalog.tables.core import organization
from forge.mail.compose import compose
from tests.submissions.test_experience import TOLD
from tests.submissions.test_question import send_question as a_question

HOSTILE = "Cheap\r\nBcc: all@example.org https://evil.example/now \u202e" + "x" * 400
# What messages hold that name nothing.
BEFORE = {"reference": "ABCD-EFGH", "what": "correct", "reason": "", "words": "", "token": "t" * 43}
UNNAMED = {
    **{f"decisions/{name}": BEFORE for name in ("ask", "away", "publish", "refuse", "reopen", "undo")},
    "confirm-submission": {"reference": "ABCD-EFGH", "what": "adopt", "token": "t" * 43},
    "question-ended": {"token": "t" * 43, "state": "replied"},
    "question-reported": {"token": "t" * 43, "call": ""},
    "question": {"token": "t" * 43, "name": "", "call": "yes"},
}

ENCODED = (
    "=?utf-8?q?Hi=0D=0ABcc:_all@example.org=0D=0A=0D=0AYours?=",
    "=?utf-8?b?SGkKQmNjOiBhbGxAZXhhbXBsZS5vcmc=?= x",
)
HEADERS = ["Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]


@pytest.fixture
def filled(sqlite_store):
    fill(sqlite_store)
    return sqlite_store


def written(kind, argument, language="en"):
    """Subject and text of a message of this kind, as it goes out."""
    row = Message(uuid4(), kind, ANA, language, argument, NOW)
    mail = compose(row, None, base_url="https://forge.example", sender="x@forge.example")
    return mail["Subject"], mail.get_body(("plain",)).get_content(), mail.get_body(("html",)).get_content()


def told(store, kind, email=ANA):
    """What the last message of this kind to this address holds."""
    return [said for to, said in messages(store, kind) if to == email][-1]


def begun(store, kind, email=ANA, *, project=GALETTE, organization=None, **answers):
    """Sent, and its address proven."""
    _, submission = begin_draft(
        store, kind, "en", project_id=project, organization_id=organization, answers=answers, now=NOW
    )
    submissions.send(store, submission.id, email=email, now=NOW)
    submissions.open_link(store, told(store, "confirm-submission", email)["token"], "en", now=NOW)
    return store.submissions.get(submission.id)


def decided(store, submission, choice=PUBLISH):
    """Message to the sender."""
    bruno = a_person(store)
    seen = moderation.preview(store, submission, DecisionRequest(choice, "", "", stamp(submission)))
    moderation.answer(store, bruno, submission.id, DecisionRequest(choice, "", "", stamp(submission)), now=NOW)
    said = told(store, "decisions/publish", submission.email)
    return said, seen[1]


def test_a_correction_names_its_project_and_leads_to_the_page_where_it_stands(filled):
    submission = begun(
        filled, CORRECT, field="homepage", value="https://new.example.org", source="https://example.org/a"
    )
    assert told(filled, "confirm-submission")["name"] == "Galette"
    said, seen = decided(filled, submission)
    assert (said["name"], said["path"]) == (seen["name"], seen["path"]) == ("Galette", "/projects/galette")
    subject, text, html = written("decisions/publish", said, "fr")
    assert subject == "Publié : Galette" and "Concerne\u00a0: Galette" in text
    assert "\nhttps://forge.example/fr/projects/galette\n" in text
    assert '<a href="https://forge.example/fr/projects/galette">' in html
    subject, text, _ = written("confirm-submission", told(filled, "confirm-submission"))
    assert subject == "Confirm your submission: Galette" and "About: Galette" in text


def test_who_was_accepted_as_maintainer_or_representative_is_led_to_what_they_may_do_now():
    for path, after in (("/projects/galette", "/keep"), ("/organizations/coop-des-halles", "/speakers")):
        subject, text, _ = written("decisions/publish", BEFORE | {"what": "claim", "name": "Galette", "path": path})
        assert subject == "Accepted: Galette" and "you are verified" in text
        assert f"\nhttps://forge.example/en{path}{after}\n" in text


def test_who_said_that_they_use_something_reads_how_to_withdraw_it():
    for what, may in (("adopt", True), ("experience", True), ("correct", False)):
        assert ("you can withdraw it at any time" in written("decisions/publish", BEFORE | {"what": what})[1]) is may


def test_a_correction_of_an_organization_names_the_organization(filled):
    submission = begun(
        filled,
        CORRECT,
        project=None,
        organization=COOP,
        field="homepage",
        value="https://c.example",
        source="https://c.example/a",
    )
    said, _ = decided(filled, submission)
    assert (said["name"], said["path"]) == ("Coop des Halles", "/organizations/coop-des-halles")
    assert shown_subjects(filled, submission) == (
        SubmissionSubject("Coop des Halles", "/organizations/coop-des-halles"),
    )


def test_what_was_proposed_is_named_to_a_proven_address_alone_and_has_its_page_once_it_is_published(filled):
    submission = a_draft(filled)
    submissions.send(filled, submission.id, email=ANA, now=NOW)
    # Anybody may type a stranger's address, and any words: of these one word of the repository's address goes.
    assert written("confirm-submission", told(filled, "confirm-submission"))[0] == "Confirm your submission: caisse"
    _, _, submission = submissions.open_link(filled, told(filled, "confirm-submission")["token"], "en", now=NOW)
    said, seen = decided(filled, submission)
    assert (said["name"], said["path"]) == ("Caisse commune", "/projects/caisse-commune")
    assert (seen["name"], seen["path"]) == ("Caisse commune", "/projects/…")


def test_an_experience_and_a_call_lead_to_where_they_are_read(filled):
    submission = begun(filled, EXPERIENCE, organization=COOP, **TOLD)
    assert decided(filled, submission)[0]["path"] == "/projects/galette/experiences"
    a_call(filled, ANA)
    assert told(filled, "confirm-submission")["name"] == ""


def test_what_nobody_may_open_is_named_without_a_page(filled):
    submission = begun(filled, WITHDRAW, organization=COOP, words="Please")
    with writing(filled.engine) as connection:
        connection.execute(organization.update().where(organization.c.id == COOP).values(hidden="hidden"))
    filled.takedowns.block("galette", "Asked for.", now=NOW)
    assert shown_subjects(filled, submission) == (
        SubmissionSubject("Galette", ""),
        SubmissionSubject("Coop des Halles", ""),
    )
    assert shown_subjects(filled, filled.submissions.get(submission.id)) == shown_subjects(filled, submission)


def test_what_was_to_be_shown_no_more_is_not_called_published(filled):
    submission = begun(filled, WITHDRAW, organization=COOP, words="Please")
    subject, text, _ = written("decisions/publish", decided(filled, submission)[0])
    assert subject.startswith("Done: ") and "has been carried out. Thank you." in text
    assert "published" not in text and "published" not in subject


def test_a_question_its_answer_and_a_follow_name_what_they_are_about(filled):
    bruno = somebody(filled, BRUNO, represented_organizations=[COOP])
    answering.allow(filled, bruno, GALETTE, COOP, languages=["en"], monthly="", now=NOW)
    submission = a_question(filled)
    answering.reply(filled, submission.id, "Two weeks.", now=NOW)
    said = told(filled, "question-ended")
    assert said["name"] == "Galette"
    subject, text, _ = written("question-ended", said)
    assert subject == "Your question has been answered – Galette" and "About: Galette" in text
    filled.follows.ask(ANA, "en", GALETTE, now=NOW)
    assert written("confirm-follow", told(filled, "confirm-follow"))[0] == "Confirm: news about Galette"
    assert written("question", {"token": "t", "name": "We lack it.", "call": "yes"})[0].endswith("– We lack it.")


@pytest.mark.parametrize(
    "kind",
    [
        *UNNAMED,
        "call-ending",
        "membership-invitation",
        "obstacle",
        "adoption-reconfirmation",
    ],
)
def test_a_name_of_a_stranger_is_a_bounded_part_of_a_line_and_no_link(kind):
    names = dict.fromkeys(("name", "title", "organization", "project"), HOSTILE)
    more = {
        "reference": "ABCD-EFGH",
        "slug": "galette",
        "date": "2026-11-28",
        "token": "t" * 43,
        "path": "/projects/x",
        "kind": "project",
    }
    subject, text, html = written(kind, BEFORE | more | UNNAMED.get(kind, {}) | names)
    assert "\n" not in subject and "\r" not in subject and "https:" + "//evil" not in text + html
    assert "\nBcc" not in text and "\u202e" not in text and "x" * 200 not in text
    assert "Cheap Bcc" in text


@pytest.mark.parametrize("kind", UNNAMED)
@given(name=st.text() | st.sampled_from(ENCODED) | st.from_regex(r"(=\?utf-8\?[qb]\?[\w=\r\n: ]{0,40}\?= ?){1,3}"))
@example(name=ENCODED[0])
@example(name=ENCODED[1])
@example(name="=\u200e?utf-8?q?Hi=0ABcc:_all@example.org?=")
def test_no_name_writes_a_header_however_it_is_encoded(kind, name):
    row = Message(uuid4(), kind, ANA, "en", {**UNNAMED[kind], "name": name}, NOW)
    mail = compose(row, None, base_url="https://forge.example", sender="x@forge.example")
    sent = message_from_bytes(mail.as_bytes(), policy=policy.SMTP)
    assert sent.keys() == HEADERS and not {"\r", "\n"} & set(mail["Subject"])
    assert sent.get_content_type() == "multipart/alternative" and not sent.defects


def test_the_message_that_confirms_a_use_says_who_uses_what_and_has_one_button(filled):
    use = {"stage": "piloting", "visibility": "public", "speaks": "yes"}
    new = {"name": "Cheap evil", "kind": "association", "country": "FR"}
    for group, subject in (
        ({"organization": str(COOP)}, "Confirm: Coop des Halles uses Galette"),
        (new, "Confirm: your organization uses Galette"),  # anybody may type any name and anybody's address
    ):
        _, draft = begin_draft(filled, ADOPT, "en", project_id=GALETTE, answers=use | group, now=NOW)
        submissions.send(filled, draft.id, email=ANA, now=NOW)
        said = told(filled, "confirm-submission")
        written_subject, text, html = written("confirm-submission", said)
        assert written_subject == subject and "evil" not in text + html
        assert f"\nhttps://forge.example/en/sign-in/{said['token']}\n" in text and "If you do nothing" in text
        assert html.count("<a ") == 2 and ">Confirm and send</a>" in html  # the button, and the catalogue's address
        assert text.startswith("Hello,\n\nForge is a catalogue of free software.\n\n")


@pytest.mark.parametrize(
    ("language", "greeting", "signature"),
    [
        ("en", "Hello,", "Demo, a catalogue run by Coop des Halles"),
        ("fr", "Bonjour,", "Demo, un catalogue géré par Coop des Halles"),
    ],
)
def test_a_message_greets_and_is_signed_by_the_catalogue_and_who_runs_it(language, greeting, signature):
    manifest = Manifest(uuid4(), {"en": "Demo"}, ("en", "fr"), operator=Operator("Coop des Halles"))
    row = Message(uuid4(), "sign-in", ANA, language, {"token": "t" * 43}, NOW)
    mail = compose(row, manifest, base_url="https://forge.example", sender="x@forge.example")
    text = mail.get_body(("plain",)).get_content()
    assert text.startswith(f"{greeting}\n\n") and text.endswith(f"\n\n{signature}\nhttps://forge.example/{language}\n")
    assert f"<p>{greeting}</p>" in mail.get_body(("html",)).get_content()
