"""YAML, JSON, TOML and XML of strangers, read within bounds into plain values; it knows no key of any format.

For every observer. `yaml_of`, `json_of` and `toml_of` give dicts, lists, texts, booleans and None (JSON and TOML also
numbers), `xml_of` gives Elements, `yaml_nodes` gives nodes that know their line. Each raises Unreadable, and nothing
else, with a sentence and a line; `unreadable` makes the Seen of it. Bounds: MAX_BYTES, MAX_DEPTH and MAX_NODES for all
four; UTF-8 (XML: what it declares) only. Never aliases, tags that make objects, entities, or the inner part of a DTD:
what is read is not larger than what was written. Of a key that stands twice the last one counts, and `doubled` receives
it. No text that comes out holds NUL or half a surrogate pair, which no database and no JSON would take.
"""

import json
import re
import tomllib
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from forge.observe.seen import Seen

MAX_BYTES = 256 * 1024
MAX_DEPTH = 64  # of lists and groups in each other
MAX_NODES = 100_000

_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
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


class Unreadable(Exception):
    """The content cannot be read within the bounds; the text is a sentence, `line` counts from 1."""

    def __init__(self, sentence: str, line: int = 1):
        super().__init__(sentence)
        self.line = line


def unreadable(path: str, error: Unreadable) -> Seen:
    """What an observer gives for a file that it could not read."""
    return Seen("unreadable", {"problem": str(error), "line": error.line}, path)


def text_of(data: bytes) -> str:
    """The text of a UTF-8 file, without its byte order mark."""
    if len(data) > MAX_BYTES:
        raise Unreadable(f"The file has {len(data):,} bytes, more than the {MAX_BYTES:,} that are read.")
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        raise Unreadable("The file is encoded as UTF-16; save it as UTF-8.")
    data = data.removeprefix(BOM_UTF8)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(f"Byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8.", line) from error


# YAML: nodes


@dataclass(slots=True)
class Scalar:
    """A text; `plain` where it was written without quotes, so that YAML would make a type of it."""

    line: int
    text: str
    plain: bool

    @property
    def null(self) -> bool:
        return self.plain and self.text in ("", "~", "null", "Null", "NULL")

    @property
    def boolean(self) -> bool | None:
        """YAML 1.2's booleans; `yes` and `on` are texts there."""
        return _BOOLEANS.get(self.text) if self.plain else None


_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


@dataclass(slots=True)
class Sequence:
    line: int
    nodes: list["Node"] = field(default_factory=list)


@dataclass(slots=True)
class Mapping:
    """Pairs in the order of the file; a key written twice stands here twice."""

    line: int
    pairs: list[tuple[Scalar, "Node"]] = field(default_factory=list)


Node = Scalar | Sequence | Mapping


def yaml_nodes(data: bytes) -> Node | None:
    """The root of a YAML file's first and only document; None where it holds none."""
    parser = None
    try:
        parser = _Parser(text_of(data))
        return _compose(parser)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = error.problem or error.context or "it is not YAML"
        raise Unreadable(f"This is not YAML: {said}.", mark.line + 1 if mark else 1) from error
    except yaml.YAMLError as error:  # a character that YAML does not know
        raise Unreadable(f"This is not YAML: {str(error).splitlines()[0]}.") from error
    except (ValueError, RecursionError, OverflowError) as error:  # of PyYAML's own scanner, on escapes beyond Unicode
        raise Unreadable("This is not YAML.") from error
    finally:
        if parser is not None:
            parser.dispose()


def yaml_of(data: bytes, doubled: list[str] | None = None) -> Any:
    """The values of a YAML file: texts, but null and true or false as such; numbers and dates stay as written."""
    return plain(yaml_nodes(data), doubled)


def plain(node: Node | None, doubled: list[str] | None = None) -> Any:
    """The values of a node."""
    match node:
        case None:
            return None
        case Scalar():
            return None if node.null else node.text if node.boolean is None else node.boolean
        case Sequence():
            return [plain(each, doubled) for each in node.nodes]
        case Mapping():
            values: dict[str, Any] = {}
            for key, value in node.pairs:
                if key.text in values and doubled is not None:
                    doubled.append(key.text)
                values[key.text] = plain(value, doubled)
            return values


def _compose(parser: Any) -> Node | None:
    root: Node | None = None
    opened: list[Sequence | Mapping] = []
    keys: list[Scalar | None] = []  # per open container: the key that waits for its value
    documents = nodes = 0
    while True:
        event = parser.get_event()
        kind = type(event)
        line = event.start_mark.line + 1
        node: Node
        if kind is ScalarEvent:
            node = Scalar(line, _clean(event.value), event.style is None and event.tag is None)
        elif kind is SequenceStartEvent:
            node = Sequence(line)
        elif kind is MappingStartEvent:
            node = Mapping(line)
        elif kind is SequenceEndEvent or kind is MappingEndEvent:
            opened.pop()
            keys.pop()
            continue
        elif kind is AliasEvent:
            raise Unreadable(f"The alias *{event.anchor[:80]} is not followed; write the value out.", line)
        elif kind is DocumentStartEvent:
            documents += 1
            if documents > 1:
                raise Unreadable("The file holds more than one document; remove the line --- and what follows.", line)
            continue
        elif kind is StreamEndEvent:
            return root
        else:
            continue
        nodes += 1
        if nodes > MAX_NODES:
            raise Unreadable(f"The file holds more than the {MAX_NODES:,} values that are read.", line)
        if not opened:
            root = node
        elif isinstance(opened[-1], Sequence):
            opened[-1].nodes.append(node)
        elif (key := keys[-1]) is not None:
            opened[-1].pairs.append((key, node))
            keys[-1] = None
        elif isinstance(node, Scalar):
            keys[-1] = node
        else:
            raise Unreadable("A list or a group stands where a key is expected; write a text.", line)
        if not isinstance(node, Scalar):
            if len(opened) == MAX_DEPTH:
                raise Unreadable(_TOO_DEEP, line)
            opened.append(node)
            keys.append(None)


