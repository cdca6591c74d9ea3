"""From a document to its one canonical text. The same document gives the same bytes, wherever it is written.

An emitter of our own: PyYAML's two emitters fold differently, and both quote what need not be quoted for reading
strings only. Block style, 120 characters wide, a text quoted only where it would not be read as it is.
"""

import json
import re
from dataclasses import replace
from typing import Any

from catalog.document.json import as_record
from catalog.model import Document, Organization, Project

WIDTH = 120

_PRINTABLE = "\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff"
# Read back as itself without quotes: no indicator in front, no ": " or " #" inside, no space or colon at an end.
_PLAIN_TEXT = re.compile(rf"(?![\s\-?:,\[\]{{}}#&*!|>'\"%@`])(?!.*(?::\s|\s#))[{_PRINTABLE}]*(?<![\s:])")
_ONE_LINE = re.compile(rf"[{_PRINTABLE}]+")
# Every line without trailing space, no line of spaces, no space at the beginning of the first.
_LITERAL_TEXT = re.compile(rf"(?![\s])[{_PRINTABLE}\n]*\n[{_PRINTABLE}\n]*")
_FOLDING_PLACE = re.compile(r"(?<=[^\s]) (?=[^\W_])")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def complete(document: Document) -> Document:
    """The document in canonical order: projects and organizations by slug, each with its id."""

    def identified(kind: str, record: Any) -> Any:
        first = record.former[0] if record.former else record.slug
        return replace(record, id=record.id or document.manifest.identity(kind, first))

    projects: list[Project] = [identified("project", project) for project in document.projects]
    organizations: list[Organization] = [
        identified("organization", organization) for organization in document.organizations
    ]
    return replace(
        document,
        projects=tuple(sorted(projects, key=lambda project: project.slug)),
        organizations=tuple(sorted(organizations, key=lambda organization: organization.slug)),
    )


def dump(document: Document) -> str:
    """The document as YAML; `load` of it is the document again, and its `dump` these bytes."""
    lines: list[str] = []
    _append_mapping(as_record(complete(document)), 0, lines)
    return "\n".join(lines) + "\n"


def dump_json(document: Document) -> str:
    """The document as JSON with the same keys in the same order; YAML readers and `parse` read it too."""
    return json.dumps(as_record(complete(document)), ensure_ascii=False, indent=1) + "\n"


def _append_mapping(record: dict[str, Any], indent: int, lines: list[str], start: str = "") -> None:
    """Append the pairs; the first one begins with `start` instead of its indentation."""
    for key, value in record.items():
        head = start or " " * indent
        start = ""
        head += f"{_scalar_text(key)}:"
        if isinstance(value, dict) and value:
            lines.append(head)
            _append_mapping(value, indent + 2, lines)
        elif isinstance(value, list) and value:
            lines.append(head)
            _append_list(value, indent, lines)
        else:
            _append_value(head + " ", value, indent + 2, lines)


def _append_list(values: list[Any], indent: int, lines: list[str]) -> None:
    for value in values:
        head = " " * indent + "- "
        if isinstance(value, dict) and value:
            _append_mapping(value, indent + 2, lines, start=head)
        else:
            _append_value(head, value, indent + 2, lines)


def _append_value(head: str, value: Any, indent: int, lines: list[str]) -> None:
    if isinstance(value, str):
        if _LITERAL_TEXT.fullmatch(value) and not re.search(r" (?:\n|\Z)", value):
            _append_literal(head, value, indent, lines)
        else:
            lines.extend(_fold_line(head + _scalar_text(value), len(head), indent))
    elif isinstance(value, bool):
        lines.append(head + ("true" if value else "false"))
    else:
        lines.append(head + json.dumps(value))


def _append_literal(head: str, text: str, indent: int, lines: list[str]) -> None:
    """Append text of several lines as it is; the sign after | says how many line breaks end it."""
    ends = len(text) - len(text.rstrip("\n"))
    lines.append(head + "|" + ("-" if ends == 0 else "" if ends == 1 else "+"))
    body = text.split("\n") if ends == 0 else text[:-1].split("\n")
    lines.extend(" " * indent + line if line else "" for line in body)


def _scalar_text(text: str) -> str:
    """One text on one line: plain, in single quotes, or in double quotes with escapes."""
    if _PLAIN_TEXT.fullmatch(text):
        return text
    if _ONE_LINE.fullmatch(text):
        return "'" + text.replace("'", "''") + "'"
    return '"' + re.sub(rf'["\\]|[^{_PRINTABLE}]', _escape, text) + '"'


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return _ESCAPES.get(match[0]) or (f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}")


def _fold_line(line: str, start: int, indent: int) -> list[str]:
    """Break a long plain or single-quoted text at single spaces before a letter or digit, where reading joins again.

    `start`: where the text begins on the first line. A word longer than the width is on a line of its own.
    """
    if len(line) <= WIDTH or line[start : start + 1] == '"':
        return [line]
    folded = []
    lead, text = line[:start], line[start:]
    begin = 0
    while len(lead) + len(text) - begin > WIDTH:
        at = begin
        for place in _FOLDING_PLACE.finditer(text, begin + 2):
            if at > begin and len(lead) + place.start() - begin > WIDTH:
                break
            at = place.start()
        if at == begin:
            break
        folded.append(lead + text[begin:at])
        lead, begin = " " * indent, at + 1
    return [*folded, lead + text[begin:]]
