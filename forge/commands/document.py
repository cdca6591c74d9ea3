"""The commands `forge init` and `forge check`, on documents. `exporting` has the command that writes documents."""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from forge.commands.console import fail, read_settings
from forge.config.settings import Settings


@click.command()
@click.option("--name", help="What the catalogue is called.")
@click.option("--languages", help="The languages of its pages, such as fr,en.  [default: en,fr]")
@click.option("--operator", help="The organization that runs it.")
@click.option("--homepage", help="The address of that organization's site.")
@click.option("--country", help="Its country, in two letters, such as FR.")
@click.option("--contact", help="Where people reach you: a page, or an address of a function.")
@click.option("--criteria", help="Which software you take in, in one sentence of the first language.")
@click.option("--validation", help="Who reads what stands there before it is shown, likewise.")
@click.option("--address", help="The public address, such as https://catalog.example.org.")
@click.option("--moderator", help="The e-mail address of the first moderator.")
@click.option(
    "--records",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Begin with all records of another document, such as the catalog.yaml that is shipped with the code.",
)
def init(records: Path | None, **options: str | None) -> None:
    """Write a small document to begin with, and say what the next steps are.

    In a terminal it asks for what no option said; an empty answer leaves the question open. Nothing is invented:
    `forge check` names what was left open.

    Example: forge init --name "Our catalogue" --languages fr,en --moderator ana@example.org
    """
    from catalog.document.folder import check_with_places
    from catalog.model import Operator
    from forge.commands.init_questions import answers_to, tags_of
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
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line.")
def check(file: Path | None, as_json: bool) -> None:
    """Say everything that is wrong with a document: file, line, column, what to do; and what is still to be filled in
    or lacks a source of its own, which keeps nobody from serving it.

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
