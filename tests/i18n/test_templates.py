"""The templates and their texts: each sentence of pages is in the French catalogue, whole and with the same gaps."""

import re
from io import BytesIO

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes
from support.paths import ROOT

from forge.i18n.languages import FOLDER, mark_untranslated, page_language

JINJA = {"trimmed": "true", "newstyle_gettext": "true", "encoding": "utf-8"}
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "mark": None}
GAP = re.compile(r"%\((\w+)\)s")


def _messages() -> set[str | tuple[str, ...]]:
    found = extract_from_dir(ROOT / "templates", [("**.html", "jinja2")], {"**.html": JINJA}, KEYWORDS)
    mails = extract_from_dir(ROOT / "templates", [("**.txt", "jinja2")], {"**.txt": JINJA}, KEYWORDS)
    more = extract_from_dir(ROOT / "forge", [("**.py", "python")], keywords=KEYWORDS)  # why a visit failed, too
    ground = extract_from_dir(ROOT / "catalog", [("**.py", "forge.i18n.extract:extract")])
    return {
        message[2] if isinstance(message[2], str) else tuple(message[2]) for message in (*found, *mails, *more, *ground)
    }


def _french():
    return read_po(BytesIO((FOLDER / "fr.po").read_bytes()), locale="fr")


def test_every_sentence_of_pages_is_in_the_french_catalogue():
    known = {message.id for message in _french() if message.id and all(_forms(message.string))}
    known |= {ids[0] for ids in known if isinstance(ids, tuple)}  # gettext finds a plural's first form by itself
    assert _messages() - known == set()
    assert len(known) > 200


def test_no_translation_is_doubtful_and_all_keep_the_gaps():
    for message in _french():
        if message.id:
            ids = _forms(message.id)
            assert not message.fuzzy, message.id
            assert {frozenset(GAP.findall(text)) for text in _forms(message.string)} <= {
                frozenset(GAP.findall(text)) for text in ids
            } | {frozenset(GAP.findall(ids[-1]))}, message.id


def test_a_sentence_in_french_has_the_space_before_its_colon():
    assert page_language("fr").gettext("Source:").startswith("Source\xa0")


def test_stand_ins_are_marked_in_texts_and_bare_in_attributes():
    html = '<title>\ue000a\ue001</title><p title="\ue000b\ue001">\ue000c <b>d</b>\ue001</p>'
    assert mark_untranslated(html) == '<title>a</title><p title="b"><span lang="en" dir="ltr">c <b>d</b></span></p>'


def _forms(text):
    return list(text) if isinstance(text, (tuple, list)) else [text]


def test_no_template_parts_names_with_the_comma_of_one_script():
    """`comma` is the language's own; a comma inside of a sentence is its translator's."""
    environment = Environment(extensions=["jinja2.ext.i18n"])
    for file in sorted((ROOT / "templates").rglob("*.html")):
        tree = environment.parse(file.read_text())
        assert [node.lineno for node in tree.find_all(nodes.Const) if node.value == ", "] == [], file.name
        texts = [re.sub(r"<[^>]*>|<[^>]*$|^[^<]*>", "", node.data) for node in tree.find_all(nodes.TemplateData)]
        assert [text for text in texts if re.search(r",(\s|$)", text)] == [], file.name
