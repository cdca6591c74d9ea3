"""What a package's manifest states, in one shape for all ecosystems, and values that they write alike.

Authors and maintainers are persons, or cannot be distinguished from them: no reader takes them.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from forge.observe.core.metadata_values import one_line
from forge.observe.core.privacy_filter import web_address

MAX_NAME = 100  # characters
MAX_LICENSES = 8

_HOSTS = ("github.com", "gitlab.com", "codeberg.org", "bitbucket.org", "framagit.org")  # https serves what ssh does
_PAGE = re.compile(
    rf"https?://(?:www\.)?(?:{'|'.join(map(re.escape, _HOSTS))})/[\w.-]+/[\w.-]+/?(?:#readme)?", re.ASCII
)
_SHORT = re.compile(r"(?:(github|gitlab|bitbucket):)?([\w.-]+/[\w.-]+)", re.ASCII)
_SHORT_HOSTS = {"gitlab": "gitlab.com", "bitbucket": "bitbucket.org"}
_SSH = re.compile(r"(?:(?:ssh|git)://)?(?:git@)?([\w.-]+)[:/](?:\d+/)?([\w.~/-]+)", re.ASCII)


@dataclass(frozen=True)
class PackageManifest:
    """`licenses` in their own words: one expression each, of which `choice` says that one may choose.

    `installs` is the term of how its ecosystem installs it, None where it does not.
    """

    name: str | None = None
    licenses: tuple[str, ...] = ()
    choice: bool = False
    homepage: str | None = None
    documentation: str | None = None
    issues: str | None = None
    repository: str | None = None
    organization: str | None = None
    funding: tuple[str, ...] = ()
    installs: tuple[str, ...] = ()

    def as_told(self) -> dict[str, Any]:
        """JSON-safe and bounded, without what is not stated."""
        values = {key: value for key, value in asdict(self).items() if value not in (None, (), False)}
        return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}


def group(value: Any, *keys: str) -> Mapping[str, Any]:
    """The mapping at the end of `keys`; an empty one where something else stands there."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def texts(value: Any) -> tuple[str, ...]:
    """The texts in a list, or the one text."""
    several = value if isinstance(value, list | tuple) else [value]
    return tuple(text for entry in several[:2_000] if (text := one_line(entry, 200)))


def label(value: Any) -> str | None:
    """A project's name."""
    return one_line(value, MAX_NAME)


def address(value: Any) -> str | None:
    return web_address(value.strip()) if isinstance(value, str) else None


def on_host(url: str) -> bool:
    """Whether an address is a repository's page on a well-known host."""
    return bool(_PAGE.fullmatch(url))


def repository(value: Any) -> str | None:
    """The https address of a repository, from any of the ways in which manifests write it; None where it has none.

    >>> repository("git+ssh://git@github.com/galette/galette.git")
    'https://github.com/galette/galette.git'
    """
    if not isinstance(value, str):
        return None
    text = value.strip().removeprefix("scm:").removeprefix("git:" if value.startswith("scm:git:") else "")
    text = text.removeprefix("git+")
    if short := _SHORT.fullmatch(text):
        return f"https://{_SHORT_HOSTS.get(short[1] or '', 'github.com')}/{short[2]}"
    if web := web_address(text):
        return (
            web.replace("http://", "https://", 1)
            if web.startswith(tuple(f"http://{host}/" for host in _HOSTS))
            else web
        )
    match = _SSH.fullmatch(text)
    return f"https://{match[1]}/{match[2].lstrip('/')}" if match and match[1] in _HOSTS else None
