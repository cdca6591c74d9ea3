"""Conditions that a column holds one of many keys, which are one parameter of the statement: a list in JSON on SQLite,
an array on PostgreSQL.

With a parameter for each key, a statement with 500 of them was written, parsed and planned anew each time, which took
longer than running it.
"""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, BindParameter, ColumnElement, Text, bindparam, literal
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

KEYS = "keys"


class _Keys(TypeDecorator[Any]):
    """Many values of a type as one parameter."""

    impl = Text
    cache_ok = True

    def __init__(self, of: TypeEngine[Any]):
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(self.of) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if dialect.name == "postgresql":
            return list(value)
        bind = self.of.dialect_impl(dialect).bind_processor(dialect)
        return json.dumps([bind(key) for key in value] if bind else list(value))


class _Among(FunctionElement[bool]):
    inherit_cache = True


@compiles(_Among, "sqlite")
def _in_json(element: Any, compiler: Any, **options: Any) -> str:
    column, keys = element.clauses
    return (
        f"{compiler.process(column, **options)} IN (SELECT value FROM json_each({compiler.process(keys, **options)}))"
    )


@compiles(_Among, "postgresql")
def _in_array(element: Any, compiler: Any, **options: Any) -> str:
    column, keys = element.clauses
    return f"{compiler.process(column, **options)} = ANY ({compiler.process(keys, **options)})"


def among(column: ColumnElement[Any], keys: Iterable[Any]) -> ColumnElement[bool]:
    """Condition: a column holds one of these keys."""
    return _Among(column, literal(list(keys), _Keys(column.type)))


def among_keys(column: ColumnElement[Any], name: str = KEYS) -> ColumnElement[bool]:
    """The same, for a statement that is made once: the keys are given as its parameter `name`."""
    keys: BindParameter[Any] = bindparam(name, type_=_Keys(column.type))
    return _Among(column, keys)
