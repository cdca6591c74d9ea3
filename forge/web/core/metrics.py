"""Figures for monitoring, in the text format of Prometheus, for who shows the token of the settings. Without that
setting the address does not exist. No label names a person, an organization or a project.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

import hmac
from collections.abc import Iterator, Mapping

from starlette.requests import Request
from starlette.responses import Response

from catalog.errors import NotFound
from catalog.store.core.metrics import MetricsSnapshot
from forge.web.core.render import now_of

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_NO_STORE = {"Cache-Control": "no-store"}
_SCHEME = "Bearer "


def metrics_page(request: Request) -> Response:
    """Answer with the figures; 401 for a missing or wrong token. Raises NotFound where none is set."""
    token = request.app.state.metrics_token
    if token is None:
        raise NotFound("page", request.url.path)
    given = request.headers.get("authorization", "")
    # Compared as bytes: texts beyond ASCII are refused by the comparison, and both take the same time.
    if not hmac.compare_digest(given.encode(), f"{_SCHEME}{token}".encode()):
        return Response(status_code=401, headers={**_NO_STORE, "WWW-Authenticate": 'Bearer realm="metrics"'})
    now = now_of(request)
    figures: MetricsSnapshot = request.app.state.store.metrics.now(now)
    waited = (now - figures.waiting_since).total_seconds() if figures.waiting_since else 0
    jobs = {f'kind="{kind}",state="{state}"': number for (kind, state), number in figures.jobs.items()}
    lines = [
        *_gauge("forge_jobs", "Jobs of the queue.", jobs),
        *_gauge("forge_mirrors", "Copies of repositories, by how the last visit left them.", _states(figures.mirrors)),
        *_gauge(
            "forge_projects",
            "Projects that everybody may see, by whether they are free software.",
            {f'free="{"yes" if free else "no"}"': number for free, number in figures.projects.items()},
        ),
        *_gauge("forge_organizations", "Organizations that everybody may see.", {"": figures.organizations}),
        *_gauge("forge_declarations_waiting", "Declarations that wait for a person.", {"": figures.waiting}),
        *_gauge("forge_declarations_oldest_seconds", "How long the oldest of them waits.", {"": max(0, int(waited))}),
        *_gauge("forge_peers", "Other catalogues, by what was decided about them.", _states(figures.peers)),
        *_gauge("forge_open_catalog_posted", "What crawlers posted by the Open Catalog API.", _kinds(figures.posted)),
        *_gauge("forge_open_catalog_webhooks", "Webhooks, by how the last call ended.", _states(figures.webhooks)),
        *_gauge("forge_database_bytes", "The size of the database.", {"": figures.database_bytes}),
    ]
    return Response("".join(f"{line}\n" for line in lines), headers=_NO_STORE, media_type=MEDIA_TYPE)


def _states(counted: Mapping[str, int]) -> dict[str, int]:
    return {f'state="{state}"': number for state, number in counted.items()}


def _kinds(counted: Mapping[str, int]) -> dict[str, int]:
    return {f'kind="{kind}"': number for kind, number in counted.items()}


def _gauge(name: str, says: str, values: Mapping[str, int]) -> Iterator[str]:
    """Yield the lines of a gauge: `values` by their labels, which are words of ours and hold nothing to escape."""
    yield f"# HELP {name} {says}"
    yield f"# TYPE {name} gauge"
    for labels, value in sorted(values.items()):
        yield f"{name}{{{labels}}} {value}" if labels else f"{name} {value}"
