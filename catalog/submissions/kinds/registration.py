"""A registration: somebody proposes a project that is not here yet, by the address of its code. `registration_form`
says what its answers are.

Of what the preview found in files only name and sentence become declared values, since a record needs both: the rest is
observed by the mirror itself, and a declared copy would outlive what its makers change.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid4

from catalog.document import repository_key
from catalog.errors import Invalid
from catalog.licenses import expressions
from catalog.rules.fact import Statement
from catalog.rules.submission import DRAFT, READ, REGISTER, SENT, Submission, preview_result
from catalog.store.core.engine import Connection
from catalog.store.documents import overrides
from catalog.store.projects import name_lookup, registered
from catalog.store.submissions import repository_previews
from catalog.store.submissions.repository_previews import ADDRESS, PROJECT, PROPOSED, KnownRepository
from catalog.submissions.base.protocol import Doubt, EditableText, Publishing, Row, texts
from catalog.submissions.base.submission import FormKind
from catalog.submissions.kinds.registration_fields import FIELDS, MAX_SUMMARY, NO_SUMMARY, license_of
from catalog.submissions.kinds.registration_form import (
    BEING_READ,
    HERE_ALREADY,
    NO_HOST,
    declared_values,
    free_of,
    left_to_say,
    listed,
    name_of,
    seen_value,
    summary_of,
    wrong_answers,
)


class RegistrationForm(FormKind):
    kind = REGISTER
    awaited = True
    fields = FIELDS

    def problems(self, connection: Connection, submission: Submission) -> dict[str, str]:
        wrong = wrong_answers(submission.answers, submission.found)
        leaving = submission.state in (DRAFT, SENT)  # the first proven one is read; moderators may take any
        if (
            repository := _known_repository(connection, submission, (PROJECT, PROPOSED) if leaving else (PROJECT,))
        ) is not None:
            wrong["address"] = HERE_ALREADY if repository.kind == PROJECT else BEING_READ
        if None in _hosts(connection, submission):
            wrong["hosts"] = NO_HOST
        return wrong

    def rows(self, connection: Connection, submission: Submission) -> tuple[Row, ...]:
        hosts = [slug for slug in _hosts(connection, submission) if slug]
        values, preview = declared_values(submission.answers, submission.found, hosts), preview_result(submission.found)
        lines = [Row(name, None, value, "fact") for name, value in values.items()]
        lines += [Row("maintenance", None, kept, "fact")] if (kept := _maintainers(connection, submission)) else []
        lines += [Row("license.detected", None, text)] if (text := seen_value(preview, "license.detected")) else []
        lines += (
            [Row("license.manifest", None, text, "fact")] if (text := seen_value(preview, "license.manifest")) else []
        )
        readme = preview.get("readme") or {}
        words = {"readme": readme.get("text"), "need_words": submission.answers.get("need_words")}
        words["host_words"] = submission.answers.get("host_words")
        lines += [Row(name, None, text) for name, text in words.items() if text]
        if submission.answers.get("maker") in ("yes", "no"):
            lines.append(Row("maker", None, submission.answers["maker"] == "yes", "yes-no"))
        return tuple(lines)

    def doubts(self, connection: Connection, submission: Submission) -> tuple[Doubt, ...]:
        preview, doubts_of_program = preview_result(submission.found), list[Doubt]()
        if preview.get("state") != READ:
            doubts_of_program.append(Doubt("not-read", {"reason": preview.get("reason") or ""}))
        doubts_of_program += _license_doubts(submission.answers, preview)
        name = name_of(submission.answers, submission.found)
        alike = registered.named_alike(connection, name) if name else ()
        doubts_of_program += [Doubt("same-name", {"project": slug, "name": title}) for slug, title in alike]
        repository = _known_repository(connection, submission)
        if repository is not None:
            detail = {"project": repository.slug, "name": repository.name} if repository.slug else {}
            doubts_of_program.append(Doubt("same-address" if repository.how == ADDRESS else "same-history", detail))
        if earlier := registered.earlier_submissions(connection, submission):
            doubts_of_program.append(Doubt("sender-before", {"count": earlier}))
        summary = _summary_found(preview)
        if summary and len(summary[1]) > MAX_SUMMARY and not submission.answers.get("summary"):
            doubts_of_program.append(Doubt("long-summary", {"count": len(summary[1])}))
        elif not summary_of(submission.answers, submission.found):
            doubts_of_program.append(Doubt("no-summary"))
        return tuple(doubts_of_program)

    def editable(self, submission: Submission) -> tuple[EditableText, ...]:
        sentence = next(iter(summary_of(submission.answers, submission.found).values()), "")
        own_texts = (
            EditableText(("name",), "name", name_of(submission.answers, submission.found)),
            EditableText(("summary",), "summary", sentence),
        )
        terms = ", ".join(str(term) for term in submission.answers.get("needs") or ())
        new_texts = (
            EditableText(("need_terms",), "need_terms", submission.answers.get("need_terms") or terms),
            EditableText(("hosts",), "hosts", submission.answers.get("hosts") or ""),
        )
        return (*own_texts, *texts(submission, "homepage", "license", "online", "report"), *new_texts)

    def write(self, act: Publishing) -> dict[str, Any]:
        submission = act.submission
        values = declared_values(
            submission.answers, submission.found, [slug for slug in _hosts(act.connection, submission) if slug]
        )
        if not values.get("summary"):
            raise Invalid({"summary": NO_SUMMARY})
        act.change()
        key = submission.project_id or uuid4()
        path = repository_key(str(values["repository"])).rpartition("/")[2]
        slug = registered.free_slug(act.connection, values["name"], path)
        registered.add_project(
            act.connection, key, slug, values["name"], values["summary"], change=act.change, now=act.now
        )
        maintainers = [(line["organization"], line["role"]) for line in _maintainers(act.connection, submission)]
        registered.add_maintainers(act.connection, key, maintainers)
        source = {"declaration": submission.reference}
        own = left_to_say(values, preview_result(submission.found))
        overrides.declare_values(
            act.connection, key, {name: Statement(name, value, source) for name, value in own.items()}, now=act.now
        )
        overrides.rebuild_records(act.connection, [key], change=act.change, now=act.now)
        return {"project_id": str(key), "slug": slug}

    def restore(self, act: Publishing, before: Mapping[str, Any]) -> None:
        registered.remove_project(act.connection, UUID(before["project_id"]), change=act.change, now=act.now)


def _hosts(connection: Connection, submission: Submission) -> list[str | None]:
    """The slugs of the organizations that the desk named as hosts; None for one that is not here."""
    return [name_lookup.find_slug(connection, "organization", name) for name in listed(submission.answers.get("hosts"))]


def _license_doubts(answers: Mapping[str, Any], preview: Mapping[str, Any]) -> Iterable[Doubt]:
    detected = seen_value(preview, "license.detected")
    manifest = (seen_value(preview, "license.manifest") or {}).get("license")
    license_ = license_of(answers.get("license") or "") or manifest
    if free_of(answers, preview) is False:
        yield Doubt("license-not-free", {"license": detected or license_})
    elif preview.get("state") == READ and preview.get("free") is None:
        yield Doubt(
            "license-unsure", {"files": [*(preview.get("doubts") or ()), *(preview.get("unknown_licenses") or ())]}
        )
    try:
        differs = bool(detected and license_) and expressions.licenses_agree(license_, detected) is False
    except ValueError:
        differs = False
    if differs:
        yield Doubt("license-differs", {"declared": license_, "detected": detected})


def _known_repository(
    connection: Connection, submission: Submission, kinds: tuple[str, ...] = ()
) -> KnownRepository | None:
    """What is here of it already; with `kinds`, only where it is one of these by its address."""
    preview = preview_result(submission.found)
    places = [submission.answers.get("address"), preview.get("url"), preview.get("moved_from")]
    repository = repository_previews.find_known_repository(
        connection,
        [str(place) for place in places if place],
        commit="" if kinds else preview.get("commit") or "",
        but=submission.id,
    )
    if repository is None or submission.project_id is not None:  # published before and taken back
        return None
    return repository if not kinds or (repository.kind in kinds and repository.how == ADDRESS) else None


def _maintainers(connection: Connection, submission: Submission) -> list[dict[str, str]]:
    """The organizations of this catalogue that its files name, where they say what it does for the project."""
    maintenance = seen_value(preview_result(submission.found), "maintenance")
    lines = [line for line in maintenance if isinstance(line, Mapping)] if isinstance(maintenance, list) else []
    roles = {str(line["organization"]): line["role"] for line in lines if line.get("organization") and line.get("role")}
    organizations = registered.organizations_named(connection, list(roles)) if roles else {}
    return [{"organization": slug, "role": roles[name]} for name, (slug, _) in organizations.items()]


def _summary_found(preview: Mapping[str, Any]) -> tuple[str, str] | None:
    summary = seen_value(preview, "summary")
    return next(iter(summary.items()), None) if isinstance(summary, Mapping) else None
