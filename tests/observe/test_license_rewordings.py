"""Tests of what people change in and around free license texts without changing what they say; and that a condition in
the same place is still a doubt. All added words are the tests' own.
"""

import pytest

from forge.observe.core.tree import tree_of
from forge.observe.license import is_free, read_license_file, read_licenses
from tests.observe.test_license import APACHE, BSD, GPL, MIT, NOTICE
from tests.observe.test_license_labelled import a_text

AGPL = a_text("AGPL-3.0")
OFL = a_text("OFL-1.1")
EVERYWHERE = (
    b"GNU General Public License permits making",
    b"version 3 of the GNU General Public License",
)


def with_affero_everywhere() -> bytes:
    flat = b" ".join(AGPL.split())
    for place in EVERYWHERE:
        assert place in flat
        flat = flat.replace(place, place.replace(b"GNU General", b"GNU Affero General"))
    return flat


@pytest.mark.parametrize(
    ("text", "license_id"),
    [
        (AGPL.replace(b"recipient", b"receiver"), "AGPL-3.0"),
        (GPL.replace(b"recipient", b"receiver"), "GPL-3.0"),
        (GPL.replace(b"or school,\nif any", b"or institute,\nif any"), "GPL-3.0"),
        (with_affero_everywhere(), "AGPL-3.0"),
        (BSD.replace(b"this\n  list of conditions and", b"and").replace(b"notice, and", b"notice and"), "BSD-3-Clause"),
        (b"\n".join(b"%%Copyright: " + line for line in BSD.split(b"\n")), "BSD-3-Clause"),
        (b"\n".join(b"| " + line for line in MIT.split(b"\n")), "MIT"),
    ],
    ids=["receivers", "receivers of GPL", "an institute", "Affero everywhere", "BSD, a list fewer", "marks", "bars"],
)
def test_words_that_mean_the_same_leave_a_text_what_it_is(text, license_id):
    assert text not in (AGPL, GPL, BSD, MIT)
    assert read_licenses(tree_of({"LICENSE": text})).license == license_id
    assert is_free({"LICENSE": text}) is True


def test_words_that_stand_before_each_line_are_no_marks():
    for words in (b"Members only: ", b"# Non-commercial: ", b"%% Companies pay: "):
        assert is_free({"LICENSE": b"\n".join(words + line for line in BSD.split(b"\n"))}) is not True


@pytest.mark.parametrize("word", ["member", "cooperative", "customer", "subscriber", "gardener"])
def test_a_word_that_names_somebody_else_does_not(word):
    assert is_free({"LICENSE": AGPL.replace(b"recipient", word.encode())}) is not True


@pytest.mark.parametrize(
    "words",
    [
        "Third-party libraries used by Gardener are covered under various licenses.",
        "This product bundles third party jars and resource files that are released under other licenses"
        " than the ASF license.",
        "Additional permission under GNU AGPL version 3 section 7\n\nIf you modify this Program, or any covered work,"
        " by linking or combining it with Rose (or a modified version of that library), containing parts covered by"
        " the terms of the Rose licence, the licensors of this Program grant you additional permission to convey the"
        " resulting work. Corresponding Source for a non-source form of such a combination shall include the source"
        " code for the parts of Rose used as well as that of the covered work.",
        "The Gardener project is stewarded under the leadership of Ada, a 501c3 organization.",
        'Our preferred form of attribution is "Gardener, by Ada".',
        "Gardener is the intellectual property of Ada.",
        "Gardener includes code from Rose, which is licensed under the Apache License 2.0, a permissive free software"
        " license.",
    ],
)
def test_more_that_real_files_say_beside_a_free_text_leaves_it_free(words):
    for text in (AGPL, MIT, APACHE):
        assert is_free({"LICENSE": words.encode() + b"\n\n" + text}) is True
        file = read_license_file("LICENSE", words.encode() + b"\n\nCompanies pay.\n\n" + text)
        assert file.doubts == ("Companies pay",)


@pytest.mark.parametrize(
    "words",
    [
        "Third-party libraries used by Gardener are covered under commercial licenses.",
        "Third-party libraries are licensed under their own license; so is the server.",
        "Additional permission under GNU AGPL version 3 section 7 is given to members.",
        "If you modify this Program, or any covered work, by linking or combining it with Rose (or a modified version"
        " of that library), containing parts covered by the terms of Rose, companies pay.",
        "Gardener is the intellectual property of Ada, who decides who may use it.",
        "Gardener is licensed under the Creative Commons Attribution Gardener license.",
    ],
)
def test_the_same_with_a_condition_is_a_doubt(words):
    assert is_free({"LICENSE": words.encode() + b"\n\n" + AGPL}) is None


def test_an_organization_in_the_line_that_says_what_a_program_does_limits_nobody():
    idea = b"Gardener SAC - Gardener organization structure and specific features.\nCopyright (C) 2021 Ada\n\n"
    assert read_licenses(tree_of({"COPYING": idea + NOTICE})).license == "GPL-3.0-or-later"
    assert is_free({"COPYING": idea.replace(b"features", b"features for members only") + NOTICE}) is None


def test_whoever_offers_the_gpl_or_another_license_for_money_offers_the_gpl_to_all():
    offer = (
        b"Licenses of Gardener\n\nAccording to our dual licensing model, this program can be used either under the"
        b" terms of the GNU Affero General Public License, version 3, or under a proprietary license.\n\nSee the file"
        b" LICENSE.AGPL-3.0 for the full text.\n"
    )
    files = {"LICENSE": offer, "LICENSE.AGPL-3.0": AGPL}
    assert read_licenses(tree_of(files)).license == "AGPL-3.0"
    assert is_free(files) is True
    for changed in (
        offer.replace(b"can be used", b"can be used by companies"),
        offer.replace(b"version 3, or", b"version 3, by individuals, or"),
        offer.replace(b"proprietary license.", b"proprietary license. Members choose."),
        offer.replace(b"GNU Affero General Public", b"Gardener Public"),
    ):
        assert is_free({**files, "LICENSE": changed}) is None


def test_the_license_of_typefaces_beside_that_of_the_program_is_of_the_typefaces():
    files = {"LICENSE": AGPL, "LICENSE_FONTS": OFL}
    assert read_licenses(tree_of(files)).license == "AGPL-3.0"
    assert is_free(files) is True
    assert is_free({**files, "LICENSE_FONTS": a_text("CC-BY-NC-4.0")}) is None


def test_a_license_that_asks_for_another_name_of_changed_programs_forbids_nothing_else():
    words = (
        b"Products derived from the Software may not be called Rose, nor may Rose appear in their name, without prior"
        b" written permission from Ada.\n"
    ) * 9
    files = {"LICENSE": MIT, "docs/license.txt": words}
    assert is_free(files) is True
    assert is_free({**files, "docs/license.txt": words + b"You may not sell it.\n"}) is None
