"""YAML of strangers as nodes with their lines (`catalog.yaml_nodes`), and as plain values. No alias is followed and no
tag makes an object.
"""

from typing import Any

import yaml

from catalog.sentences import mark
from catalog.yaml_nodes import Composer, Mapping, Node, Scalar, Sequence
from forge.observe.bounded.text import (
    MAX_DEPTH,
    MAX_NODES,
    TOO_DEEP,
    Unreadable,
    text_of,
    without_quotes,
    without_unstorable,
)
from forge.observe.core.tree import MAX_FILE_BYTES

_SECOND = mark("The file holds more than one document; remove the line --- and what follows.")


def yaml_nodes(data: bytes, max_bytes: int = MAX_FILE_BYTES, named_aliases: bool = False) -> Node | None:
    """The root of a YAML file's first and only document; None where it holds none.

    An alias is refused, or with `named_aliases` becomes a text "*name": it is never followed.
    """
    try:
        return _FirstFault(text_of(data, max_bytes), named_aliases).compose()
    except yaml.MarkedYAMLError as error:
        place = error.problem_mark or error.context_mark
        message = error.problem or error.context or "it is not YAML"
        raise Unreadable(f"This is not YAML: {without_quotes(message)}.", place.line + 1 if place else 1) from error
    except yaml.YAMLError as error:  # a character that YAML does not know
        raise Unreadable(f"This is not YAML: {str(error).splitlines()[0]}.") from error
    except (ValueError, RecursionError, OverflowError) as error:  # of PyYAML's own scanner, on escapes beyond Unicode
        raise Unreadable(mark("This is not YAML.")) from error


def yaml_of(data: bytes, max_bytes: int = MAX_FILE_BYTES) -> Any:
    """The values of a YAML file: texts, but null and true or false as such; numbers and dates stay as written."""
    return plain(yaml_nodes(data, max_bytes))


def plain(node: Node | None) -> Any:
    """The values of a node."""
    match node:
        case None:
            return None
        case Scalar():
            return None if node.null else node.text if node.boolean is None else node.boolean
        case Sequence():
            return [plain(child) for child in node.nodes]
        case Mapping():
            return {key.text: plain(value) for key, value in node.pairs}


class _FirstFault(Composer):
    """Raises Unreadable at the first thing that cannot be read. Anchors, tags and keys written twice are let pass."""

    max_depth, max_nodes = MAX_DEPTH, MAX_NODES

    def __init__(self, text: str, named_aliases: bool):
        super().__init__(text)
        self._named_aliases = named_aliases

    def text_of(self, event: Any) -> str:
        return without_unstorable(event.value)

    def refuse_alias(self, event: Any) -> Node:
        place = event.start_mark
        if self._named_aliases:
            return Scalar(place.line + 1, place.column + 1, f"*{without_unstorable(event.anchor)}", False)
        raise Unreadable(mark("An alias is not followed; write the value out."), place.line + 1)

    def refuse_second_document(self, event: Any) -> None:
        raise Unreadable(_SECOND, event.start_mark.line + 1)

    def refuse_depth(self, event: Any) -> None:
        raise Unreadable(TOO_DEEP, event.start_mark.line + 1)

    def refuse_count(self, event: Any) -> None:
        line = event.start_mark.line + 1
        raise Unreadable(f"The file holds more than the {MAX_NODES:,} values that are read.", line)

    def refuse_key(self, node: Node) -> None:
        raise Unreadable(mark("A list or a group stands where a key is expected; write a text."), node.line)
