"""Writes a document as its one canonical text. The same document gives the same bytes, wherever it is written.

The YAML is written here, since PyYAML's two emitters fold differently. Block style, 120 characters wide, a text quoted
only where some reader of YAML would not read it as it is: `no` is Norwegian here and false elsewhere. Dates stand as
people write them, without quotes.
"""

import json
import re
from dataclasses import replace
from typing import Any

from catalog import text_rules as rules
from catalog.document.json import as_record
from catalog.document.keys import DOCUMENT, Group, Many, RecordKeys, Shape
from catalog.model import Document, Organization, Project
from catalog.model_base import Text

WIDTH = 120

_PRINTABLE = "\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff"
# Read back as itself without quotes: no indicator in front, no ": " or " #" inside, no space or colon at an end.
_PLAIN_TEXT = re.compile(rf"(?![\s\-?:,\[\]{{}}#&*!|>'\"%@`])(?!.*(?::\s|\s#))[{_PRINTABLE}]+(?<![\s:])")
# What YAML 1.1 (https://yaml.org/type/) or 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema) reads without quotes as a
# truth value, nothing, a number (with base 60: 12:30), a time, or a sign of its own.
_NOT_TEXT = re.compile(
    r"[yY]|[nN]|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF|true|True|TRUE|false|False|FALSE|~|null|Null|NULL|=|<<"
    r"|[-+]?(?:0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)"
    r"|[-+]?(?:\.[0-9][0-9_]*|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
    r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::?[0-9]{2})?))?"
)
_DATES = (rules.date, rules.year)
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
    _append_mapping(as_record(complete(document)), DOCUMENT, 0, lines)
    return "\n".join(lines) + "\n"


def dump_json(document: Document) -> str:
    """The document as JSON with the same keys in the same order; YAML readers and `parse` read it too."""
    return json.dumps(as_record(complete(document)), ensure_ascii=False, indent=1) + "\n"


def _append_mapping(record: dict[str, Any], shape: Shape, indent: int, lines: list[str], start: str = "") -> None:
    """Append the pairs; the first one begins with `start` instead of its indentation."""
    for key, value in record.items():
        head = start or " " * indent
        start = ""
        head += f"{_scalar_text(key)}:"
        inner = _shape_at(shape, key)
        if isinstance(value, dict) and value:
            lines.append(head)
            _append_mapping(value, inner, indent + 2, lines)
        elif isinstance(value, list) and value:
            lines.append(head)
            _append_list(value, inner, indent, lines)
        else:
            _append_value(head + " ", value, inner, indent + 2, lines)


def _append_list(values: list[Any], shape: Shape, indent: int, lines: list[str]) -> None:
    inner = shape.of if isinstance(shape, Many) else shape
    for value in values:
        head = " " * indent + "- "
        if isinstance(value, dict) and value:
            _append_mapping(value, inner, indent + 2, lines, start=head)
        else:
            _append_value(head, value, inner, indent + 2, lines)


def _shape_at(shape: Shape, key: str) -> Shape:
    """The shape of the value of a key."""
    if isinstance(shape, RecordKeys):
        return shape.keys[key].shape
    return shape.of if isinstance(shape, Group) else shape


def _append_value(head: str, value: Any, shape: Shape, indent: int, lines: list[str]) -> None:
    if isinstance(value, str):
        if _LITERAL_TEXT.fullmatch(value) and not re.search(r" (?:\n|\Z)", value):
            _append_literal(head, value, indent, lines)
        else:
            text = value if _is_date(value, shape) else _scalar_text(value)
            lines.extend(_fold_line(head + text, len(head), indent))
    elif isinstance(value, bool):
        lines.append(head + ("true" if value else "false"))
    else:
        lines.append(head + json.dumps(value))


def _is_date(text: str, shape: Shape) -> bool:
    return isinstance(shape, Text) and shape.rule in _DATES and rules.date(text) is None


def _append_literal(head: str, text: str, indent: int, lines: list[str]) -> None:
    """Append text of several lines as it is; the sign after | says how many line breaks end it."""
    ends = len(text) - len(text.rstrip("\n"))
    lines.append(head + "|" + ("-" if ends == 0 else "" if ends == 1 else "+"))
    body = text.split("\n") if ends == 0 else text[:-1].split("\n")
    lines.extend(" " * indent + line if line else "" for line in body)


def _scalar_text(text: str) -> str:
    """One text on one line: plain, in single quotes, or in double quotes with escapes."""
    if _PLAIN_TEXT.fullmatch(text) and not _NOT_TEXT.fullmatch(text):
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
