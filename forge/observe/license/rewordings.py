"""Words that people change in a license text, each with the publisher's: they change nothing of what it grants or asks.

A difference is here where a careful reader finds no other meaning: a name of the same thing, a mark at the beginning of
each line, an obligation fewer. A word that may add a condition or take a grant away is none of them, however small.
"""

import html
import re
from itertools import takewhile

LEAST_LINES = 5  # that begin with the same mark

# Signs, and the one word that PostScript puts before each line; another word may be a limit of every line.
_MARK = re.compile(r"[^\w\n]{1,6}(?:copyright[: \t]{1,3})?", re.IGNORECASE)
_TITLE = re.compile(r"GNU\s+AFFERO\s+GENERAL\s+PUBLIC\s+LICENSE\s+Version\s+3", re.IGNORECASE)
# Who replaced the name of the GPL in all of the AGPL also did so where its text speaks of the GPL itself.
_AFFERO = re.compile(
    r"(GNU\s+)Affero\s+(?=General\s+Public\s+License\s+permits\s+making)"
    r"|(Use\s+with\s+the\s+GNU\s+)Affero\s+(?=General\s+Public\s+License)"
    r"|((?:governed\s+by|covered\s+by|licensed\s+under)\s+version\s+3\s+of\s+the\s+GNU\s+)Affero\s+(?=General\s+Public\s+License)",
    re.IGNORECASE,
)
_USUAL = (
    # A wish that asks nothing of anybody, within the conditions of BSD.
    (
        re.compile(
            r"\*\s+If\s+you\s+meet\s+the\s+authors\s+of\s+this\s+software\s+in\s+person\s+and\s+you\s+want\s+to\s+pay\s+them"
            r"\s+a\s+beer,\s+you're\s+encouraged\s+to\s+do\s+so\.(?:\s+Please,\s+do\.)?"
            r"(?:\s+If\s+you\s+have\s+homebrewed\s+or\s+a\s+craft\s+beer,\s+it\s+might\s+be\s+even\s+better\.)?"
        ),
        "",
    ),
    (re.compile(r"\breceiver(s?)\b"), r"recipient\1"),  # of the GPL: who receives a copy
    # BSD without "this list of conditions": one thing fewer to keep.
    (
        re.compile(r"(above\s+copyright\s+notice)(\s+and\s+the\s+following\s+disclaimer)", re.IGNORECASE),
        r"\1, this list of conditions\2",
    ),
)

# The advice after the terms of the GPL, which are none of them: an institute in the place of a school.
_ADVICE = re.compile(r"(\(if\s+you\s+work\s+as\s+a\s+programmer\)\s+or)\s+(\w+)(?=,\s+if\s+any,\s+to\s+sign\s)")


# What stands for a sign in pages, and in Markdown that was made from one.
_TAG = re.compile(
    r"<!--.{0,2000}?-->|<(script|style)\b.{0,4000}?</\1\s{0,9}>|</?[a-z!][^<>]{0,1000}>", re.IGNORECASE | re.DOTALL
)
_PART = re.compile(r"</?(?:p|h\d|li|ul|ol|dl|dt|dd|div|br|hr|tr|title|head|body|blockquote|pre)\b", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:[a-z]{2,10}|#\d{2,6}|#x[0-9a-f]{2,5});", re.IGNORECASE)


def without_entities(text: str) -> str:
    """The text with signs in the place of the entities of HTML.

    >>> without_entities("&lt;name of author&gt; &copy;")
    '<name of author> ©'
    """
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text) if "&" in text else text


def without_tags(page: str) -> str:
    """The words of a page in HTML; its larger parts begin on lines of their own.

    >>> without_tags("<p>To <em>you</em>.</p><!-- menu --><p>Yours</p>").split()
    ['To', 'you.', 'Yours']
    """
    return _TAG.sub(lambda match: "\n\n" if _PART.match(match[0]) else "", page)


def with_usual_advice(text: str) -> str:
    """The text with the publisher's words in what stands behind its terms."""
    return _ADVICE.sub(r"\1 school", text)


def in_usual_words(text: str) -> str:
    """The text in the publisher's words; the same text where nobody changed any of these.

    >>> in_usual_words("%% a receiver\\n" * 5) == "a recipient\\n" * 5
    True
    """
    text = _without_marks(text)
    if _TITLE.search(text):
        text = _AFFERO.sub(lambda match: match[1] or match[2] or match[3], text)
    for changed, usual in _USUAL:
        text = changed.sub(usual, text)
    return text


def _without_marks(text: str) -> str:
    """The text without what each line that is not empty begins with ("%%Copyright: ")."""
    lines = text.split("\n")
    filled = [line for line in lines if line.strip()]
    # What the first and the last in order have in common, all have.
    pairs = zip(f"{min(filled, default='').rstrip()} ", f"{max(filled, default='').rstrip()} ", strict=False)
    same = "".join(letter for letter, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    mark = _MARK.match(same)
    if len(filled) < LEAST_LINES or mark is None or not mark[0].strip():
        return text
    return "\n".join(
        line.removeprefix(mark[0]) if line.startswith(mark[0]) else line[len(mark[0].rstrip()) :] for line in lines
    )
