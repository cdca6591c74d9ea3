"""A contribution: an organization, or a person under a name of their choice, maintains a project or helps with it.

Its answers: `role` (one or several); `organization` (an identity) or `name`, `kind`, `country`, `homepage` of one that
is not here yet, or `person` (the sender's own display name); of an offer of help `countries`, `online`, `languages` and
`terms`; `source` (a web address), `words` for the moderators.

It is public at once from a maintainer of the project, and from a representative of the organization that offers help;
that an organization leads a project is for its maintainers to say. Else a moderator reads it first. The other side
withdraws it at one press, and what it withdrew waits for a moderator when it is sent again. An organization says each
year at one press that its offer still holds.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.errors import NotAllowed
from catalog.model import HELPER_ROLES
from catalog.rules.contact_details import contact_in
from catalog.rules.person import Person
from catalog.rules.submission import HELP, Submission
from catalog.sentences import mark
from catalog.store.contributors import contributor_rows
from catalog.store.contributors.contributor_rows import BY_DESK, BY_ORGANIZATION, BY_PERSON, BY_PROJECT, Contributor
from catalog.store.core.engine import Connection
from catalog.store.core.public_changes import changing
from catalog.store.organizations.organization_rows import KnownOrganization
from catalog.store.store import Store
from catalog.submissions.base import organization_field, validation
from catalog.submissions.base.fields import (
    CONSENT,
    COUNTRIES,
    LANGUAGES,
    SENTENCE,
    TERMS,
    TEXT,
    URL,
    YES,
    Condition,
    FormField,
)
from catalog.submissions.base.organization_field import organization_of, verified
from catalog.submissions.base.protocol import Doubt, Publishing, Row
from catalog.submissions.base.submission import FormKind, is_project_here, language_of
from catalog.text_rules import prose

LEAD = "lead"
MAX_NAME, MAX_SOURCE, MAX_WORDS = 100, 300, 2_000
MOST_PLACES = 50  # countries, or languages, of an offer
_OFFERS = Condition("offers", "role", HELPER_ROLES)

NOT_HERE = "This project is no longer here"
NO_ROLE = "Choose what it does for the project"
NOBODY = "Choose an organization, add one, or give your own name"
ONE_OF_BOTH = "Name either an organization or yourself"
NO_NAME = "Write a name that everybody may read, without an address, in at most 100 characters"
NO_SOURCE = "Enter a web address like https://example.org/page"
LONG_WORDS = "Use 2,000 characters or fewer"
STANDS = "This is already there"
MANY_PLACES = "Choose at most 50"
SENTENCES = (NOT_HERE, NO_ROLE, NOBODY, ONE_OF_BOTH, NO_NAME, NO_SOURCE, LONG_WORDS, STANDS, MANY_PLACES)


def _name_problem(name: str) -> str | None:
    """What is wrong with the name that somebody gives themselves."""
    fine = (
        len(name) <= MAX_NAME
        and any(letter.isalpha() for letter in name)
        and prose(name) is None
        and "\n" not in name
        and "//" not in name
    )
    return None if fine and not contact_in(name) else NO_NAME


FIELDS = (
    FormField(
        "person",
        label=mark("Your name, as shown in public"),
        hint=mark("Only you may add your own name. You can withdraw it at any time."),
        called=mark("Your public name"),
        check=_name_problem,
        public=False,
        row="help.person",
        autocomplete="name",
    ),
    FormField(
        "role",
        TERMS,
        mark("What does it do for the project?"),
        called=mark("What it does for the project"),
        vocabulary="role",
        missing=NO_ROLE,
        refused=NO_ROLE,
        row="help.role",
    ),
    FormField(
        "countries",
        COUNTRIES,
        mark("In which countries does it help?"),
        called=mark("Where it helps"),
        when=_OFFERS,
        most=MOST_PLACES,
        too_many=MANY_PLACES,
        row="help.countries",
    ),
    FormField("online", CONSENT, mark("It also helps online, wherever the group is"), when=_OFFERS, row="help.online"),
    FormField(
        "languages",
        LANGUAGES,
        mark("In which languages?"),
        called=mark("Languages of the help"),
        when=_OFFERS,
        most=MOST_PLACES,
        too_many=MANY_PLACES,
        row="help.languages",
    ),
    FormField(
        "terms",
        SENTENCE,
        mark("For whom, and at what price?"),
        mark("One line. For example: for associations, by quotation; or: free for members."),
        mark("For whom and at what price"),
        when=_OFFERS,
        row="help.terms",
    ),
    FormField(
        "source",
        URL,
        mark("Where can we check this?"),
        mark("The web address of a page that says so"),
        mark("Source for verification"),
        longest=MAX_SOURCE,
        refused=NO_SOURCE,
        editable=True,
    ),
    FormField(
        "words",
        TEXT,
        mark("Message to the moderators"),
        mark("Only the moderators read it."),
        mark("How this can be verified"),
        longest=MAX_WORDS,
        public=False,
        row="known-by",
        shape="text",
    ),
)


class ContributionForm(FormKind):
    kind = HELP
    adds_organization = True
    fields = FIELDS

    def problems(self, connection: Connection, submission: Submission) -> dict[str, str]:
        wrong = super().problems(connection, submission)
        if wrong or submission.project_id is None:
            return wrong
        here, name = _body(connection, submission), _person(submission)
        key, adds = here.id if here else None, bool(_terms_of_offer(submission))
        already_stated = (here is not None or name is not None) and any(
            contributor_rows.is_stated(connection, submission.project_id, role, key, name, adds=adds)
            for role in _roles(submission)
        )
        return {"person" if name else "organization": STANDS} if already_stated else {}

    def subject_problems(self, connection: Connection, submission: Submission) -> dict[str, str]:
        wrong = self._who(connection, submission)
        return wrong if is_project_here(connection, submission) else {"organization": NOT_HERE} | wrong

    def _who(self, connection: Connection, submission: Submission) -> dict[str, str]:
        if _person(submission):
            both = submission.answers.get("organization") or validation.text_answer(submission.answers, "name")
            return {"person": ONE_OF_BOTH} if both else {}
        wrong = organization_field.problems_of_choice(connection, submission)
        return {"organization": NOBODY} if wrong.get("organization") == organization_field.NO_ORGANIZATION else wrong

    def subject_rows(self, connection: Connection, submission: Submission) -> Sequence[Row]:
        if _person(submission):
            return ()
        return organization_field.organization_row(connection, submission, "help.organization")

    def doubts(self, connection: Connection, submission: Submission) -> tuple[Doubt, ...]:
        if _person(submission):
            return (Doubt("not-proven-keeper"),)
        doubts_of_helper, here = list[Doubt](), _body(connection, submission)
        if here is None:
            doubts_of_helper += organization_field.doubts_of_new(connection, submission)
        else:
            doubts_of_helper.append(Doubt("unproven"))
            if submission.project_id and any(
                contributor_rows.withdrawn_by(connection, submission.project_id, here.id, role)
                for role in _roles(submission)
            ):
                doubts_of_helper.append(Doubt("withdrawn-before"))
        doubts_of_helper += organization_field.doubts_of_sender(submission)
        return (*doubts_of_helper, *(() if submission.answers.get("source") else (Doubt("no-source"),)))

    def at_once(self, connection: Connection, submission: Submission, person: Person | None) -> bool:
        return person is not None and _side(connection, submission, person) is not None

    def write(self, act: Publishing) -> dict[str, Any]:
        submission = act.submission
        assert submission.project_id is not None  # it has no problems
        source = validation.text_answer(submission.answers, "source")
        return contributor_rows.add_contributor(
            act.connection,
            submission.project_id,
            _roles(submission),
            organization=act.organization,
            person=_person(submission),
            record=_terms_of_offer(submission) | ({"sources": [source]} if source else {}),
            stated_by=_voice(act.connection, submission, act.person),
            submission_id=submission.id,
            change=act.change,
            now=act.now,
        )

    def restore(self, act: Publishing, before: Mapping[str, Any]) -> None:
        if act.submission.project_id is not None:
            contributor_rows.undo_contributor(
                act.connection, act.submission.id, before, act.submission.project_id, change=act.change, now=act.now
            )

    def retract(self, act: Publishing) -> None:
        """Take it back, by its sender: it is deleted, and may be sent again."""
        if act.submission.project_id is not None:
            contributor_rows.undo_contributor(
                act.connection, act.submission.id, {}, act.submission.project_id, change=act.change, now=act.now
            )


def may_take_away(contributor: Contributor, person: Person | None) -> bool:
    """Whether this person may withdraw it: they maintain the project, represent the organization, or gave their
    name."""
    return person is not None and _taken_by(contributor, person) is not None


def take_away(store: Store, person: Person, project_id: UUID, key: str, *, now: datetime) -> None:
    """Withdraw the contribution with this `key_of`; a second time changes nothing. Raises NotAllowed where the person
    may not."""
    contributor = next((entry for entry in store.contributors.of_project(project_id) if key_of(entry) == key), None)
    if contributor is None:
        return
    side = _taken_by(contributor, person)
    if side is None:
        raise NotAllowed("contributors-send")
    with changing(store.engine) as (connection, change):
        if contributor.organization is not None:
            contributor_rows.withdraw_contributor(
                connection, project_id, contributor.organization.id, contributor.role, side, change=change, now=now
            )
        elif contributor.submission_id is not None:
            contributor_rows.withdraw_name(connection, contributor.submission_id, change=change, now=now)


def confirm(store: Store, person: Person, project_id: UUID, key: str, *, now: datetime) -> None:
    """Say again, for the organization that offers it, that the offer with this `key_of` still holds. Raises NotAllowed
    for who does not represent it."""
    contributor = next((entry for entry in store.contributors.of_project(project_id) if key_of(entry) == key), None)
    if contributor is None or contributor.organization is None:
        return
    if contributor.organization.id not in person.represented_organizations:
        raise NotAllowed("contributors-send")
    with changing(store.engine) as (connection, change):
        contributor_rows.confirm_offers(connection, project_id, contributor.organization.id, change=change, now=now)


def key_of(contributor: Contributor) -> str:
    """What tells a line among those of its project, without anybody's name."""
    who = contributor.organization.slug if contributor.organization else contributor.submission_id
    return f"{contributor.role} {who}"


