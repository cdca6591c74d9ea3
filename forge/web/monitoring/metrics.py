"""Figures for monitoring, in the text format of Prometheus, for clients with the token of the settings. Without that
setting the address does not exist. No label names a person, an organization or a project.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

import hmac
import os
import shutil
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from catalog.errors import NotFound
from catalog.search import Finder, IndexMissing
from catalog.store.core.metrics import MetricsSnapshot
from forge.config.checkup_report import SEVERITIES, last_report
from forge.config.last_backup import last_backup
from forge.web.core.render import now_of
from forge.web.monitoring.request_counts import BOUNDS, RequestCounts

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
COUNTER, GAUGE, HISTOGRAM = "counter", "gauge", "histogram"
_NO_STORE = {"Cache-Control": "no-store"}
_SCHEME = "Bearer "


def metrics_page(request: Request) -> Response:
    """Answer with the figures; 401 for a missing or wrong token. Raises NotFound where none is set."""
    state = request.app.state
    if state.metrics_token is None:
        raise NotFound("page", request.url.path)
    header = request.headers.get("authorization", "")
    # Compared as bytes: texts beyond ASCII are refused by the comparison, and both take the same time.
    if not hmac.compare_digest(header.encode(), f"{_SCHEME}{state.metrics_token}".encode()):
        return Response(status_code=401, headers={**_NO_STORE, "WWW-Authenticate": 'Bearer realm="metrics"'})
    now = now_of(request)
    lines = [
        *_catalogue_lines(state.store.metrics.now(now), now),
        *_index_lines(state.store.change(), state.searcher),
        *_folder_lines(state.data, now),
        *_request_lines(state.requests),
    ]
    return Response("".join(f"{line}\n" for line in lines), headers=_NO_STORE, media_type=MEDIA_TYPE)


def _catalogue_lines(figures: MetricsSnapshot, now: datetime) -> Iterator[str]:
    jobs = {f'kind="{kind}",state="{state}"': number for (kind, state), number in figures.jobs.items()}
    yield from _metric("forge_jobs", "Jobs of the queue.", jobs)
    yield from _metric("forge_queue_oldest_seconds", "How long a job is due.", {"": _age(figures.due_since, now)})
    mirrors = _labelled("state", figures.mirrors)
    yield from _metric("forge_mirrors", "Copies of repositories, by how the last visit left them.", mirrors)
    yield from _metric("forge_visits_total", "Visits of repositories.", {"": figures.visits}, COUNTER)
    recent = _labelled("outcome", figures.recent_visits)
    yield from _metric("forge_visits_recent", "The last thousand visits, by how they ended.", recent)
    free = {f'free="{"yes" if free else "no"}"': number for free, number in figures.projects.items()}
    yield from _metric("forge_projects", "Projects that everybody may see, by whether they are free software.", free)
    yield from _metric("forge_organizations", "Organizations that everybody may see.", {"": figures.organizations})
    yield from _metric("forge_declarations_waiting", "Declarations that wait for a person.", {"": figures.waiting})
    waits = {"": _age(figures.waiting_since, now)}
    yield from _metric("forge_declarations_oldest_seconds", "How long the oldest of them waits.", waits)
    mail = figures.mail
    yield from _metric("forge_mail_waiting", "Messages that wait to be sent.", {"": mail.waiting})
    yield from _metric("forge_mail_oldest_seconds", "How long the oldest of them waits.", {"": _age(mail.since, now)})
    yield from _metric("forge_mail_failing", "Messages whose last try failed.", {"": mail.failing})
    peers = _labelled("state", figures.peers)
    yield from _metric("forge_peers", "Other catalogues, by what was decided about them.", peers)
    failing = {"": figures.peer_failures}
    yield from _metric("forge_peers_failing", "Other catalogues whose last visit took nothing over.", failing)
    yield from _metric("forge_database_bytes", "The size of the database.", {"": figures.database_bytes})


def _index_lines(change: int, searcher: Finder) -> Iterator[str]:
    try:
        behind = max(0, change - searcher.change)  # more may have been followed since the number was read
    except IndexMissing:
        behind = change
    yield from _metric("forge_index_behind_changes", "Public changes that search does not know yet.", {"": behind})


def _folder_lines(data: Path, now: datetime) -> Iterator[str]:
    disk = shutil.disk_usage(data)
    room = {'kind="free"': disk.free, 'kind="total"': disk.total}
    yield from _metric("forge_disk_bytes", "The disk of the data folder.", room)
    if (backup := last_backup(data)) is not None:
        yield from _metric(
            "forge_backup_age_seconds", "Since the last backup was read back.", {"": _age(backup.at, now)}
        )
    if (report := last_report(data)) is not None:
        numbers = {f'severity="{severity}"': len(report.of(severity)) for severity in SEVERITIES}
        yield from _metric("forge_findings", "What the last checkup found, by when it is to be mended.", numbers)
        age = {"": _age(report.at, now)}
        yield from _metric("forge_checkup_age_seconds", "Since the last checkup.", age)


def _request_lines(counts: RequestCounts) -> Iterator[str]:
    """The figures of this process; a program that sums them over the label `process` has those of all."""
    process = f'process="{os.getpid()}"'
    statuses = {f'{process},status="{first}xx"': number for first, number in sorted(counts.statuses.items())}
    yield from _metric("forge_requests_total", "Requests that were answered.", statuses, COUNTER)
    name, so_far = "forge_request_seconds", 0
    yield f"# HELP {name} How long the first byte of an answer took."
    yield f"# TYPE {name} {HISTOGRAM}"
    for bound in BOUNDS:
        so_far += counts.within[bound]
        yield f'{name}_bucket{{{process},le="{bound}"}} {so_far}'
    total = so_far + counts.within[float("inf")]
    yield f'{name}_bucket{{{process},le="+Inf"}} {total}'
    yield f"{name}_sum{{{process}}} {counts.seconds:.6f}"
    yield f"{name}_count{{{process}}} {total}"


def _age(since: datetime | None, now: datetime) -> int:
    return max(0, int((now - since).total_seconds())) if since else 0


def _labelled(label: str, counted: Mapping[str, int]) -> dict[str, int]:
    return {f'{label}="{value}"': number for value, number in counted.items()}


def _metric(name: str, description: str, values: Mapping[str, int], kind: str = GAUGE) -> Iterator[str]:
    """Yield the lines of a figure: `values` by their labels, which are words of ours and hold nothing to escape."""
    yield f"# HELP {name} {description}"
    yield f"# TYPE {name} {kind}"
    for labels, value in sorted(values.items()):
        yield f"{name}{{{labels}}} {value}" if labels else f"{name} {value}"
