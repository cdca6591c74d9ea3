"""Characters that hide or reorder text, made visible. For names, commit messages and code, not for prose."""

import re

# Bidi marks, embeddings, overrides and isolates reorder code (CVE-2021-42574); zero-width ones and tags hide. The
# joiners U+200C and U+200D stay: Persian and emoji need them.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def visible(text: str, keep: str = "\n\t") -> str:
    """`text` with each hidden or control character as its number in brackets, but for those in `keep`.

    >>> visible("access\\u202e txt.exe")
    'access[U+202E] txt.exe'
    """
    return _HIDDEN.sub(lambda m: m[0] if m[0] in keep else f"[U+{ord(m[0]):04X}]", text)
