"""The command `forge export`: writes the document, and formats that others read. The formats are in `forge.export`."""

import json
import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import click

from forge.commands.console import fail, open_store, read_settings
from forge.config.settings import Settings

DOCUMENT_FORMATS = ("yaml", "json", "schema", "site")
WHOLE_CATALOGUE = ("csv", "organizations-csv", "adoptions-csv", "dcat", "records")
SINGLE_PROJECT = ("publiccode", "codemeta", "facts-csv")  # need --only


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice((*DOCUMENT_FORMATS, *WHOLE_CATALOGUE, *SINGLE_PROJECT)),
    help="The document, its JSON Schema, the pages as files (site), or a format for others: what each is for stands at "
    "/export of the site.  [default: yaml]",
)
@click.option("--only", metavar="SLUG", help="One project (publiccode, codemeta, facts-csv).")
def export(file: Path | None, form: str | None, only: str | None) -> None:
    """Write the curated records as a document, or in a format for others, to a file or to standard output; or the
    pages into a folder for a static web server (site).

    Example: forge export copy.yaml

    Example: forge export --format records records.jsonl

    Example: forge export --format site pages

    Example: forge export --format publiccode --only galette publiccode.yml
    """
    from catalog.document import dump, dump_json

    if only and form not in SINGLE_PROJECT:
        raise click.UsageError(f"--only goes with --format {', '.join(SINGLE_PROJECT)}.")
    if form in SINGLE_PROJECT and not only:
        raise click.UsageError(f"--format {form} tells one project: name it with --only SLUG.")
    if form == "site" and file is None:
        raise click.UsageError("Name the folder of the pages.")
    if form == "schema":
        from catalog.document.json_schema import json_schema

        _write(file, [(json.dumps(json_schema(), ensure_ascii=False, indent=1) + "\n").encode()])
        return
    settings = read_settings()
    store = open_store(settings)
    if only:
        _write(file, [_project_file(store, str(form), only, settings)])
    elif form in WHOLE_CATALOGUE:
        _write_whole(file, store, str(form), settings)
    else:
        document = store.curated_document.document()
        if document is None:
            fail("Nothing has been loaded yet.")
        if form == "site" and file is not None:
            _site(settings, store, file)
        else:
            _write(file, [(dump_json(document) if form == "json" else dump(document)).encode()])


def _site(settings: Settings, store: Any, folder: Path) -> None:
    """Write the site into a folder of its own, which replaces the former one when it is whole."""
    from catalog.search import Finder
    from forge.app import create_app
    from forge.export import static_site

    folder = Path(os.path.abspath(folder))  # "." has no name to put a draft beside
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()) or not folder.name:
        fail(f"{folder} is no folder that could be replaced; name a new one.")
    draft, former = folder.with_name(f".{folder.name}.new"), folder.with_name(f".{folder.name}.old")
    _refuse_foreign(folder)
    _refuse_foreign(former)
    if not (draft / static_site.MARKER).is_file():  # else it is of an export that was ended
        _refuse_foreign(draft)
    try:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        static_site.mark_files(draft)
        app = create_app(replace(settings, base_url=_address(settings)), store, Finder(settings.search))
        try:
            languages = store.manifest().languages
            copied = static_site.copy_site(app, draft, languages, _address(settings), now=datetime.now(UTC))
        finally:
            app.state.code_readers.close()
        static_site.mark_files(draft)
        _refuse_foreign(folder)  # again: a copy takes minutes
        if folder.exists():
            shutil.rmtree(former, ignore_errors=True)
            folder.rename(former)
        draft.rename(folder)
        shutil.rmtree(former, ignore_errors=True)
    except static_site.PageMissing as no:
        fail(str(no))
    except OSError as wrong:
        fail(f"{wrong.filename or folder} cannot be written ({wrong.strerror}).")
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    click.echo(f"Wrote {copied.pages} pages and {copied.assets} other files to {folder}.", err=True)
    if not copied.complete:
        click.echo(
            f"More than {static_site.MAX_PAGES} pages were found: links to the others lead to the site.", err=True
        )


def _refuse_foreign(folder: Path) -> None:
    from forge.export.static_site import find_foreign_file

    foreign_file = None if folder.is_symlink() else find_foreign_file(folder)
    if folder.is_symlink() or foreign_file is not None:
        fail(f"{foreign_file or folder} was not written by this command. Name a new folder, or an empty one.")


def _address(settings: Settings) -> str:
    if settings.base_url is None:
        fail("Set FORGE_BASE_URL to the catalogue's public address: links lead there.")
    return settings.base_url


def _project_file(store: Any, form: str, slug: str, settings: Settings) -> bytes:
    """Return the file of one project; end with a sentence and exit 1 where there is no such project."""
    from catalog.errors import CatalogError
    from forge.export import tables
    from forge.export.codemeta import codemeta
    from forge.export.delimited import csv_pieces
    from forge.export.publiccode import publiccode
    from forge.export.software import software

    home = _home(store, settings)
    try:
        project = store.exported_records.project(slug)
        if form == "facts-csv":
            return b"".join(csv_pieces(tables.facts(slug, store.facts.page(slug).facts, home)))
        if form == "codemeta":
            return codemeta(software(project), home).encode()
        beside = store.exported_records.named_beside([project.id])[project.id]
        return publiccode(software(project), home, beside).encode()
    except CatalogError as no:
        fail(f"{no}.")


def _write_whole(file: Path | None, store: Any, form: str, settings: Settings) -> None:
    from forge.export.catalogue_exports import WHOLE_EXPORTS

    whole_file = next(candidate for candidate in WHOLE_EXPORTS.values() if candidate.format == form)
    home = _home(store, settings)
    if file is None:
        whole_file.write(store.exported_records, home, sys.stdout.buffer)
        return
    _replace_file(file, lambda out: whole_file.write(store.exported_records, home, out))


def _home(store: Any, settings: Settings) -> Any:
    from forge.export.catalogue_site import CatalogueSite

    return CatalogueSite(settings.base_url or f"http://{settings.host}:{settings.port}", store.manifest())


def _write(file: Path | None, parts: Iterable[bytes]) -> None:
    """Write the parts to standard output, or to a file that is replaced when the last of them is written."""
    if file is None:
        for part in parts:
            click.echo(part, nl=False)
        return
    _replace_file(file, lambda out: out.writelines(parts))


def _replace_file(file: Path, write: Any) -> None:
    if file.exists() and not file.is_file():
        fail(f"{file} is no file that could be replaced; name another, or leave it out for standard output.")
    draft = file.with_name(f".{file.name}.{os.getpid()}.new")
    try:
        written: IO[bytes] = draft.open("xb")  # overwrites no file that exists, and follows no link
    except OSError as wrong:
        fail(f"{file} cannot be written ({wrong.strerror}).")
    try:
        with written:
            write(written)
        draft.replace(file)
    except OSError as wrong:
        draft.unlink(missing_ok=True)
        fail(f"{file} cannot be written ({wrong.strerror}).")
    click.echo(f"Wrote {file}.", err=True)
