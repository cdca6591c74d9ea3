"""The title and the first sentences of a README, as plain text.

Badges, pictures, tables and lists of links precede the first sentence of many READMEs and are skipped.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from forge.observe.core.privacy_filter import without_addresses

READ_CHARACTERS = 20_000
LINE_CHARACTERS = 2_000  # of one line; a longer one is not prose
TITLE_CHARACTERS = 100
TEXT_CHARACTERS = 400
FEWEST_WORDS = 3

_HEADING = re.compile(r"#{1,3}[ \t]+(\S[^\n]*)")
_UNDERLINE = re.compile(r"(?:={3,}|-{3,}|~{3,}|\*{3,})[ \t]*\Z")
_NO_PROSE = (
    "[![",
    "![",
    "|",
    "```",
    "~~~",
    "<!--",
    ".. ",
    ":",
    "* ",
    "- ",
    "+ ",
    "1.",
    ">",
    "$ ",
    "[//]:",
    "---",
    "===",
)
_PICTURE = re.compile(r"!\[[^\]\n]{0,300}\](?:\([^)\n]{0,600}\)|\[[^\]\n]{0,100}\])")
_LINK = re.compile(r"\[([^\]\n]{0,300})\](?:\([^)\n]{0,600}\)|\[[^\]\n]{0,100}\])")
_RST_LINK = re.compile(r"`([^`<\n]{1,300})<[^>\n]{1,600}>`_{1,2}")
_TAG = re.compile(r"</?[A-Za-z!][^>\n]{0,600}>")
_MARKS = re.compile(r"[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}")


@dataclass(frozen=True)
class ReadmeIntro:
    """Empty texts where there is none."""

    title: str
    text: str


def read_intro(data: bytes) -> ReadmeIntro:
    """The opening of a README of any format."""
    lines = data[: READ_CHARACTERS * 4].decode("utf-8", "replace").replace("\0", "")[:READ_CHARACTERS].splitlines()
    title = _title(lines)
    paragraphs = (without_addresses(text) for text in _paragraphs(lines))
    folded_title = title.casefold()
    text = next(
        (
            paragraph
            for paragraph in paragraphs
            if len(paragraph.split()) >= FEWEST_WORDS and paragraph.casefold() != folded_title
        ),
        "",
    )
    return ReadmeIntro(title[:TITLE_CHARACTERS].strip(), _shortened(text))


def _title(lines: list[str]) -> str:
    for position, line in enumerate(lines[:60]):
        heading = _HEADING.match(line.strip()[:LINE_CHARACTERS])
        under = lines[position + 1] if position + 1 < len(lines) else ""
        title = heading[1] if heading else line if line.strip() and _UNDERLINE.match(under.strip()[:300]) else ""
        if (plain := _plain(title).rstrip("# ")) and any(letter.isalnum() for letter in plain):
            return plain
    return ""


def _paragraphs(lines: list[str]) -> Iterator[str]:
    """Runs of lines of prose, each as one line."""
    collected: list[str] = []
    fenced = False
    for position, line in enumerate([*lines, ""]):
        bare = line.strip()[:LINE_CHARACTERS]
        if bare.startswith(("```", "~~~")):
            fenced = not fenced
            bare = ""
        under = lines[position + 1].strip()[:300] if position + 1 < len(lines) else ""
        heading = bare.startswith("#") or _UNDERLINE.match(bare) or _UNDERLINE.match(under)
        indented = line.startswith(("    ", "\t")) and not collected
        prose = "" if fenced or heading or indented or bare.startswith(_NO_PROSE) else _plain(bare)
        if prose:
            collected.append(prose)
        elif collected and (not bare or heading or fenced):
            yield " ".join(collected)
            collected = []


def _plain(line: str) -> str:
    """A line without the marks of its format, trimmed."""
    line = _LINK.sub(r"\1", _PICTURE.sub("", line[:LINE_CHARACTERS]))
    line = _TAG.sub("", _RST_LINK.sub(r"\1", line))
    line = _MARKS.sub("", line)
    return " ".join(line.replace("&nbsp;", " ").replace("&amp;", "&").split())


def _shortened(text: str) -> str:
    if len(text) <= TEXT_CHARACTERS:
        return text
    return f"{text[:TEXT_CHARACTERS].rsplit(' ', 1)[0]}…"
