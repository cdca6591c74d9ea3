"""Tests of `forge.observe.license`: real license texts, and texts that must not be taken for one."""

import json
import time
from importlib.metadata import distribution, distributions

import pytest

from catalog.licenses import expressions as spdx
from forge.observe.core.license_and_readme_names import license_name
from forge.observe.core.tree import tree_of
from forge.observe.license import is_free, read_license_file, read_licenses, stated_suffix
from forge.observe.manifests import declared_license

NOTICE = b"""This program is free software: you can redistribute it and/or modify
it under the terms of the GNU General Public License as published by
the Free Software Foundation, either version 3 of the License, or
(at your option) any later version.

"""


def a_text(package: str, ending: str) -> bytes:
    """A license text that an installed package ships."""
    return next(f for f in distribution(package).files if str(f).endswith(ending)).read_binary()


def identified(files: dict[str, bytes]) -> list[tuple[str, str]]:
    return [(file.path, file.license) for file in read_licenses(tree_of(files)).files if file.license]


def unidentified(files: dict[str, bytes]) -> list[str]:
    return [file.path for file in read_licenses(tree_of(files)).files if not file.license]


MIT = a_text("mako", "LICENSE")
APACHE = a_text("license-expression", "apache-2.0.LICENSE")
BSD = a_text("starlette", "LICENSE.md")
LGPL = a_text("psycopg", "LICENSE.txt")
MPL = a_text("pathspec", "LICENSE")
GPL = a_text("docutils", "gpl-3-0.txt")


@pytest.mark.parametrize(
    ("text", "license_id"),
    [
        pytest.param(MIT, "MIT", id="MIT"),
        pytest.param(APACHE, "Apache-2.0", id="Apache"),
        pytest.param(BSD, "BSD-3-Clause", id="BSD"),
        pytest.param(LGPL, "LGPL-3.0", id="LGPL"),
        pytest.param(MPL, "MPL-2.0", id="MPL"),
        pytest.param(GPL, "GPL-3.0", id="GPL"),
    ],
)
def test_a_license_text_is_recognized_and_certain(text, license_id):
    assert read_license_file("LICENSE", text).license == license_id
    assert read_licenses(tree_of({"LICENSE": text})).license == license_id


def test_what_installed_packages_declare_is_what_their_texts_show():
    compared = 0
    for package in distributions():
        expression = package.metadata.get("License-Expression")
        files = {f.name: f.read_binary() for f in package.files or () if f.parent.name == "licenses"}
        texts = {name: text for name, text in files.items() if name.upper().startswith("LICENSE")}
        found = read_licenses(tree_of(texts))
        if expression and found.license and not set("&|") & set(expression) and " " not in expression:
            compared += 1
            assert spdx.licenses_agree(expression, found.license), package.name
    assert compared >= 15


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\0\1\2" * 100,
        b"MIT",
        b"This project is free software. See COPYING.",
        GPL[:20000],
        GPL.replace(b"You may convey verbatim", b"Members may convey verbatim"),
        MIT.replace(b"sublicense, and/or sell", b"and sublicense"),
        b"https://www.gnu.org/licenses/agpl-3.0.html",
    ],
    ids=["empty", "binary", "a name", "a pointer", "half", "an edited GPL", "an edited MIT", "an address"],
)
def test_nothing_is_said_of_a_text_that_is_no_license_word_for_word(text):
    assert read_license_file("LICENSE", text).license is None
    assert read_licenses(tree_of({"LICENSE": text})).license is None


@pytest.mark.parametrize(
    ("title", "license_id"),
    [
        ("# CoopCycle Coopyleft License\n\nThe Work may be used by cooperatives.", "LicenseRef-Coopyleft"),
        ("Peer Production License\n\nFor worker-owned businesses only.", "LicenseRef-Peer-Production-License"),
    ],
)
def test_licenses_that_reserve_use_are_named_and_not_free(title, license_id):
    files = {"LICENSE": title.encode()}
    assert identified(files) == [("LICENSE", license_id)]
    assert is_free(files) is False


