"""Characters that hide or reorder text, made visible: in names, commit messages and code all of them; in prose control
characters, overrides of direction and separators of lines, since a right-to-left text may need the rest."""

import re

# Bidi marks, embeddings, overrides and isolates reorder code (CVE-2021-42574); zero-width ones and tags hide. The
# joiners U+200C and U+200D stay: Persian and emoji need them.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u2028\u2029\u202d\u202e]")  # but for the white space of HTML


def without_control(html: str) -> str:
    r"""HTML with U+FFFD for each control character that is no white space, which a terminal obeys when it is copied,
    for each override of direction, which shows a text as another than it is, and for each separator of lines.

    >>> print(without_control("<p>red \x1b[31m</p>"))
    <p>red �[31m</p>
    >>> print(without_control("<p>exe.\u202etxt</p>"))
    <p>exe.�txt</p>
    """
    return _CONTROL.sub("\ufffd", html)


def show_hidden(text: str, keep: str = "\n\t") -> str:
    """`text` with each hidden or control character as its number in brackets, but for those in `keep`.

    >>> show_hidden("access\\u202e txt.exe")
    'access[U+202E] txt.exe'
    """
    return _HIDDEN.sub(lambda m: m[0] if m[0] in keep else f"[U+{ord(m[0]):04X}]", text)
