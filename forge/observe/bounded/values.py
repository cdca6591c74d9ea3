"""JSON and TOML as plain values. Depth is counted before anything is parsed, since both parsers recurse."""

import json
import re
import tomllib
from typing import Any

from forge.observe.bounded.text import (
    MAX_DEPTH,
    TOO_DEEP,
    Unreadable,
    text_of,
    without_quotes,
    without_unstorable,
)
from forge.observe.core.tree import MAX_FILE_BYTES

# Possessive, so that an unfinished text is passed over once: JSON's and TOML's brackets are counted outside of texts.
_JSON_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
_TOML_TEXT = re.compile(
    r'"""(?:[^"\\]++|\\.|"(?!""))*+(?:""")?|\'\'\'(?:[^\']++|\'(?!\'\'))*+(?:\'\'\')?'
    r'|"(?:[^"\\\n]++|\\.)*+"?|\'[^\'\n]*+\'?|#[^\n]*+',
    re.DOTALL,
)
# tomllib takes the square of the time for a key of many parts; a key has at most MAX_DEPTH.
_TOML_LONG_KEY = re.compile(rf"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){{{MAX_DEPTH}}}")
_LINE_OF_TOML = re.compile(r"at line (\d+)")


def json_of(data: bytes, max_bytes: int = MAX_FILE_BYTES) -> Any:
    """The values of a JSON file; NaN and Infinity, which JSON does not know, are refused."""
    text = text_of(data, max_bytes)
    _count_depth(text, _JSON_TOKEN)
    try:
        return _cleaned(json.loads(text, parse_constant=_no_constant))
    except json.JSONDecodeError as error:
        raise Unreadable(f"This is not JSON: {error.msg}.", error.lineno) from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits
        raise Unreadable("This is not JSON that can be read: a number is too long, or none.") from error


def toml_of(data: bytes) -> Any:
    """The values of a TOML file, dates and times as text."""
    text = text_of(data)
    bare = _TOML_TEXT.sub("s", text)
    _count_depth(bare, _JSON_TOKEN)
    if _TOML_LONG_KEY.search(bare):
        raise Unreadable(TOO_DEEP)
    try:
        return _cleaned(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        line = _LINE_OF_TOML.search(str(error))
        message = without_quotes(str(error).split(" (at ")[0].rstrip("."))
        last = text.rstrip().count("\n") + 1  # for the parser's "at end of document"
        raise Unreadable(f"This is not TOML: {message}.", int(line[1]) if line else last) from error
    except (ValueError, RecursionError, OverflowError) as error:
        raise Unreadable("This is not TOML that can be read: a number or a date is none.") from error


def _count_depth(text: str, token: re.Pattern[str]) -> None:
    depth = 0
    for match in token.finditer(text):
        if match[0] in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise Unreadable(TOO_DEEP, text.count("\n", 0, match.start()) + 1)
        elif match[0] in "]}":
            depth -= 1


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _cleaned(value: Any) -> Any:
    match value:
        case str():
            return without_unstorable(value)
        case list():
            return [_cleaned(element) for element in value]
        case dict():
            return {without_unstorable(key): _cleaned(inner) for key, inner in value.items()}
        case bool() | None | int():
            return value
        case float():
            return value if abs(value) < float("inf") else None  # 1e999, nan: no JSON
        case _:
            return str(value)  # a date or a time of TOML