def test_a_clause_that_forbids_selling_takes_the_freedom_away():
    files = {"LICENSE": b'"Commons Clause" License Condition v1.0\n\nYou may not Sell the Software.\n\n' + APACHE}
    assert read_licenses(tree_of(files)).license is None
    assert is_free(files) is not True


def test_a_license_for_a_part_of_the_files_is_listed_but_not_claimed_for_all():
    files = {"LICENSE": b"All files except those under ee/ are under this license:\n\n" + MIT}
    assert identified(files) == [("LICENSE", "MIT")]
    assert read_licenses(tree_of(files)).license is None
    assert is_free(files) is None


def test_a_license_file_that_nobody_can_name_leaves_the_whole_unclaimed():
    files = {"LICENSE": MIT, "LICENSE_EE.txt": b"You need a subscription to run these files. " * 20}
    assert read_licenses(tree_of(files)).license is None
    assert is_free(files) is None


@pytest.mark.parametrize(
    "words",
    [
        "Copyright (c) 2020 ACME. All rights reserved.",
        "Copyright ACME.  All rights\nreserved.",
        "© ACME, tous droits réservés.",
        "These files need a commercial license.",
        "The files in ee/ are proprietary.",
        "All of it, except the folder ee/, is under the license in LICENSE.",
    ],
)
@pytest.mark.parametrize("path", ["LICENSE.prop", "LICENSE_EE", "COPYING.txt", "Licence-commerciale.md"])
def test_a_short_license_file_that_reserves_rights_beside_a_free_one_leaves_the_whole_unsure(path, words):
    files = {"LICENSE": MIT, path: words.encode()}
    assert unidentified(files) == [path]
    assert (is_free(files), read_licenses(tree_of(files)).license) == (None, None)


@pytest.mark.parametrize(
    "files",
    [
        {"LICENSE.txt": b"See the file COPYING."},
        {"COPYRIGHT": b"Copyright 2001-2020 ACME and others. All rights reserved."},
        {"LICENSE.bsd": BSD},
    ],
)
def test_a_pointer_a_list_of_holders_and_a_second_free_text_leave_a_free_one_free(files):
    assert is_free({"COPYING": MIT, **files}) is True


def test_gpl_and_lesser_texts_together_are_the_lesser_one():
    found = read_licenses(tree_of({"COPYING": GPL, "COPYING.LESSER": LGPL}))
    assert (found.license, found.sources) == ("LGPL-3.0", ("COPYING.LESSER",))


def test_two_licenses_are_listed_without_a_claim_how_they_combine():
    files = {"LICENSE-MIT": MIT, "LICENSE-APACHE": APACHE}
    assert set(identified(files)) == {
        ("LICENSE-MIT", "MIT"),
        ("LICENSE-APACHE", "Apache-2.0"),
    }
    assert read_licenses(tree_of(files)).license is None
    assert is_free(files) is True


def test_a_notice_before_the_text_or_in_the_readme_tells_the_suffix():
    assert read_licenses(tree_of({"LICENSE": GPL})).license == "GPL-3.0"
    assert read_licenses(tree_of({"COPYING": NOTICE + GPL})).license == "GPL-3.0-or-later"
    found = read_licenses(tree_of({"COPYING": GPL, "README.md": NOTICE}))
    assert (found.license, found.sources) == ("GPL-3.0-or-later", ("COPYING", "README.md"))


@pytest.mark.parametrize(
    ("words", "agpl", "gpl"),
    [
        ("Licensed under AGPLv3+.", "-or-later", None),
        ("GNU AGPL 3 ou version ultérieure", "-or-later", None),
        ("GNU AGPL version 3 only", "-only", None),
        ("AGPL-3.0-only", "-only", None),
        ("The server: AGPL v3. The client: GPL v3 or later.", None, "-or-later"),
        ("AGPL, see version 2 or later of the manual", None, None),
        ("GPL version 3; AGPL", None, None),
        ("Python 3 or later", None, None),
    ],
)
def test_or_later_counts_only_for_the_license_and_version_it_is_said_of(words, agpl, gpl):
    assert stated_suffix("AGPL-3.0", words) == agpl
    assert stated_suffix("GPL-3.0", words) == gpl


