"""A use: an organization says that it uses, tries, stopped or did not keep a project.

Its answers: `organization` (an identity) or `name`, `kind`, `country`, `homepage` of one that is not here yet; `stage`,
`reasons`, `since`, `until`, `version`, `purpose`, `deployment`, `provider`, `people`, `replaced`, `effort_days`,
`cost_band`, `lesson`, `again`; `visibility`; `speaks` (the sender may say this for the organization); what
`catalog.submissions.kinds.adoption_options` reads.

It is published at once, as the organization's own word, when its sender speaks for the organization or their proven
address is at the domain of its website, as the document states it; else a person reads it first.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.errors import Invalid
from catalog.model import Adoption
from catalog.ownership.verify import revoke, verify_at_once
from catalog.rules import registrable_domain
from catalog.rules.adoption import PUBLIC, SELF_DECLARED, VISIBILITIES, following_statement
from catalog.rules.decision import PROJECT
from catalog.rules.person import Person
from catalog.rules.submission import ADOPT, CONFIRMING, Declaration
from catalog.rules.verification import ADDRESS, ORGANIZATION, QUIET
from catalog.store.adoptions import rows as adoption_rows
from catalog.store.core.engine import Connection
from catalog.store.core.public_changes import PublicChange
from catalog.store.organizations import rows as organization_rows
from catalog.store.projects.rows import record_of
from catalog.store.submissions import rows as submission_rows
from catalog.store.submissions.published_after import following as later_than
from catalog.submissions.base.adoption_form import TEXTS, AdoptionAnswers, adoption_of_answers, problems_of
from catalog.submissions.base.organization_field import (
    about_address,
    described,
    doubts_of_new,
    new_rows,
    new_texts,
    organization_of,
    verified,
)
from catalog.submissions.base.protocol import Doubt, EditableText, Row, texts
from catalog.submissions.kinds import adoption_options

NOT_HERE = "This project is no longer here"
NO_ORGANIZATION = "Choose your organization, or add it"
GONE_ORGANIZATION = "This organization is no longer here. Choose another one, or add it"
CONFIRMED = "A representative of this organization has declared how it uses this. Only they can change it"
SENTENCES = (NOT_HERE, NO_ORGANIZATION, GONE_ORGANIZATION, CONFIRMED)

_SHAPES = {
    "stage": "term:stage",
    "reasons": "terms:stop-reason",
    "deployment": "term:deployment",
    "provider": "organization",
    "people": "term:people-band",
    "effort_days": "term:effort-band",
    "cost_band": "term:cost-band",
    "purpose": "words",
    "lesson": "words",
    "visibility": "term:visibility",
    "again": "again",
}  # fmt: skip
_TOLD = ("stage", "reasons", "since", "until", "version", "purpose", "deployment", "provider", "people", "replaced",
         "effort_days", "cost_band", "lesson", "again", "visibility")  # fmt: skip


class Adopt:
    kind = ADOPT
    nameless = False
    awaited = False

    def problems(self, connection: Connection, submission: Declaration) -> dict[str, str]:
        wrong = problems_of(submission.answers, submission.changed_at) | adoption_options.of_wishes(submission.answers)
        if submission.project_id is None or record_of(connection, submission.project_id) is None:
            wrong.setdefault("organization", NOT_HERE)
        if submission.answers.get("organization"):
            if organization_of(connection, submission) is None:
                wrong.setdefault("organization", GONE_ORGANIZATION)
        elif not submission.answers.get("name"):
            wrong.setdefault("organization", NO_ORGANIZATION)
        return wrong

    def rows(self, connection: Connection, submission: Declaration) -> tuple[Row, ...]:
        here = organization_of(connection, submission)
        # Its sender reads this too, who may be anybody: what is not public is for the doubts alone.
        kept = (
            adoption_rows.public_adoption(connection, submission.project_id, here.id)
            if here and submission.project_id
            else None
        )
        said = _adoption(connection, submission, here.slug if here else "")
        told = [Row("organization", here.slug, here.slug, "organization")] if here else new_rows(submission)
        for name in _TOLD:
            before, after = (getattr(kept, name) if kept else None), getattr(said, name)
            before, after = (list(two) if isinstance(two, tuple) else two for two in (before, after))
            if before or after:
                told.append(Row(f"adopt.{name}", before or None, after or None, _SHAPES.get(name, "text")))
        if (words := submission.answers.get("provider")) and said.provider is None:
            told.append(Row("adopt.provider_words", None, words))
        return (*told, *adoption_options.rows(submission.answers))

    def doubts(self, connection: Connection, submission: Declaration) -> tuple[Doubt, ...]:
        found: list[Doubt] = []
        here = organization_of(connection, submission)
        if here is None:
            found += doubts_of_new(connection, submission)
        elif here.site is None:
            found.append(Doubt("unknown-website"))
        else:
            found += about_address(submission, here.site)
        if submission.email and not registrable_domain.is_confirming(
            registrable_domain.registrable_domain(submission.email) or ""
        ):
            found.append(Doubt("mailbox-provider"))
        if (words := submission.answers.get("provider")) and organization_rows.find_by_name(connection, words) is None:
            found.append(Doubt("unknown-provider", {"text": words}))
        if here is not None and submission.project_id is not None:
            kept = adoption_rows.standing_adoption(connection, submission.project_id, here.id)
            if kept is not None and kept.stage not in (None, submission.answers.get("stage")):
                found.append(Doubt("other-stage", {"stage": kept.stage}))
            if kept is not None and kept.verification in CONFIRMING:
                found.append(Doubt("confirmed-already"))
            if adoption_rows.was_withdrawn(connection, submission.project_id, here.id):
                found.append(Doubt("withdrawn-before"))
        return tuple(found)

    def editable(self, submission: Declaration) -> tuple[EditableText, ...]:
        return (
            *new_texts(submission),
            *(text for name in TEXTS for text in texts(submission, name, label=f"adopt.{name}")),
        )

    def nameable_records(self, submission: Declaration) -> tuple[str, ...]:
        return (PROJECT,) if submission.answers.get("visibility") == PUBLIC else ()

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
        if submission.project_id is None or record_of(connection, submission.project_id) is None:
            raise Invalid({"organization": NOT_HERE})
        here, made = organization_of(connection, submission), False
        if here is None:
            key, made = organization_rows.add_organization(
                connection, described(submission), submission.reference, now=now
            )
            here = organization_rows.find_by_id(connection, key)
        assert here is not None
        kept = adoption_rows.own_adoption(connection, submission.project_id, here.id)
        sure = verified(connection, here, person)
        if sure is None and kept is not None and kept.verification in CONFIRMING:
            raise Invalid({"organization": CONFIRMED})
        said = replace(_adoption(connection, submission, here.slug), verification=sure or SELF_DECLARED)
        before = adoption_rows.snapshot(connection, submission.project_id, here.id)
        if kept is not None:  # what it says in other languages stays
            said = replace(
                said,
                purpose=_joined(kept.purpose, said.purpose, submission.language),
                lesson=_joined(kept.lesson, said.lesson, submission.language),
            )
        said = following_statement(
            adoption_rows.standing_adoption(connection, submission.project_id, here.id), said, now.date()
        )
        adoption_rows.write_adoption(connection, submission.project_id, here.id, said, change=change, now=now)
        speaks = bool(
            sure
            and person
            and here.id not in person.speaks_for
            and verify_at_once(
                connection,
                person.id,
                ORGANIZATION,
                here.id,
                ADDRESS,
                change,
                detail=_by_address(submission),
                now=now,
            )
        )
        who = person.id if person else submission.person_id
        done = adoption_options.fulfil(connection, submission, here.id, who, sure=sure is not None, now=now)
        return {"organization_id": str(here.id), "adoption": before, "made": made, "wishes": done,
                "representative": str(person.id) if speaks and person else None}  # fmt: skip

    def take_back(
        self, connection: Connection, submission: Declaration, change: PublicChange, *, now: datetime
    ) -> None:
        if submission.project_id is None or submission.organization_id is None or submission.before is None:
            return
        later = later_than(connection, ADOPT, submission.project_id, submission.organization_id, submission.decided_at)
        if later:  # it was said anew: that stands, and goes back to what stood before this one
            since = later[0].before or {}
            wishes = adoption_options.handed_on(submission.before.get("wishes") or {}, since.get("wishes") or {})
            before = {**since, "adoption": submission.before["adoption"], "wishes": wishes}
            submission_rows.change(connection, later[0].id, before=before)
        elif not adoption_rows.was_withdrawn(connection, submission.project_id, submission.organization_id):
            adoption_rows.restore_snapshot(
                connection,
                submission.project_id,
                submission.organization_id,
                submission.before["adoption"],
                change=change,
            )
        if not later:
            adoption_options.undo(connection, submission, submission.before.get("wishes") or {})
        if submission.before.get("representative"):
            revoke(
                connection,
                UUID(submission.before["representative"]),
                ORGANIZATION,
                submission.organization_id,
                ADDRESS,
                change,
                detail=_by_address(submission),
                now=now,
            )
        if submission.before.get("made"):
            organization_rows.remove_unused(connection, submission.organization_id, change=change)


def _by_address(submission: Declaration) -> dict[str, str]:
    """What the verification of a sender by their address says of it, until it is checked again. It came with a use, and
    shows no sooner than that."""
    named = submission.answers.get("visibility") == PUBLIC
    return {"declaration": submission.reference} | ({} if named else {QUIET: "yes"})


def _adoption(connection: Connection, submission: Declaration, slug: str) -> Adoption:
    said: AdoptionAnswers = adoption_of_answers(submission.answers, submission.language)
    name = submission.answers.get("provider")
    provider = organization_rows.find_by_name(connection, name) if name else None
    visibility = submission.answers.get("visibility")
    return Adoption(
        organization=slug,
        **said,
        provider=provider.slug if provider else None,
        visibility=visibility if visibility in VISIBILITIES else VISIBILITIES[-1],
        verification=SELF_DECLARED,
    )


def _joined(kept: Mapping[str, str], said: Mapping[str, str], language: str) -> dict[str, str]:
    return {tag: text for tag, text in kept.items() if tag != language} | dict(said)
