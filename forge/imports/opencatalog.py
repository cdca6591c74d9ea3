"""Reads an Open Catalog API server, page by page: its software with the publiccode.yml that each one carries.

Pages follow each other by `links.next`, a query string; software that is not active is left out. Only GET is sent,
only to the one host that was named, and within bounds of pages, bytes and time.
"""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from forge.imports import publiccode
from forge.imports.read_source import MAX_RECORDS, ImportedProject, ImportProblem, ReadSource, without_duplicates
from forge.observe.bounded import Unreadable, json_of
from forge.observe.core.privacy_filter import web_address
from forge.security.safe_http import AddressRules, Refused, Unreachable

PAGE_SIZE = 100  # what servers give at most
MAX_PAGES = 400
MAX_PAGE_BYTES = 16_000_000
PAGE_SECONDS = 30.0
MAX_QUERY = 2_000  # characters of `links.next`


def is_address(source: str) -> bool:
    return source.startswith(("https://", "http://"))


def read_server(addresses: AddressRules, source: str) -> ReadSource:
    """Read everything that the server at `source`, such as https://host/v1, shows of active software."""
    address = _software_address(source)
    query = f"?page[size]={PAGE_SIZE}".replace("[", "%5B").replace("]", "%5D")
    projects: list[ImportedProject] = []
    problems: list[ImportProblem] = []
    asked = set()
    for _ in range(MAX_PAGES):
        asked.add(query)
        try:
            answer = addresses.follow(
                address + query,
                headers={"Accept": "application/json"},
                max_bytes=MAX_PAGE_BYTES,
                timeout_seconds=PAGE_SECONDS,
            )
        except (Refused, Unreachable) as wrong:
            return without_duplicates(projects, [*problems, ImportProblem(address, 0, "", str(wrong))], complete=False)
        if answer.status != 200:
            sentence = f"The server answers {answer.status}; check the address, which usually ends with /v1."
            return without_duplicates(projects, [*problems, ImportProblem(address, 0, "", sentence)], complete=False)
        try:
            page = json_of(answer.body, max_bytes=MAX_PAGE_BYTES)
        except Unreadable as wrong:
            return without_duplicates(
                projects, [*problems, ImportProblem(address, wrong.line, "", str(wrong))], complete=False
            )
        data = page.get("data") if isinstance(page, dict) else None
        if not isinstance(data, list):
            sentence = "The answer has no list `data`: this is no Open Catalog API."
            return without_duplicates(projects, [*problems, ImportProblem(address, 0, "", sentence)], complete=False)
        for entry in data:
            project, unfit = _project_of(entry, address)
            projects += [project] if project else []
            problems += unfit
        links = page.get("links")
        following = links.get("next") if isinstance(links, dict) else None
        if not following:
            return without_duplicates(projects, problems)
        if not isinstance(following, str) or not following.startswith("?") or len(following) > MAX_QUERY:
            problem = ImportProblem(
                address, 0, "links.next", "The next page is named by no query string; it was not read."
            )
            return without_duplicates(projects, [*problems, problem], complete=False)
        if following in asked or len(projects) > MAX_RECORDS:
            break
        query = following
    problem = ImportProblem(
        address, 0, "", f"Not all pages were read: at most {MAX_PAGES} of them, none of them twice."
    )
    return without_duplicates(projects[:MAX_RECORDS], [*problems, problem], complete=False)


def _software_address(source: str) -> str:
    parts = urlsplit(source)
    path = parts.path.rstrip("/").removesuffix("/software") or "/v1"
    return urlunsplit((parts.scheme, parts.netloc, f"{path}/software", "", ""))


def _project_of(entry: Any, address: str) -> tuple[ImportedProject | None, list[ImportProblem]]:
    if not isinstance(entry, dict) or entry.get("active") is False:
        return None, []
    text, url = entry.get("publiccodeYml"), web_address(entry.get("url"))
    place = url or f"{address}/{str(entry.get('id'))[:40]}"
    if not isinstance(text, str) or not text.strip():
        sentence = "The server knows this address alone, and nothing about the project."
        return None, [ImportProblem(place, 0, "publiccodeYml", sentence)]
    project, problems = publiccode.read_text(text.encode("utf-8", "replace"), place)
    if project is None:
        return None, problems
    record = dict(project.record)
    if url and "repository" not in record:
        record["repository"] = url
    return ImportedProject(place, 0, record, project.organizations), problems
