"""XML as elements. No entity is expanded and no DTD read, so that nothing grows and nothing is fetched."""

from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from catalog.sentences import mark
from forge.observe.bounded.text import MAX_DEPTH, MAX_NODES, TOO_DEEP, Unreadable
from forge.observe.core.tree import MAX_FILE_BYTES


@dataclass(slots=True)
class Element:
    """`name` and the attributes' names have no prefixes; `text` is the text before the first child.

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


def xml_of(data: bytes, max_bytes: int = MAX_FILE_BYTES) -> Element:
    """The root element. A DOCTYPE may name a DTD, which is never fetched, and may hold nothing of its own."""
    if len(data) > max_bytes:
        raise Unreadable(f"The file has {len(data):,} bytes, more than the {max_bytes:,} that are read.")
    reading = _Xml()
    try:
        reading.parser.Parse(data, True)
    except expat.ExpatError as error:
        message = expat.errors.messages.get(error.code, "it cannot be read")
        raise Unreadable(f"This is not XML: {message}.", error.lineno) from error
    except (ValueError, LookupError) as error:  # an encoding that Python does not know or that has several bytes
        raise Unreadable(mark("The file's encoding cannot be read; save it as UTF-8.")) from error
    if reading.root is None:
        raise Unreadable(mark("This is not XML: it has no element."))
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
            raise Unreadable(mark("A DTD inside of the file is not read; remove it."), self.parser.CurrentLineNumber)

    def entity(self, *_: Any) -> None:
        raise Unreadable(mark("Entities are not followed; write the text out."), self.parser.CurrentLineNumber)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.nodes += 1 + len(attributes)
        line = self.parser.CurrentLineNumber
        if self.nodes > MAX_NODES:
            raise Unreadable(f"The file holds more than the {MAX_NODES:,} values that are read.", line)
        if len(self.opened) == MAX_DEPTH:
            raise Unreadable(TOO_DEEP, line)
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
