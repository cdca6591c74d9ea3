"""An extension of Python-Markdown for what READMEs contain: GitHub's lists, fences, bare links, task boxes,
strikethrough.

Python-Markdown follows the original Markdown of 2004, where a nested list is indented by four spaces, a list needs a
blank line before it and a fence cannot stand in a list. `ReadmeLines` rewrites such lines before parsing; the rest are
small patterns. What is left different: tables inside list items, `***a***` nestings, indented code after a nested list.
"""

import re
from html import escape
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor, SimpleTagInlineProcessor, SubstituteTagInlineProcessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

MAX_LEVELS = 12  # of lists and quotes; deeper ones are shown at this depth, since the parser recurses

_FENCE = re.compile(r"( *)(`{3,}|~{3,})[ \t]*([^`\n]*)$")
_MARKER = re.compile(r"( *)([-*+]|(\d{1,9})[.)])(?: +(.*)|)$")
_RULE = re.compile(r" {0,3}([-*_])(?: *\1){2,} *$")
_HEADING = re.compile(r" {0,3}#{1,6}(?: |$)")
_HASH_WORD = re.compile(r"^( {0,3})(?=#{1,6}[^#\s])")
_QUOTE = re.compile(r" {0,3}> ?")
_DELIMITERS = re.compile(r" {0,3}\|? *:?-+:? *(?:\| *:?-+:? *)+\|? *$|  {0,3}\| *:?-+:? *\| *$")
_BLOCK_TAG = re.compile(r" {0,3}<(details|div|section|figure|blockquote)\b(?![^>]*\bmarkdown=)([^>]*)>", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z0-9_+#.-]{1,40}")
_STRUCK = r"(?<!~)(~{1,2})(?=[^\s~])(.{0,1000}?[^\s~])\1(?!~)"
_URL = r"(?<![\w/\"'=@.])((?:https?://|www\.)[^\s<>\x02\x03]{2,2000})"


class ReadmeExtension(Extension):
    """The extension; use it with those of forge.render.markdown."""

    def extendMarkdown(self, md: Markdown) -> None:
        md.ESCAPED_CHARS.append("~")
        md.preprocessors.register(
            ReadmeLines(md), "readme-lines", 28
        )  # after white space is evened (30), before raw HTML (20)
        md.inlinePatterns.register(SimpleTagInlineProcessor(_STRUCK, "del"), "del", 65)
        md.inlinePatterns.register(SubstituteTagInlineProcessor(r"\\\n", "br"), "backslash-break", 185)
        md.inlinePatterns.register(BareLink(_URL, md), "bare-link", 75)  # after raw tags (90), before emphasis (60)
        md.treeprocessors.register(TaskBoxes(md), "task-boxes", 25)  # before inline patterns (20) see "[x]"


class ReadmeLines(Preprocessor):
    """Rewrites lists, fences, quotes and headings into the form that Python-Markdown understands."""

    def run(self, lines: list[str]) -> list[str]:
        return self._rewrite(lines, 0)

    def _rewrite(self, lines: list[str], quotes: int) -> list[str]:
        out: list[str] = []
        levels: list[int] = []  # the content column of each open list item
        position = 0
        while position < len(lines):
            line = lines[position]
            if not line.strip():
                out.append("")
                position += 1
                continue
            after_blank = not out or not out[-1].strip()
            indent = len(line) - len(line.lstrip(" "))
            if (fence := _FENCE.match(line)) and indent < (levels[-1] if levels else 0) + 4:
                position = self._fence(lines, position, fence, out, levels)
                continue
            if quotes < MAX_LEVELS and _QUOTE.match(line) and not levels:
                position = self._quote(lines, position, quotes, out)
                continue
            marker = _MARKER.match(line)
            if marker and not _RULE.match(line) and self._opens_item(marker, levels, after_blank):
                self._item(marker, out, levels, after_blank)
                rest = marker[4] or ""
                if _FENCE.match(rest):
                    lines[position] = " " * levels[-1] + rest
                    continue
            else:
                self._text(lines, position, indent, out, levels, after_blank)
            position += 1
        return out

    def _opens_item(self, marker: re.Match[str], levels: list[int], after_blank: bool) -> bool:
        indent = len(marker[1])
        if not levels and indent >= 4:
            return False
        if levels or after_blank:
            return True
        # In a paragraph "1986. A good year" is a sentence, and an empty marker is a dash.
        return bool(marker[4]) and marker[3] in (None, "1")

    def _item(self, marker: re.Match[str], out: list[str], levels: list[int], after_blank: bool) -> None:
        indent = len(marker[1])
        while levels and indent < levels[-1]:
            levels.pop()
        if not levels and not after_blank and out and not _is_item(out[-1]):
            out.append("")
        spaces = len(marker[0]) - len(marker[1]) - len(marker[2]) - len(marker[4] or "")
        depth = min(len(levels), MAX_LEVELS)
        levels.append(indent + len(marker[2]) + (spaces if 1 <= spaces <= 4 else 1))
        sign = f"{marker[3]}." if marker[3] else "-"
        out.append(f"{' ' * 4 * depth}{sign} {marker[4] or ''}")

    def _text(
        self, lines: list[str], position: int, indent: int, out: list[str], levels: list[int], after_blank: bool
    ) -> None:
        line = lines[position]
        ends_list = _HEADING.match(line) or _RULE.match(line)
        if after_blank or ends_list:
            while levels and indent < levels[-1]:
                levels.pop()
        if levels:
            inside = line[levels[-1] :] if after_blank else line.lstrip(" ")
            out.append(" " * 4 * min(len(levels), MAX_LEVELS) + inside)
            return
        is_table = "|" in line and position + 1 < len(lines) and _DELIMITERS.match(lines[position + 1])
        if not after_blank and (_HEADING.match(line) or (is_table and "|" not in out[-1])):
            out.append("")
        line = _HASH_WORD.sub(r"\1\\", line)
        next_blank = position + 1 >= len(lines) or not lines[position + 1].strip()
        if (tag := _BLOCK_TAG.match(line)) and (next_blank or tag[1].lower() == "details"):
            line = f'{line[: tag.end() - 1]} markdown="1">{line[tag.end() :]}'
        out.append(line)

    def _fence(self, lines: list[str], position: int, fence: re.Match[str], out: list[str], levels: list[int]) -> int:
        """Stash the code of the fence opened at `position`; the index of the line after it."""
        indent, sign = len(fence[1]), fence[2]
        while levels and indent < levels[-1]:
            levels.pop()
        closing = re.compile(rf" *{re.escape(sign[0])}{{{len(sign)},}} *$")
        code: list[str] = []
        position += 1
        while position < len(lines) and not closing.match(lines[position]):
            line = lines[position]
            if levels and line.strip() and not line.startswith(" "):
                break  # the item ended, and its fence with it
            code.append(line[min(indent, len(line) - len(line.lstrip(" "))) :])
            position += 1
        while code and position >= len(lines) and not code[-1].strip():
            code.pop()
        word = _LANGUAGE.match(fence[3].strip().lstrip("{."))
        opening = f'<pre><code class="language-{word[0]}">' if word else "<pre><code>"
        body = "".join(f"{escape(line, quote=False)}\n" for line in code)
        stashed = self.md.htmlStash.store(f"{opening}{body}</code></pre>")
        # Two blank lines after, since one alone at the end of the text would leave the code inside a paragraph.
        out.extend(["", " " * 4 * min(len(levels), MAX_LEVELS) + stashed, "", ""])
        return position + 1

    def _quote(self, lines: list[str], position: int, quotes: int, out: list[str]) -> int:
        inside: list[str] = []
        while position < len(lines) and (sign := _QUOTE.match(lines[position])):
            inside.append(lines[position][sign.end() :])
            position += 1
        if out and out[-1].strip():
            out.append("")
        rewritten = self._rewrite(inside, quotes + 1)
        while rewritten and not rewritten[-1].strip():
            rewritten.pop()  # an empty last line would keep stashed code inside a paragraph
        out.extend(f"> {line}".rstrip() for line in rewritten)
        return position


class BareLink(InlineProcessor):
    """An address in running text becomes a link; punctuation at its end and an unopened bracket stay outside."""

    ANCESTOR_EXCLUDES = ("a",)

    def handleMatch(  # type: ignore[override]  # as InlineProcessor has it, and not as Pattern
        self, m: re.Match[str], data: str
    ) -> tuple[Element | None, int | None, int | None]:
        url = m[1]
        while url:
            trimmed = url.rstrip("?!.,:*_~'\"")
            if trimmed.endswith(")") and trimmed.count(")") > trimmed.count("("):
                trimmed = trimmed[:-1]
            if trimmed == url:
                break
            url = trimmed
        if len(url) < 8:
            return None, None, None
        link = Element("a")
        link.set("href", f"https://{url}" if url.startswith("www.") else url)
        link.text = AtomicString(url)
        return link, m.start(1), m.start(1) + len(url)


class TaskBoxes(Treeprocessor):
    """`[ ]` and `[x]` at the start of a list item become boxes."""

    def run(self, root: Element) -> None:
        for element in root.iter("li"):
            holder = (
                element[0] if len(element) and element[0].tag == "p" and not (element.text or "").strip() else element
            )
            text = (holder.text or "").lstrip()
            if text[:4].lower() in ("[ ] ", "[x] "):
                holder.text = ("☑ " if text[1] in "xX" else "☐ ") + text[4:]


def _is_item(line: str) -> bool:
    return bool(re.match(r" *(?:-|\d+\.) ", line))
