"""Tests of `catalog.licenses.expressions`: SPDX expressions, whether they are free, and whether two of them agree."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.licenses import expressions


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("mit", "MIT"),
        (" agpl-3.0 ", "AGPL-3.0"),
        ("gpl-2.0+", "GPL-2.0-or-later"),
        ("MIT or (isc and MIT)", "MIT OR (ISC AND MIT)"),
        ("(MIT OR ISC) AND Zlib", "(MIT OR ISC) AND Zlib"),
        ("MIT OR MIT", "MIT"),
        ("GPL-2.0-only with classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"),
        ("LicenseRef-Coopyleft", "LicenseRef-Coopyleft"),
        ("DocumentRef-a:LicenseRef-b", "DocumentRef-a:LicenseRef-b"),
    ],
)
def test_an_expression_is_written_as_the_list_writes_it(typed, canonical):
    assert expressions.canonical(typed) == canonical


@pytest.mark.parametrize("typed", ["MIT AND", "MIT/X11", "(", "SEE LICENSE IN x", "MIT WITH MIT", "", "é", "x" * 600])
def test_what_is_no_expression_is_refused_with_a_sentence(typed):
    with pytest.raises(ValueError, match=r"[.?]$"):
        expressions.parse(typed)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("GPLv3", "GPL-3.0"), ("LGPLv2.1+", "LGPL-2.1-or-later"), ("Apache 2", "Apache-2.0"), ("AGPL3", "AGPL-3.0"),
     ("Mozilla Public License 2.0", "MPL-2.0"), ("MIT License", "MIT")],
)  # fmt: skip
def test_a_refusal_names_the_nearest_known_id(typed, meant):
    with pytest.raises(ValueError, match=rf"Did you mean {meant}\?"):
        expressions.parse(typed)


def test_unlicensed_is_never_taken_for_unlicense():
    with pytest.raises(ValueError, match="UNLICENSED") as refusal:
        expressions.parse("UNLICENSED")
    assert "Unlicense?" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "free"),
    [
        ("AGPL-3.0", True), ("EUPL-1.2", True), ("CECILL-2.1", True), ("CECILL-B", True), ("etalab-2.0", True),
        ("CC0-1.0", True), ("SSPL-1.0", False), ("BUSL-1.1", False), ("CC-BY-NC-4.0", False),
        ("LicenseRef-Coopyleft", False), ("LicenseRef-CoopCycle", False), ("LicenseRef-Ours", None),
        ("MIT OR LicenseRef-Commercial", True), ("MIT AND LicenseRef-Ours", None),
        ("Apache-2.0 AND LicenseRef-Commons-Clause", False), ("LicenseRef-Ours OR SSPL-1.0", None),
        ("GPL-3.0-only WITH AdditionRef-ours", None),
    ],
)  # fmt: skip
def test_free_is_what_osi_or_fsf_call_free_in_every_needed_branch(text, free):
    assert expressions.is_free(text) is free


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("MIT", "permissive"), ("CC0-1.0", "public-domain"), ("LGPL-3.0-or-later", "weak-copyleft"),
        ("GPL-3.0", "strong-copyleft"), ("AGPL-3.0-only", "network-copyleft"), ("SSPL-1.0", "not-free"),
        ("MIT OR GPL-3.0-only", "permissive"), ("MIT AND GPL-3.0-only", "strong-copyleft"), ("LicenseRef-Ours", None),
        ("MIT AND LicenseRef-Ours", None),
    ],
)  # fmt: skip
def test_the_family_is_the_mildest_to_choose_and_the_strictest_that_all_must_keep(text, family):
    assert expressions.family(text) == family


@pytest.mark.parametrize(
    ("declared", "detected", "agree"),
    [
        ("AGPL-3.0-or-later", "AGPL-3.0", True),
        ("AGPL-3.0-or-later", "AGPL-3.0-only", True),
        ("GPL-3.0", "AGPL-3.0", False),
        ("ISC", "AGPL-3.0", False),
        (None, "MIT", None),
        ("MIT", None, None),
        ("MIT", [], None),
        ("MIT OR Apache-2.0", ["Apache-2.0", "MIT"], True),
        ("MIT", ["Apache-2.0", "MIT"], None),
        ("ISC", ["Apache-2.0", "MIT"], False),
    ],
)
def test_declared_and_detected_agree_whatever_their_suffix(declared, detected, agree):
    assert expressions.licenses_agree(declared, detected) is agree


def test_a_deprecated_id_says_that_the_suffix_is_not_known():
    assert not expressions.suffix_known("AGPL-3.0")
    assert not expressions.suffix_known("MIT OR LGPL-2.1")
    assert expressions.suffix_known("AGPL-3.0-only")
    assert expressions.suffix_known("Apache-2.0")


def test_a_license_is_described_for_people_by_name_and_address():
    described = expressions.expression_in_words(
        "agpl-3.0-or-later or licenseref-coopyleft".replace("licenseref", "LicenseRef")
    )
    assert [(license.name, license.url) for license in described.licenses] == [
        ("GNU Affero General Public License 3", "https://spdx.org/licenses/AGPL-3.0-or-later.html"),
        ("coopyleft", None),
    ]


@settings(max_examples=60)
@given(st.text(alphabet="MIT()ANDORWGPL-3.0+ :é\n", max_size=40))
def test_any_text_is_an_expression_or_a_plain_refusal(text):
    try:
        canonical = expressions.canonical(text)
    except ValueError as refusal:
        assert str(refusal).endswith((".", "?"))
    else:
        assert expressions.canonical(canonical) == canonical
