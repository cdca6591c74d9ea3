"""Highlights program text: marks its parts by classes, picks the language by the file's name, and adds no styles."""

from pygments import highlight as _highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_for_filename
from pygments.lexers.special import TextLexer
from pygments.util import ClassNotFound

from forge.render.visible import show_hidden

MAX_LINES = 5000


def highlight(code: str, filename: str) -> str:
    """HTML of `code` as `<span class="...">` of Pygments' short names, without a surrounding element.

    Lines are separated by newlines and no span crosses one, so that a page can number and address them. Hidden
    characters are visible. Raises ValueError over MAX_LINES.
    """
    code = show_hidden(code.replace("\r\n", "\n").replace("\r", "\n"))
    if code.count("\n") > MAX_LINES:
        raise ValueError(f"More than {MAX_LINES} lines are shown without colors.")
    options = {"stripnl": False, "ensurenl": False}
    try:
        lexer = get_lexer_for_filename(filename.rpartition("/")[2], None, **options)
    except ClassNotFound:
        lexer = TextLexer(**options)
    html = _highlight(code, lexer, HtmlFormatter(nowrap=True))
    return html if code.endswith("\n") else html.removesuffix("\n")
