"""Tests of `forge.observe.translations`: the languages of the screens and how complete they are, in each format."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge.observe import translations
from forge.observe.core.tree import Tree, tree_of
from forge.observe.translations.catalogs import MAX_BYTES
from forge.observe.translations.tags import language_tag

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'


def languages(contents: dict[str, str | bytes]) -> dict[str, int | None]:
    files = {path: text.encode() if isinstance(text, str) else text for path, text in contents.items()}
    told = [fact for fact in translations.observe_translations(tree_of(files)) if fact.field == "languages"]
    return {language["term"]: language["percent"] for fact in told for language in fact.value}


def po(*pairs: tuple[str, str]) -> str:
    return HEAD + "".join(f'\nmsgid "{original}"\nmsgstr "{answer}"\n' for original, answer in pairs)


def android(**texts: str) -> str:
    strings = (f'<string name="{key}">{text}</string>' for key, text in texts.items())
    return f"<resources>{''.join(strings)}</resources>"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("fr_FR.utf8", "fr"), ("fr-CA", "fr-CA"), ("pt_BR", "pt-BR"), ("pt_PT", "pt"),
        ("pt", "pt"), ("zh_TW", "zh-Hant"),
        ("zh-rCN", "zh-Hans"), ("zh_Hans", "zh-Hans"), ("sr@latin", "sr-Latn"), ("b+es+419", "es-419"), ("iw", "he"),
        ("fra", "fr"), ("arb", "ar"), ("nb_NO", "nb"), ("no", "nb"), ("en-US", "en"), ("en_GB", "en-GB"), ("oc", "oc"),
        ("FR", "fr"), ("eo", "eo"),
        ("src", None), ("css", None), ("app", None), ("Api", None), ("", None), ("fr_QQ", None), ("x" * 500, None),
        ("ach-UG", None), ("français", None), ("f", None), ("main", None), ("ng", None),
    ],
)  # fmt: skip
def test_names_of_languages_become_tags(name, expected):
    assert language_tag(name) == expected


@pytest.mark.parametrize(
    "places",
    [
        ("po/fr.po", "po/de.po"),
        ("locale/fr/LC_MESSAGES/django.po", "locale/de_DE/LC_MESSAGES/django.po"),
        ("lang/app_fr_FR.utf8.po", "lang/app_de.utf8.po"),
        ("a_module/i18n/fr.po", "a_module/i18n/de.po"),
        ("resources/locales/fr_FR/default.po", "resources/locales/de_DE/default.po"),
    ],
)
def test_gettext_says_itself_what_is_translated(places):
    fr = po(("One", "Un"), ("Two", ""), ("Three", "Trois"), ("Four", "Quatre"))
    de = po(("One", "Eins"), ("Two", ""), ("Three", ""), ("Four", ""))
    assert languages({places[0]: fr, places[1]: de}) == {"fr": 75, "de": 25}


def test_what_is_fuzzy_or_half_of_a_plural_is_not_translated_and_what_is_obsolete_does_not_count():
    text = HEAD + (
        '\n#, fuzzy\nmsgid "A"\nmsgstr "a"\n\nmsgid "B"\nmsgid_plural "Bs"\nmsgstr[0] "b"\nmsgstr[1] ""\n'
        '\nmsgctxt "menu"\nmsgid ""\n"C is long"\nmsgstr ""\n"c est long"\n\n#, fuzzy\n#~ msgid "D"\n#~ msgstr "d"\n'
        '\nmsgid "E \\""\nmsgstr "e \\""\n'
    )
    assert languages({"po/fr.po": text}) == {"fr": 50}


def test_a_template_says_what_complete_would_be():
    template = po(*((f"word{n}", "") for n in range(10)))
    assert languages({"po/app.pot": template, "po/fr.po": po(*((f"word{n}", "mot") for n in range(5)))}) == {"fr": 50}


def test_a_domain_that_a_language_lacks_counts():
    full = po(("A", "x"), ("B", "x"))
    found = languages({"a/i18n/fr.po": full, "b/i18n/fr.po": full, "a/i18n/de.po": full})
    assert found == {"fr": 100, "de": 50}


def test_originals_in_english_are_a_language_of_the_screens_and_others_are_not_guessed():
    english = po(*((f"Please give the number {n} of your account", "x") for n in range(12)))
    german = po(*((f"Bitte geben Sie die Nummer {n} an", "x") for n in range(12)))
    assert languages({"po/fr.po": english}) == {"en": None, "fr": 100}
    assert languages({"po/fr.po": german}) == {"fr": None}
    assert languages({"po/fr.po": german, "po/nl.po": german}) == {"fr": 100, "nl": 100}
    assert languages({"po/fr.po": german, ".tx/config": "[main]\n[a.b]\nsource_lang = de_DE\n"}) == {
        "de": None,
        "fr": 100,
    }


SOURCE = {
    "menu": {"open": "Open", "close": "Close"},
    "long": "This sentence has five words",
    "n": {"one": "1", "other": "2"},
}
HALF = {"menu": {"open": "Ouvrir", "close": ""}, "long": "This sentence has five words", "n": {"other": "2"}}


@pytest.mark.parametrize(
    ("source", "half"),
    [
        ("locales/en.json", "locales/fr.json"),
        ("src/i18n/en/index.json", "src/i18n/fr/index.json"),
        ("www/i18n/locale-en-GB.json", "www/i18n/locale-fr-FR.json"),
        ("config/locales/en.yml", "config/locales/fr.yml"),
        ("config/locales/views.en.yml", "config/locales/views.fr.yml"),
        ("translations/messages.en.yaml", "translations/messages.fr.yaml"),
        ("app/lib/l10n/app_en.arb", "app/lib/l10n/app_fr.arb"),
    ],
)
def test_catalogues_by_key_are_compared_with_the_source_and_copies_of_it_are_no_translation(source, half):
    assert languages({source: json.dumps(SOURCE), half: json.dumps(HALF)}) == {tag_of(source): None, "fr": 50}


def tag_of(path: str) -> str:
    return "en-GB" if "GB" in path else "en"


def test_rails_repeats_the_language_at_the_top_and_aliases_are_not_followed():
    source = "en:\n  a: &words\n    b: One\n    c: Two\n  d: *words\n"
    half = "fr:\n  a: &words\n    b: Un\n"
    assert languages({"config/locales/en.yml": source, "config/locales/fr.yml": half}) == {"en": None, "fr": 33}


def test_other_formats_are_compared_too():
    php = "<?php\n\n// words\nreturn ['a' => 'One', 'b' => ['c' => \"Two\", 'd' => 'It\\'s',],];\n"
    assert languages({"lang/en/x.php": php, "lang/fr/x.php": "<?php return array('a' => 'Un');"}) == {
        "en": None,
        "fr": 33,
    }
    lines = "<?php\ndefined('BASEPATH') or exit('No');\n// words\n$lang['a'] = 'One';\n$lang[\"b\"] = 'It\\'s';\n"
    assert languages(
        {"app/language/english/x_lang.php": lines, "app/language/portuguese-br/x_lang.php": lines[:-20]}
    ) == {
        "en": None,
        "pt-BR": 50,
    }
    base = {"src/Messages.properties": "a=One\nb: Two\n# c=3\n", "src/Messages_fr.properties": "a = Un\n"}
    assert languages(base) == {"fr": 50}
    fluent = {"locale/en-US/a.ftl": "a = One\nb = Two\n    more\n", "locale/fr/a.ftl": "a = Un\n"}
    assert languages(fluent) == {"en": None, "fr": 50}
    sheet = {"i18n/en_US.csv": '"a";"One; or ""1"""\n"b";"Two"\n', "i18n/fr_FR.csv": '"a";"Un"\n"b";\n'}
    assert languages(sheet) == {"en": None, "fr": 50}
    by_sentence = "".join(f'"Write a word to the number {n}",Mot\n' for n in range(20))
    sheets = {"app-translations/hi.csv": by_sentence, "app-translations/fr.csv": by_sentence[:-4] + "\n"}
    assert languages(sheets) == {"en": None, "hi": 100, "fr": 95}
    assert languages({"i18n/places.csv": "fr,France\n", "data/fr.csv": "1,Lyon\n"}) == {}


