"""Each kind of field that a form may have is drawn, checked, previewed and shown."""

import pytest
from starlette.requests import Request
from support.factories.core import NOW, a_catalog, a_project, load
from support.world import a_site

from catalog.submissions.base import fields
from catalog.submissions.base.fields import FormField, problems_of, rows_of
from catalog.submissions.registry import KINDS
from forge.i18n.languages import page_language
from forge.web.core.form import Form
from forge.web.submissions.form_fields import drawn_fields, typed_answers
from forge.web.wording.submissions import submission_rows

_TWO = (("first", "The first", ""), ("second", "The second", ""))
OPTIONS = {
    fields.CHOICE: _TWO,
    fields.CHOICES: _TWO,
    fields.YES_NO: (("yes", "Yes", ""), ("no", "No", "")),
}
# Of each kind: what is typed, what is refused of it (None: nothing is), and what the preview says.
EXAMPLES = {
    fields.LINE: ("A line", "x" * 500, "A line"),
    fields.SENTENCE: ("A sentence", "x" * 500, "A sentence"),
    fields.TEXT: ("A text", "x" * 5_000, "A text"),
    fields.URL: ("https://example.org/page", "no address", "example.org/page"),
    fields.DATE: ("2019-05", "yesterday", "May 2019"),
    fields.DAY: ("2019-05-04", None, "2019"),
    fields.TERM: ("in-production", "nowhere", "Used every day"),
    fields.TERMS: ("in-production", "nowhere", "Used every day"),
    fields.CHOICE: ("first", "third", "The first"),
    fields.CHOICES: ("first", "third", "The first"),
    fields.NAMES: ("One, Two", "one@example.org", "Two"),
    fields.COUNTRY: ("FR", "XX", "France"),
    fields.COUNTRIES: ("FR", "XX", "France"),
    fields.LANGUAGE: ("fr", "no language", "French"),
    fields.LANGUAGES: ("fr", None, "French"),
    fields.CONSENT: ("yes", None, "Yes"),
    fields.YES_NO: ("yes", "perhaps", "Yes"),
}


@pytest.fixture
def site(sqlite_store, tmp_path):
    load(sqlite_store, a_catalog(a_project()))
    with a_site(sqlite_store, tmp_path / "data") as app:
        yield app


def test_every_kind_that_a_form_has_is_among_the_examples():
    assert {field.kind for kind in KINDS.values() for field in kind.fields} <= set(EXAMPLES)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_each_kind_of_field_is_drawn_checked_previewed_and_shown(site, kind):
    language = page_language("en")
    vocabulary = "stage" if kind in (fields.TERM, fields.TERMS) else ""
    field = FormField("asked", kind, "What do we ask?", vocabulary=vocabulary, options=OPTIONS.get(kind, ()))
    typed, refused, preview = EXAMPLES[kind]
    form = Form({"asked": [typed]})
    request = Request({"type": "http", "app": site, "state": {"page_language": language}})
    pages = site.state.site.environment(language)
    (drawn,) = drawn_fields(request, [field])
    page = pages.from_string('{% import "submissions/fields.html" as s %}{{ s.one(form, field) }}')
    html = page.render(form=form, field=drawn)
    assert 'name="asked"' in html and typed in html and "What do we ask?" in html
    answers = typed_answers(form, [field])
    assert problems_of([field], answers, NOW) == {}
    if refused is not None:
        assert set(problems_of([field], typed_answers(Form({"asked": [refused]}), [field]), NOW)) == {"asked"}
    summary = pages.from_string('{% import "submissions/macros.html" as part %}{{ part.summary(lines) }}')
    assert preview in summary.render(lines=submission_rows(rows_of([field], answers, "en")))
