"""A correction: anybody says that one field of a project or an organization is otherwise, and where one can check it.

Its answers: `field`, `language` (of words and lines), `value` (as the field is read), `source` (a web address), and
`words` for the moderators. From a maintainer or representative it is published at once, as the record's own word.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from catalog.document import repository_key
from catalog.document.check_value import faults_of_value
from catalog.errors import Invalid
from catalog.model import Organization, Project
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.fact import Statement, statements_of_record
from catalog.rules.person import Person
from catalog.rules.record_values.feature import texts_by_language
from catalog.rules.submission import CORRECT, Submission
from catalog.sentences import mark
from catalog.store.core.engine import Connection
from catalog.store.documents import overrides
from catalog.store.documents.overrides import OF_ORGANIZATION, OF_PROJECT
from catalog.store.projects import project_rows
from catalog.store.submissions import submission_rows
from catalog.store.submissions.later_submissions import published_after
from catalog.submissions.base.fields import TEXT, URL, FormField
from catalog.submissions.base.protocol import Doubt, EditableText, Publishing, Row, texts
from catalog.submissions.base.submission import FormKind
from catalog.text_rules import language as language_rule

MAX_NAME, MAX_LINE, MAX_WORDS = 100, 300, 2_000  # characters

NO_FIELD = "Choose what is to be corrected"
NOT_HERE = "This project is no longer here"
SAME = "This is already there"
NO_SOURCE_URL = "Enter a web address like https://example.org/page"
LONG_WORDS = "Use 2,000 characters or fewer"
LONG_LINE = "Use 300 characters or fewer on each line"
TAKEN = "Another project here has this address"
ITSELF = "Choose another project than this one"
NOT_READ = "We cannot read this. Write it like the example"
WRONG: Mapping[str, str] = {  # codes of catalog.document.check_value
    "missing": "Write what it should say",
    "shape": NOT_READ,
    "line": "Write it on one line",
    "long": "Use fewer characters",
    "many": "Name fewer of them",
    "twice": "This is there twice",
    "number": "Enter a whole number from 0 to 100",
    "choice": "Choose from the list",
    "nobody": "Choose one that is in the catalogue",
    "address": "Leave out the e-mail address: this text is public",
    "prose": "Remove characters that cannot be shown",
    "summary": "Use 120 characters or fewer",
    "easy": "Use 1,000 characters or fewer. Leave out e-mail addresses",
    "url": NO_SOURCE_URL,
    "repository": "Enter an address like https://example.org/group/tool",
    "license": "Enter a licence like AGPL-3.0-or-later, or MIT",
    "language": "Enter a language, or its tag like fr",
    "country": "Enter a country, or its two letters like FR",
    "region": "Enter a region like FR-BRE",
    "path": "Enter a path in the repository like docs/screen.png",
    "date": "Enter a date like 2024 or 2024-05",
    "year": "Enter a year like 2024",
}
SENTENCES = (NO_FIELD, NOT_HERE, SAME, NO_SOURCE_URL, LONG_WORDS, LONG_LINE, TAKEN, ITSELF, *WRONG.values())


class CorrectionForm(FormKind):
    kind = CORRECT
    nameable = (PROJECT, ORGANIZATION)
    fields = (
        FormField(
            "source",
            URL,
            mark("Where can we check this?"),
            called=mark("Source for verification"),
            refused=NO_SOURCE_URL,
            editable=True,
        ),
        FormField(
            "words",
            TEXT,
            mark("Message to the moderators"),
            called=mark("How this can be verified"),
            longest=MAX_WORDS,
            public=False,
            row="known-by",
            shape="text",
        ),
    )

    def problems(self, connection: Connection, submission: Submission) -> dict[str, str]:
        field = submission.answers.get("field")
        if field not in (OF_PROJECT if submission.project_id else OF_ORGANIZATION):
            return {"field": NO_FIELD}
        record = _record(connection, submission)
        if record is None:
            return {"field": NOT_HERE}
        sentences = _value_problems(connection, submission, record, field)
        return sentences | super().problems(connection, submission)

    def subject_rows(self, connection: Connection, submission: Submission) -> Sequence[Row]:
        record = _record(connection, submission) or {}
        name = submission.answers.get("field", "")
        shape = "fact" if submission.project_id else _SHAPES.get(name, "text")
        before, after = record.get(name), _after(submission, record)
        if language := submission.answers.get("language"):  # else a reader of another language sees no change
            before, after = _only(language, texts_by_language(record, name)), _only(language, after)
        return (Row(name, _fact_value_in_lines(name, before), _fact_value_in_lines(name, after), shape),)

    def doubts(self, connection: Connection, submission: Submission) -> tuple[Doubt, ...]:
        return () if submission.answers.get("source") else (Doubt("no-source"),)

    def editable(self, submission: Submission) -> tuple[EditableText, ...]:
        value = texts(submission, "value", label=submission.answers.get("field", ""))
        return (*value, *super().editable(submission))

    def at_once(self, connection: Connection, submission: Submission, person: Person | None) -> bool:
        return _own(submission, person)

    def write(self, act: Publishing) -> dict[str, Any]:
        submission = act.submission
        record = _record(act.connection, submission)
        if record is None:
            raise Invalid({"field": NOT_HERE})
        act.change()
        name, value = submission.answers["field"], _after(submission, record)
        if submission.project_id is None:
            assert submission.organization_id is not None  # else there is no record
            entry = {"value": value, "declaration": submission.reference, "own": _own(submission, act.person)}
            statements = {
                name: entry | ({"source": submission.answers["source"]} if submission.answers.get("source") else {})
            }
            return {
                "declared": overrides.declare_organization_values(
                    act.connection, submission.organization_id, statements, change=act.change, now=act.now
                )
            }
        before = overrides.declared_values(act.connection, submission.project_id, [name])
        source: dict[str, Any] = {"declaration": submission.reference}
        if submission.answers.get("source"):
            source["urls"] = [submission.answers["source"]]
        if _own(submission, act.person):
            source["maintainer"] = True
        overrides.declare_values(
            act.connection,
            submission.project_id,
            {name: Statement(name, _fact_value(name, value), source)},
            now=act.now,
        )
        overrides.rebuild_records(act.connection, [submission.project_id], change=act.change, now=act.now)
        return {"facts": before}

    def restore(self, act: Publishing, before: Mapping[str, Any]) -> None:
        submission = act.submission
        if _passed_on(act.connection, submission):
            return
        if submission.project_id and "facts" in before:
            act.change()
            overrides.declare_values(
                act.connection, submission.project_id, overrides.as_statements(before["facts"]), now=act.now
            )
            overrides.rebuild_records(act.connection, [submission.project_id], change=act.change, now=act.now)
        elif submission.organization_id and "declared" in before:
            act.change()
            overrides.declare_organization_values(
                act.connection, submission.organization_id, before["declared"], change=act.change, now=act.now
            )


def _passed_on(connection: Connection, submission: Submission) -> bool:
    """Whether a later correction of the same field stands: it stays, and goes back to what stood before this one."""
    for later in published_after(
        connection, CORRECT, submission.project_id, submission.organization_id, submission.decided_at
    ):
        if later.answers.get("field") == submission.answers.get("field"):
            submission_rows.change(connection, later.id, before={**(later.before or {}), **(submission.before or {})})
            return True
    return False


def _own(submission: Submission, person: Person | None) -> bool:
    """Whether its sender maintains or represents the record that it is about."""
    if person is None:
        return False
    if submission.project_id:
        return submission.project_id in person.maintained_projects
    return submission.organization_id is not None and submission.organization_id in person.represented_organizations


def _record(connection: Connection, submission: Submission) -> Mapping[str, Any] | None:
    if submission.project_id:
        return project_rows.record_of(connection, submission.project_id)
    return (
        project_rows.record_of_organization(connection, submission.organization_id)
        if submission.organization_id
        else None
    )


def _value_problems(
    connection: Connection, submission: Submission, record: Mapping[str, Any], field: str
) -> dict[str, str]:
    """What is wrong with the value, by the name of its part: `value`, or `value.part`."""
    language = submission.answers.get("language")
    if language and (not isinstance(language, str) or language_rule(language) is not None):
        return {"language": WRONG["language"]}
    after = _after(submission, record)
    noun = Project if submission.project_id else Organization
    faults = faults_of_value(noun, field, after, lambda kind, slug: project_rows.slug_exists(connection, kind, slug))
    wrong = {".".join(("value", *path)): WRONG[code] for path, code in faults.items()}
    wrong = {f"value.{path}": LONG_LINE for path in _long(after)} | wrong
    if wrong:
        return wrong
    if _fact_value(field, after) == _fact_value(field, record.get(field)):
        return {"value": SAME}
    if field == "name" and len(after) > MAX_NAME:
        return {"value": WRONG["long"]}
    if field == "relations" and (own := [at for at, each in enumerate(after) if each["project"] == record["slug"]]):
        return {f"value.{at}.project": ITSELF for at in own}
    if field == "repository" and _elsewhere(connection, submission, after):
        return {"value": TAKEN}
    return {}


def _long(value: Any, path: str = "") -> Iterator[str]:
    """The paths of the lines of lists that are longer than a line may be."""
    parts = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        here = f"{path}.{name}" if path else str(name)
        if isinstance(part, str) and isinstance(value, list) and len(part) > MAX_LINE:
            yield here
        elif not isinstance(part, str):
            yield from _long(part, here)


def _elsewhere(connection: Connection, submission: Submission, address: str) -> bool:
    key = repository_key(address)
    return any(other != submission.project_id for other in project_rows.projects_at(connection, key))


def _after(submission: Submission, record: Mapping[str, Any]) -> Any:
    """The whole value of the field after the correction: of words and lines, the other languages stay."""
    value, language = submission.answers.get("value"), submission.answers.get("language")
    if not language:
        return value
    texts = texts_by_language(record, submission.answers["field"])
    others = {tag: text for tag, text in texts.items() if tag != language}
    return others | ({language: value} if value else {})


def _only(language: str, texts: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What is said in one language; None for nothing."""
    return {language: texts[language]} if language in texts else None


def _fact_value(name: str, value: Any) -> Any:
    """A value of a record in the form that facts have."""
    statements = statements_of_record({name: value}) if name else []
    return statements[0].value if statements else None


def _fact_value_in_lines(name: str, value: Any) -> Any:
    """As `_fact_value`, in lines where it is pairs."""
    if name == "identifiers" and isinstance(value, Mapping):
        return [f"{key}: {value}" for key, value in value.items()]
    return _fact_value(name, value)


_SHAPES: Mapping[str, str] = {
    "about": "words",
    "kind": "term:organization-kind",
    "family": "term:organization-kind",
    "function": "term:organization-function",
    "country": "country",
    "homepage": "url",
}
