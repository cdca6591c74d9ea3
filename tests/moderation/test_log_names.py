"""The public log names nobody who chose to be only counted, whatever moderators answer."""

import pytest
from support.factories.calls import COOP, a_call
from support.factories.core import NOW
from support.factories.people import a_person

from catalog import moderation, submissions
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.decision import DECLARATION, PUBLISH, REFUSE, UNDO, reasons_for
from catalog.rules.submission import SUPPORT
from tests.moderation.test_review import answer, filled, sent  # noqa: F401 - a fixture


def a_support(store, key=None, email="sender@example.org", **answers):
    """Of an organization that is not here yet, or the one of this identity."""
    call = a_call(store, "caller@example.net")
    new = {} if key else {"organization": "new", "name": "Les Amis du Pain", "kind": "association", "country": "BE"}
    said = {"call": call.reference, "may": "yes", "variation": "", "language": "fr"} | new | answers
    return sent(store, store.submissions.begin(SUPPORT, "fr", organization_id=key, answers=said, now=NOW)[1], email)


@pytest.mark.parametrize("key", [None, COOP])
def test_the_log_names_no_organization_that_chose_to_be_only_counted(filled, key):  # noqa: F811
    bruno = a_person(filled)
    submission = a_support(filled, key, show="counted")
    number = answer(filled, bruno, submission, PUBLISH)
    moderation.undo(filled, bruno, number, "mistake", "", now=NOW)
    answer(filled, bruno, submission, REFUSE, reasons_for((REFUSE,))[0])
    lines = filled.decisions.lines()
    assert [(line.kind, line.subject_kind, line.slug) for line in lines] == [
        (kind, DECLARATION, submission.reference) for kind in (REFUSE, UNDO, PUBLISH)
    ]
    assert "Amis" not in repr(lines) and "alles" not in repr(lines)


def test_the_log_names_who_asked_to_be_named_once_everybody_can_see_them(filled):  # noqa: F811
    bruno = a_person(filled)
    answer(filled, bruno, a_support(filled, COOP, show="named"), PUBLISH)
    new = a_support(filled, show="named")
    answer(filled, bruno, new, REFUSE, reasons_for((REFUSE,))[0])
    assert [line.slug for line in filled.decisions.lines()] == [new.reference, "coop-des-halles"]


def test_every_kind_says_which_records_may_be_named(filled):  # noqa: F811
    for name, kind in submissions.KINDS.items():
        _, submission = filled.submissions.begin(name, "en", answers={}, now=NOW)
        assert set(kind.nameable_records(submission)) <= {PROJECT, ORGANIZATION}
