"""Parses the bytes of a commit, tolerantly and in a time that grows with their length, whatever is in them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from forge.git.objects import is_oid

# Of commits, where they name one (https://git-scm.com/docs/git-commit#_discussion). Others are read as UTF-8: a codec
# of Python's may also unpack, or take quadratic time.
_ENCODINGS = frozenset(
    ["big5", "cp932", "cp949", "euc-jp", "euc-kr", "gb18030", "gb2312", "gbk", "koi8-r", "koi8-u", "latin-1", "latin1"]
    + ["shift_jis", "shift-jis", "sjis"]
    + [f"iso{dash}8859-{part}" for dash in ("", "-") for part in (*range(1, 12), *range(13, 17))]
    + [f"{kind}{page}" for kind in ("cp", "windows-") for page in range(1250, 1259)]
)


@dataclass(frozen=True)
class Commit:
    """One commit; times are aware UTC, or None where the object has none that can be."""

    oid: str
    tree: str
    parents: tuple[str, ...]
    author: str
    authored_at: datetime | None
    committed_at: datetime | None
    message: str
    cut: bool = False  # there is more of it than was read

    @property
    def subject(self) -> str:
        return self.message.strip().partition("\n")[0]


def parsed(oid: str, data: bytes, size_bytes: int) -> Commit:
    """A commit of so many bytes, from those of them that were read."""
    headers, _, message = data.partition(b"\n\n")
    lines = [line.partition(b" ")[::2] for line in headers.split(b"\n")]
    fields = {key: value for key, value in reversed(lines)}
    encoding = _encoding(fields.get(b"encoding", b""))
    author, authored_at = _person(fields.get(b"author", b""), encoding)
    _committer, committed_at = _person(fields.get(b"committer", b""), encoding)
    parents = tuple(parent for key, value in lines if key == b"parent" and is_oid(parent := _text(value)))
    return Commit(
        oid=oid,
        tree=_text(fields.get(b"tree", b"")),
        parents=parents,
        author=author,
        authored_at=authored_at,
        committed_at=committed_at,
        message=_text(message, encoding),
        cut=len(data) < size_bytes,
    )


def moment(seconds: bytes) -> datetime | None:
    """A time as git prints it; None where it is none that can be."""
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(seconds))
    except (ValueError, OverflowError):
        return None


def _person(line: bytes, encoding: str) -> tuple[str, datetime | None]:
    """The name and the date of "Ana <ana@example.org> 1700000000 +0000". Of what stands behind the address only the
    last two words are looked at, so that the work grows with the length of the line, whatever is in it."""
    name, bracket, rest = line.partition(b"<")
    _address, closing, behind = rest.rpartition(b">")
    if not bracket or not closing:
        return _text(line, encoding).strip(), None
    words = behind.rsplit(None, 2)[-2:]
    if words and words[-1][:1] in (b"+", b"-") and words[-1][1:].isdigit():
        words.pop()  # the time zone
    date = words[-1] if words else b""
    return _text(name, encoding).strip(), moment(date) if date.removeprefix(b"-").isdigit() else None


def _encoding(label: bytes) -> str:
    name = label[:20].decode("ascii", "replace").strip().lower()
    return name if name in _ENCODINGS else "utf-8"


def _text(data: bytes, encoding: str = "utf-8") -> str:
    return data.decode(encoding, "replace")