def test_android_is_compared_with_what_has_no_language():
    contents = {
        "app/src/main/res/values/strings.xml": android(a="One", b="Two"),
        "app/src/main/res/values-fr/strings.xml": android(a="Un"),
        "app/src/main/res/values-zh-rTW/strings.xml": android(a="一", b="二"),
        "app/src/main/res/values-night/strings.xml": android(a="One"),
    }
    assert languages(contents) == {"zh-Hant": 100, "fr": 50}


def test_xliff_names_its_languages():
    xliff = (
        '<xliff version="1.2"><file source-language="en" target-language="fr"><body>'
        "<trans-unit><source>One</source><target>Un</target></trans-unit>"
        '<trans-unit><source>Two</source><target state="needs-translation">Two</target></trans-unit>'
        "</body></file></xliff>"
    )
    assert languages({"translations/messages.fr.xlf": xliff}) == {"fr": 50}


def test_documentation_tests_what_others_wrote_and_other_files_are_no_screens():
    full = po(("A", "x"))
    for path in ("docs/locale/fr/LC_MESSAGES/index.po", "node_modules/a/locale/fr.po", "po/app-doc.fr.po",
                 "tests/locale/fr.po", "translations/guide.adoc.fr.po", "website/i18n/fr/code.json"):  # fmt: skip
        assert languages({path: full}) == {}, path
    assert languages({"config/sign_in.json": "{}", "lang/sign_in.json": '{"a": "b"}', "fr/a.json": '{"a": "b"}'}) == {}


