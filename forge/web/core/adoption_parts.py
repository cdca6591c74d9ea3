"""What pages show of a use, line by line, made of the rows of its fields."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from markupsafe import Markup, escape

from catalog.model import Adoption
from catalog.sentences import mark
from catalog.store.core.visibility import PAST_STAGES
from catalog.submissions.base.fields import DATE, NAMES, TERM, TERMS, FormField
from catalog.submissions.kinds.adoption_fields import SHOWN_IN_A_LINE
from forge.web.core.template_filters import TemplateFilters

_LAST_SIGN = mark("Last sign of use: %(date)s")
_PLACE = re.compile(r"%\(\w+\)s")


def adoption_parts(
    adoption: Adoption, provider: str | None, words: TemplateFilters, gettext: Callable[[str], str]
) -> Iterator[Markup]:
    """Each line as HTML. `provider`: the name of the organization that hosts or helps."""
    for field in SHOWN_IN_A_LINE:
        value = provider if field.name == "provider" else getattr(adoption, field.name)
        if not value:
            continue
        text = _value_in_words(field, value, words)
        if field.unit and (unit := getattr(adoption, field.unit)):
            text = Markup("{} {}").format(text, unit)
        label = _LAST_SIGN if field.name == "until" and adoption.stage not in PAST_STAGES else field.shown
        sentence = gettext(label) if label else f"{gettext(field.heading)}: %(value)s"
        before, after = _PLACE.split(str(escape(sentence)), maxsplit=1)
        yield Markup(before) + text + Markup(after)


def _value_in_words(field: FormField, value: Any, words: TemplateFilters) -> Markup:
    if field.kind == TERM:
        return escape(words.term(field.vocabulary, value))
    if field.kind == TERMS:
        return words.joined(words.term(field.vocabulary, entry) for entry in value)
    if field.kind == DATE:
        return escape(words.page_language.partial_date(value))
    return words.names(value) if field.kind == NAMES else words.name(str(value))