# JSON and TOML


def json_of(data: bytes, doubled: list[str] | None = None) -> Any:
    """The values of a JSON file; NaN and Infinity, which JSON does not know, are refused."""
    text = text_of(data)
    _count_depth(text, _JSON_TOKEN)

    def group(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        values = {}
        for key, value in pairs:
            if key in values and doubled is not None:
                doubled.append(_clean(key))
            values[key] = value
        return values

    try:
        return _cleaned(json.loads(text, object_pairs_hook=group, parse_constant=_no_constant))
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
        raise Unreadable(_TOO_DEEP)
    try:
        return _cleaned(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        line = _LINE_OF_TOML.search(str(error))
        said = str(error).split(" (at ")[0].rstrip(".")
        raise Unreadable(f"This is not TOML: {said}.", int(line[1]) if line else 1) from error
    except (ValueError, RecursionError, OverflowError) as error:
        raise Unreadable("This is not TOML that can be read: a number or a date is none.") from error


_TOO_DEEP = f"Lists and groups stand more than {MAX_DEPTH} deep in each other; flatten them."


def _count_depth(text: str, token: re.Pattern[str]) -> None:
    depth = 0
    for found in token.finditer(text):
        if found[0] in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise Unreadable(_TOO_DEEP, text.count("\n", 0, found.start()) + 1)
        elif found[0] in "]}":
            depth -= 1


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _clean(text: str) -> str:
    return _NO_TEXT.sub("\ufffd", text)


def _cleaned(value: Any) -> Any:
    match value:
        case str():
            return _clean(value)
        case list():
            return [_cleaned(each) for each in value]
        case dict():
            return {_clean(key): _cleaned(each) for key, each in value.items()}
        case bool() | None | int():
            return value
        case float():
            return value if abs(value) < float("inf") else None  # 1e999, nan: no JSON
        case _:
            return str(value)  # a date or a time of TOML


# XML


@dataclass(slots=True)
class Element:
    """`name` and the attributes' names without their prefixes; `text` is what stands before the first child.

    Namespaces are not resolved: expat writes their whole address before each name, and a long one makes gigabytes.
    """

    name: str
    line: int
    attributes: dict[str, str]
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def first(self, name: str) -> "Element | None":
        return next((child for child in self.children if child.name == name), None)

    def all(self, name: str) -> list["Element"]:
        return [child for child in self.children if child.name == name]


def xml_of(data: bytes) -> Element:
    """The root element. A DOCTYPE may name a DTD, which is never fetched, and may hold nothing of its own."""
    if len(data) > MAX_BYTES:
        raise Unreadable(f"The file has {len(data):,} bytes, more than the {MAX_BYTES:,} that are read.")
    reading = _Xml()
    try:
        reading.parser.Parse(data, True)
    except expat.ExpatError as error:
        said = expat.errors.messages.get(error.code, "it cannot be read")
        raise Unreadable(f"This is not XML: {said}.", error.lineno) from error
    except (ValueError, LookupError) as error:  # an encoding that Python does not know or that has several bytes
        raise Unreadable("The file's encoding cannot be read; save it as UTF-8.") from error
    if reading.root is None:
        raise Unreadable("This is not XML: it has no element.")
    return reading.root


class _Xml:
    def __init__(self) -> None:
        self.root: Element | None = None
        self.opened: list[Element] = []
        self.nodes = 0
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters
        parser.StartDoctypeDeclHandler = self.doctype
        parser.EntityDeclHandler = self.entity
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.parser = parser

    def doctype(self, name: str, system: str | None, public: str | None, inner: int) -> None:
        if inner:
            raise Unreadable("A DTD inside of the file is not read; remove it.", self.parser.CurrentLineNumber)

    def entity(self, *_: Any) -> None:
        raise Unreadable("Entities are not followed; write the text out.", self.parser.CurrentLineNumber)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.nodes += 1 + len(attributes)
        line = self.parser.CurrentLineNumber
        if self.nodes > MAX_NODES:
            raise Unreadable(f"The file holds more than the {MAX_NODES:,} values that are read.", line)
        if len(self.opened) == MAX_DEPTH:
            raise Unreadable(_TOO_DEEP, line)
        bare = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        element = Element(name.rpartition(":")[2], line, bare)
        if self.opened:
            self.opened[-1].children.append(element)
        else:
            self.root = element
        self.opened.append(element)

    def end(self, _: str) -> None:
        self.opened.pop()

    def characters(self, text: str) -> None:
        if not self.opened[-1].children:
            self.opened[-1].text += text
