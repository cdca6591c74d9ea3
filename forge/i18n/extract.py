"""Extracts the sentences of `catalog` for translators: what a module's `SENTENCES` refuse with, and what is marked.

Babel calls this when it collects messages; nothing is run.
"""

import ast
from collections.abc import Iterator
from typing import Any, BinaryIO

NAME = "SENTENCES"


def extract(
    file: BinaryIO, keywords: Any, comment_tags: Any, options: Any
) -> Iterator[tuple[int, None, str, list[str]]]:
    """Yield each sentence with its line: https://babel.pocoo.org/en/latest/messages.html#writing-extraction-methods"""
    tree = ast.parse(file.read())
    bindings = {
        target.id: node.value
        for node in tree.body
        for target in _targets(node)
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "mark":
            yield from ((line, None, text, []) for line, text in _texts(node.args[0], {}))
    for node in tree.body:  # several names, as A, B = "…", "…"
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple):
            several = node.targets[0].elts if isinstance(node.targets[0], ast.Tuple) else ()
            bindings |= {
                name.id: value
                for name, value in zip(several, node.value.elts, strict=False)
                if isinstance(name, ast.Name)
            }
    if NAME in bindings:
        for line, text in _texts(bindings[NAME], bindings):
            yield line, None, text, []


def _targets(node: ast.stmt) -> list[ast.Name]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target for target in targets if isinstance(target, ast.Name)]


def _texts(node: ast.expr, bindings: dict[str, ast.expr]) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.lineno, node.value
    elif isinstance(node, ast.Name) and node.id in bindings:
        yield from _texts(bindings[node.id], bindings)
    elif isinstance(node, ast.Starred):
        yield from _texts(node.value, bindings)
    elif isinstance(node, ast.Tuple | ast.List | ast.Set):
        for element in node.elts:
            yield from _texts(element, bindings)
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from _texts(value, bindings)
    elif isinstance(node, ast.Call):  # WRONG.values(), frozenset({…})
        if isinstance(node.func, ast.Attribute):
            yield from _texts(node.func.value, bindings)
        for argument in node.args:
            yield from _texts(argument, bindings)
