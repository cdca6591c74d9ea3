"""Help: an organization, or somebody under the name that they give themselves, keeps a project up or helps with it.

Its answers: `role`; `organization` (an identity) or `name`, `kind`, `country`, `homepage` of one that is not here yet,
or `person` (the sender's own display name); `source` (a web address), `words` for the desk.

It is public at once where its sender keeps the project, or speaks for the organization and offers help: that they lead
the project is for those to say who keep it. Else a person reads it first. The other side takes it away at one press,
and what it took away waits for a person when it is said again.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.document.rules import prose, url
from catalog.errors import Invalid, NotAllowed
from catalog.rules import permissions, registrable_domain
from catalog.rules.call import contact_in
from catalog.rules.decision import PROJECT
from catalog.rules.person import Person
from catalog.rules.submission import HELP, Declaration
from catalog.store import Store
from catalog.store.contributors import rows as contributors_rows
from catalog.store.contributors.rows import BY_DESK, BY_ORGANIZATION, BY_PERSON, BY_PROJECT, Contributor
from catalog.store.core.engine import Connection
from catalog.store.core.public_changes import PublicChange, changing
from catalog.store.organizations import rows as organization_rows
from catalog.store.projects.rows import record_of
from catalog.submissions.base import validation as base_validation
from catalog.submissions.base.adoption_form import of_organization
from catalog.submissions.base.organization_field import (
    described,
    doubts_of_new,
    new_rows,
    new_texts,
    organization_of,
    verified,
)
from catalog.submissions.base.protocol import Doubt, EditableText, Row, texts
from catalog.vocabulary import vocabulary

LEAD = "lead"
MAX_NAME, MAX_SOURCE, MAX_WORDS = 100, 300, 2_000

NOT_HERE = "This project is no longer here"
NO_ROLE = "Choose what it does for the project"
NOBODY = "Choose an organization, add one, or give your own name"
GONE_ORGANIZATION = "This organization is no longer here. Choose another one, or add it"
ONE_OF_BOTH = "Name either an organization or yourself"
NO_NAME = "Write a name that everybody may read, without an address, in at most 100 characters"
NO_SOURCE = "Enter a web address like https://example.org/page"
LONG_WORDS = "Use 2,000 characters or fewer"
STANDS = "This stands there already"
SENTENCES = (NOT_HERE, NO_ROLE, NOBODY, GONE_ORGANIZATION, ONE_OF_BOTH, NO_NAME, NO_SOURCE, LONG_WORDS, STANDS)


class Help:
    kind = HELP
    nameless = False
    awaited = False

    def problems(self, connection: Connection, submission: Declaration) -> dict[str, str]:
        wrong = self._who(connection, submission)
        if submission.project_id is None or record_of(connection, submission.project_id) is None:
            wrong.setdefault("organization", NOT_HERE)
        role = base_validation.text_answer(submission.answers, "role")
        if role not in vocabulary("role").terms:
            wrong["role"] = NO_ROLE
        source = base_validation.text_answer(submission.answers, "source")
        if source and (len(source) > MAX_SOURCE or url(source) is not None):
            wrong["source"] = NO_SOURCE
        if len(base_validation.text_answer(submission.answers, "words")) > MAX_WORDS:
            wrong["words"] = LONG_WORDS
        if not wrong and submission.project_id is not None:
            here, name = (
                _body(connection, submission),
                base_validation.text_answer(submission.answers, "person") or None,
            )
            known = here is not None or name is not None
            if known and contributors_rows.is_stated(
                connection, submission.project_id, role, here.id if here else None, name
            ):
                wrong["person" if name else "organization"] = STANDS
        return wrong

    def _who(self, connection: Connection, submission: Declaration) -> dict[str, str]:
        name = base_validation.text_answer(submission.answers, "person")
        if name and (submission.answers.get("organization") or base_validation.text_answer(submission.answers, "name")):
            return {"person": ONE_OF_BOTH}
        if name:
            readable = any(letter.isalpha() for letter in name) and prose(name) is None
            fine = readable and len(name) <= MAX_NAME and "\n" not in name and "//" not in name
            return {} if fine and not contact_in(name) else {"person": NO_NAME}
        if submission.answers.get("organization"):
            return {} if _body(connection, submission) is not None else {"organization": GONE_ORGANIZATION}
        if not base_validation.text_answer(submission.answers, "name"):
            return {"organization": NOBODY}
        return of_organization(submission.answers)

    def rows(self, connection: Connection, submission: Declaration) -> tuple[Row, ...]:
        here, told = _body(connection, submission), list[Row]()
        name, source, words = (
            base_validation.text_answer(submission.answers, key) for key in ("person", "source", "words")
        )
        if name:
            told.append(Row("help.person", None, name))
        elif here is not None:
            told.append(Row("help.organization", None, here.slug, "organization"))
        else:
            told += new_rows(submission)
        role = base_validation.text_answer(submission.answers, "role")
        if role in vocabulary("role").terms:
            told.append(Row("help.role", None, role, "term:role"))
        told += [Row("source", None, source, "url")] if source else []
        return (*told, *((Row("known-by", None, words),) if words else ()))

    def doubts(self, connection: Connection, submission: Declaration) -> tuple[Doubt, ...]:
        if base_validation.text_answer(submission.answers, "person"):
            return (Doubt("not-proven-keeper"),)
        found, here = list[Doubt](), _body(connection, submission)
        if here is None:
            found += doubts_of_new(connection, submission)
        else:
            found.append(Doubt("unproven"))
            role = base_validation.text_answer(submission.answers, "role")
            if submission.project_id and contributors_rows.withdrawn_by(
                connection, submission.project_id, here.id, role
            ):
                found.append(Doubt("withdrawn-before"))
        if submission.email and not registrable_domain.is_confirming(
            registrable_domain.registrable_domain(submission.email) or ""
        ):
            found.append(Doubt("mailbox-provider"))
        return (*found, *(() if submission.answers.get("source") else (Doubt("no-source"),)))

    def editable(self, submission: Declaration) -> tuple[EditableText, ...]:
        return (*new_texts(submission), *texts(submission, "source"))  # how somebody is called is theirs alone to say

    def nameable_records(self, submission: Declaration) -> tuple[str, ...]:
        return (PROJECT,)

    def at_once(self, connection: Connection, submission: Declaration, person: Person | None) -> bool:
        return person is not None and _side(connection, submission, person) is not None

    def publish(
        self,
        connection: Connection,
        submission: Declaration,
        person: Person | None,
        change: PublicChange,
        *,
        now: datetime,
    ) -> dict[str, Any]:
        if submission.project_id is None:
            raise Invalid({"organization": NOT_HERE})
        name, here, made = (
            base_validation.text_answer(submission.answers, "person") or None,
            _body(connection, submission),
            False,
        )
        if name is None and here is None:
            key, made = organization_rows.add_organization(
                connection, described(submission), submission.reference, now=now
            )
            here = organization_rows.find_by_id(connection, key)
        source = base_validation.text_answer(submission.answers, "source")
        before = contributors_rows.add_contributor(
            connection,
            submission.project_id,
            base_validation.text_answer(submission.answers, "role"),
            organization=here,
            person=name,
            sources=[source] if source else [],
            stated_by=_voice(connection, submission, person),
            declaration_id=submission.id,
            change=change,
            now=now,
        )
        return before | {"made": made} | ({"organization_id": str(here.id)} if here else {})

    def take_back(
        self, connection: Connection, submission: Declaration, change: PublicChange, *, now: datetime
    ) -> None:
        if submission.project_id is None or submission.before is None:
            return
        contributors_rows.undo_contributor(
            connection, submission.id, submission.before, submission.project_id, change=change, now=now
        )
        if submission.before.get("made") and submission.organization_id is not None:
            organization_rows.remove_unused(connection, submission.organization_id, change=change)

    def unsay(self, connection: Connection, submission: Declaration, change: PublicChange, *, now: datetime) -> None:
        """Its sender takes it back: it is gone, and may be said again."""
        if submission.project_id is not None:
            contributors_rows.undo_contributor(
                connection, submission.id, {}, submission.project_id, change=change, now=now
            )


def may_take_away(contributor: Contributor, person: Person | None) -> bool:
    """Whether this is theirs to take away: who keeps the project, speaks for the organization, or gave their name."""
    return person is not None and _taken_by(contributor, person) is not None


def take_away(store: Store, person: Person, project_id: UUID, key: str, *, now: datetime) -> None:
    """What stands under this `key_of` is shown no more; twice is once. Raises NotAllowed where it is not theirs."""
    permissions.demand(person, "contributors-away")
    contributor = next((entry for entry in store.contributors.of_project(project_id) if key_of(entry) == key), None)
    if contributor is None:
        return
    side = _taken_by(contributor, person)
    if side is None:
        raise NotAllowed("contributors-away")
    with changing(store.engine) as (connection, change):
        if contributor.organization is not None:
            contributors_rows.withdraw_contributor(
                connection, project_id, contributor.organization.id, contributor.role, side, change=change, now=now
            )
        elif contributor.declaration_id is not None:
            contributors_rows.withdraw_name(connection, contributor.declaration_id, change=change, now=now)


def key_of(contributor: Contributor) -> str:
    """What tells a line among those of its project, without anybody's name."""
    who = contributor.organization.slug if contributor.organization else contributor.declaration_id
    return f"{contributor.role} {who}"


