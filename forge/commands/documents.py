"""The commands on documents: init, check, export."""

import json
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from forge.commands.console import fail, settings_here, store_of
from forge.settings import Settings


@click.command()
def init() -> None:
    """Write a small document to begin with.

    Example: forge init
    """
    from forge.starter import starter

    settings = settings_here()
    if settings.catalog.exists():
        fail(f"{settings.catalog} exists already; it was left as it is.")
    try:
        settings.catalog.write_text(starter(), encoding="utf-8")
    except OSError as wrong:
        fail(f"{settings.catalog} cannot be written ({wrong.strerror}). Set FORGE_CATALOG to a file that can.")
    click.echo(f"Wrote {settings.catalog}. Change it, try it with `forge check`, then start with `forge serve`.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line.")
def check(file: Path | None, as_json: bool) -> None:
    """Say everything that is wrong with a document: file, line, column, what to do.

    Example: forge check catalog.yaml
    """
    from catalog.document import check as look

    settings = settings_here()
    path = file or settings.catalog
    if not path.is_file():
        fail(f"There is no file {path}.")
    document, problems = look(path)
    for problem in problems:
        click.echo(json.dumps(asdict(problem)) if as_json else str(problem))
    _name_blocked(settings, document)
    if problems:
        click.echo(f"{path}: {len(problems)} to mend.", err=True)
        sys.exit(1)
    if document is not None:
        _name_gaps(document)
        counts = f"{len(document.projects)} projects, {len(document.organizations)} organizations"
        click.echo(f"{path}: {counts}. Nothing to mend.", err=True)


def _name_gaps(document: Any) -> None:
    """Tell what other catalogues would miss on the source card; it keeps nobody from publishing."""
    from catalog.exchange.shapes import Key, missing
    from catalog.exchange.writing import source_card

    if gaps := missing(source_card(document.manifest, "", Key("", ""))):
        click.echo(
            f"Other catalogues follow a whole source card; the manifest does not say: {', '.join(gaps)}.", err=True
        )


def _name_blocked(settings: Settings, document: Any) -> None:
    """Tell which records a load would skip, where there is a catalogue already."""
    from catalog.store import DatabaseError, Store
    from forge.load import skipped, unlisted

    if document is None or (settings.database is None and not (settings.data / "catalog.db").is_file()):
        return
    store = Store(settings.database_url)
    try:
        for slug in skipped(store, document) if store.schema_is_present() else ():
            click.echo(f"{slug} is blocked or joined with another record here: its own is not shown.", err=True)
        for slug in unlisted(store, document) if store.schema_is_present() else ():
            click.echo(
                f"The makers of {slug} asked not to be listed here: only its name, address and license are shown.",
                err=True,
            )
        for project, organization in store.uses.kept_out(document) if store.schema_is_present() else ():
            click.echo(
                f"{organization} took back here that it uses {project}: the document's adoption is not shown.", err=True
            )
    except DatabaseError:
        click.echo("The database cannot be read, so no blocked record is named; `forge doctor` tells more.", err=True)
    finally:
        store.close()


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["yaml", "json", "schema", "dump", "site"]),
    help="Of the document, its JSON Schema, all public data, or the pages as files.  [default: yaml]",
)
@click.option("--facts", is_flag=True, help="Write every public fact instead, a JSON object a line.")
def export(file: Path | None, form: str | None, facts: bool) -> None:
    """Write the curated records as a document, or all facts with their origin, to a file or to standard output; or all
    public data to an archive (dump), or the reading pages to a folder for a static host (site).

    Example: forge export copy.yaml

    Example: forge export --facts facts.jsonl

    Example: forge export --format dump catalog.tar.gz

    Example: forge export --format site pages
    """
    from catalog.document import dump, dump_json

    if facts and form:
        raise click.UsageError("Facts are JSON lines: leave --format out.")
    if form in ("dump", "site") and file is None:
        raise click.UsageError("Name the file of the archive, or the folder of the pages.")
    if form == "schema":
        from catalog.document.schema import json_schema

        _write(file, [json.dumps(json_schema(), ensure_ascii=False, indent=1) + "\n"])
        return
    settings = settings_here()
    store = store_of(settings)
    if facts:
        _write(file, _facts(store))
        return
    document = store.curated.document()
    if document is None:
        fail("Nothing has been loaded yet.")
    if form == "dump" and file is not None:
        _dump(settings, store, file)
    elif form == "site" and file is not None:
        _site(settings, store, file)
    else:
        _write(file, [dump_json(document) if form == "json" else dump(document)])


def _dump(settings: Settings, store: Any, file: Path) -> None:
    from forge import dump

    try:
        rows = dump.write(store, file, address=_address(settings), now=datetime.now(UTC))
    except OSError as wrong:
        fail(f"{file} cannot be written ({wrong.strerror}).")
    click.echo(f"Wrote {file}: {rows} rows, {file.stat().st_size / 1e6:.1f} MB.", err=True)


def _site(settings: Settings, store: Any, folder: Path) -> None:
    """Into a folder of its own, which takes the place of the former one when it is whole."""
    from catalog.search import Finder
    from forge import site
    from forge.app import create_app

    marker = folder / ".forge-site"
    if folder.exists() and not (folder.is_dir() and (marker.exists() or not any(folder.iterdir()))):
        fail(f"{folder} holds something else; name a new folder, or an empty one.")
    draft = folder.with_name(f".{folder.name}.new")
    try:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        (draft / marker.name).touch()
        app = create_app(replace(settings, base_url=_address(settings)), store, Finder(settings.search))
        try:
            copied = site.copy(app, draft, store.manifest().languages, _address(settings))
        finally:
            app.state.shelf.close()
        shutil.rmtree(folder, ignore_errors=True)
        draft.replace(folder)
    except site.Failed as no:
        fail(str(no))
    except OSError as wrong:
        fail(f"{wrong.filename or folder} cannot be written ({wrong.strerror}).")
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    click.echo(f"Wrote {copied.pages} pages and {copied.assets} other files to {folder}.", err=True)
    if not copied.complete:
        click.echo(f"More than {site.MAX_PAGES} pages were found: links to the others lead to the site.", err=True)


def _address(settings: Settings) -> str:
    if settings.base_url is None:
        fail("Set FORGE_BASE_URL to the catalogue's public address: links lead there.")
    return settings.base_url


def _facts(store: Any) -> Iterator[str]:
    from forge.exports import a_fact

    for page in store.facts.export():
        for one in page.facts:
            yield json.dumps({"id": str(page.id), "project": page.slug} | a_fact(one), ensure_ascii=True) + "\n"


def _write(file: Path | None, parts: Iterable[str]) -> None:
    """The parts to standard output, or to a file that is replaced when the last of them is written."""
    if file is None:
        for part in parts:
            click.echo(part, nl=False)
        return
    if file.exists() and not file.is_file():
        fail(f"{file} is no file that could be replaced; name another, or leave it out for standard output.")
    draft = file.with_name(f".{file.name}.new")
    try:
        with draft.open("w", encoding="utf-8") as written:
            written.writelines(parts)
        draft.replace(file)
    except OSError as wrong:
        draft.unlink(missing_ok=True)
        fail(f"{file} cannot be written ({wrong.strerror}).")
    click.echo(f"Wrote {file}.", err=True)
