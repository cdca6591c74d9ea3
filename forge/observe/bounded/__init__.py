"""Readers of strangers' YAML, JSON, TOML and XML, within bounds, into plain values. They know no key of any format.

For every observer. `yaml_of`, `json_of` and `toml_of` return dicts, lists, texts, booleans and None (JSON and TOML also
numbers), `xml_of` returns Elements, `yaml_nodes` returns nodes with their lines. Each raises Unreadable, and nothing
else, with a sentence and a line; `unreadable` makes the ObservedFact for it. Bounds: MAX_FILE_BYTES (another one where
the caller passes `max_bytes`), MAX_DEPTH and MAX_NODES for all four; UTF-8 (XML: what it declares) only. Never aliases,
tags that make objects, entities, or the inner part of a DTD: what is read is not larger than what was written. Of a
key that occurs twice the last one counts. No text that is returned holds NUL or half a
surrogate pair, which databases and JSON do not accept.
"""

from forge.observe.bounded.elements import Element, xml_of
from forge.observe.bounded.nodes import plain, yaml_nodes, yaml_of
from forge.observe.bounded.text import MAX_DEPTH, MAX_NODES, Unreadable, text_of, unreadable
from forge.observe.bounded.values import json_of, toml_of

__all__ = [
    "MAX_DEPTH",
    "MAX_NODES",
    "Element",
    "Unreadable",
    "json_of",
    "plain",
    "text_of",
    "toml_of",
    "unreadable",
    "xml_of",
    "yaml_nodes",
    "yaml_of",
]
