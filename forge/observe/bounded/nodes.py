"""YAML as nodes with their lines, and as plain values. No alias is followed and no tag makes an object.

Our own composition over the parser's events, because PyYAML's composer recurses and resolves the types of YAML 1.1,
where `no` is false and 1.10 a number.
"""

from dataclasses import dataclass, field
from typing import Any

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

from catalog.sentences import mark
from forge.observe.bounded.text import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_NODES,
    TOO_DEEP,
    Unreadable,
    text_of,
    without_quotes,
    without_unstorable,
)

_SECOND = mark("The file holds more than one document; remove the line --- and what follows.")

_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class Scalar:
    """A text; `plain` where it was written without quotes, so that YAML would convert it to a type."""

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
    """Pairs in the order of the file; a key written twice occurs twice."""

    line: int
    pairs: list[tuple[Scalar, "Node"]] = field(default_factory=list)


Node = Scalar | Sequence | Mapping


def yaml_nodes(data: bytes, max_bytes: int = MAX_BYTES, named_aliases: bool = False) -> Node | None:
    """The root of a YAML file's first and only document; None where it holds none.

    An alias is refused, or with `named_aliases` becomes a text "*name": it is never followed.
    """
    parser = None
    try:
        parser = _Parser(text_of(data, max_bytes))
        return _compose(parser, named_aliases)
    except yaml.MarkedYAMLError as error:
        place = error.problem_mark or error.context_mark
        message = error.problem or error.context or "it is not YAML"
        raise Unreadable(f"This is not YAML: {without_quotes(message)}.", place.line + 1 if place else 1) from error
    except yaml.YAMLError as error:  # a character that YAML does not know
        raise Unreadable(f"This is not YAML: {str(error).splitlines()[0]}.") from error
    except (ValueError, RecursionError, OverflowError) as error:  # of PyYAML's own scanner, on escapes beyond Unicode
        raise Unreadable(mark("This is not YAML.")) from error
    finally:
        if parser is not None:
            parser.dispose()


def yaml_of(data: bytes, doubled: list[str] | None = None, max_bytes: int = MAX_BYTES) -> Any:
    """The values of a YAML file: texts, but null and true or false as such; numbers and dates stay as written."""
    return plain(yaml_nodes(data, max_bytes), doubled)


def plain(node: Node | None, doubled: list[str] | None = None) -> Any:
    """The values of a node."""
    match node:
        case None:
            return None
        case Scalar():
            return None if node.null else node.text if node.boolean is None else node.boolean
        case Sequence():
            return [plain(child, doubled) for child in node.nodes]
        case Mapping():
            values: dict[str, Any] = {}
            for key, value in node.pairs:
                if key.text in values and doubled is not None:
                    doubled.append(key.text)
                values[key.text] = plain(value, doubled)
            return values


def _compose(parser: Any, named_aliases: bool) -> Node | None:
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
            node = Scalar(line, without_unstorable(event.value), event.implicit[0])
        elif kind is SequenceStartEvent:
            node = Sequence(line)
        elif kind is MappingStartEvent:
            node = Mapping(line)
        elif kind is SequenceEndEvent or kind is MappingEndEvent:
            opened.pop()
            keys.pop()
            continue
        elif kind is AliasEvent and named_aliases:
            node = Scalar(line, f"*{without_unstorable(event.anchor)}", False)
        elif kind is AliasEvent:
            raise Unreadable(mark("An alias is not followed; write the value out."), line)
        elif kind is DocumentStartEvent:
            documents += 1
            if documents > 1:
                raise Unreadable(_SECOND, line)
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
            raise Unreadable(mark("A list or a group stands where a key is expected; write a text."), line)
        if not isinstance(node, Scalar):
            if len(opened) == MAX_DEPTH:
                raise Unreadable(TOO_DEEP, line)
            opened.append(node)
            keys.append(None)
