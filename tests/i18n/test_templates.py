"""Templates in other languages than English: signs of their own, and what is not translated yet is marked."""

import re

from jinja2 import Environment, nodes
from support.paths import ROOT

from forge.i18n.languages import mark_untranslated, page_language


def test_a_sentence_in_french_has_the_space_before_its_colon():
    assert page_language("fr").gettext("Source:").startswith("Source\xa0")


def test_stand_ins_are_marked_in_texts_and_bare_in_attributes():
    html = '<title>\ue000a\ue001</title><p title="\ue000b\ue001">\ue000c <b>d</b>\ue001</p>'
    assert mark_untranslated(html) == '<title>a</title><p title="b"><span lang="en" dir="ltr">c <b>d</b></span></p>'


def test_no_template_parts_names_with_the_comma_of_one_script():
    """`comma` is the language's own; a comma inside of a sentence is its translator's."""
    environment = Environment(extensions=["jinja2.ext.i18n"])
    for file in sorted((ROOT / "templates").rglob("*.html")):
        tree = environment.parse(file.read_text())
        assert [node.lineno for node in tree.find_all(nodes.Const) if node.value == ", "] == [], file.name
        texts = [re.sub(r"<[^>]*>|<[^>]*$|^[^<]*>", "", node.data) for node in tree.find_all(nodes.TemplateData)]
        assert [text for text in texts if re.search(r",(\s|$)", text)] == [], file.name
