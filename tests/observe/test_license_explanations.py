"""Tests of words that explain a license and of parts that are also sold: they leave a tree free, and a limit in the
same place is a doubt. Where the words of a publisher count, they are his; all limits are the tests' own.
"""

import pytest

from forge.observe.core.tree import tree_of
from forge.observe.license import is_free, read_license_file, read_licenses
from tests.observe.test_license import GPL, MIT, NOTICE
from tests.observe.test_license_labelled import a_text

AGPL = a_text("AGPL-3.0")
PROGRAM = {"LICENSE": AGPL, "server/app.py": b"print(1)\n"}

REASONS = (
    "The GNU Affero GPL has the requirement that anyone else using that code for their own websites also does the"
    " courtesy of offering the source code to their users.\n\nWhy not use the GPL? The GPL guarantees that anyone who"
    " gets a binary version of the software also gets the source code so they can modify it. For this reason, we use"
    " the GNU Affero GPL."
)
SUMMARY = """The AGPL-3.0 license guarantees:
- free use (commercial and private use allowed)
- access to the source code
- the right to modify and distribute
- copyleft: derivative works must be released under the same license
"""
SUMMARIES = {
    "en": SUMMARY,
    "de": """Die AGPL-3.0 Lizenz garantiert:
- Freie Nutzung (kommerzielle und private Nutzung erlaubt)
- Recht zu verändern und weitergeben
- Abgeleitete Werke müssen unter der gleichen Lizenz stehen
""",
    "fr": """La licence AGPL-3.0 garantit :
- le droit d'utiliser, copier et modifier
- accès au code source
- les œuvres dérivées doivent être publiées sous la même licence
""",
    "es": "La licencia AGPL-3.0 garantiza:\n- uso libre\n"
    "- el derecho a copiar y distribuir\n- acceso al código fuente\n",
    "pt": "A licença AGPL-3.0 garante:\n- uso livre\n- o direito de copiar\n- obras derivadas devem ser publicadas sob"
    " a mesma licença\n",
}
DISCLAIMERS = {
    "en": "without even the implied warranty of MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.",
    "fr": "Ce programme est distribué dans l'espoir qu'il sera utile, mais SANS AUCUNE GARANTIE ; sans même la garantie"
    " implicite de COMMERCIALISATION ou D'ADAPTATION À UN USAGE PARTICULIER.",
    "de": "Die Veröffentlichung dieses Programms erfolgt in der Hoffnung, dass es Ihnen von Nutzen sein wird, aber OHNE"
    " IRGENDEINE GARANTIE, sogar ohne die implizite Garantie der MARKTREIFE oder der VERWENDBARKEIT FÜR EINEN"
    " BESTIMMTEN ZWECK.",
    "es": "Este programa se distribuye con la esperanza de que sea útil, pero SIN NINGUNA GARANTÍA; ni siquiera la"
    " garantía implícita de COMERCIALIZACIÓN o IDONEIDAD PARA UN PROPÓSITO PARTICULAR.",
    "pt": "Este programa é distribuído na esperança de que possa ser útil, mas SEM NENHUMA GARANTIA; sem uma garantia"
    " implícita de ADEQUAÇÃO a qualquer MERCADO ou APLICAÇÃO EM PARTICULAR.",
}
LIBRARIES = """Additional permission under GNU AGPL version 3 section 7

If you modify this Program, or any covered work, by linking or combining it with any of the below libraries (or a
modified version of that library), containing parts covered by the terms of any of the below libraries, the licensors of
this Program grant you additional permission to convey the resulting work.

beet
beet-core
org.example/radish
org.example/tulip.core
rose-yaml
"""
EXPLANATIONS = {"reasons": REASONS, "libraries": LIBRARIES}
EXPLANATIONS |= {f"summary, {language}": words for language, words in SUMMARIES.items()}
EXPLANATIONS |= {f"disclaimer, {language}": words for language, words in DISCLAIMERS.items()}
LIMITS = [
    "Companies pay a fee.",
    "Only members may use it.",
    "Not for landlords.",
    "Die Nutzung ist Mitgliedern erlaubt.",
]


def below(text: bytes, words: str) -> bytes:
    return text + b"\n\n" + words.encode()


