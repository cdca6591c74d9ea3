"""Reads machine-readable `debian/copyright` (https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/) and
REUSE's older `.reuse/dep5`, which has the same form. It is the packager's statement, with the texts it quotes;
`forge.observe.license.reading` decides what it means for the whole.

Where a text below a short name is another license, the text is believed: "MIT" there names half a dozen.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from catalog.licenses import expressions as spdx_expressions
from forge.observe.license.ids import canonical

MAX_STANZAS = 2_000
MAX_PARTS = 200  # patterns of files with a license of their own that are returned
MAX_NAME_CHARACTERS = 300

_FORMAT = re.compile(r"^(?:Format(?:-Specification)?|Format-specification):", re.IGNORECASE | re.MULTILINE)
_FIELD = re.compile(r"([A-Za-z][A-Za-z-]{0,40}):[ \t]*(.*)")
_GNU_NAME = re.compile(
    r"(?:gnu )?(a|l)?gpl(?:[-_ ]?v?(\d)(?:\.(\d))?)?(\+|-or-later|-only| or later| only)?", re.IGNORECASE
)
_GFDL_NAME = re.compile(
    r"gfdl(-niv|-no-invariants?)?-?(1\.[123])(\+|-or-later|-only)?(-no-invariants?)?", re.IGNORECASE
)
_EXCEPTION_NAME = re.compile(r"(.+?)[- ]with[- ](.+?)(?:[- ]exceptions?)?$", re.IGNORECASE)

# Short names that SPDX spells otherwise, folded. What means several licenses ("BSD", "MIT/X11") is not here.
_NAMES = {
    "expat": "MIT", "bsd-2": "BSD-2-Clause", "bsd2": "BSD-2-Clause", "bsd-3": "BSD-3-Clause", "bsd3": "BSD-3-Clause",
    "bsd-2-clauses": "BSD-2-Clause", "bsd-3-clauses": "BSD-3-Clause", "bsd-4": "BSD-4-Clause",
    "artistic": "Artistic-1.0-Perl",  # Debian's /usr/share/common-licenses/Artistic is Perl's
    "artistic-2": "Artistic-2.0", "perl": "Artistic-1.0-Perl OR GPL-1.0-or-later", "apache-2": "Apache-2.0",
    "apache 2.0": "Apache-2.0", "apache2": "Apache-2.0", "mpl-2": "MPL-2.0", "mpl-1": "MPL-1.0", "cc0": "CC0-1.0",
    "openldap-2.8": "OLDAP-2.8", "boost-1.0": "BSL-1.0", "bsl-1": "BSL-1.0", "sil-1.1": "OFL-1.1",
    "sil-ofl-1.1": "OFL-1.1", "zlib/libpng": "Zlib", "psf-2": "PSF-2.0", "ms-pl": "MS-PL", "zope-2.1": "ZPL-2.1",
    "w3c-software": "W3C", "cecill-2": "CECILL-2.0", "apache-2-llvm": "Apache-2.0 WITH LLVM-exception",
}  # fmt: skip
_EXCEPTION_NAMES = {
    "classpath": "Classpath-exception-2.0", "font": "Font-exception-2.0", "llvm": "LLVM-exception",
    "bison": "Bison-exception-2.2", "libtool": "Libtool-exception", "linux-syscall-note": "Linux-syscall-note",
    "autoconf-data": "Autoconf-exception-generic", "gcc-runtime-library-3.1": "GCC-exception-3.1",
}  # fmt: skip
# Names under which people file several texts of one kind.
_LOOSE = re.compile(r"MIT|X11|ISC|HPND|Zlib|libpng|BSD-.*|curl|NTP", re.IGNORECASE)


class QuotedLicense(Protocol):
    """The reading of a text that the file quotes."""

    @property
    def license(self) -> str | None: ...
    @property
    def texts(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class PackagerStatement:
    """`whole` is the license of the package, None where not sure; `parts` are patterns with a license of their own."""

    whole: str | None
    parts: tuple[tuple[str, str | None], ...] = ()


@dataclass
class _Stanza:
    files: list[str] | None
    name: str
    body: str
    first: bool


def is_copyright(path: str) -> bool:
    """Whether this is the path of a packager's statement."""
    return path in ("debian/copyright", ".reuse/dep5") or path.endswith("/debian/copyright")


def is_machine_readable(text: str) -> bool:
    return bool(_FORMAT.search(text, 0, 2_000))


def read_copyright(text: str, tell: Callable[[str], QuotedLicense]) -> PackagerStatement:
    """What the file says: of the whole by the header's License, else by `Files: *`, else by all but debian/*."""
    stanzas = list(_stanzas(text))
    bodies: dict[str, str] = {}
    for stanza in stanzas:
        if stanza.body and stanza.name:
            bodies.setdefault(_folded(stanza.name), stanza.body)
    reader = _Reader(bodies, tell)
    of_files = [stanza for stanza in stanzas if stanza.files and stanza.name]
    header = next((stanza for stanza in stanzas if stanza.first and stanza.name), None)
    whole = header or next((stanza for stanza in of_files if "*" in (stanza.files or ())), None)
    if whole:
        answer = reader.expression(whole)
    else:
        own = [
            stanza
            for stanza in of_files
            if not all(file_pattern.startswith("debian/") for file_pattern in stanza.files or ())
        ]
        expressions = dict.fromkeys(reader.expression(stanza) for stanza in own)
        known_expressions = [expression for expression in expressions if expression]
        answer = (
            _joined(known_expressions, "AND")
            if known_expressions and len(known_expressions) == len(expressions)
            else None
        )
    parts: dict[str, str | None] = {}
    for stanza in of_files:
        for pattern in stanza.files or ():
            if pattern != "*" and len(parts) < MAX_PARTS:
                parts[pattern] = reader.expression(stanza)
    return PackagerStatement(
        answer, tuple((pattern, license) for pattern, license in parts.items() if license != answer)
    )