def _taken_by(contributor: Contributor, person: Person) -> str | None:
    """As which side they take it away; None: it is not theirs."""
    if contributor.organization is not None and contributor.organization.id in person.speaks_for:
        return BY_ORGANIZATION
    if contributor.project_id in person.keeps:
        return BY_PROJECT
    return BY_PERSON if contributor.person_id is not None and contributor.person_id == person.id else None


def _body(connection: Connection, submission: Declaration) -> organization_rows.KnownOrganization | None:
    return (
        None if base_validation.text_answer(submission.answers, "person") else organization_of(connection, submission)
    )


def _side(connection: Connection, submission: Declaration, person: Person) -> str | None:
    """Whose own word it is, so that it needs nobody else's; None: a person reads it first."""
    keeps, role = submission.project_id in person.keeps, base_validation.text_answer(submission.answers, "role")
    if base_validation.text_answer(submission.answers, "person"):
        return BY_PERSON if keeps else None
    here = _body(connection, submission)
    if here is None or submission.project_id is None:
        return None
    gone = contributors_rows.withdrawn_by(connection, submission.project_id, here.id, role)
    offers = role != LEAD or keeps
    if offers and gone != BY_PROJECT and verified(connection, here, person) is not None:
        return BY_ORGANIZATION
    return BY_PROJECT if keeps and gone != BY_ORGANIZATION else None


def _voice(connection: Connection, submission: Declaration, person: Person | None) -> str:
    """Whose word pages say that it is."""
    if base_validation.text_answer(submission.answers, "person"):
        return BY_PERSON
    here = _body(connection, submission)
    if person is not None and here is not None and verified(connection, here, person) is not None:
        return BY_ORGANIZATION
    return BY_PROJECT if person is not None and submission.project_id in person.keeps else BY_DESK