@pytest.mark.parametrize("kind", EXPLANATIONS)
def test_words_that_explain_a_license_leave_it_free(kind):
    assert is_free({"LICENSE": below(AGPL, EXPLANATIONS[kind])}) is True
    assert is_free({"LICENSE": EXPLANATIONS[kind].encode() + b"\n\n" + AGPL}) is True


@pytest.mark.parametrize("kind", EXPLANATIONS)
@pytest.mark.parametrize("limit", LIMITS)
def test_a_limit_before_or_after_an_explanation_is_a_doubt(kind, limit):
    words = EXPLANATIONS[kind]
    for said in (
        f"{limit}\n\n{words}",
        f"{words}\n\n{limit}",
        f"{words.rstrip()}\n- {limit}\n",
        f"{words.rstrip()} {limit}",
    ):
        assert is_free({"LICENSE": below(AGPL, said)}) is not True, said


@pytest.mark.parametrize(
    "words",
    [
        "The AGPL does not allow anyone to use this at work.",
        "The GPL guarantees that anyone who pays gets the source code so they can modify it.",
        "The GPL guarantees that members who get a binary version of the software also get the source code.",
        "For this reason, we use the Acme Terms.",
        "For this reason, we use the GNU Affero GPL for non-profits.",
        "Excluded:\n- the right to modify\n- the right to use\n",
        "The AGPL-3.0 license does not give:\n- the right to modify\n",
        "The AGPL-3.0 license guarantees:\n- the right to use it at home\n",
        "The AGPL-3.0 license guarantees:\n- free use (commercial use excluded)\n",
        "The AGPL-3.0 license guarantees:\n- the right to use, for members\n",
        "Este programa se distribuye sin garantía a los socios.",
        "Ce programme est distribué dans l'espoir qu'il sera utile aux adhérents, mais SANS AUCUNE GARANTIE.",
        "only\nfor\nmembers\nof\nthe\nco-op\n",
        "org.example/beet\norg.example/radish\nmembers\nonly\norg.example/rose\n",
        "If you do not want to comply with the GPL, do not use this at work.",
        "If you have more than ten employees, a commercial license is available.",
    ],
)
def test_what_only_looks_like_an_explanation_is_a_doubt(words):
    assert is_free({"LICENSE": below(AGPL, words)}) is not True


def test_a_summary_that_asks_for_more_than_its_license_is_a_doubt():
    words = SUMMARY.replace("AGPL-3.0", "MIT")
    assert is_free({"LICENSE": below(MIT, words)}) is not True
    assert (
        is_free(
            {
                "LICENSE": below(
                    MIT, words.replace("- copyleft: derivative works must be released", "").split("under the")[0]
                )
            }
        )
        is True
    )


def test_a_short_notice_with_its_summary_in_another_language_is_certain():
    words = f"--- GERMAN SUMMARY ---\n\n{SUMMARIES['de']}"
    file = read_license_file("LICENSE", below(NOTICE, words))
    assert (file.certain, file.doubts) == (True, ())
    assert any("Nutzung" in sentence for sentence in file.beside)
    assert not read_license_file("LICENSE", below(NOTICE, words + "- Nutzung durch Firmen kostet Geld\n")).certain


CHOICE = """For complete licensing information, visit:
https://example.org/license

Beet Premium is tri-licensed, meaning you must choose
one of three licenses to use. Here is a summary of those licenses:

- Commercial License
  (a paid license, intended for commercial use)
  https://example.org/commercial-license

- Creative Commons Non-Commercial No-Derivatives
  (intended for trial and non-commercial use)
  https://creativecommons.org/licenses/by-nc-nd/4.0/

- GPLv3 License
  (intended for open-source projects)
  http://www.gnu.org/licenses/gpl-3.0.en.html
"""
DUAL = """The Beet license
================
Beet is dual licensed under the Open Source GPL (General Public License) v2.0. If you want to use it under the
terms of the GPL then you are free to do so. If you don't wish to be bound by the terms of the GPL then there is
a commercial licensing scheme available which you can read about here:

            http://www.example.org/license

For commercial license there is a one-time fee of 99 that covers most use cases. The only exception is for OEM
use - the OEM license is described on the website and costs 499.
"""