def test_a_language_that_has_only_begun_is_not_told():
    source = {str(n): "word" for n in range(100)}
    begun = {str(n): "mot" for n in range(9)}
    assert languages({"locales/en.json": json.dumps(source), "locales/fr.json": json.dumps(begun)}) == {"en": None}


def test_one_language_is_the_source_of_the_whole_program_although_another_says_more_here_and_there():
    many = {str(n): "palabra" for n in range(50)}
    files = {f"locales/{name}.en.json": json.dumps(many) for name in ("a", "b", "c")}
    files |= {"locales/en.json": '{"1": "word"}', "locales/es.json": json.dumps(many)}
    assert languages(files | {"locales/a.es.json": json.dumps(many)}) == {"en": None, "es": 33}


def test_catalogues_that_nobody_translates_do_not_count():
    library = po(*((f"province {n}", "") for n in range(90)), ("one", "unu"))
    own = po(("A", "x"), ("B", ""))
    assert languages({"a/locale/ro.po": own, "b/locale/ro.po": library}) == {"ro": 50}


def test_where_most_sentences_are_in_the_source_alone_nothing_is_told_of_several_other_languages():
    texts = {str(n): "word" for n in range(100)}
    files = {f"lang/{tag}/few.json": '{"a": "b"}' for tag in ("en", "fr", "de", "es", "it", "nl")}
    files |= {f"lang/{tag}/menu.json": json.dumps(texts) for tag in ("en",)}
    assert languages(files) == {"en": None}


def test_where_most_catalogues_are_programs_no_percent_is_told():
    files = {f"server/locales/{tag}.json": '{"a": "b"}' for tag in ("en", "fr")}
    assert languages(files) == {"en": None, "fr": 100}
    assert languages(files | {"client/locales/fr-FR/core.js": "export default {};" * 9}) == {"en": None, "fr": None}


