"""Finds the address of a repository in what people paste: a page of a forge, an ssh address, a whole command. Pure.

Whether the host may be contacted, `forge.security.safe_http` decides.
"""

import re
from urllib.parse import urlsplit

MAX_TYPED = 2_000
_COMMAND = re.compile(r"^(?:\$\s*)?git\s+clone\s+(?:-\S+\s+(?:\d+\s+)?)*")
_SSH = re.compile(r"^(?:ssh://)?(?:[\w.-]{1,64}@)([\w.-]{1,253})(?::(?!\d+/)|:\d{1,5}/|/)/?(.+)$")
_BEGINNING = re.compile(r"(?<![/=])https?://", re.IGNORECASE)  # of an address that stands in no other one
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]{1,20}://", re.IGNORECASE)
_LOCAL = re.compile(r"^(?:localhost|[\d.]+|\[[0-9a-f:]+\])(?::\d+)?$", re.IGNORECASE)
# The parts of an address below a repository at forges: GitLab's "-", the trees and files of the others.
_BELOW = """
    - tree blob blame src commit commits branches tags releases issues pulls pull merge_requests wiki wikis actions raw
    log refs summary about plain activity graphs network stargazers forks discussions projects security
"""
_ROOMS = frozenset(_BELOW.split())
OWNER_AND_NAME = 2


def pasted(text: str, *, upgrade: bool = True) -> str:
    """The address that somebody means; what is no address comes back as it was typed, trimmed.

    `upgrade`: http becomes https, but for numbers and this machine.

    >>> pasted("git clone git@codeberg.org:group/tool.git"), pasted("github.com/galette/galette/tree/main?tab=readme")
    ('https://codeberg.org/group/tool.git', 'https://github.com/galette/galette')
    """
    typed = text.strip()[:MAX_TYPED].strip("<>\"'`“”«» ")
    typed = _COMMAND.sub("", typed).split(" ")[0].strip("<>\"'`") if typed else ""
    ssh = _SSH.match(typed)
    if ssh and not typed.lower().startswith(("http://", "https://")):
        return _repository(f"https://{ssh[1]}/{ssh[2]}", upgrade)
    if typed.lower().startswith(("git://", "git+https://", "git+ssh://")):
        typed = "https://" + typed.partition("://")[2].rpartition("@")[2]
    if not _SCHEME.match(typed):
        if "/" not in typed or "." not in typed.partition("/")[0]:
            return typed
        typed = f"https://{typed}"
    return _repository(typed, upgrade)


def are_several(text: str) -> bool:
    """Whether somebody pasted more than one web address.

    >>> are_several("https://a.org/x https://b.org/y"), are_several("https://web.archive.org/web/https://a.org/x")
    (True, False)
    """
    return len(_BEGINNING.findall(text[:MAX_TYPED])) > 1


def _repository(url: str, upgrade: bool) -> str:
    """The address without what leads into a repository or says how to show it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if not parts.netloc or "@" in parts.netloc:  # a password is refused where addresses are judged, not passed over
        return url
    segments = parts.path.split("/")
    ended = next((at for at, segment in enumerate(segments) if segment.endswith(".git") and at), None)
    room = next((at for at, segment in enumerate(segments) if segment in _ROOMS and at > OWNER_AND_NAME), None)
    cut = ended + 1 if ended is not None else room
    path = "/".join(segments[:cut]).rstrip("/")
    scheme = parts.scheme.lower()
    if upgrade and scheme == "http" and not _LOCAL.match(parts.netloc):
        scheme = "https"
    return f"{scheme}://{parts.netloc}{path}"
