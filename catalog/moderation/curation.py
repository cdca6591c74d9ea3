"""What moderators do to curated records and lists themselves, so that nobody has to edit the document: edit a field,
add a project or an organization, change, lock or remove a list. Each is one transaction with its line in the public
log.

A field is edited, and a project added, by the same forms as everybody's: what was typed is a draft of a correction or
of a registration, and is published by its own kind, as the moderator's decision and not as a statement of theirs.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.document.check_value import faults_of_value
from catalog.errors import Invalid, NotAllowed, NotFound
from catalog.model import Manifest, Organization
from catalog.moderation.acting_role import given_by
from catalog.moderation.conflict_of_interest import CONFLICT, own
from catalog.moderation.outcomes import OUTCOMES
from catalog.moderation.outcomes.base import CURATED, RECORD, OutcomeTransaction
from catalog.moderation.outcomes.decision_form import NOT_NOW, DecisionRequest, reason_problems
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules import permissions
from catalog.rules.decision import ADD, COLLECTION, EDIT_RECORD, LOCK, REMOVE, USUAL_REASONS
from catalog.rules.person import Person
from catalog.rules.submission import CORRECT, DRAFT, REGISTER, WAITING
from catalog.store.core.public_changes import changing
from catalog.store.documents import collections, curation
from catalog.store.moderation import log as moderation_log
from catalog.store.moderation.log import NOTHING, Subject
from catalog.store.organizations import organization_rows
from catalog.store.store import Store
from catalog.store.submissions import submission_rows
from catalog.submissions.kinds.correction import WRONG

DRAFTS: Mapping[str, str] = {CORRECT: EDIT_RECORD, REGISTER: ADD}  # what a moderator may publish as a decision
ORGANIZATION_FIELDS = ("name", "kind", "country", "homepage")
HERE_ALREADY = "There is an organization of this name already. Edit that one"
SENTENCES = (HERE_ALREADY,)


@dataclass(frozen=True)
class CuratedList:
    """A curated list as a moderator wants it: the record of the document, in its JSON shape. `seen`: the `list_stamp`
    of what they looked at; empty where nothing was."""

    slug: str
    record: Mapping[str, Any]
    seen: str = ""


def list_stamp(record: Mapping[str, Any]) -> str:
    """What tells whether a curated list is as somebody saw it."""
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:32]


def publish_draft(store: Store, person: Person, key: UUID, words: str, *, now: datetime) -> int:
    """Publish a draft of a correction or a registration as a moderator's own decision; the number of the line.

    Raises NotFound for what is no such draft; NotAllowed where the person may not, or has a conflict of interest (they
    correct their own records by the form); Invalid for the draft's fields, and for "reason" and "words".
    """
    permissions.demand(person, "desk-draft-publish")
    with changing(store.engine) as (connection, change):
        submission = submission_rows.by_id(connection, key, hold=True)
        choice = DRAFTS.get(submission.kind)
        if choice is None or submission.state != DRAFT:
            raise NotFound("draft", submission.reference)
        if submission.project_id is not None:
            moderation_log.hold(connection, submission.project_id)
        change()
        if own(connection, person, submission.project_id, submission.organization_id):
            raise NotAllowed(CONFLICT)
        if wrong := reason_problems(choice, USUAL_REASONS[choice], words):
            raise Invalid(wrong)
        # A decision, and no statement of the moderator: they may take it back.
        submission_rows.change(connection, key, person_id=None, email=None, sent_at=now, reviewed_at=now, state=WAITING)
        submission = submission_rows.by_id(connection, key)
        act = OutcomeTransaction(
            connection, change, now, person, DecisionRequest(choice, "", words, ""), submission=submission
        )
        OUTCOMES[CURATED, choice].apply(act)
        published = submission_rows.by_id(connection, key)
        kind = PROJECT if published.project_id is not None else ORGANIZATION
        record_id = published.project_id or published.organization_id
        assert record_id is not None  # both kinds are about a record
        return moderation_log.append(
            connection,
            choice,
            moderation_log.subject(connection, kind, key=record_id),
            given_by(person, USUAL_REASONS[choice], words),
            finding=submission.kind,
            submission_id=key,
            now=now,
        )


def add_organization(
    store: Store, person: Person, values: Mapping[str, str], words: str, *, now: datetime
) -> tuple[str, int]:
    """Add an organization, as if the document stated it; its slug, and the number of the line.

    Raises NotAllowed; Invalid by field, and for "words".
    """
    permissions.demand(person, "desk-organization-add")
    fields = {name: values[name] for name in ORGANIZATION_FIELDS if values.get(name)}
    with changing(store.engine) as (connection, change):
        change()
        wrong = {
            name: WRONG[next(iter(faults.values()))]
            for name in ORGANIZATION_FIELDS
            if (name in fields or name == "name")
            and (faults := faults_of_value(Organization, name, fields.get(name, ""), lambda kind, slug: False))
        }
        if not wrong and organization_rows.find_by_name(connection, fields["name"]) is not None:
            wrong["name"] = HERE_ALREADY
        if wrong := wrong | reason_problems(ADD, USUAL_REASONS[ADD], words):
            raise Invalid(wrong)
        key, slug = organization_rows.add_curated(connection, fields, change=change, now=now)
        curation.note(connection, ORGANIZATION, key, is_added=True, now=now)
        about = moderation_log.subject(connection, ORGANIZATION, key=key)
        act = OutcomeTransaction(connection, change, now, person, DecisionRequest(ADD, "", words, ""), about)
        return slug, _line(act)


def edit_list(store: Store, person: Person, curated_list: CuratedList, words: str, *, now: datetime) -> int:
    """Change a curated list, or add it where there is none of this slug; the number of the line.

    Raises NotAllowed; Invalid for "words", or for "choice" where nothing differs, or somebody changed it meanwhile.
    """
    permissions.demand(person, "desk-collection-change")
    manifest = store.manifest()
    with changing(store.engine) as (connection, change):
        change()
        before = collections.read(connection, curated_list.slug)
        choice = ADD if before is None or before["hidden"] else EDIT_RECORD
        if wrong := reason_problems(choice, USUAL_REASONS[choice], words):
            raise Invalid(wrong)
        if before is not None and curated_list.seen not in ("", list_stamp(before["record"])):
            raise Invalid({"choice": NOT_NOW})
        if choice == EDIT_RECORD and before is not None and before["record"] == curated_list.record:
            raise Invalid({"choice": NOT_NOW})
        about = _list_subject(curated_list.slug, curated_list.record, manifest)
        act = OutcomeTransaction(
            connection,
            change,
            now,
            person,
            DecisionRequest(choice, "", words, ""),
            about,
            values=dict(curated_list.record),
        )
        return _line(act, OUTCOMES[CURATED, choice].apply(act))


def decide_list(store: Store, person: Person, slug: str, choice: str, words: str, *, now: datetime) -> int:
    """Remove a curated list, lock or unlock it, as `choice` says; the number of the line.

    Raises NotFound, NotAllowed; Invalid for "words", or for "choice" where it is locked, or not, already.
    """
    permissions.demand(person, "desk-collection-change")
    manifest = store.manifest()
    with changing(store.engine) as (connection, change):
        change()
        row = collections.read(connection, slug)
        if row is None or row["hidden"]:
            raise NotFound(COLLECTION, slug)
        about = _list_subject(slug, row["record"], manifest)
        wrong = reason_problems(choice, USUAL_REASONS[choice], words)
        if choice != REMOVE and curation.is_locked(connection, COLLECTION, about.id) == (choice == LOCK):
            wrong["choice"] = NOT_NOW
        if wrong:
            raise Invalid(wrong)
        act = OutcomeTransaction(connection, change, now, person, DecisionRequest(choice, "", words, ""), about)
        outcome = OUTCOMES[CURATED if choice == REMOVE else RECORD, choice]
        return _line(act, outcome.apply(act))


def _list_subject(slug: str, record: Mapping[str, Any], manifest: Manifest | None) -> Subject:
    """A curated list as the log names it."""
    name = _own_name(record["title"], manifest) or slug
    return Subject(curation.collection_id(slug), slug, name, NOTHING, kind=COLLECTION)


def _own_name(names: Mapping[str, str], manifest: Manifest | None) -> str:
    """A name in the first of this catalogue's own languages that has one, else in English: the log has one for all."""
    tags = (*(manifest.languages if manifest else ()), "en", *names)
    return next((names[tag] for tag in tags if names.get(tag)), "")


def _line(act: OutcomeTransaction, before: Mapping[str, Any] | None = None) -> int:
    """Add the line of the log; its number."""
    moderation_log.touch(act.record, act.change)
    decision = given_by(act.person, act.wish.given, act.wish.words)
    return moderation_log.append(act.connection, act.wish.choice, act.record, decision, before=before, now=act.now)
