"""The command `forge`: one function a command, each handing over to the room that does the work.

Every command ends with 0 when it did what it says, 1 when something failed, 2 when it was asked wrongly.
"""

import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import click

from catalog.errors import CatalogError
from forge import prepare
from forge.prepare import CannotStart
from forge.settings import Settings, Unusable, from_environment

PARENT_SECONDS = 1.0


def main() -> None:
    """Run the command; what is wrong with it or its surroundings is a sentence, not a traceback."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s", stream=sys.stderr)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        forge(prog_name="forge")
    except Exception as error:
        from catalog.store.database import trouble

        if (said := trouble(error)) is None:
            raise
        _fail(f"The database cannot be used: {said}. What was not finished was not kept. Make room or mend it; "
              "`forge doctor` tells more.")  # fmt: skip


def _fail(*sentences: str) -> NoReturn:
    for sentence in sentences:
        click.echo(sentence, err=True)
    sys.exit(1)


def _settings() -> Settings:
    try:
        return from_environment(os.environ)
    except Unusable as wrong:
        _fail(*wrong.sentences)


def _store(settings: Settings) -> Any:
    """The store of a data folder that exists already."""
    if settings.database is None and not (settings.data / "catalog.db").is_file():
        _fail(f"There is no catalogue in {settings.data} yet. `forge serve` or `forge import` makes one.")
    try:
        prepare.writable(settings)
        return prepare.store(settings)
    except CannotStart as no:
        _fail(*no.sentences)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def forge() -> None:
    """A catalogue of free software for the social and solidarity economy.

    Settings come from the environment (FORGE_…); the README lists them.
    """


@forge.command()
@click.option("--host", help="The address to listen on.  [default: FORGE_HOST or 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65_535), help="Its port.  [default: FORGE_PORT or 8000]")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Web processes.")
@click.option("--no-worker", is_flag=True, help="Do not bring mirrors up to date.")
def serve(host: str | None, port: int | None, workers: int, no_worker: bool) -> None:
    """Prepare the data folder, load the document if it changed, and serve.

    Example: forge serve --port 8080
    """
    from forge.serve import serve as start

    settings = _settings()
    try:
        start(
            settings,
            host=host or settings.host,
            port=settings.port if port is None else port,
            workers=workers,
            worker=not no_worker,
        )
    except CannotStart as no:
        _fail(*no.sentences)


@forge.command()
def init() -> None:
    """Write a small document to begin with.

    Example: forge init
    """
    from forge.starter import starter

    settings = _settings()
    if settings.catalog.exists():
        _fail(f"{settings.catalog} exists already; it was left as it is.")
    try:
        settings.catalog.write_text(starter(), encoding="utf-8")
    except OSError as wrong:
        _fail(f"{settings.catalog} cannot be written ({wrong.strerror}). Set FORGE_CATALOG to a file that can.")
    click.echo(f"Wrote {settings.catalog}. Change it, try it with `forge check`, then start with `forge serve`.")


@forge.command()
@click.option("--once", is_flag=True, help="Do what is due now, then end.")
@click.option("--parent", type=int, hidden=True, help="End when this process is no longer the parent.")
def work(once: bool, parent: int | None) -> None:
    """Bring mirrors up to date; on further machines beside `forge serve`, which starts its own.

    Example: forge work --once
    """
    from forge.worker import Worker, conducting

    settings = _settings()
    store = _store(settings)
    with conducting(store, settings) as refresh:
        worker = Worker(store, refresh, jobs=settings.mirror_jobs)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop())
        if parent is not None:
            threading.Thread(target=_end_with, args=(parent, worker.stop), daemon=True).start()
        log = logging.getLogger("forge.work")
        worker.run(once=once, told=lambda report: log.info("%s", _line(report)))
    store.close()
    if worker.left_behind:
        os._exit(0)  # threads that wait for a silent host would be waited for


def _end_with(parent: int, stop: Callable[[], None]) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_SECONDS)
    stop()


@forge.command()
@click.argument("slugs", nargs=-1, metavar="[SLUG ...]")
@click.option("--all", "every", is_flag=True, help="All projects with a repository.")
@click.option("--jobs", type=click.IntRange(1, 32), help="How many at once.  [default: FORGE_MIRROR_JOBS or 2]")
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line.")
def refresh(slugs: tuple[str, ...], every: bool, jobs: int | None, as_json: bool) -> None:
    """Visit the origins of projects now, and bring their mirrors up to date.

    Example: forge refresh galette paheko
    """
    from forge.visits import now
    from forge.worker import conducting

    settings = _settings()
    if bool(slugs) == every:
        raise click.UsageError("Name projects, or say --all.")
    store = _store(settings)
    try:
        due = store.mirrors.due(slugs)
    except CatalogError as no:
        _fail(f"{no}: there is no such project with a repository here.")
    shown = sys.stderr.isatty() and not as_json
    good = True
    with conducting(store, settings) as conductor:
        reports = now(conductor, due, jobs=jobs or settings.mirror_jobs)
        with click.progressbar(reports, length=len(due), file=sys.stderr, hidden=not shown) as told:
            for report in told:
                good = good and report.good
                if as_json:
                    click.echo(json.dumps(asdict(report)))
                elif not shown:
                    click.echo(_line(report))
                elif not report.good:
                    click.echo(f"\n{_line(report)}", err=True)
    store.close()
    if conductor.stopping.is_set():
        click.echo("Stopped. What was not done yet is done another time.", err=True)
        sys.stdout.flush()
        os._exit(1)  # threads that wait for a silent host would be waited for
    sys.exit(0 if good else 1)


def _line(report: Any) -> str:
    told = f"{report.slug}: {report.outcome}, {report.size_bytes / 1e6:.1f} MB in {report.seconds:.1f} s"
    if report.license:
        told += f", license {report.license}"
    return f"{told}. {report.reason}" if report.reason else f"{told}."


@forge.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line.")
def check(file: Path | None, as_json: bool) -> None:
    """Say everything that is wrong with a document: file, line, column, what to do.

    Example: forge check catalog.yaml
    """
    from catalog.document import check as look

    settings = _settings()
    path = file or settings.catalog
    if not path.is_file():
        _fail(f"There is no file {path}.")
    document, problems = look(path)
    for problem in problems:
        click.echo(json.dumps(asdict(problem)) if as_json else str(problem))
    _name_blocked(settings, document)
    if problems:
        click.echo(f"{path}: {len(problems)} to mend.", err=True)
        sys.exit(1)
    if document is not None:
        counts = f"{len(document.projects)} projects, {len(document.organizations)} organizations"
        click.echo(f"{path}: {counts}. Nothing to mend.", err=True)


def _name_blocked(settings: Settings, document: Any) -> None:
    """Tell which records a load would skip, where there is a catalogue already."""
    from catalog.store import DatabaseError, Store
    from forge.load import skipped

    if document is None or (settings.database is None and not (settings.data / "catalog.db").is_file()):
        return
    store = Store(settings.database_url)
    try:
        for slug in skipped(store, document) if store.schema_is_present() else ():
            click.echo(f"{slug} is blocked in this catalogue: its record is not shown.", err=True)
    except DatabaseError:
        click.echo("The database cannot be read, so no blocked record is named; `forge doctor` tells more.", err=True)
    finally:
        store.close()


@forge.command("import")
@click.argument("file", type=click.Path(path_type=Path))
def import_document(file: Path) -> None:
    """Check a document and make it the curated records of this catalogue.

    Example: forge import catalog.yaml
    """
    from forge.load import load

    settings = _settings()
    if not file.is_file():
        _fail(f"There is no file {file}.")
    try:
        prepare.writable(settings)
        store = prepare.store(settings)
    except CannotStart as no:
        _fail(*no.sentences)
    outcome = load(store, file, now=datetime.now(UTC), always=True)
    if outcome.problems:
        _fail(*(str(problem) for problem in outcome.problems), f"{file}: nothing was changed.")
    if outcome.loaded is not None:
        done = outcome.loaded
        click.echo(f"{len(done.added)} added, {len(done.changed)} changed, {len(done.dropped)} dropped.")
        for slug in done.skipped:
            click.echo(f"{slug} is blocked here and was skipped.")


@forge.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--format", "form", type=click.Choice(["yaml", "json"]), default="yaml", show_default=True)
def export(file: Path | None, form: str) -> None:
    """Write the curated records as a document, to a file or to standard output.

    Example: forge export copy.yaml
    """
    from catalog.document import dump, dump_json

    document = _store(_settings()).curated.document()
    if document is None:
        _fail("Nothing has been loaded yet.")
    text = dump(document) if form == "yaml" else dump_json(document)
    if file is None:
        click.echo(text, nl=False)
        return
    if file.exists() and not file.is_file():
        _fail(f"{file} is no file that could be replaced; name another, or leave it out for standard output.")
    draft = file.with_name(f".{file.name}.new")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(file)
    except OSError as wrong:
        draft.unlink(missing_ok=True)
        _fail(f"{file} cannot be written ({wrong.strerror}).")
    click.echo(f"Wrote {file}.", err=True)


@forge.command()
@click.argument("slug")
@click.option("--reason", required=True, help="Shown to everybody who asks for the page.")
def block(slug: str, reason: str) -> None:
    """Answer 410 for a project, with its reason; `forge unblock` takes it back.

    Example: forge block some-tool --reason "Asked for by its makers."
    """
    try:
        _store(_settings()).mirrors.block(slug, reason, now=datetime.now(UTC))
    except CatalogError as no:
        _fail(f"{no}.")
    click.echo(f"{slug} is blocked.")


@forge.command()
@click.argument("slug")
def unblock(slug: str) -> None:
    """Show a blocked project again.

    Example: forge unblock some-tool
    """
    try:
        _store(_settings()).mirrors.unblock(slug)
    except CatalogError as no:
        _fail(f"{no}.")
    click.echo(f"{slug} is shown again.")


@forge.command()
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line.")
def doctor(as_json: bool) -> None:
    """Check Python, git, the data folder, the document and the mirrors, and say what to do.

    Example: forge doctor
    """
    from forge.examine import examine

    findings = examine(_settings())
    for one in findings:
        if as_json:
            click.echo(json.dumps(asdict(one)))
        else:
            click.echo(f"{'good' if one.good else 'MEND'}  {one.subject}: {one.sentence}")
    sys.exit(0 if all(one.good for one in findings) else 1)


if __name__ == "__main__":
    main()
