"""Entity tags of answers, and whether a reader has an answer already (RFC 9110, sections 8.8.3 and 13.1.2)."""

import hashlib
import re

from starlette.datastructures import Headers
from starlette.requests import Request

_LISTED = re.compile(r'(?:^|,)[ \t]*(?:W/)?("[^"]*")(?=[ \t]*(?:,|$))')


def etag_of(content: bytes) -> str:
    """The tag of an answer that is made of this content: a weak one, since it is sent compressed and not."""
    return f'W/"{hashlib.sha256(content).hexdigest()[:24]}"'


def not_modified(request: Request, tag: str) -> bool:
    """Whether the reader has what this tag stands for, so that 304 is the whole answer."""
    return request.method in ("GET", "HEAD") and is_known(request.headers, tag)


def is_known(headers: Headers, tag: str) -> bool:
    """Whether `If-None-Match` names this tag. Compared weakly: what compresses on the way may make a tag weak."""
    tags = ",".join(headers.getlist("if-none-match"))
    return tags.strip() == "*" or tag.removeprefix("W/") in _LISTED.findall(tags)
