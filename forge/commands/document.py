"""The commands `forge init`, with its questions, and `forge check`, on documents. `exporting` has the command that
writes documents."""

import json
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from catalog import text_rules as rules
from catalog.rules.person import normalized_address
from forge.commands.console import fail, read_settings
from forge.config.settings import Settings, UnusableSettings, from_environment
from forge.i18n.languages import is_supported


@click.command()
@click.option("--name", help="What the catalogue is called.")
@click.option("--languages", help="The languages of its pages, such as fr,en.  [default: en,fr]")
@click.option("--operator", help="The organization that runs it.")
@click.option("--homepage", help="The address of that organization's site.")
@click.option("--country", help="Its country, in two letters, such as FR.")
@click.option("--contact", help="How to reach you: a page, or an e-mail address that is not a person's.")
@click.option("--criteria", help="Which software you list, in one sentence in the first language.")
@click.option("--validation", help="Who reviews submissions, in one sentence in the first language.")
@click.option("--address", help="The public address, such as https://catalog.example.org.")
@click.option("--moderator", help="The e-mail address of the first moderator.")
@click.option(
    "--records",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Start with all records of another document, such as the catalog.yaml shipped with Forge.",
)
def init(records: Path | None, **options: str | None) -> None:
    """Write a small document to start from, and list the next steps.

    In a terminal it asks for whatever no option gave; press Enter to skip a question. Nothing is invented: `forge
    check` lists what is still missing.

    Example: forge init --name "Our catalogue" --languages fr,en --moderator ana@example.org
    """
    from catalog.document.folder import check_with_places
    from catalog.model import Operator
    from forge.commands.document import answers_to, tags_of
    from forge.server.starter_document import Answers, starter_text, to_fill_in

    settings = read_settings()
    if settings.catalog.exists():
        fail(f"{settings.catalog} exists already; it was left as it is.")
    records_of, problems, _ = check_with_places(records) if records else (None, (), None)
    if problems:
        fail(f"{records} cannot be taken: {len(problems)} to mend. First: {problems[0]}")
    values = answers_to(options, settled=("address",) if settings.base_url else ())
    operator = Operator(values["operator"], values["homepage"], values["country"]) if values["operator"] else None
    answers = Answers(
        values["name"],
        tags_of(values["languages"] or "") or Answers.languages,
        operator,
        values["contact"],
        values["criteria"],
        values["validation"],
    )
    try:
        settings.catalog.write_text(starter_text(answers, records_of=records_of), encoding="utf-8")
    except OSError as wrong:
        fail(f"{settings.catalog} cannot be written ({wrong.strerror}). Set FORGE_CATALOG to a file that can.")
    left = sum(1 for _ in to_fill_in(settings.catalog))
    places = f"{left} {'place is' if left == 1 else 'places are'} to be filled in"
    rest = f"{places}: `forge check` names them. It can be served as it is." if left else "Nothing is left open."
    click.echo(f"Wrote {settings.catalog}. {rest}")
    base_url = settings.base_url or values["address"]
    address = "" if settings.base_url or not base_url else f"FORGE_BASE_URL={base_url} "
    here = f"http://{settings.host}:{settings.port}/"
    place = f"on this machine, and a proxy shows it at {base_url}/" if base_url else f"at {here}"
    click.echo("Three steps are next:")
    click.echo(f"1. Write your software into {settings.catalog}; `forge check` says what is wrong with it.")
    click.echo(f"2. `{address}forge serve` serves it {place}. Services that start with the machine: docs/operate.md.")
    invite = f"{address}forge person invite {values['moderator'] or 'EMAIL'} --role administrator"
    click.echo(f"3. `{invite}` prints the link by which the first moderator signs in.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
def check(file: Path | None, as_json: bool) -> None:
    """List all errors of a document with file, line, column and what to do, then what is still to be filled in or has
    no source of its own, which does not prevent serving it.

    Example: forge check catalog.yaml
    """
    from catalog.document.folder import check_with_places
    from catalog.rules.record_values.source_warnings import source_warnings
    from forge.server.starter_document import to_fill_in

    settings = read_settings()
    path = file or settings.catalog
    if not path.is_file():
        fail(f"There is no file {path}.")
    document, problems, places = check_with_places(path)
    for problem in problems:
        click.echo(json.dumps(asdict(problem)) if as_json else str(problem))
    left = list(to_fill_in(path)) if document is not None else []
    for gap in left:
        click.echo(json.dumps(asdict(gap) | {"to_fill_in": True}) if as_json else str(gap))
    unsourced = source_warnings(document, str(path), places, datetime.now(UTC)) if document is not None else []
    for warning in unsourced:
        click.echo(json.dumps(asdict(warning) | {"warning": True}) if as_json else f"{warning}")
    _name_blocked(settings, document)
    if problems:
        click.echo(f"{path}: {len(problems)} to mend.", err=True)
        sys.exit(1)
    if document is not None:
        _name_gaps(document)
        counts = f"projects: {len(document.projects)}, organizations: {len(document.organizations)}"
        rest = f", {len(left)} to fill in" if left else ""
        rest += (
            f", {len(unsourced)} {'record' if len(unsourced) == 1 else 'records'} with values to source"
            if unsourced
            else ""
        )
        click.echo(f"{path}: {counts}. Nothing to mend{rest}.", err=True)


def _name_gaps(document: Any) -> None:
    """Print what the source card lacks for other catalogues. Publishing is possible without it."""
    from forge.exchange.card import missing

    if gaps := missing(document.manifest):
        click.echo(
            "Other catalogues want to know more of one that they follow; the document's `manifest` does not say: "
            f"{', '.join(gaps)}.",
            err=True,
        )


def _name_blocked(settings: Settings, document: Any) -> None:
    """Print which records a load would skip, where there is a catalogue already."""
    from catalog.store.store import DatabaseError, Store
    from forge.server.load_document import edited_here, hidden_slugs, unlisted_slugs

    if document is None or (settings.database is None and not (settings.data / "catalog.db").is_file()):
        return
    store = Store(settings.database_url)
    try:
        for slug in hidden_slugs(store, document) if store.schema_is_present() else ():
            click.echo(f"{slug} is blocked or joined with another record here: its own is not shown.", err=True)
        for slug in unlisted_slugs(store, document) if store.schema_is_present() else ():
            click.echo(
                f"The makers of {slug} asked not to be listed here: only its name, address and license are shown.",
                err=True,
            )
        for line in edited_here(store, document) if store.schema_is_present() else ():
            click.echo(line, err=True)
        for project, organization in store.restricted_adoptions.kept_out(document) if store.schema_is_present() else ():
            click.echo(
                f"{organization} took back here that it uses {project}: the document's adoption is not shown.", err=True
            )
    except DatabaseError:
        click.echo("The database cannot be read, so no blocked record is named; `forge doctor` tells more.", err=True)
    finally:
        store.close()


def _checked_by(*rules: Callable[[str], str | None]) -> Callable[[str], str | None]:
    """Make the function that reads an answer: None where it is empty. Raises BadParameter for one that cannot stand."""

    def checked(text: str) -> str | None:
        text = text.strip()
        for rule in rules if text else ():
            if wrong := rule(text):
                raise click.BadParameter(str(wrong))
        return text or None

    return checked


def _languages(text: str) -> str | None:
    """What is wrong with a list of languages."""
    tags = tags_of(text)
    unknown = [tag for tag in tags if not is_supported(tag)]
    if unknown or not tags or len(set(tags)) < len(tags):
        return f"{', '.join(unknown) or text!r} is no list of languages; write them as fr,en, the first one first."
    return None


def tags_of(text: str) -> tuple[str, ...]:
    """Split a list of languages as it is written."""
    return tuple(tag.strip() for tag in text.split(",") if tag.strip())


def _public_address(text: str) -> str | None:
    try:
        from_environment({"FORGE_BASE_URL": text})
    except UnusableSettings as wrong:
        return wrong.sentences[0]
    return None


def _email(text: str) -> str | None:
    return None if normalized_address(text) else f"{text!r} is no e-mail address. Write one such as ana@example.org."


# Each question of `forge init`: its option, what is asked, what an answer must be.
_QUESTIONS: tuple[tuple[str, str, Callable[[str], str | None]], ...] = (
    ("name", "What is the catalogue called?", _checked_by(rules.prose)),
    (
        "languages",
        "In which languages are its pages? Write them as fr,en: the first one first.",
        _checked_by(_languages),
    ),
    ("operator", "Which organization runs it?", _checked_by(rules.prose)),
    ("homepage", "What is the address of that organization's site?", _checked_by(rules.url)),
    ("country", "In which country is it? Two letters, such as FR.", _checked_by(rules.country)),
    (
        "contact",
        "Where do people reach you? A page, or a shared e-mail address such as contact@example.org.",
        _checked_by(rules.contact),
    ),
    ("criteria", "Which software do you take in, in one sentence?", _checked_by(rules.prose)),
    ("validation", "Who reads what people send before it is shown?", _checked_by(rules.prose)),
    (
        "address",
        "At which address will people open the catalogue? Such as https://catalog.example.org.",
        _checked_by(_public_address),
    ),
    ("moderator", "What is the e-mail address of the first moderator?", _checked_by(_email)),
)


def answers_to(options: Mapping[str, str | None], settled: Collection[str] = ()) -> dict[str, str | None]:
    """Return what was said of each question, by an option or, in a terminal, when asked; none of `settled` is."""
    asks, answers = sys.stdin.isatty() and sys.stdout.isatty(), dict[str, str | None]()
    if asks and None in options.values():
        click.echo("A few questions. Enter alone leaves one open; all can be changed in the file later.\n")
    for name, question, check in _QUESTIONS:
        if options[name] is not None:
            try:
                answers[name] = check(options[name] or "")
            except click.BadParameter as wrong:
                raise click.BadParameter(wrong.message, param_hint=f"--{name}") from None
        elif asks and name not in settled and not (name in ("homepage", "country") and answers["operator"] is None):
            answers[name] = click.prompt(question, default="", show_default=False, prompt_suffix=" ", value_proc=check)
        else:
            answers[name] = None
    return answers
