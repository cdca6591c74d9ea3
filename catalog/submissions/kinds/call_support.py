""" "Us too": an organization lacks the same as a call says, on this day, with its own variation.

Its answers: `call` (a reference), `variation`, `language`, `show` ("named", or it is only counted); of an organization
that is not here yet `organization` (NEW), `name`, `kind`, `country` and `homepage`. Who speaks for the organization, or
whose proven address is at its website's domain, publishes it at once; of others a person decides, since anybody can
choose any organization.
"""

from collections.abc import Callable
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
from catalog.store.organizations import rows as organization_rows
from catalog.submissions.base import validation as base_validation
from catalog.submissions.base.adoption_form import NO_WEBSITE
from catalog.submissions.base.organization_field import doubts_of_new, new_texts, organization_of, verified
from catalog.submissions.base.protocol import Doubt, Row, Words, texts

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

    def problems(self, connection: Connection, one: Declaration) -> dict[str, str]:
        wrong = {}
        if self._call(connection, one) is None:
            wrong["organization"] = NO_CALL
        elif organization_of(connection, one) is None:
            wrong |= _new(one)
        wrong |= base_validation.words(one.answers, {}, "variation")
        if base_validation.of(one.answers, "show") not in (NAMED, COUNTED):
            wrong["show"] = NO_SHOW
        if not base_validation.of(one.answers, "may"):
            wrong["may"] = NO_RIGHT
        return wrong | base_validation.language(one.answers)

    def rows(self, connection: Connection, one: Declaration) -> tuple[Row, ...]:
        about = self._call(connection, one)
        here = organization_of(connection, one)
        language = base_validation.of(one.answers, "language") or one.language
        variation, site = base_validation.of(one.answers, "variation"), base_validation.of(one.answers, "homepage")
        return (
            Row("supports", None, about.title if about else None, "text"),
            *(
                (Row("organization", None, here.slug, "organization"),)
                if here
                else (
                    Row("new-organization", None, base_validation.of(one.answers, "name"), "text"),
                    Row("kind", None, base_validation.of(one.answers, "kind"), "term:organization-kind"),
                    Row("country", None, base_validation.of(one.answers, "country"), "country"),
                    *((Row("organization.homepage", None, site, "url"),) if site else ()),
                )
            ),
            Row("variation", None, {language: variation} if variation else None, "words"),
            Row("named", None, base_validation.of(one.answers, "show") == NAMED, "yes-no"),
        )

    def doubts(self, connection: Connection, one: Declaration) -> tuple[Doubt, ...]:
        new = doubts_of_new(connection, one) if organization_of(connection, one) is None else []
        return (*new, Doubt("unproven"))

    def editable(self, one: Declaration) -> tuple[Words, ...]:
        return (*new_texts(one), *texts(one, "variation"))

    def named(self, one: Declaration) -> tuple[str, ...]:
        return (PROJECT, ORGANIZATION) if base_validation.of(one.answers, "show") == NAMED else ()

    def at_once(self, connection: Connection, one: Declaration, person: Person | None) -> bool:
        here = organization_of(connection, one)
        return here is not None and verified(connection, here, person) is not None

    def publish(
        self,
        connection: Connection,
        one: Declaration,
        person: Person | None,
        change: Callable[[], int],
        *,
        now: datetime,
    ) -> dict[str, Any]:
        about = self._call(connection, one)
        if about is None:
            raise Invalid({"organization": NO_CALL})
        here, made = organization_of(connection, one), False
        if here is not None:
            key = here.id
        else:
            said = base_validation.kept(one.answers, "name", "kind", "country", "homepage")
            key, made = organization_rows.add_organization(connection, said, one.reference, now=now)
        before = call_rows.support_call(
            connection,
            about,
            key,
            one.person_id,
            language=base_validation.of(one.answers, "language") or one.language,
            variation=base_validation.of(one.answers, "variation") or None,
            named=base_validation.of(one.answers, "show") == NAMED,
            change=change(),
            now=now,
        )
        return {"support": before, "organization_id": str(key), "made": made}

    def take_back(self, connection: Connection, one: Declaration, change: Callable[[], int], *, now: datetime) -> None:
        about = self._any(connection, one)
        if about is None or one.organization_id is None:
            return
        call_rows.delete_support(connection, about, one.organization_id, change=change())
        before = (one.before or {}).get("support")
        if before:
            stood = call_rows.statement_columns(before)
            at = stood.pop("at")
            call_rows.support_call(
                connection, about, one.organization_id, one.person_id, **stood, change=change(), now=at
            )
        if (one.before or {}).get("made"):
            organization_rows.remove_unused(connection, one.organization_id, change=change)

    def unsay(self, connection: Connection, one: Declaration, change: Callable[[], int], *, now: datetime) -> None:
        about = self._any(connection, one)
        if about is None or one.organization_id is None:
            return
        if call_rows.delete_support(connection, about, one.organization_id, change=change()):
            call_rows.add_tombstone(
                connection,
                "support",
                support_id(about.id, one.organization_id),
                project_id=about.project_id,
                organization_id=one.organization_id,
                change=change(),
                now=now,
            )

    def _call(self, connection: Connection, one: Declaration) -> Call | None:
        found = self._any(connection, one)
        return found if found and found.state == OPEN else None

    def _any(self, connection: Connection, one: Declaration) -> Call | None:
        try:
            return call_queries.call_by_reference(connection, base_validation.of(one.answers, "call"))
        except NotFound:
            return None


def _new(one: Declaration) -> dict[str, str]:
    """What is wrong with an organization that is not here yet, or that none was chosen."""
    if base_validation.of(one.answers, "organization") != NEW:
        return {"organization": NO_ORGANIZATION}
    wrong = base_validation.lines(one.answers, "name") | base_validation.country(one.answers)
    if not base_validation.of(one.answers, "name"):
        wrong["name"] = NO_NAME
    if (site := base_validation.of(one.answers, "homepage")) and url(site) is not None:
        wrong["homepage"] = NO_WEBSITE
    return wrong | base_validation.terms(one.answers, {"kind": "organization-kind"})
