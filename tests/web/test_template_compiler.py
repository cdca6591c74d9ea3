"""The short ways by which our templates call and escape: what Jinja's own give, and fewer steps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, StrictUndefined, UndefinedError, pass_context
from markupsafe import Markup, escape

from forge.web.core import constant_folding
from forge.web.core.constant_folding import FastContext, FoldingCodeGenerator, escaped, gettext_functions

TEMPLATE = """
{% macro cell(value, wide=false) %}
<td{{ " wide" if wide }}>{{ value }}{{ caller(value) if caller is defined }}</td>
{% endmacro %}
{% for one in values %}{{ cell(one) }}{{ cell(one, wide=true) }}{{ loop.cycle("odd", "even") }}{{ named(one) }}
{% call(again) cell(one) %}{{ again|upper }}{% endcall %}{{ one.upper() if one is string else one }}{{ loop.last }}
{% endfor %}{{ kind() }}{{ nobody is defined }}{% autoescape false %}{{ values[0] }}{% endautoescape %}
"""
SENTENCES = """
{% trans what=value %}One of {{ what }}, 100%{% endtrans %}
{% trans %}Plain < 5%{% endtrans %} {{ _("100%% " ~ "sure") }}
{% trans count=number, what=value %}{{ count }} of {{ what }}{% pluralize %}{{ count }} of many {{ what }}{% endtrans %}
{% trans count=number %}{{ count }}{% pluralize %}{{ count }}s{% endtrans %}
"""
ANY = st.one_of(st.text(), st.text().map(Markup), st.integers(), st.booleans(), st.none(), st.floats())


class Kind:
    def __call__(self) -> str:
        return "<kind>"


def drawn(values, *, ours: bool) -> str:
    @pass_context
    def named(context, value):
        return f"{context.name}: {value}, {context.get('one', 'none')}"

    environment = Environment(autoescape=True, undefined=StrictUndefined)
    if ours:
        environment.code_generator_class, environment.context_class = FoldingCodeGenerator, FastContext
        environment.shown = escaped
    environment.globals.update(named=named, kind=Kind(), gettext_of=str)
    return environment.from_string(TEMPLATE).render(values=values)


@given(ANY)
def test_a_value_is_shown_as_jinja_escapes_it(value):
    assert escaped(value) == escape(value)


@given(st.lists(ANY, min_size=1, max_size=3))
def test_a_template_gives_what_jinja_gives(values):
    assert drawn(values, ours=True) == drawn(values, ours=False)


def translated(number, value, *, ours: bool) -> str:
    told = {"One of %(what)s, 100%%": "<b>Une</b> de %(what)s, 100 %%"}
    environment = Environment(autoescape=True, undefined=StrictUndefined, extensions=["jinja2.ext.i18n"])
    known = (
        (lambda singular: told.get(singular, singular)),
        (lambda singular, many, count: singular if count == 1 else many),
    )
    environment.install_gettext_callables(*known, newstyle=True)
    if ours:
        environment.code_generator_class, environment.context_class = FoldingCodeGenerator, FastContext
        environment.shown = escaped
        environment.globals.update(gettext_functions(*known), gettext_of=known[0])
    return environment.from_string(SENTENCES).render(number=number, value=value)


@given(st.integers(-3, 3), ANY)
def test_a_sentence_is_filled_in_as_jinja_fills_it_in(number, value):
    assert translated(number, value, ours=True) == translated(number, value, ours=False)


def test_what_is_not_there_is_an_error_and_not_nothing():
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    environment.code_generator_class, environment.shown = FoldingCodeGenerator, escaped
    with pytest.raises(UndefinedError, match="nobody"):
        environment.from_string("{{ nobody }}").render()


def test_a_text_without_anything_to_escape_is_escaped_by_nobody(monkeypatch):
    asked = []
    monkeypatch.setattr(constant_folding, "escape", lambda value: asked.append(value) or escape(value))
    text = drawn(["plain", 7, Markup("<b>safe</b>"), "a < b"], ours=True)
    assert {"plain", 7, "PLAIN", "<b>safe</b>", "odd"}.isdisjoint(asked) and "a < b" in asked
    assert "<b>safe</b>" in text and "a &lt; b" in text
