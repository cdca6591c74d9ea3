"""The commands `forge init` and `forge check`, on documents; `exporting` writes documents out."""

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
def init() -> None:
    """Write a small document to begin with.

    Example: forge init
    """
    from forge.server.starter_document import starter_text, to_fill_in

    settings = read_settings()
    if settings.catalog.exists():
        fail(f"{settings.catalog} exists already; it was left as it is.")
    try:
        settings.catalog.write_text(starter_text(), encoding="utf-8")
    except OSError as wrong:
        fail(f"{settings.catalog} cannot be written ({wrong.strerror}). Set FORGE_CATALOG to a file that can.")
    left = sum(1 for _ in to_fill_in(settings.catalog))
    click.echo(f"Wrote {settings.catalog}. {left} places are to be filled in: `forge check` names them.")
    click.echo("`forge serve` starts with it as it is.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line.")
def check(file: Path | None, as_json: bool) -> None:
    """Say everything that is wrong with a document: file, line, column, what to do; and what is still to be filled in
    or lacks a source of its own, which keeps nobody from serving it.

    Example: forge check catalog.yaml
    """
    from catalog.document.folder import check_with_places
    from catalog.rules.facts.source_warnings import source_warnings
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
    unsourced = source_warnings(document, places, datetime.now(UTC)) if document is not None else []
    for warning in unsourced:
        click.echo(json.dumps(asdict(warning) | {"warning": True}) if as_json else f"{warning}")
    _name_blocked(settings, document)
    if problems:
        click.echo(f"{path}: {len(problems)} to mend.", err=True)
        sys.exit(1)
    if document is not None:
        _name_gaps(document)
        counts = f"{len(document.projects)} projects, {len(document.organizations)} organizations"
        rest = f", {len(left)} to fill in" if left else ""
        rest += (
            f", {len(unsourced)} {'record' if len(unsourced) == 1 else 'records'} with values to source"
            if unsourced
            else ""
        )
        click.echo(f"{path}: {counts}. Nothing to mend{rest}.", err=True)


def _name_gaps(document: Any) -> None:
    """Print what the source card lacks for other catalogues. Publishing is possible without it."""
    from catalog.federation.shapes import Key, missing
    from catalog.federation.writing import source_card

    if gaps := missing(source_card(document.manifest, "", Key("", ""))):
        click.echo(
            f"Other catalogues follow a whole source card; the manifest does not say: {', '.join(gaps)}.", err=True
        )


def _name_blocked(settings: Settings, document: Any) -> None:
    """Print which records a load would skip, where there is a catalogue already."""
    from catalog.store import DatabaseError, Store
    from forge.server.load_document import hidden_slugs, unlisted_slugs

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
        for project, organization in store.restricted_adoptions.kept_out(document) if store.schema_is_present() else ():
            click.echo(
                f"{organization} took back here that it uses {project}: the document's adoption is not shown.", err=True
            )
    except DatabaseError:
        click.echo("The database cannot be read, so no blocked record is named; `forge doctor` tells more.", err=True)
    finally:
        store.close()
