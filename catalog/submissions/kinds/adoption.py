"""A use: an organization says that it uses, tries, stopped or did not keep a project.

Its answers: `organization` (an identity), or the fields of one that is not here yet; those of `adoption_fields`. It is
published at once, as the organization's own word, when its sender represents the organization or their proven address
is at the domain of its website, as the document states it; else a moderator reads it first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from catalog.errors import Invalid
from catalog.model import Adoption
from catalog.ownership.verify import revoke, verify_at_once
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.adoption import PUBLIC, SELF_DECLARED, following_statement
from catalog.rules.person import Person
from catalog.rules.submission import ADOPT, CONFIRMING, Submission
from catalog.rules.verification import ADDRESS, QUIET
from catalog.store.adoptions import adoption_rows
from catalog.store.core.engine import Connection
from catalog.store.organizations import organization_rows
from catalog.store.submissions import submission_rows
from catalog.store.submissions.later_submissions import published_after
from catalog.submissions.base import organization_field
from catalog.submissions.base.organization_field import organization_of, verified
from catalog.submissions.base.protocol import Doubt, Publishing, Row
from catalog.submissions.base.submission import FormKind, is_project_here
from catalog.submissions.kinds import adoption_fields, adoption_options
from catalog.submissions.kinds.adoption_fields import stated_adoption, values_of

NOT_HERE = "This project is no longer here"
CONFIRMED = "A representative of this organization has declared how it uses this. Only they can change it"
SENTENCES = (NOT_HERE, CONFIRMED)


class AdoptionForm(FormKind):
    kind = ADOPT
    adds_organization = True
    fields = adoption_fields.FIELDS

    def subject_problems(self, connection: Connection, submission: Submission) -> dict[str, str]:
        wrong = organization_field.problems_of_choice(connection, submission)
        return wrong if is_project_here(connection, submission) else {"organization": NOT_HERE} | wrong

    def subject_rows(self, connection: Connection, submission: Submission) -> Sequence[Row]:
        return organization_field.organization_row(connection, submission)

    def rows(self, connection: Connection, submission: Submission) -> tuple[Row, ...]:
        lines = list(super().rows(connection, submission))
        name = submission.answers.get("provider")
        provider = organization_rows.find_by_name(connection, name) if name else None
        for place, row in enumerate(lines):
            if row.field == "adopt.provider" and row.after is not None:
                earlier = replace(row, after=provider.slug) if provider else None
                lines[place] = earlier or Row("adopt.provider_words", None, name)
        return tuple(lines)

    def standing(self, connection: Connection, submission: Submission) -> Mapping[str, Any]:
        here = organization_of(connection, submission)
        # Its sender reads this too, who may be anybody: what is not public is for the doubts alone.
        adoption = (
            adoption_rows.public_adoption(connection, submission.project_id, here.id)
            if here and submission.project_id
            else None
        )
        return values_of(adoption) if adoption else {}

    def doubts(self, connection: Connection, submission: Submission) -> tuple[Doubt, ...]:
        doubts_of_use: list[Doubt] = []
        here = organization_of(connection, submission)
        if here is None:
            doubts_of_use += organization_field.doubts_of_new(connection, submission)
        elif here.site is None:
            doubts_of_use.append(Doubt("unknown-website"))
        else:
            doubts_of_use += organization_field.about_address(submission, here.site)
        doubts_of_use += organization_field.doubts_of_sender(submission)
        if (words := submission.answers.get("provider")) and organization_rows.find_by_name(connection, words) is None:
            doubts_of_use.append(Doubt("unknown-provider", {"text": words}))
        if here is not None and submission.project_id is not None:
            adoption = adoption_rows.standing_adoption(connection, submission.project_id, here.id)
            if adoption is not None and adoption.stage not in (None, submission.answers.get("stage")):
                doubts_of_use.append(Doubt("other-stage", {"stage": adoption.stage}))
            if adoption is not None and adoption.verification in CONFIRMING:
                doubts_of_use.append(Doubt("confirmed-already"))
            if adoption_rows.was_withdrawn(connection, submission.project_id, here.id):
                doubts_of_use.append(Doubt("withdrawn-before"))
        return tuple(doubts_of_use)

    def nameable_records(self, submission: Submission) -> tuple[str, ...]:
        return (PROJECT,) if submission.answers.get("visibility") == PUBLIC else ()

    def at_once(self, connection: Connection, submission: Submission, person: Person | None) -> bool:
        return organization_field.represents(connection, submission, person)

    def write(self, act: Publishing) -> dict[str, Any]:
        submission = act.submission
        assert submission.project_id is not None and act.organization is not None  # it has no problems
        adoption = adoption_rows.own_adoption(act.connection, submission.project_id, act.organization.id)
        sure = verified(act.connection, act.organization, act.person)
        if sure is None and adoption is not None and adoption.verification in CONFIRMING:
            raise Invalid({"organization": CONFIRMED})
        use = replace(_adoption(act.connection, submission, act.organization.slug), verification=sure or SELF_DECLARED)
        before = adoption_rows.snapshot(act.connection, submission.project_id, act.organization.id)
        if adoption is not None:  # what it says in other languages stays
            use = replace(
                use,
                purpose=_joined(adoption.purpose, use.purpose, submission.language),
                lesson=_joined(adoption.lesson, use.lesson, submission.language),
            )
        standing = adoption_rows.standing_adoption(act.connection, submission.project_id, act.organization.id)
        use = following_statement(standing, use, act.now.date())
        adoption_rows.write_adoption(
            act.connection, submission.project_id, act.organization.id, use, change=act.change, now=act.now
        )
        speaks = bool(
            sure
            and act.person
            and act.organization.id not in act.person.represented_organizations
            and verify_at_once(
                act.connection,
                act.person.id,
                ORGANIZATION,
                act.organization.id,
                ADDRESS,
                act.change,
                detail=_by_address(submission),
                now=act.now,
            )
        )
        done = adoption_options.fulfil(
            act.connection, submission, act.organization.id, submission.person_id, sure=sure is not None, now=act.now
        )
        return {
            "adoption": before,
            "wishes": done,
            "representative": str(act.person.id) if speaks and act.person else None,
        }

    def restore(self, act: Publishing, before: Mapping[str, Any]) -> None:
        submission = act.submission
        if submission.project_id is None or submission.organization_id is None:
            return
        pair = (submission.project_id, submission.organization_id)
        later = published_after(act.connection, ADOPT, *pair, submission.decided_at)
        if later:  # it was said anew: that stands, and goes back to what stood before this one
            since = later[0].before or {}
            wishes = adoption_options.handed_on(before.get("wishes") or {}, since.get("wishes") or {})
            handed = {**since, "adoption": before["adoption"], "wishes": wishes}
            submission_rows.change(act.connection, later[0].id, before=handed)
        elif not adoption_rows.was_withdrawn(act.connection, *pair):
            adoption_rows.restore_snapshot(act.connection, *pair, before["adoption"], change=act.change)
        if not later:
            adoption_options.undo(act.connection, submission, before.get("wishes") or {})
        if before.get("representative"):
            revoke(
                act.connection,
                UUID(before["representative"]),
                ORGANIZATION,
                submission.organization_id,
                ADDRESS,
                act.change,
                detail=_by_address(submission),
                now=act.now,
            )


def _by_address(submission: Submission) -> dict[str, str]:
    """What the verification of a sender by their address says of it, until it is checked again. It came with a use, and
    shows no sooner than that."""
    with_name = submission.answers.get("visibility") == PUBLIC
    return {"declaration": submission.reference} | ({} if with_name else {QUIET: "yes"})


def _adoption(connection: Connection, submission: Submission, slug: str) -> Adoption:
    name = submission.answers.get("provider")
    provider = organization_rows.find_by_name(connection, name) if name else None
    return stated_adoption(submission.answers, submission.language, slug, provider.slug if provider else None)


def _joined(texts: Mapping[str, str], new_texts: Mapping[str, str], language: str) -> dict[str, str]:
    return {tag: text for tag, text in texts.items() if tag != language} | dict(new_texts)
