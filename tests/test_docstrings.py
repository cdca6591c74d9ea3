"""Docstrings and comments stay true: their examples give what they say, and whole names in them exist."""

import ast
import doctest
import importlib
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from support.paths import ROOT

FILES = {
    ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file
    for layer in ("catalog", "forge")
    for file in sorted((ROOT / layer).rglob("*.py"))
}
# The whole name of a module of ours, or of what is in one.
NAMED = re.compile(r"(?<![\w./@])(?:catalog|forge)(?:\.[A-Za-z_]\w*)+")
NOT_CODE = {"catalog.yaml", "catalog.tar.gz", "catalog.example.org", "forge.example.org"}


@pytest.mark.parametrize("name", [name for name, file in FILES.items() if ">>> " in file.read_text()])
def test_examples_give_what_they_say(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def _texts(file: Path) -> Iterator[tuple[int, str]]:
    """Comments and docstrings, each with the number of its first line."""
    source = file.read_text()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                yield first.lineno, str(first.value.value)


@cache
def _names_in(module: str) -> frozenset[str]:
    """Every name that a module uses or defines, at whatever depth."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(FILES[module].read_text())):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).rpartition(".")[2])
    return frozenset(names)


def _is_known(dotted: str) -> bool:
    parts = dotted.split(".")
    known = next((end for end in range(len(parts), 1, -1) if ".".join(parts[:end]) in FILES), 0)
    return known == len(parts) or (known > 0 and parts[known] in _names_in(".".join(parts[:known])))


def test_whole_names_in_docstrings_and_comments_are_those_of_something() -> None:
    named = [
        (f"{file.relative_to(ROOT)}:{line}", found[0])
        for file in FILES.values()
        for line, text in _texts(file)
        for found in NAMED.finditer(text)
        if found[0] not in NOT_CODE
    ]
    assert len(named) > 100 and [(place, dotted) for place, dotted in named if not _is_known(dotted)] == []