def test_what_cannot_be_read_has_no_percent_and_is_told():
    files = {"locales/en.json": b'{"a": "One"}', "locales/fr.json": b'{"a": ', "locales/de.json": b'{"a": "Eins"}'}
    told = translations.observe_translations(tree_of(files))
    assert {"term": "fr", "percent": None} in told[0].value
    assert [(fact.path, fact.value["line"]) for fact in told if fact.field == "unreadable"] == [("locales/fr.json", 1)]
    assert languages({"locales/en.json": b'{"a": "1"}', "locales/fr.json": b" " * (MAX_BYTES + 1)}) == {
        "en": None,
        "fr": None,
    }


def test_after_a_push_only_what_is_new_is_read():
    texts = {"locales/en.json": b'{"a": "One"}', "locales/fr.json": b'{"a": "Un"}', "po/de.po": po(("A", "x")).encode()}
    first = tree_of(texts)
    told = translations.observe_translations(first)

    def unread(oid: str, most: int) -> bytes:
        raise AssertionError(oid)

    again = Tree(first.files, unread, json.loads(json.dumps(first.remembered)))
    assert translations.observe_translations(again) == told


HOSTILE = {
    "deep json": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "long keys": ('{"' + "k" * 30000 + '":').encode() * 40 + b'"x"' + b"}" * 40,
    "aliases": b"a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n",
    "entities": b'<!DOCTYPE xliff [<!ENTITY a "aaaa">]><xliff>&a;</xliff>',
    "spaces": b"a" + b" " * 200000 + b"\n" + b"msgid " * 20000,
    "quotes": b'"' * 100000,
    "escapes": b'"a" = "' + b"\\" * 100001,
    "php": b"<?php return [" + b"[" * 5000,
    "comment": b"<?php " + b"/*" * 50000,
    "fluent": b"a =" + b"\n   " * 50000,
    "bytes": bytes(range(256)) * 100,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_catalogues_are_bounded_in_every_format(name):
    paths = ("po/fr.po", "i18n/m.fr.xlf", "i18n/fr.json", "i18n/fr.yml", "lang/fr/a.php",
             "a_fr.arb", "i18n/fr.csv",
             "lang/a_fr.properties", "res/values-fr/strings.xml", "l10n/fr/a.ftl")  # fmt: skip
    contents = dict.fromkeys(paths, HOSTILE[name]) | {path.replace("fr", "en"): HOSTILE[name] for path in paths}
    spent = time.process_time()
    translations.observe_translations(tree_of(contents))
    assert time.process_time() - spent < 50


@given(
    st.dictionaries(
        st.sampled_from(["po/fr.po", "po/a.pot", "i18n/fr.json", "i18n/en.json", "lang/fr.yml", "lang/en/a.php",
                         ".tx/config",
                         "lang/fr/a.php", "t/res/values/strings.xml", "t/res/values-fr/strings.xml"]),
        st.binary(max_size=200) | st.text(alphabet='{}[]":,\n msgidtr\\<>/&=', max_size=200).map(str.encode),
    )
)  # fmt: skip
def test_no_content_makes_it_raise(contents):
    for fact in translations.observe_translations(tree_of(contents)):
        assert json.dumps(fact.value)


@given(
    st.lists(st.text(max_size=60) | st.from_regex(r"(i18n|lang|po)/[a-z_\-.]{1,12}\.(po|json|yml|ts|xml)"), max_size=8)
)
def test_no_name_makes_it_raise(paths):
    translations.observe_translations(tree_of(dict.fromkeys(paths, b"{}")))


def test_thousands_of_gettext_folders_are_placed_in_bounded_time():
    folders = range(10_000)
    paths = [*(f"d{number}/fr.po" for number in folders), *(f"d{number}/x.po" for number in folders)]
    spent = time.process_time()
    translations.observe_translations(tree_of(dict.fromkeys(paths, b"")))
    assert time.process_time() - spent < 50