@pytest.mark.parametrize(("words", "license_id"), [(CHOICE, "GPL-3.0"), (DUAL, "GPL-2.0")])
def test_a_part_that_everybody_gets_under_the_gpl_and_that_is_sold_too_leaves_a_tree_free(words, license_id):
    file = read_license_file("static/beet/LICENSE.md", words.encode())
    assert (file.license, file.doubts) == (license_id, ())
    assert is_free({**PROGRAM, "static/beet/LICENSE.md": words.encode()}) is True


@pytest.mark.parametrize(
    "words",
    [
        CHOICE.replace("(intended for open-source projects)", "(for projects without income)"),
        CHOICE.replace("(intended for open-source projects)", "(intended for open-source projects of members)"),
        CHOICE + "\nThe last one is for members.\n",
        CHOICE.replace("- GPLv3 License", "- Beet License"),
        CHOICE.replace("must choose", "must ask us to choose"),
        DUAL + "\nCompanies need the commercial one.\n",
        DUAL.replace("(General Public License) v2.0.", "(General Public License) v2.0 for private persons."),
        DUAL.replace("then you are free to do so.", "then you are free to do so at home."),
        DUAL.replace("covers most use cases", "everybody pays"),
    ],
)
def test_an_offer_with_a_limit_in_it_is_none(words):
    assert is_free({**PROGRAM, "static/beet/LICENSE.md": words.encode()}) is not True


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("text", [MIT, GPL], ids=["MIT", "GPL"])
def test_a_limit_beside_the_license_of_a_part_of_the_program_is_a_doubt(limit, text):
    assert is_free({**PROGRAM, "server/LICENSE": text}) is True
    assert is_free({**PROGRAM, "server/LICENSE": below(text, limit)}) is not True
    assert is_free({**PROGRAM, "server/LICENSE": limit.encode() + b"\n\n" + text}) is not True


@pytest.mark.parametrize(
    "words",
    [
        "====\n\nCopyright and related rights for sample code are waived via CC0. Sample\ncode is defined as all source"
        " code contained within the demos directory.\n\n====\n\nAll files located in the node_modules and external"
        " directories are\nexternally maintained libraries used by this software which have their\nown licenses; we"
        " recommend you read them, as their terms may differ from\nthe terms above.\n",
        "All subsequent additions are subject to the GNU Affero General Public License v3.0",
        "We thank the authors for their work and attach the license, including attribution, above.",
    ],
)
def test_what_is_often_printed_beside_the_license_of_a_part_is_none(words):
    assert is_free({**PROGRAM, "lib/beet/LICENSE": below(MIT, words)}) is True


UNKNOWN = "You may give copies of this to others, in any form, if you name us. Beet is made by Ada. " * 9
ENDORSES = (
    'The name "Beet" must not be used to endorse or promote products derived from this software without prior'
    " permission from the Beet Group."
)


@pytest.mark.parametrize(
    ("path", "words", "free"),
    [
        ("packages/Beet.2.6.4/license.txt", UNKNOWN, True),
        ("packages/beet/license.txt", UNKNOWN, None),
        ("packages/Beet.2.6.4/license.txt", UNKNOWN + "It is confidential.", None),
        ("vendor/beet/LICENSE", UNKNOWN + ENDORSES, True),
        (
            "vendor/beet/LICENSE",
            UNKNOWN + ENDORSES.replace("to endorse or promote products derived from this software", ""),
            None,
        ),
    ],
)
def test_an_unknown_text_of_a_part_that_others_made_counts_where_it_forbids(path, words, free):
    assert is_free({**PROGRAM, path: words.encode()}) is free


def test_signs_that_are_written_as_entities_are_signs():
    text = AGPL.replace(b"<", b"&lt;<").replace(b">", b">&gt;")
    assert text != AGPL
    assert read_licenses(tree_of({"LICENSE.md": text})).license == "AGPL-3.0"
    assert is_free({"LICENSE.md": text}) is True
    hidden = below(AGPL, "For non&#45;commercial use, &#111;nly.")
    assert is_free({"LICENSE.md": hidden}) is not True


@pytest.mark.parametrize("license_id", ["CC-BY-3.0", "CC-BY-SA-3.0"])
def test_media_under_an_edition_that_neither_osi_nor_fsf_calls_free_leave_it_open(license_id):
    """The FSF lists the editions 4.0 alone: https://www.gnu.org/licenses/license-list.html#ccby"""
    media = b"All media are under the following license.\n\n" + a_text(license_id)
    assert is_free({"COPYING": AGPL, "COPYING.media": media}) is None
