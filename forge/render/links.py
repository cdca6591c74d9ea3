"""Resolves the links and pictures of a repository's document to our own pages. Nothing is fetched.

Addresses carry no language, which is unknown when a document is rendered: the site redirects them by the reader's.
"""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

PREFIX = "user-content-"  # of all ids of strangers, so that they never meet those of our pages
_LINE = re.compile(r"L\d+(?:-L\d+)?")


@dataclass(frozen=True)
class LinkBase:
    """The place of a document: the project's slug, the full commit id, the folder ("" at the top).

    Without a slug (a description in a form, a help page) relative links and pictures have no target and are dropped.
    """

    slug: str = ""
    commit: str = ""
    folder: str = ""

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> "LinkBase":
        return cls(options.get("slug", ""), options.get("commit", ""), options.get("folder", ""))

    def link(self, url: str) -> str | None:
        """The address for `<a href>`; None where it leads out of the repository or has a scheme that is not allowed."""
        parts = _split(url)
        if parts is None:
            return None
        if parts.scheme or parts.netloc:
            return self._external(parts, ("http", "https", "mailto"))
        if not parts.path:
            return f"#{_anchor(parts.fragment)}" if parts.fragment else None
        path = self._path(parts.path)
        if path is None:
            return None
        page = "tree" if not path or parts.path.endswith("/") else "blob"
        end = f"#{_anchor(parts.fragment)}" if parts.fragment else ""
        return f"/projects/{quote(self.slug)}/code/{page}/{quote(self.commit)}/{quote(path)}{end}"

    def picture(self, url: str) -> str | None:
        """The address of a picture inside the repository; None for any other, which is never loaded from elsewhere."""
        parts = _split(url)
        if parts is None or parts.scheme or parts.netloc:
            return None
        path = self._path(parts.path)
        return f"/projects/{quote(self.slug)}/raw/{quote(self.commit)}/{quote(path)}" if path else None

    def _external(self, parts: Any, schemes: tuple[str, ...]) -> str | None:
        scheme = parts.scheme.lower() or "https"
        if scheme not in schemes or (scheme != "mailto" and not parts.netloc):
            return None
        return str(parts._replace(scheme=scheme).geturl())

    def _path(self, written: str) -> str | None:
        """The path in the repository that `written` means; None outside of it. A leading slash is the top."""
        if not self.slug:
            return None
        base = "" if written.startswith("/") else self.folder
        path = posixpath.normpath(posixpath.join("/", base, unquote(written).lstrip("/")))
        climbs = posixpath.normpath(posixpath.join(base or ".", unquote(written).lstrip("/")))
        if climbs == ".." or climbs.startswith("../") or "\0" in path or "\\" in path:
            return None
        return path.lstrip("/")


def _split(url: str) -> Any:
    try:
        return urlsplit("".join(url.split()) if ":" in url else url.strip())
    except ValueError:
        return None


def _anchor(fragment: str) -> str:
    fragment = unquote(fragment)
    return quote(fragment if _LINE.fullmatch(fragment) or fragment.startswith(PREFIX) else PREFIX + fragment)
