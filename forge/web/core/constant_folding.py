"""Folds what a template says the same way for every reader of a language into constants when it is compiled.

A language has an environment of its own, so a sentence without variables is a constant there: translating and
escaping it again took a third of a page's time. Nothing that depends on a request is touched. What remains is called
and escaped a thousand times a page: by the shorter code below, which gives what Jinja's own gives.
"""

import re
from collections.abc import Callable, Mapping
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context, Macro
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

SENTENCES = frozenset({"_", "gettext"})
ADDRESSES = frozenset({"to", "static"})
_PLAIN_CALLABLES = frozenset({FunctionType, MethodType, BuiltinFunctionType})
_ESCAPED = re.compile("[&<>'\"]")


class FoldingCodeGenerator(CodeGenerator):
    """Jinja's code generator, given the template with its constants; texts are written by `environment.shown`."""

    def visit_Template(self, node: nodes.Template, frame: Any = None) -> None:
        super().visit_Template(_ConstantFolder(self.environment.globals).visit(node), frame)

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile and finalize.src is None:
            self.write("environment.shown(")
        else:
            super()._output_child_pre(node, frame, finalize)


class FastContext(Context):
    """Jinja's context, which checks each callable four times for whether it wants the context: ours go by type."""

    def call(self, called: Any, /, *given: Any, **named: Any) -> Any:
        kind = type(called)
        if kind is Macro:
            given = (self.eval_ctx, *given)
        elif kind not in _PLAIN_CALLABLES or hasattr(called, "jinja_pass_arg"):
            return super().call(called, *given, **named)
        if named:  # what Jinja adds to calls in loops and blocks, for callables that want the context
            named.pop("_loop_vars", None)
            named.pop("_block_vars", None)
        return called(*given, **named)


def gettext_functions(
    translate: Callable[[str], str], translate_plural: Callable[[str, str, int], str]
) -> dict[str, Callable[..., Markup]]:
    """Return the functions that `trans` calls, by name, as `jinja2.ext.i18n` has them in the new style: a page of
    results fills seventy sentences, and Jinja's go through the context twice and wrap each value.
    """

    def gettext(message: str, /, **filled: Any) -> Markup:
        return Markup(translate(message) % _escaped_values(filled))

    def ngettext(one: str, many: str, number: int, /, **filled: Any) -> Markup:
        return Markup(translate_plural(one, many, number) % _escaped_values({"num": number} | filled))

    return {"gettext": gettext, "ngettext": ngettext}


def _escaped_values(filled: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if type(value) is int else escaped(value) for name, value in filled.items()}


def escaped(value: Any) -> str:
    """Return `value` as HTML. Most texts hold nothing to escape, and need no object that says they are safe."""
    kind = type(value)
    if kind is Markup or (kind is str and not _ESCAPED.search(value)):
        return value  # type: ignore[no-any-return]
    return str(value) if kind is int else escape(value)


class _ConstantFolder(NodeTransformer):
    def __init__(self, known: Any):
        self._known = known

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        changed = self.generic_visit(node)
        text = _only_text(node)
        if text is None or not isinstance(node.node, nodes.Name):
            return changed
        if node.node.name in SENTENCES:
            # As jinja2.ext.i18n does it in the new style: "%%" is a percent sign also where nothing is filled in.
            return nodes.Const(Markup(self._known["gettext_of"](text)) % {}, lineno=node.lineno)
        if node.node.name in ADDRESSES:
            return nodes.Const(self._known[node.node.name](text), lineno=node.lineno)
        return changed


def _only_text(node: nodes.Call) -> str | None:
    """Return the argument of a call that has only one, a text literal of the template."""
    if len(node.args) != 1 or node.kwargs or node.dyn_args or node.dyn_kwargs:
        return None
    argument = node.args[0]
    return argument.value if isinstance(argument, nodes.Const) and isinstance(argument.value, str) else None