def test_spdx_tags_and_reuse_names_are_exact():
    assert read_license_file("LICENSE", b"SPDX-License-Identifier: agpl-3.0-or-later\n").license == "AGPL-3.0-or-later"
    assert identified({"LICENSES/CC0-1.0.txt": b"", "LICENSES/notes.txt": b""}) == [("LICENSES/CC0-1.0.txt", "CC0-1.0")]
    assert read_licenses(tree_of({"LICENSES/EUPL-1.2.txt": b""})).license == "EUPL-1.2"


@pytest.mark.parametrize("unit", [b"GNU ", b"SPDX-License-Identifier: (", b"or later ", b"AGPL 3 ", b"copyright "])
def test_hostile_texts_are_read_in_bounded_time(unit):
    text = unit * (300_000 // len(unit))
    started = time.process_time()
    read_licenses(tree_of({"LICENSE": text, "README": text}))
    stated_suffix("AGPL-3.0", text.decode())
    assert time.process_time() - started < 30


def test_a_name_says_whether_a_file_is_a_license():
    own = {
        "LICENSE", "COPYING.LESSER", "UNLICENSE", "MIT-LICENSE", "LICENCIA", "LIZENZ.txt", "LICENÇA", "EULA.rtf",
        "a/LICENSE", "LICENSE.html", "docs/LICENSE.html", "f/License.txt", "templates/LICENSE", "views/pro/LICENSE.md",
    }  # fmt: skip
    others = {
        "license.py", "readme.md", "src", "licenses.csv", "licensed.md", "app/templates/admin/projects/licences.html",
        "site/pages/license.adoc", "src/views/Licence.html", "lib/generators/LICENSE.tt", "eml/licenses.properties",
    }  # fmt: skip
    assert {name for name in own | others if license_name(name) == "own"} == own
    assert license_name("LICENSE-THIRD-PARTY.txt") == "bundled"


@pytest.mark.parametrize(
    ("path", "text", "stated", "expression"),
    [
        ("package.json", json.dumps({"license": "isc"}), "isc", "ISC"),
        ("package.json", json.dumps({"license": {"type": "MIT"}}), "MIT", "MIT"),
        ("package.json", json.dumps({"license": "UNLICENSED"}), "UNLICENSED", None),
        ("package.json", json.dumps({"license": "SEE LICENSE IN x"}), "SEE LICENSE IN x", None),
        ("composer.json", json.dumps({"license": ["MIT", "GPL-2.0+"]}), "MIT OR GPL-2.0+", "MIT OR GPL-2.0-or-later"),
        ("pyproject.toml", '[project]\nlicense = "AGPL-3.0-only"', "AGPL-3.0-only", "AGPL-3.0-only"),
        ("pyproject.toml", '[project.license]\ntext = "GPLv3"', "GPLv3", "GPL-3.0"),
        ("Cargo.toml", '[package]\nlicense = "MIT/Apache-2.0"', "MIT/Apache-2.0", "MIT OR Apache-2.0"),
        ("publiccode.yml", "legal:\n  license: EUPL-1.2\n", "EUPL-1.2", "EUPL-1.2"),
    ],
)
def test_a_manifest_declares_in_its_own_words(path, text, stated, expression):
    found = declared_license(path, text.encode())
    assert (found.stated, found.spdx) == (stated, expression)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("package.json", b"[" * 100_000),
        ("package.json", b'{"license": 3}'),
        ("package.json", b"\xff\xfe"),
        ("package.json", b"null"),
        ("pyproject.toml", b"project = 3"),
        ("publiccode.yml", b"a: &a [x]\nlegal: {license: *a}"),
        ("publiccode.yml", b"- " * 50_000),
        ("publiccode.yml", b"legal: [MIT]"),
    ],
)
def test_a_broken_manifest_declares_nothing(path, text):
    assert declared_license(path, text) is None


def test_a_license_of_one_file_that_is_gone_is_none_of_its_folder():
    tag = b"SPDX-License-Identifier: CC0-1.0"
    found = read_licenses(tree_of({"LICENSE": MIT, "web/.prettierignore.license": tag, "lib/jquery.license": tag}))
    assert [(stated.folder, stated.license) for stated in found.folders] == [("lib", "CC0-1.0")]
