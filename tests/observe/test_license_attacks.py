"""Tests of texts that look like a free license and are none: a word in the gap of a template, a condition more, a use
that is excluded, a restriction in another file. None may be called free. All added words are the tests' own.
"""

import runpy
from pathlib import Path

import pytest

from forge.observe.license import is_free, read_license_file
from forge.observe.license.gaps import COUNTS
from tests.observe.test_license import APACHE, BSD, GPL, LGPL, MIT, MPL, NOTICE
from tests.observe.test_license_labelled import a_text

AGPL = a_text("AGPL-3.0")
ISC = (
    b"ISC License\n\nCopyright (c) 2021 Ada\n\n"
    b"Permission to use, copy, modify, and/or distribute this software for any"
    b" purpose with or without fee is hereby granted, provided that the above copyright notice and this permission"
    b' notice appear in all copies.\n\nTHE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH'
    b" REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE"
    b" AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING"
    b" FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION,"
    b" ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.\n"
)
ZLIB = a_text("Zlib")
OFL = a_text("OFL-1.1")

# Where templates leave room for names, or where somebody may put a word: what stands before it.
PLACES = {
    "MIT, the thing": (MIT, b"a copy of\nthis software"),
    "MIT, before the year": (MIT, b"Copyright"),
    "MIT, the holder": (MIT, b"Copyright 2006-2026 the Mako authors and contributors"),
    "MIT, in brackets": (MIT, b"contributors <see"),
    "MIT, the grant": (MIT, b"to any person"),
    "MIT, the end": (MIT, b"DEALINGS IN THE\nSOFTWARE."),
    "BSD, the name": (BSD, b"Neither the name of the"),
    "BSD, the names": (BSD, b"nor the names of its\n  contributors"),
    "BSD, by whom": (BSD, b"PROVIDED BY THE COPYRIGHT HOLDERS"),
    "BSD, who is not liable": (BSD, b"SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS"),
    "BSD, the grant": (BSD, b"in source and binary forms"),
    "ISC, who disclaims": (ISC, b"AND THE AUTHOR"),
    "ISC, who is not liable": (ISC, b"SHALL THE AUTHOR"),
    "ISC, the grant": (ISC, b"for any purpose"),
    "Zlib, the holder": (ZLIB, b"Copyright  any"),
    "OFL, the grant": (OFL, b"Permission is hereby granted, free of charge, to any person"),
    "GPL, the terms": (GPL, b"You may convey verbatim copies"),
    "AGPL, the head": (AGPL, b"Copyright  any"),
    "Apache, the grant": (APACHE, b"reproduce, prepare Derivative Works of"),
    "MPL, the grant": (MPL, b"world-wide, royalty-free"),
}
ADDED = [
    " non-commercial",
    " for noncommercial purposes only",
    " (companies pay a fee)",
    "\n\nCompanies pay a fee.\n\n",
    "; landlords may not use it;",
]


@pytest.mark.parametrize("added", ADDED)
@pytest.mark.parametrize("place", PLACES)
def test_a_limit_at_any_place_of_a_free_text_keeps_it_from_being_free(place, added):
    text, before = PLACES[place]
    assert text.count(before) >= 1
    changed = text.replace(before, before + added.encode(), 1)
    assert is_free({"LICENSE": text}) is True
    assert is_free({"LICENSE": changed}) is not True


@pytest.mark.parametrize(
    "holder",
    [
        "Ada's Gardening Association",
        "Cooperative of Workers, coop.",
        "The Open Network Foundation",
        "Max Paid, Jane Price",
    ],
)
def test_a_holder_whose_name_has_such_a_word_leaves_the_text_free(holder):
    mit = MIT[MIT.index(b"Permission") :]
    assert is_free({"LICENSE": f"MIT License\n\nCopyright (c) 2021 {holder}\n\n".encode() + mit}) is True
    bsd = BSD.replace(b"the name of the copyright holder", f"the name of {holder}".encode())
    assert is_free({"LICENSE": bsd}) is True


