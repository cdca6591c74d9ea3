"""Read addresses in what was typed: a project's own site or repository is that project, of others the name is looked
for."""

import re
from collections.abc import Iterator

from catalog import text_rules
from catalog.model import Project
from catalog.search import normalize
from catalog.search.snapshot import IndexSnapshot

MAX_ADDRESSES = 3
_ADDRESS = re.compile(
    r"(?P<scheme>https?://)?(?:[\w.+-]+@)?(?P<host>[\w-]+(?:\.[\w-]+)+)(?P<rest>[/:?#]\S*)?", re.IGNORECASE
)
# Sites where the path says which project: account and repository come first in it.
_CODE_HOST = re.compile(r"^(?:github|gitlab|codeberg|bitbucket|framagit|sourceforge|sr|salsa|git|gitea|forge)\b")


def address_keys(project: Project) -> Iterator[str]:
    """The keys by which a record is found by its addresses, as `normalize.name_key`s."""
    for address in (project.homepage, project.repository, project.demo):
        if address:
            yield normalize.name_key(_bare(address))


def with_read_addresses(opened: IndexSnapshot, text: str) -> str:
    """A text with each address of a project in its shortest form, and with what others are likely named after in place
    of them: "https://peertube.example.org/about" is "peertube"."""
    typed = text[: normalize.MAX_QUERY]
    if "." not in typed:
        return text
    pieces, read = typed.split(), 0
    for at, piece in enumerate(pieces):
        found = _ADDRESS.fullmatch(piece.strip("<>()[]\"'«»,;"))
        if found and read < MAX_ADDRESSES:
            said = _what_it_says(opened, found)
            pieces[at], read = said or piece, read + bool(said)
    return " ".join(pieces) if read else text


def _what_it_says(opened: IndexSnapshot, found: re.Match[str]) -> str | None:
    """The address of a project that begins this one, or the name in it; None where it may be no address at all, as in
    "Booking.com"."""
    bare = _bare(found.group())
    for end in (len(bare), *(at.start() for at in reversed([*re.finditer("/", bare)]))):
        if _is_exact(opened, normalize.name_key(bare[:end])):
            return bare[:end]
    host, rest = found["host"].lower().removeprefix("www."), found["rest"] or ""
    labels = host.split(".")[:-1]
    path = [part for part in re.split(r"[/?#]", rest) if part]
    if _CODE_HOST.match(host) and len(path) > 1:
        return path[1].removesuffix(".git")
    names = [label for label in labels if _is_exact(opened, normalize.name_key(label))]
    if names:
        return names[0]
    written_out = found["scheme"] or rest or "@" in found.group() or found["host"].lower().startswith("www.")
    return max(labels, key=len) if written_out else None


def _is_exact(opened: IndexSnapshot, key: str) -> bool:
    return int(opened.searcher.doc_freq("exact", key)) > 0


def _bare(address: str) -> str:
    """An address without scheme, "www.", account, query and fragment."""
    return text_rules.repository_key(re.split(r"[?#]", address)[0]).rpartition("@")[2]