def _taken_by(contributor: Contributor, person: Person) -> str | None:
    """As which side this person may withdraw it; None: they may not."""
    if contributor.organization is not None and contributor.organization.id in person.represented_organizations:
        return BY_ORGANIZATION
    if contributor.project_id in person.maintained_projects:
        return BY_PROJECT
    return BY_PERSON if contributor.person_id is not None and contributor.person_id == person.id else None


def _body(connection: Connection, submission: Submission) -> KnownOrganization | None:
    return None if _person(submission) else organization_of(connection, submission)


def _person(submission: Submission) -> str | None:
    """The name that the sender gives themselves; None where they name an organization."""
    return validation.text_answer(submission.answers, "person") or None


def _roles(submission: Submission) -> tuple[str, ...]:
    roles = submission.answers.get("role")
    return tuple(role for role in roles if isinstance(role, str)) if isinstance(roles, (list, tuple)) else ()


def _terms_of_offer(submission: Submission) -> dict[str, Any]:
    """Where, in which languages and on which terms, as `catalog.model.Maintenance` has it; only what was said."""
    answers, terms = submission.answers, validation.text_answer(submission.answers, "terms")
    return {
        **validation.filled_answers(answers, "countries", "languages"),
        **({"online": True} if answers.get("online") == YES else {}),
        **({"terms": {language_of(submission): terms}} if terms else {}),
    }


def _side(connection: Connection, submission: Submission, person: Person) -> str | None:
    """The side whose own statement it is (person, organization or project), so that it is published at once; None: a
    moderator reads it first."""
    is_maintainer, roles = submission.project_id in person.maintained_projects, _roles(submission)
    if _person(submission):
        return BY_PERSON if is_maintainer else None
    here = _body(connection, submission)
    if here is None or submission.project_id is None:
        return None
    gone = {contributor_rows.withdrawn_by(connection, submission.project_id, here.id, role) for role in roles}
    offers = LEAD not in roles or is_maintainer
    if offers and BY_PROJECT not in gone and verified(connection, here, person) is not None:
        return BY_ORGANIZATION
    return BY_PROJECT if is_maintainer and BY_ORGANIZATION not in gone else None


def _voice(connection: Connection, submission: Submission, person: Person | None) -> str:
    """The origin that pages name."""
    if _person(submission):
        return BY_PERSON
    here = _body(connection, submission)
    if person is not None and here is not None and verified(connection, here, person) is not None:
        return BY_ORGANIZATION
    return BY_PROJECT if person is not None and submission.project_id in person.maintained_projects else BY_DESK