LOOKALIKES = {
    "MIT for members": MIT.replace(b"to any person", b"to any member of the federation"),
    "MIT that forbids selling": MIT.replace(b"and/or sell\ncopies", b"but not sell\ncopies").replace(
        b"and/or sell copies", b"but not sell copies"
    ),
    "MIT without a paid service": MIT.replace(
        b"The above copyright notice",
        b"The Software shall not be offered as a paid service. The above copyright notice",
    ),
    "MIT with a badge": MIT + b"\nEvery page must show the words 'powered by Gardener'.\n",
    "MIT with a revenue limit": MIT
    + b"\nOrganizations with a turnover above one million euros need another licence.\n",
    "MIT for good": MIT + b"\nThe Software shall be used for Good, not Evil.\n",
    "MIT without training": MIT + b"\nThe Software may not be used to train models.\n",
    "BSD without the military": BSD + b"\n* Use by armed forces is prohibited.\n",
    "BSD with a fourth clause on companies": BSD.replace(
        b"* Neither", b"* Redistributions by companies need the written agreement of the authors.\n\n* Neither"
    ),
    "BSD that is only for research": BSD.replace(b"are permitted", b"for research are permitted"),
    "ISC for personal use": ISC.replace(b"for any purpose", b"for personal purposes"),
    "ISC that takes a fee": ISC.replace(b"with or without fee", b"on payment of a fee"),
    "AGPL with one section more": AGPL.replace(
        b"END OF TERMS", b"18. Cooperatives.\n\nOnly cooperatives may run the Program for a fee.\n\nEND OF TERMS"
    ),
    "AGPL for members": AGPL.replace(b"You may convey verbatim", b"Members may convey verbatim"),
    "AGPL with a logo": b"Pursuant to section 7(b), the logo must stay on every page.\n\n" + AGPL,
    "GPL that forbids charging": GPL.replace(b"You may charge any price or no price", b"You may charge no price"),
    "GPL with Commons Clause": GPL + b"\n\nThe Commons Clause applies to this License.\n",
    "LGPL without hosting": LGPL + b"\n\nYou may not provide the library to others as a hosted service.\n",
    "Apache for small companies": APACHE.replace(
        b'"You" (or "Your") shall mean an individual or Legal Entity',
        b'"You" (or "Your") shall mean a small Legal Entity',
    ),
    "Apache with a field of use": b"Not for medical use.\n\n" + APACHE,
    "MPL with a date": MPL + b"\n\nThis licence ends on 1 January 2030.\n",
    "a GNU notice for non-profits": b"For non-profit organizations:\n\n" + NOTICE,
}


