""" "Us too": an organization lacks the same as a call says, on this day, with its own variation.

Its answers: `call` (a reference), `variation`, `language`, `show` ("named", or it is only counted); of an organization
that is not here yet `organization` (NEW), `name`, `kind`, `country` and `homepage`. Who speaks for the organization, or
whose proven address is at its website's domain, publishes it at once; of others a person decides, since anybody can
choose any organization.
"""

from datetime import datetime
from typing import Any

from catalog.document.rules import url
from catalog.errors import Invalid, NotFound
from catalog.rules.call import OPEN, Call, support_id
from catalog.rules.decision import ORGANIZATION, PROJECT
from catalog.rules.person import Person
from catalog.rules.submission import SUPPORT, Declaration
from catalog.store.calls import queries as call_queries
from catalog.store.calls import rows as call_rows
from catalog.store.core.engine import Connection
from catalog.store.core.public_changes import PublicChange
from catalog.store.organizations import rows as organization_rows
from catalog.submissions.base import validation as base_validation
from catalog.submissions.base.adoption_form import NO_WEBSITE
from catalog.submissions.base.organization_field import doubts_of_new, new_texts, organization_of, verified
from catalog.submissions.base.protocol import Doubt, EditableText, Row, texts

NO_CALL = "This call is over"
NO_ORGANIZATION = "Choose your organization"
NO_SHOW = "Choose whether your organization is named"
NO_RIGHT = "Confirm that you may speak for the organization"
NO_NAME = "Enter the name of your organization"
SENTENCES = (NO_CALL, NO_ORGANIZATION, NO_SHOW, NO_RIGHT, NO_NAME)
NEW = "new"  # in place of the slug of an organization: it is not here yet
NAMED, COUNTED = "named", "counted"


class Support:
    kind = SUPPORT
    nameless = False
    awaited = False

    def problems(self, connection: Connection, submission: Declaration) -> dict[str, str]:
        wrong = {}
        if self._call(connection, submission) is None:
            wrong["organization"] = NO_CALL
        elif organization_of(connection, submission) is None:
            wrong |= _new(submission)
        wrong |= base_validation.words(submission.answers, {}, "variation")
        if base_validation.text_answer(submission.answers, "show") not in (NAMED, COUNTED):
            wrong["show"] = NO_SHOW
        if not base_validation.text_answer(submission.answers, "may"):
            wrong["may"] = NO_RIGHT
        return wrong | base_validation.language(submission.answers)

    def rows(self, connection: Connection, submission: Declaration) -> tuple[Row, ...]:
        about = self._call(connection, submission)
        here = organization_of(connection, submission)
        language = base_validation.text_answer(submission.answers, "language") or submission.language
        variation, site = (
            base_validation.text_answer(submission.answers, "variation"),
            base_validation.text_answer(submission.answers, "homepage"),
        )
        return (
            Row("supports", None, about.title if about else None, "text"),
            *(
                (Row("organization", None, here.slug, "organization"),)
                if here
                else (
                    Row("new-organization", None, base_validation.text_answer(submission.answers, "name"), "text"),
                    Row(
                        "kind", None, base_validation.text_answer(submission.answers, "kind"), "term:organization-kind"
                    ),
                    Row("country", None, base_validation.text_answer(submission.answers, "country"), "country"),
                    *((Row("organization.homepage", None, site, "url"),) if site else ()),
                )
            ),
            Row("variation", None, {language: variation} if variation else None, "words"),
            Row("named", None, base_validation.text_answer(submission.answers, "show") == NAMED, "yes-no"),
        )

    def doubts(self, connection: Connection, submission: Declaration) -> tuple[Doubt, ...]:
        new = doubts_of_new(connection, submission) if organization_of(connection, submission) is None else []
        return (*new, Doubt("unproven"))

    def editable(self, submission: Declaration) -> tuple[EditableText, ...]:
        return (*new_texts(submission), *texts(submission, "variation"))

    def nameable_records(self, submission: Declaration) -> tuple[str, ...]:
        return (PROJECT, ORGANIZATION) if base_validation.text_answer(submission.answers, "show") == NAMED else ()

    def at_once(self, connection: Connection, submission: Declaration, person: Person | None) -> bool:
        here = organization_of(connection, submission)
        return here is not None and verified(connection, here, person) is not None

    def publish(
        self,
        connection: Connection,
        submission: Declaration,
        person: Person | None,
        change: PublicChange,
        *,
        now: datetime,
    ) -> dict[str, Any]:
        about = self._call(connection, submission)
        if about is None:
            raise Invalid({"organization": NO_CALL})
        here, made = organization_of(connection, submission), False
        if here is not None:
            key = here.id
        else:
            said = base_validation.filled_answers(submission.answers, "name", "kind", "country", "homepage")
            key, made = organization_rows.add_organization(connection, said, submission.reference, now=now)
        before = call_rows.support_call(
            connection,
            about,
            key,
            submission.person_id,
            language=base_validation.text_answer(submission.answers, "language") or submission.language,
            variation=base_validation.text_answer(submission.answers, "variation") or None,
            named=base_validation.text_answer(submission.answers, "show") == NAMED,
            change=change,
            now=now,
        )
        return {"support": before, "organization_id": str(key), "made": made}

    def take_back(
        self, connection: Connection, submission: Declaration, change: PublicChange, *, now: datetime
    ) -> None:
        about = self._any(connection, submission)
        if about is None or submission.organization_id is None:
            return
        call_rows.delete_support(connection, about, submission.organization_id, change=change)
        before = (submission.before or {}).get("support")
        if before:
            stood = call_rows.statement_columns(before)
            at = stood.pop("at")
            call_rows.support_call(
                connection, about, submission.organization_id, submission.person_id, **stood, change=change, now=at
            )
        if (submission.before or {}).get("made"):
            organization_rows.remove_unused(connection, submission.organization_id, change=change)

    def unsay(self, connection: Connection, submission: Declaration, change: PublicChange, *, now: datetime) -> None:
        about = self._any(connection, submission)
        if about is None or submission.organization_id is None:
            return
        if call_rows.delete_support(connection, about, submission.organization_id, change=change):
            call_rows.add_tombstone(
                connection,
                "support",
                support_id(about.id, submission.organization_id),
                project_id=about.project_id,
                organization_id=submission.organization_id,
                change=change,
                now=now,
            )

    def _call(self, connection: Connection, submission: Declaration) -> Call | None:
        found = self._any(connection, submission)
        return found if found and found.state == OPEN else None

    def _any(self, connection: Connection, submission: Declaration) -> Call | None:
        try:
            return call_queries.call_by_reference(connection, base_validation.text_answer(submission.answers, "call"))
        except NotFound:
            return None


def _new(submission: Declaration) -> dict[str, str]:
    """What is wrong with an organization that is not here yet, or that none was chosen."""
    if base_validation.text_answer(submission.answers, "organization") != NEW:
        return {"organization": NO_ORGANIZATION}
    wrong = base_validation.lines(submission.answers, "name") | base_validation.country(submission.answers)
    if not base_validation.text_answer(submission.answers, "name"):
        wrong["name"] = NO_NAME
    if (site := base_validation.text_answer(submission.answers, "homepage")) and url(site) is not None:
        wrong["homepage"] = NO_WEBSITE
    return wrong | base_validation.terms(submission.answers, {"kind": "organization-kind"})
