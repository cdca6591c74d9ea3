"""What a template says the same way for every reader of a language is worked out once, when it is compiled.

A language has an environment of its own, so a sentence without variables is a constant there: translating and escaping
it again took a third of a page's time. Nothing that depends on a request is touched.
"""

from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

SENTENCES = frozenset({"_", "gettext"})
ADDRESSES = frozenset({"to", "static"})


class Ahead(CodeGenerator):
    """Jinja's generator of code, given the template with its constants in place."""

    def visit_Template(self, node: nodes.Template, frame: Any = None) -> None:
        super().visit_Template(_Constants(self.environment.globals).visit(node), frame)


class _Constants(NodeTransformer):
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
    """The argument of a call that has one only, a text that stands in the template."""
    if len(node.args) != 1 or node.kwargs or node.dyn_args or node.dyn_kwargs:
        return None
    argument = node.args[0]
    return argument.value if isinstance(argument, nodes.Const) and isinstance(argument.value, str) else None
