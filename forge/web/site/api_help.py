"""The page that explains the API: our text, and each route with a command that can be tried.

The reference is generated from the descriptions beside the routes, in English as they are.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from forge.web.api.route import DescribedRoute, Operation
from forge.web.core.markdown import is_unproofread, own_page
from forge.web.core.render import base_url, manifest_of, page

_NAMES = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class ShownOperation:
    """One method of one address. `command` is for a shell; values that cannot be known before are variables in it."""

    method: str
    path: str
    operation: Operation
    command: str


def api_help_page(request: Request) -> Response:
    title, body = own_page("help/api", request.state.page_language.tag)
    groups: dict[str, list[ShownOperation]] = {}
    sample_slugs = _sample_slugs(request)
    for route in request.app.routes:
        if isinstance(route, DescribedRoute):
            operations = [
                ShownOperation(method, route.path, operation, _command(request, route, method, operation, sample_slugs))
                for method, operation in route.operations.items()
            ]
            groups.setdefault(route.tag, []).extend(operations)
    manifest = manifest_of(request)
    draft = is_unproofread(title.language, manifest.readers if manifest else {})
    return page(request, "site/api-help.html", title=title, body=body, unread=draft, groups=groups)


def _sample_slugs(request: Request) -> Mapping[str, str]:
    """Slugs of a project and an organization of this catalogue, so that each command works here."""
    store = request.app.state.store
    projects = store.home_page.added(1)
    _, organizations = store.api_lists.organizations(limit=1)
    return {
        "projects": projects[0].slug if projects else "galette",
        "organizations": organizations[0][1].slug if organizations else "coop",
    }


def _command(
    request: Request, route: DescribedRoute, method: str, operation: Operation, sample_slugs: Mapping[str, str]
) -> str:
    examples = dict(operation.examples or {})
    kind = next((part for part in ("projects", "organizations") if f"/{part}/" in route.path), "")

    def filled(match: re.Match[str]) -> str:
        name = match[1]
        value = examples.pop(name, None) or (sample_slugs.get(kind) if name == "slug" else None)
        return value or f"${name.upper()}"

    path = _NAMES.sub(filled, route.path)
    query = "&".join(f"{name}={value}" for name, value in examples.items())
    parts = [f'curl "{base_url(request)}{path}{"?" if query else ""}{query}"']
    if method not in ("GET", "POST"):
        parts.insert(1, f"-X {method}")
    if operation.needs_token:
        parts.append('-H "Authorization: Bearer $TOKEN"')
    if operation.body is not None:
        parts += ['-H "Content-Type: application/json"', f"-d '{_shell_quoted_json(operation.example)}'"]
    return " \\\n  ".join(parts)


def _shell_quoted_json(example: Any) -> str:
    """JSON for single quotes of a shell; a variable is put between double quotes."""
    text = json.dumps(example, ensure_ascii=False).replace("'", "\\u0027")
    return re.sub(r"\$[A-Z]+", lambda match: f"'\"{match[0]}\"'", text)
