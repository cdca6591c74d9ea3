"""Which records the public log may name, by kind of submission."""

from support.factories.core import NOW
from support.factories.submissions import begin_draft

from catalog import submissions
from catalog.record_kind import ORGANIZATION, PROJECT
from tests.moderation.test_review import filled  # noqa: F401 - a fixture


def test_every_kind_says_which_records_may_be_named(filled):  # noqa: F811
    for name, kind in submissions.KINDS.items():
        _, submission = begin_draft(filled, name, "en", answers={}, now=NOW)
        assert set(kind.nameable_records(submission)) <= {PROJECT, ORGANIZATION}