class _Reader:
    """Turns short names into SPDX expressions, each once."""

    def __init__(self, bodies: dict[str, str], tell: Callable[[str], QuotedLicense]):
        self._bodies, self._tell = bodies, tell
        self._expressions: dict[tuple[str, str], str | None] = {}
        self._quoted_texts: dict[str, QuotedLicense] = {}

    def expression(self, stanza: _Stanza) -> str | None:
        key = stanza.name, stanza.body
        if key not in self._expressions:
            self._expressions[key] = self._combined_expression(stanza.name, stanza.body)
        return self._expressions[key]

    def _combined_expression(self, name: str, body: str) -> str | None:
        # ", and" binds less than "or", and "and" more: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
        for divider, operator in (
            (r",\s*and\s+", "AND"),
            (r",\s*or\s+", "OR"),
            (r"\s+or\s+", "OR"),
            (r"\s+and\s+", "AND"),
        ):
            parts = re.split(divider, name, flags=re.IGNORECASE)
            if len(parts) > 1 and not re.search(r"\bor (?:later|any)\b", name, re.IGNORECASE):
                licenses = [
                    self._combined_expression(part.strip(), self._bodies.get(_folded(part), "")) for part in parts
                ]
                return _joined([license for license in licenses if license], operator) if all(licenses) else None
        return self._single_expression(name, body or self._bodies.get(_folded(name), ""))

    def _single_expression(self, name: str, body: str) -> str | None:
        named = expression_of_name(name)
        if not body:
            return named
        if body not in self._quoted_texts:
            self._quoted_texts[body] = self._tell(body)
        quoted_text = self._quoted_texts[body]
        quoted = quoted_text.license if len(quoted_text.texts) == 1 else None
        if named is None or quoted is None:
            # A text that holds several licenses is known by the name that its packager gave it, or not at all.
            return named or quoted
        if spdx_expressions.without_suffix(named) == spdx_expressions.without_suffix(quoted):
            later = "-or-later" in quoted and named.endswith("-only")
            return spdx_expressions.without_suffix(named) if later else named
        if quoted.startswith(f"{named} WITH "):
            return quoted
        return quoted if _LOOSE.fullmatch(named) and spdx_expressions.is_free(quoted) is not False else None


def expression_of_name(name: str) -> str | None:
    """The SPDX expression that a short name stands for; None where it stands for several, or for a text of its own."""
    name = " ".join(name.split())[:MAX_NAME_CHARACTERS]
    folded = _folded(name)
    if gnu := _GNU_NAME.fullmatch(name):
        kind, number, minor, suffix = gnu.groups()
        if number is None:  # no version leaves the choice: section 9 of the GPL 2
            return f"{(kind or '').upper()}GPL-{ {'a': '1.0', 'l': '2.0'}.get((kind or '').lower(), '1.0') }-or-later"
        later = suffix and suffix.strip(" -").lower() in ("+", "or-later", "or later")
        return canonical(f"{(kind or '').upper()}GPL-{number}.{minor or 0}-{'or-later' if later else 'only'}")
    if gfdl := _GFDL_NAME.fullmatch(name):
        without = "-no-invariants" if gfdl[1] or gfdl[4] else ""
        return f"GFDL-{gfdl[2]}{without}-{'or-later' if gfdl[3] in ('+', '-or-later') else 'only'}"
    if folded in _NAMES:
        return _NAMES[folded]
    if match := _EXCEPTION_NAME.fullmatch(name):
        base, exception = expression_of_name(match[1]), _EXCEPTION_NAMES.get(_folded(match[2]))
        return canonical(f"{base} WITH {exception}") if base and exception else None
    if re.fullmatch(r"apache-2(?:\.0)?(?:-with)?-llvm-exceptions?", folded):
        return _NAMES["apache-2-llvm"]
    return canonical(name) if re.fullmatch(r"[\w.+-]+", name) else None


def _stanzas(text: str) -> Iterator[_Stanza]:
    """The stanzas in their order. An empty line ends one where what follows begins at the margin."""
    fields, last, ended, count = dict[str, list[str]](), "", False, 0
    for line in [*text.split("\n"), "", "end:"]:
        if not line.strip():
            ended = True
            continue
        if ended and line[:1] not in (" ", "\t"):
            if fields and count < MAX_STANZAS:
                yield _stanza(fields)
            fields, last, count = {}, "", count + 1
        ended = False
        if match := _FIELD.match(line):
            last = match[1].lower()
            fields[last] = [match[2]]
        elif last and line[:1] in (" ", "\t"):
            fields[last].append("" if line.strip() == "." else line[1:])


def _stanza(fields: dict[str, list[str]]) -> _Stanza:
    name, *body = fields.get("license", [""])
    files = " ".join(fields["files"]).split() if "files" in fields else None
    first = any(key.startswith("format") for key in fields)
    return _Stanza(files, name.strip(), "\n".join(body).strip("\n"), first)


def _folded(name: str) -> str:
    return " ".join(name.lower().split()).strip(" .")


def _joined(parts: list[str], operator: str) -> str | None:
    return canonical(f" {operator} ".join(f"({part})" for part in dict.fromkeys(parts)))
