"""The commands `forge serve`, `forge work` and `forge refresh`. What they start is in `forge.server.serve`,
`forge.server.work` and `forge.mirroring.visit_now`.
"""

import json
import os
import sys
from dataclasses import asdict

import click

from forge.commands.console import fail, open_store, read_settings
from forge.server.preflight import CannotStart


@click.command()
@click.option("--host", help="The address to listen on.  [default: FORGE_HOST or 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65_535), help="Its port.  [default: FORGE_PORT or 8000]")
@click.option("--no-worker", is_flag=True, help="Do not update mirrors or send messages.")
def serve(host: str | None, port: int | None, no_worker: bool) -> None:
    """Prepare the data folder, load the document if it changed, and start the site.

    Example: forge serve --port 8080
    """
    from forge.server.serve import serve as start

    settings = read_settings()
    try:
        start(
            settings,
            host=host or settings.host,
            port=settings.port if port is None else port,
            worker=not no_worker,
        )
    except CannotStart as no:
        fail(*no.sentences)


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now, then exit.")
def work(once: bool) -> None:
    """Update mirrors and send messages, as an extra worker: `forge serve` has one already.

    Example: forge work --once
    """
    from forge.server.memory import bound_memory
    from forge.server.work import work as start

    bound_memory()
    settings = read_settings()
    start(settings, open_store(settings), once=once)


@click.command()
@click.argument("slugs", nargs=-1, metavar="[SLUG ...]")
@click.option("--all", "every", is_flag=True, help="All projects with a repository.")
@click.option(
    "--jobs", type=click.IntRange(1, 32), help="Mirrors updated at the same time.  [default: FORGE_MIRROR_JOBS or 2]"
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
def refresh(slugs: tuple[str, ...], every: bool, jobs: int | None, as_json: bool) -> None:
    """Update the mirrors of the named projects now.

    Example: forge refresh galette paheko
    """
    from forge.mirroring.visit_now import visit_now
    from forge.mirroring.worker import visit_runner

    settings = read_settings()
    if bool(slugs) == every:
        raise click.UsageError("Name projects, or say --all.")
    store = open_store(settings)
    due = store.mirrors.due(slugs)
    without = sorted(set(slugs) - {slug for slug, _ in due})
    for slug in without:
        click.echo(f"{slug}: there is no such project with a repository here.", err=True)
    with_progress = sys.stderr.isatty() and not as_json
    good = not without
    with visit_runner(store, settings) as runner:
        reports = visit_now(runner, due, jobs=jobs or settings.mirror_jobs)
        with click.progressbar(reports, length=len(due), file=sys.stderr, hidden=not with_progress) as shown_reports:
            for report in shown_reports:
                good = good and report.good
                if as_json:
                    click.echo(json.dumps(asdict(report)))
                elif not with_progress:
                    click.echo(str(report))
                elif not report.good:
                    click.echo(f"\n{report}", err=True)
    store.close()
    if runner.stopping.is_set():
        click.echo("Stopped. What was not done yet is done another time.", err=True)
        sys.stdout.flush()
        os._exit(1)  # threads that wait for a silent host would be waited for
    sys.exit(0 if good else 1)
