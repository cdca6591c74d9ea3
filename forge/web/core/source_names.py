"""What people call a source that a document states by its address: the README of a project, its list of changes, a
website. Pure. `base/source-macros.html` has the words.
"""

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from urllib.parse import urlsplit

from catalog import text_rules as rules

# A file of a repository in the pages of a forge: GitHub and Gitea, GitLab, raw files of GitHub.
_FILE_PAGE = re.compile(
    r"https?://(?:www\.)?(?P<host>[^/]+)/(?P<repository>[^/]+/[^/]+?)(?:\.git)?"
    r"(?:/-)?/(?:blob|raw|tree|src)/(?:(?:branch|tag|commit)/)?[^/]+/(?P<path>[^?#]+)"
)
_RAW_FILE = re.compile(r"https?://raw\.githubusercontent\.com/(?P<repository>[^/]+/[^/]+)/[^/]+/(?P<path>[^?#]+)")
_COMMIT_PAGE = re.compile(r"https?://[^/]+/(?P<repository>[^/]+/[^/]+?)(?:/-)?/commit/[0-9a-f]{7,40}/?")
# What a file is by its path, the first that fits; all else in a repository is its code, or data of somebody else's.
_SORTS = (
    ("readme", re.compile(r"(?:^|/)readme[^/]*$")),
    ("license", re.compile(r"(?:^|/)(?:licen[cs]es?|copying|copyright|unlicense)[^/]*(?:/[^/]*)?$")),
    ("contributing", re.compile(r"(?:^|/)contributing[^/]*$")),
    ("security", re.compile(r"(?:^|/)security[^/]*$")),
    ("changes", re.compile(r"(?:^|/)(?:changelog[^/]*|(?:changes|news|history|releases?)(?:\.[^/]*)?)$")),
    ("publiccode", re.compile(r"(?:^|/)publiccode\.ya?ml$")),
    (
        "package",
        re.compile(
            r"(?:^|/)(?:package\.json|composer\.json|pyproject\.toml|setup\.(?:py|cfg)|cargo\.toml|gemfile|mix\.exs|pom\.xml"
            r"|build\.gradle(?:\.kts)?|go\.mod|info\.xml|__manifest__\.py|codemeta\.json|[^/]+\.gemspec|meta\.json)$"
        ),
    ),
    (
        "translations",
        re.compile(r"(?:^|/)(?:locales?|lang|langs|languages|i18n|translations|l10n|po)(?:/|$)|\.(?:po|pot|arb)$"),
    ),
    (
        "documentation",
        re.compile(r"(?:^|/)(?:docs?|documentation|manual|wiki|help|guides?)/|\.(?:md|mdx|rst|adoc|docbook|textile)$"),
    ),
)
_DATA = re.compile(r"\.(?:json|ya?ml|csv|toml)$")
_REGISTRY = "dpgalliance/publicgoods-candidates"  # of digital public goods
_DOCUMENTATION = re.compile(r"(?:docs?|documentation|handbook|manual|guide|wiki)$", re.IGNORECASE)


@dataclass(frozen=True)
class SourceName:
    """`sort`: readme | license | contributing | security | changes | publiccode | package | translations |
    documentation | code | data | registry | website. `name`: of the repository or the website; `own`: it is the
    project's own. `address`: it is stated as one (`https://…`), so that its date is the day on which somebody looked
    there; of `owner/name@commit:path` it is the date of the version."""

    sort: str
    name: str
    own: bool = False
    address: bool = field(default=False, compare=False)


@lru_cache(maxsize=4_096)
def source_name(source: str, repository: str | None = None) -> SourceName | None:
    """The name of a source; `repository`: the address of the project's own. None for a text that is no address."""
    place = rules.repository_source(source)
    if place is not None:
        return _in_repository(place.repository, place.path or "", repository)
    for pattern in (_RAW_FILE, _FILE_PAGE, _COMMIT_PAGE):
        if page := pattern.fullmatch(source.partition("#")[0].partition("?")[0]):
            name = _in_repository(page["repository"], page.groupdict().get("path") or "", repository)
            return replace(name, address=True)
    try:
        host = urlsplit(source).hostname if source.startswith(("https://", "http://")) else None
    except ValueError:
        return None
    return SourceName("website", host.removeprefix("www."), address=True) if host else None


def _in_repository(name: str, path: str, own: str | None) -> SourceName:
    if name.lower() == _REGISTRY:
        return SourceName("registry", name)
    lowered = path.lower()
    sort = next((sort for sort, pattern in _SORTS if path and pattern.search(lowered)), "code")
    is_own = own is not None and _path_of(own) == name.lower()
    if sort == "code" and path and _DOCUMENTATION.search(name.rpartition("/")[2]):
        sort = "documentation"
    elif sort == "code" and not is_own and _DATA.search(lowered):
        sort = "data"
    return SourceName(sort, name, is_own)


def _path_of(repository: str) -> str:
    return re.sub(r"^[a-z+]+://[^/]+/|\.git/?$|/$", "", repository.lower())