@pytest.mark.parametrize("name", LOOKALIKES)
def test_a_text_like_a_free_license_with_a_condition_more_is_not_free(name):
    text = LOOKALIKES[name]
    assert text not in (MIT, BSD, ISC, AGPL, GPL, LGPL, APACHE, MPL, NOTICE), "nothing was changed"
    for path in ("LICENSE", "COPYING.md", "LICENSES/LicenseRef-Gardener.txt"):
        assert is_free({path: text}) is not True, path
    assert is_free({"LICENSE": text, "LICENSES/MIT.txt": MIT}) is not True


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("README.md", "Gardener is free for personal use. Companies buy a licence."),
        ("README.md", "The code is MIT with Commons Clause."),
        ("README.md", "Commercial use requires a paid licence, write to us."),
        ("README.md", "Commercial use of this software is not allowed."),
        ("README", "For non-commercial use only."),
        ("README.rst", "Gardener may not be used for commercial purposes."),
        ("README.md", "It must not be used by military organizations."),
        ("README.fr.md", "L'usage commercial est interdit."),
        ("README.md", "El uso comercial está prohibido."),
        ("README.md", "Die kommerzielle Nutzung ist untersagt."),
        ("README.md", "MIT, except commercial use."),
        ("README.md", "License: MIT (non-commercial)."),
        ("README.fr.md", "Licence : MIT, sauf usage commercial."),
        ("README.pt.md", "Licença MIT, exceto uso comercial."),
        ("README.de.md", "Nur für nicht-kommerzielle Nutzung."),
        ("README.md", "Use in production requires a subscription."),
        ("README.md", "This project is source-available."),
        ("README.md", "Licensed under the Business Source License 1.1."),
        ("README.md", "[![License](https://img.shields.io/badge/license-SSPL-blue)](LICENSE)"),
        ("README.md", "Licensed under the Hippocratic License."),
        ("README.md", "Functional Source License, FSL-1.1-MIT"),
        ("README.md", "It may only be used by members of our federation."),
        ("README.md", "The code in `ee/` is proprietary."),
        ("fonts/LICENSE.txt", "All of the program may be used by members. Companies must buy a licence."),
        ("LICENSE-icons", "The icons are ours. The whole program may be used by members only."),
        ("LICENSE-THIRD-PARTY.md", "The program as a whole is licensed to members of the cooperative."),
        ("ADDITIONAL_TERMS.md", "Whoever hosts Gardener for others must pay us a share of the price. " * 9),
        ("additional-restrictions.txt", "You may not sell it."),
        ("COMMONS-CLAUSE.txt", "You may not sell the Software."),
        ("RESTRICTIONS.md", "Landlords may not use it."),
        ("LICENSE-EE", "The modules need a subscription."),
        ("server/LICENSE", "You need our permission to run these files in production. " * 9),
        ("server/main.py", '"""Copyright Acme, proprietary and confidential."""\n'),
    ],
)
@pytest.mark.parametrize("text", [MIT, AGPL], ids=["MIT", "AGPL"])
def test_a_restriction_in_another_file_keeps_a_free_text_from_being_free(path, words, text):
    files = {"LICENSE": text, "server/app.py": b"print(1)\n"}
    assert is_free(files) is True
    assert is_free({**files, path: words.encode()}) is not True


@pytest.mark.parametrize("path", ["NOTICE", "NOTICE.md", "TERMS.md", "ee/LICENSE", "assets/LICENSE.txt", "LICENSE-2"])
@pytest.mark.parametrize("unfree", ["BUSL-1.1", "SSPL-1.0", "Hippocratic-2.1", "CC-BY-NC-4.0", "CC-BY-ND-4.0"])
def test_terms_that_are_not_free_in_a_second_file_keep_a_free_text_from_being_free(path, unfree):
    assert is_free({"LICENSE": MIT, path: a_text(unfree), "app/main.py": b"", "assets/player.js": b""}) is not True


def test_the_commons_clause_is_no_license_to_choose():
    clause = b'"Commons Clause" License Condition v1.0\n\nThe license does not grant the right to Sell the Software.\n'
    text = b"You may choose either of these licenses:\n\n" + MIT + b"\n\n" + clause
    assert is_free({"LICENSE": text}) is not True


@pytest.mark.parametrize(
    "words",
    [
        "Most tools for volunteers are proprietary and expensive.",
        "Acme has free plans for non-commercial projects, like ours: thanks!",
        "If you need commercial support, ask Ada.",
        "Free software, for commercial and non-commercial use.",
        "Commercial support and hosting are available from Ada.",
        "It may be used for commercial purposes, too.",
        "There is a commercial edition with hosting; all of its code is here.",
        "Gardener is used by companies and associations.",
    ],
)
def test_a_readme_that_offers_support_or_allows_commercial_use_leaves_a_free_text_free(words):
    assert is_free({"LICENSE": MIT, "README.md": words.encode()}) is True


def test_the_counted_words_of_limits_are_those_of_the_installed_templates():
    tool = runpy.run_path(str(Path(__file__).parents[2] / "tools" / "limits_of_texts.py"))
    assert COUNTS.read_text() == tool["written"](), "run tools/limits_of_texts.py"


def test_what_stands_in_a_gap_is_told():
    file = read_license_file(
        "LICENSE",
        MIT.replace(b"to any person", b"to any person").replace(b"this software", b"this software, companies pay,", 1),
    )
    assert any("companies pay" in sentence for sentence in file.doubts)
