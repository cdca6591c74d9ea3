"""Tests of `forge.observe.license` on whole trees: folders, REUSE, headers, packagers' statements, what hinders."""

import html
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge.observe.core.tree import MAX_FILE_BYTES, File, Tree, tree_of
from forge.observe.license import (
    fingerprints,
    headers,
    is_free,
    read_license_file,
    read_licenses,
)
from forge.observe.license.headers import MAX_FILES, sample_paths
from tests.observe.test_license import APACHE, BSD, GPL, LGPL, MIT, MPL, NOTICE
from tests.observe.test_license_labelled import a_text

AGPL = a_text("AGPL-3.0")


def read(**files: bytes):
    return read_licenses(tree_of({path.replace("__", "/"): text for path, text in files.items()}))


def folders(found) -> dict[str, str]:
    return {stated.folder: stated.license for stated in found.folders}


def test_a_repository_of_several_licenses_is_told_apart_by_folder():
    tree = tree_of({"LICENSE": GPL, "plugins/x/LICENSE": MIT, "lib/COPYING": LGPL, "docs/LICENSE.txt": GPL})
    found = read_licenses(tree)
    assert (found.license, found.free) == ("GPL-3.0", True)
    assert folders(found) == {"plugins/x": "MIT", "lib": "LGPL-3.0"}
    told_of = [(fact.value["folder"], fact.path) for fact in found.facts() if fact.field == "license.folder"]
    assert told_of == [("lib", "lib/COPYING"), ("plugins/x", "plugins/x/LICENSE")]


@pytest.mark.parametrize(
    "path",
    ["ee/LICENSE", "enterprise/LICENSE.md", "packages/pro/EULA.txt", "vendor/tool/LICENSE", "LICENSE-THIRD-PARTY.txt"],
)
@pytest.mark.parametrize(
    "words",
    [
        "The files of this folder are proprietary and confidential. You may not copy them. " * 10,
        "ACME Enterprise License. A subscription is needed. This software may not be redistributed.",
        a_text("BUSL-1.1").decode(),
    ],
    ids=["proprietary", "enterprise", "BUSL"],
)
def test_a_part_that_is_not_free_leaves_the_whole_unsure(path, words):
    assert is_free({"LICENSE": MIT, path: words.encode()}) is None


def test_notices_of_what_is_bundled_and_texts_of_tests_leave_a_free_project_free():
    notices = b"This package brings these along:\n\n" + MIT + b"\n\n" + BSD
    assert is_free({"LICENSE": MPL, "LICENSE-THIRD-PARTY.txt": notices, "vendor/x/LICENSE": APACHE}) is True
    assert is_free({"LICENSE": MPL, "tests/fixtures/nc/LICENSE": a_text("CC-BY-NC-4.0")}) is True


def test_a_license_of_ones_own_in_the_licenses_folder_beside_a_free_one_is_not_called_free():
    files = {"LICENSE": MIT, "LICENSES/MIT.txt": MIT}
    assert is_free(files) is True
    assert is_free({**files, "LICENSES/LicenseRef-Members.txt": b"Only members of the network may use these."}) is None
    assert is_free({**files, "LICENSES/LicenseRef-Empty.txt": b""}) is None
    assert is_free({**files, "LICENSES/LicenseRef-MIT-style.txt": MIT}) is True
    assert is_free({**files, "LICENSES/CC-BY-NC-4.0.txt": a_text("CC-BY-NC-4.0")}) is None


def test_a_name_in_the_licenses_folder_whose_text_is_another_license_is_not_sure():
    found = read_licenses(tree_of({"LICENSES/AGPL-3.0-or-later.txt": MIT}))
    assert (found.license, found.free) == (None, None)


def test_holders_alone_are_seen_and_not_identified():
    found = read_licenses(tree_of({"COPYRIGHT": b"Copyright 2020 ACME. All rights reserved."}))
    assert (found.license, found.free) == (None, None)
    assert [(file.path, file.license) for file in found.files] == [("COPYRIGHT", None)]
    assert is_free({"LICENSE": MIT, "COPYRIGHT": b"No part of this work may be reproduced."}) is None


@pytest.mark.parametrize(
    "condition",
    [
        "In addition, whoever offers this software to others must show the name of ACME on each page.",
        "Conformément à l'article 7, le lien vers l'association doit rester visible dans l'interface.",
        "Condition supplémentaire : l'utilisation commerciale est interdite.",
        "Solo pueden usarlo las cooperativas; está prohibido venderlo.",
        "Die Nutzung ist nur für gemeinnützige Vereine erlaubt.",
        "Use by the military is prohibited.",
        "Free for cooperatives and associations. Companies: contact us to get a licence.",
        "This grant is for people and cooperatives. Everybody else asks us first.",
        "L'utilisation est réservée aux associations.",
        "Solo para uso no lucrativo.",
        "Apenas para uso sem fins lucrativos.",
        "Solo per uso non commerciale.",
        "للاستخدام غير التجاري فقط.",
        "仅供非商业用途。",
        "Personal use.",
        "Pro\u200bprietary. Nοn-cοmmercial.",  # a space without width, and Greek letters
    ],
)
@pytest.mark.parametrize("text", [AGPL, MIT, APACHE], ids=["AGPL", "MIT", "Apache"])
@pytest.mark.parametrize("place", ["before", "after"])
def test_a_condition_beside_a_free_text_leaves_it_unsure(condition, text, place):
    words = condition.encode()
    content = words + b"\n\n" + text if place == "before" else text + b"\n\n" + words
    found = read_licenses(tree_of({"LICENSE": content}))
    assert (found.license, found.free) == (None, None)
    assert all(file.license is None or file.confidence <= 0.5 for file in found.files)


@pytest.mark.parametrize(
    "words",
    [
        "The Great Program -- a Program of ACME",
        "acme is licensed under the terms of the license below.",
        "Copyright (c) 2020-2026 Ada Lovelace <ada@example.org> and other contributors. All rights reserved.",
        "This is a fork of better-acme, extended and distributed under the terms of the license above.",
        "* Ada Lovelace\n* Grace Hopper <grace@example.org>",
    ],
)
def test_holders_titles_and_where_a_work_comes_from_leave_a_text_as_it_is(words):
    assert is_free({"LICENSE": words.encode() + b"\n\n" + MIT}) is True


@pytest.mark.parametrize(
    "idea",
    [
        "Foodsoft - web-based software to manage a non-profit food coop.",
        "noosfero - a free web-based social platform\n",
        "uMap lets you create maps with OpenStreetMap layers in a minute.",
    ],
)
def test_the_line_of_a_notice_that_says_what_a_program_is_for_limits_nobody(idea):
    assert is_free({"LICENSE": f"{idea}\nCopyright (C) 2024 Ada\n\n".encode() + AGPL}) is True


@pytest.mark.parametrize(
    "idea",
    [
        "Acme - free for members of the cooperative, software.",
        "Acme - software that only members use.",
        "Acme is software licensed to associations.",
        "Acme - software. Companies pay for it.",
        "All files in this directory are licensed under these terms for members of the cooperative.",
        "Parts of acme use the Acme Commercial license.",
    ],
)
def test_a_line_that_says_what_a_program_is_for_and_who_may_use_it_is_a_doubt(idea):
    assert is_free({"LICENSE": f"{idea}\nCopyright (C) 2024 Ada\n\n".encode() + AGPL}) is None


def test_the_note_before_the_gpl_of_git_and_linux_is_none_of_a_limit():
    note = (
        b" Note that the only valid version of the GPL as far as this project is concerned\n is _this_ particular"
        b" version of the license (ie v2, not v2.2 or v3.x or\n whatever), unless explicitly otherwise stated.\n\n"
    )
    assert is_free({"COPYING": note + a_text("GPL-2.0")}) is True
    assert is_free({"COPYING": note.replace(b"stated.", b"stated, for members.") + a_text("GPL-2.0")}) is None


def test_files_of_which_something_else_is_noted_are_told_by_what_is_noted():
    words = b"Acme is Copyright (c) 2012-2017, Acme eG. Files here are licensed as below, unless otherwise noted.\n\n"
    assert is_free({"LICENSE": words + AGPL}) is True
    assert is_free({"LICENSE": words + AGPL, "ee/LICENSE": a_text("BUSL-1.1")}) is None


def test_a_text_whose_end_is_too_far_to_read_is_not_sure():
    assert is_free({"LICENSE": MIT + b"\n" * 140_000 + b"You may not sell it.\n"}) is None


@pytest.mark.parametrize(
    "files",
    [
        {f"LICENSE-{number:02}": MIT for number in range(25)},
        {f"LICENSES/A{number}.txt": MIT for number in range(101)},
        {f"part-{number}/LICENSE": MIT for number in range(201)},
        {f"LICENSE-{'x' * 300}": b"You may not sell it."},
    ],
    ids=["top", "LICENSES", "folders", "name"],
)
def test_more_license_files_than_are_read_leave_the_whole_unsure(files):
    assert is_free({"LICENSE": MIT} | files) is None


def test_license_files_of_others_do_not_crowd_out_ones_own():
    vendored = {f"vendor/{number}/LICENSE": MIT for number in range(400)}
    assert is_free({"LICENSE": MIT} | vendored) is True
    assert is_free({"LICENSE": MIT, "z/z/z/z/ee/LICENSE": a_text("BUSL-1.1")} | vendored) is None


def test_terms_of_a_part_that_nobody_knows_leave_the_whole_unsure():
    terms = b"This folder is covered by the ACME Terms. Use in production needs a paid plan, after thirty days. " * 8
    assert is_free({"LICENSE": MIT, "ee/LICENSE": terms}) is None
    assert is_free({"LICENSE": MIT, "ee/LICENSE": b"Confidential. " * 30_000}) is None
    assert is_free({"LICENSE": MIT, "ee/a.py": b"# SPDX-License-Identifier: LicenseRef-ACME\n"}) is None
    assert is_free({"LICENSE": MIT, "ee/a.py": b"# Licensed under the ACME Enterprise License.\n"}) is None


UNKNOWN = b"These words are the license of a thing, in terms that nobody here has read before, nor anywhere else. " * 8


@pytest.mark.parametrize(
    "path", ["app/fonts/Sans/License.txt", "docs/LICENSE.adoc", "www/license/license_g1-fr.md", "a/licences/LICENSE_X"]
)
def test_an_unknown_text_that_covers_no_program_leaves_it_free_and_one_that_forbids_does_not(path):
    assert is_free({"LICENSE": MIT, path: UNKNOWN, "app/a.py": b"", "www/a.js": b""}) is True
    assert is_free({"LICENSE": MIT, path: b"You may not copy, sell or modify it."}) is None


@pytest.mark.parametrize("beside", ["rose.svg", "png/rose.png", "tune.ogg", "README", "names.csv"])
def test_an_unknown_text_beside_pictures_sounds_or_tables_leaves_the_program_free_unless_it_forbids(beside):
    files = {"LICENSE": MIT, "app/a.py": b"", f"art/{beside}": b"x"}
    assert is_free({**files, "art/LICENSE": UNKNOWN}) is True
    assert is_free({**files, "art/LICENSE": b"You may not copy, sell or modify it."}) is None
    assert is_free({**files, "art/LICENSE": a_text("CC-BY-NC-4.0")}) is None
    for program in ("a.py", "a.pas", "run", "page.html", "a.json.tpl"):
        assert is_free({**files, "art/LICENSE": UNKNOWN, f"art/{program}": b"x"}) is None, program


def test_a_copy_of_the_license_in_a_folder_says_nothing_else_of_it():
    text = b"The program is free.\n\n" + MIT
    assert is_free({"LICENSE": text, "skeleton/LICENSE": text, "skeleton/a.py": b""}) is is_free({"LICENSE": text})


def test_an_unknown_text_in_a_folder_of_program_files_is_a_doubt_whatever_the_folder_is_called():
    assert is_free({"LICENSE": MIT, "pro/license/LICENSE": UNKNOWN, "pro/license/check.js": b""}) is None


def test_pictures_that_anybody_may_copy_hold_no_code_back_and_code_that_nobody_may_change_does():
    terms = b"Creative Commons Attribution-NoDerivatives 4.0 International Public License\n\nAbout these icons."
    found = read(LICENSE=GPL, **{"assets/icons/License-for-icons.txt": terms, "assets/icons/all.html": b"<p>"})
    assert (found.free, found.files[-1].license) == (True, "CC-BY-ND-4.0")
    assert is_free({"LICENSE": GPL, "app/LICENSE": terms, "app/main.py": b""}) is None
    assert is_free({"LICENSE": GPL, "assets/icons/LICENSE": a_text("CC-BY-NC-4.0")}) is None


@pytest.mark.parametrize(
    ("path", "more", "beside"),
    [
        ("docker/images/LICENSE", b"", "docker/images/server/main.go"),
        ("docs/LICENSE", b"", "docs/server.py"),
        ("icons/LICENSE", b"\n\n" + a_text("CC-BY-NC-4.0"), "icons/a.svg"),
        ("icons/LICENSE", b"\n\nSPDX-License-Identifier: SSPL-1.0\n", "icons/a.svg"),
        ("icons/LICENSE", b"\n\nThe whole program may be used by members only.", "icons/a.svg"),
        ("icons/LICENSE", b"\n\nThe Commons Clause License Condition v1.0 applies to the program.", "icons/a.svg"),
        ("LICENSES/CC-BY-ND-4.0.txt", b"", "app/main.py"),
    ],
)
def test_terms_for_pictures_hold_code_back_where_they_cover_it_or_say_more(path, more, beside):
    files = {"LICENSE": MIT, beside: b"x"}
    terms = b"Creative Commons Attribution-NoDerivatives 4.0 International Public License\n\nAbout these icons."
    assert is_free({**files, path: terms + more}) is None


@pytest.mark.parametrize(
    ("files", "doubts"),
    [
        ({"LICENSE": MIT, "icons/OFL/LICENSE": a_text("OFL-1.1"), "vendor/x/LICENSE": UNKNOWN}, ()),
        ({"LICENSE": MIT, "icons/LICENSE": UNKNOWN}, ("icons/LICENSE",)),
        ({"LICENSE": MIT, "ee/LICENSE": a_text("BUSL-1.1")}, ("ee/LICENSE",)),
        ({"LICENSE": UNKNOWN}, ("LICENSE",)),
        (
            {
                "LICENSE": MIT,
                "LICENSES/LicenseRef-Icons.txt": UNKNOWN,
                "REUSE.toml": b'version = 1\n[[annotations]]\npath = "public/icons/**"\n'
                b'SPDX-License-Identifier = "LicenseRef-Icons"\n',
            },
            ("public/icons/**",),
        ),
    ],
)
def test_what_leaves_a_doubt_is_named(files, doubts):
    found = read_licenses(tree_of(files))
    assert (found.free, found.doubts) == (None if doubts else True, doubts)


def test_several_licenses_of_which_one_may_choose_are_alternatives():
    files = {"LICENSE-MIT": MIT, "LICENSE-APACHE": APACHE}
    assert read_licenses(tree_of(files)).license is None
    readme = b"Licensed under either of Apache License 2.0 or MIT license at your option."
    assert read_licenses(tree_of({**files, "README.md": readme})).license == "MIT OR Apache-2.0"
    assert (
        read_licenses(tree_of({**files, "README.md": b"Python 3 or later. Apache serves it; MIT made it."})).license
        is None
    )
    pointer = b"This is available under the terms of *either* of the licenses found in LICENSE-MIT or LICENSE-APACHE."
    assert read_licenses(tree_of({**files, "LICENSE": pointer})).license == "MIT OR Apache-2.0"


def test_texts_in_one_file_hold_together_unless_it_says_that_one_may_choose():
    assert read_license_file("LICENSE", MIT + b"\n\n" + APACHE).license == "MIT AND Apache-2.0"
    offered = b"This is under either of the following licenses.\n\n" + MIT + b"\n\n" + APACHE
    assert read_licenses(tree_of({"LICENSE": offered})).license == "MIT OR Apache-2.0"
    assert read_licenses(tree_of({"LICENSE": MIT + b"\n\n" + APACHE})).license is None


def test_the_gpl_below_the_lesser_one_in_one_file_is_what_that_refers_to():
    assert read_licenses(tree_of({"LICENSE": LGPL + b"\n\n" + GPL})).license == "LGPL-3.0"
    assert read_licenses(tree_of({"LICENSE": GPL + b"\n\n" + LGPL})).license is None


def test_banners_of_built_scripts_are_of_others():
    banners = b"/*! calendar v5, see https://acme.example/license */\n" * 30
    assert is_free({"LICENSE": MIT, "public/build/app.a0dd61fe.js.LICENSE.txt": banners}) is True
    assert is_free({"LICENSE": MIT, "public/build/app.js.LICENSE.txt": b"Proprietary. " + banners}) is None


def test_a_short_text_under_a_list_of_names_is_certain():
    credits = (
        b"https://acme.example\nCopyright 2011 ACME and contributors\n\nThanks\n------\n"
        + b"* Smart HTTP, by Ada\n" * 20
    )
    isc = a_text("ISC")
    assert read_license_file("LICENSE", credits + b"\n" + isc).confidence < 0.8
    assert read_licenses(tree_of({"LICENSE": credits + b"\n" + isc})).license == "ISC"


def test_a_license_that_is_one_of_several_to_choose_from_is_no_answer_while_the_others_are_unknown():
    content = b"You have the choice of the ACME License, or the Server Side Public License v1."
    assert (read_licenses(tree_of({"LICENSE": content})).license, is_free({"LICENSE": content})) == (None, None)
    header = b"/* Under your choice of (a) the ACME License or (b) the Server Side Public License v1. */\n"
    assert is_free({"LICENSE": MIT, "src/a.c": header}) is True


def test_a_license_of_one_file_beside_it_is_none_of_the_repository():
    found = read_licenses(
        tree_of({"LICENSE": MIT, "logo.svg": b"<svg/>", "logo.svg.license": b"SPDX-License-Identifier: CC0-1.0"})
    )
    assert (found.license, [file.path for file in found.files]) == ("MIT", ["LICENSE"])


def test_an_unknown_exception_leaves_the_license_unsure():
    content = b"As a special exception, you may link this with the library of ACME.\n\n" + GPL
    assert (read_licenses(tree_of({"LICENSE": content})).license, is_free({"LICENSE": content})) == (None, None)


def test_headers_tell_the_suffix_and_the_license_of_a_folder():
    later = b"# SPDX-License-Identifier: GPL-3.0-or-later\n"
    found = read(LICENSE=GPL, **{"app__a.py": later, "app__b.py": later, "web__c.js": b"let x = 1\n"})
    assert found.license == "GPL-3.0-or-later"
    assert found.sources == ("LICENSE", "app/a.py")
    mit = b"// SPDX-License-Identifier: MIT\n"
    found = read(LICENSE=GPL, **{"app__a.py": later, "app__b.py": later, "web__c.js": mit, "web__d.js": mit})
    assert folders(found) == {"web": "MIT"}


def test_a_license_notice_in_a_header_counts_as_a_tag():
    header = b"/*\n * Copyright 2020 ACME\n *\n * " + NOTICE.replace(b"\n", b"\n * ") + b"*/\n" + b"int x;\n" * 400
    assert folders(read(**{"src__a.c": header, "src__b.c": header}))["src"] == "GPL-3.0-or-later"


@pytest.mark.parametrize(
    "header",
    [b"// Proprietary and confidential. Unauthorized copying is prohibited.\n// Copyright ACME\n",
     b"// SPDX-License-Identifier: BUSL-1.1\n"],
    ids=["words", "tag"],
)  # fmt: skip
def test_a_header_that_refuses_leaves_the_whole_unsure(header):
    assert is_free({"LICENSE": MIT, "src/a.js": header}) is None


def test_the_sample_of_headers_is_bounded_the_same_each_time_and_of_all_folders():
    paths = {f"{folder}/{n}.{ending}": b"x" for folder in "abcde" for n in range(300) for ending in ("py", "js")}
    chosen = sample_paths(tree_of(paths))
    assert chosen == sample_paths(tree_of(dict(reversed(paths.items()))))
    assert len(chosen) == MAX_FILES
    assert {path[0] for path in chosen} == set("abcde")


def test_the_sample_of_headers_judges_a_folder_once_and_orders_no_more_pairs_than_it_takes_files_from(monkeypatch):
    asked, ordered = [], []
    judged, in_order = headers.is_third_party, headers._ordered_by_hash
    monkeypatch.setattr(headers, "is_third_party", lambda folder: asked.append(folder) or judged(folder))
    monkeypatch.setattr(headers, "_ordered_by_hash", lambda paths: ordered.append(paths) or in_order(paths))
    paths = {f"{folder:02}/{n}.{ending}": b"x" for folder in range(60) for n in range(9) for ending in ("py", "js")}
    assert len(sample_paths(tree_of({**paths, "vendor/a.py": b"x"}))) == MAX_FILES
    assert sorted(asked) == sorted({*(path[:3] for path in paths), "vendor/"})
    assert len(ordered) == MAX_FILES


def test_reuse_toml_says_what_the_whole_and_its_folders_are():
    toml = (
        b'version = 1\n[[annotations]]\npath = "**"\nSPDX-License-Identifier = "EUPL-1.2"\n'
        b'[[annotations]]\npath = ["img/**"]\nSPDX-License-Identifier = ["CC0-1.0"]\n'
    )
    names = {"LICENSES/EUPL-1.2.txt": b"", "LICENSES/CC0-1.0.txt": b""}
    found = read_licenses(tree_of({**names, "REUSE.toml": toml}))
    assert (found.license, found.sources, folders(found)) == ("EUPL-1.2", ("REUSE.toml",), {"img": "CC0-1.0"})
    assert read_licenses(tree_of({**names, "REUSE.toml": toml.replace(b"CC0-1.0", b"CC-BY-NC-4.0")})).free is None


def test_a_packagers_list_grants_nothing_and_what_is_not_free_in_it_holds_the_code_back():
    head = b"Format: https://x/\n\nFiles: *\nLicense: GPL-3+\n The words of the GPL.\n\nFiles: art/*\n"
    assert is_free({"debian/copyright": head}) is None
    assert (
        is_free({"LICENSE": GPL, "debian/copyright": head + b"License: Expat\n " + MIT, "debian/rules.py": b""}) is True
    )
    for unfree in (b"License: CC-BY-NC-3.0\n", b"License: ours\n\n" + a_text("CC-BY-NC-4.0")):
        found = read_licenses(tree_of({"LICENSE": GPL, "debian/copyright": head + unfree}))
        assert (found.license, found.free, found.doubts) == ("GPL-3.0", None, ("debian/copyright",))


def test_a_page_in_html_holds_its_license_and_an_unofficial_translation_states_none():
    escaped = html.escape(GPL.decode()).encode()
    page = b"<html><head><title>GPL</title></head><body><h1>GNU GPL</h1>\n<pre>" + escaped + b"</pre></body></html>"
    french = (
        b"<html><p><b> This is an unofficial translation of the GNU General Public\nLicense into <em>french</em>."
        b" It was not published by the Free\nSoftware Foundation, and does not legally state the distribution terms"
        b" for software that uses the GNU GPL--only the original English text does.</b>"
        b"<p>Vous ne pouvez pas vendre autre chose."
    )
    assert read(**{"LICENSE": GPL, "licence_en.html": page, "licence_fr.html": french}).free is True
    assert is_free({"LICENSE": GPL, "licence_fr.html": french.replace(b"does not legally", b"does legally")}) is None
    assert is_free({"LICENSE": GPL, "licence_en.html": page.replace(b"</pre>", b"</pre><p>Members only.")}) is None
    assert is_free({"licence_fr.html": french}) is None


def test_texts_in_other_encodings_are_read():
    holder = "Copyright 2020 Société Générale d'Éditions".encode("cp1252")
    assert read_license_file("LICENSE", holder + b"\n\n" + MIT).license == "MIT"
    assert read_license_file("LICENSE", MIT.decode().encode("utf-16")).license == "MIT"


def test_a_license_file_too_large_to_read_is_seen_and_not_identified():
    found = read_licenses(tree_of({"LICENSE": MIT, "COPYING": b"x " * MAX_FILE_BYTES}))
    assert (found.license, found.free) == (None, None)
    assert ("COPYING", None) in [(file.path, file.license) for file in found.files]


def test_a_fingerprinted_text_is_exact_word_for_word_only(monkeypatch):
    words = [f"mot{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(400)]
    text = "EUPL " + " ".join(words)
    edition = [digest for digest, _, _ in fingerprints.pieces(text)][1:-1]
    monkeypatch.setattr(fingerprints, "_fingerprints", lambda: {"EUPL-1.2": {"fr": [edition]}})
    assert fingerprints.find_known(f"# {text}\n").exact
    assert fingerprints.find_known(text.upper().replace(" ", "\n * ")).exact
    assert not fingerprints.find_known(text.replace(words[200], "autre")).exact
    assert not fingerprints.find_known(text.replace(words[200], f"{words[200]} sauf pour les autres")).exact
    assert fingerprints.find_known("EUPL " + " ".join(words[:100])) is None


def test_translations_of_the_licenses_that_europe_writes_are_known():
    kept = json.loads(fingerprints.FINGERPRINTS.read_text())
    assert {"fr", "es", "de", "it", "pt"} <= set(kept["EUPL-1.2"])
    assert all("fr" in kept[name] for name in ("CECILL-2.0", "CECILL-2.1", "CECILL-B", "CECILL-C"))
    assert all(min(map(len, editions)) > 90 for name in kept for editions in kept[name].values())


names = st.sampled_from(
    ["LICENSE", "COPYING", "LICENSES/LicenseRef-x.txt", "LICENSES/MIT.txt", "REUSE.toml", "a/LICENSE",
     "debian/copyright", "README.md", "src/a.py", "EULA", "LICENSE-3RD-PARTY", "COPYRIGHT", "a\udcff\n/LICENSE"]
) | st.text(max_size=30)  # fmt: skip
parts = st.sampled_from(
    [MIT[:700], NOTICE, b"Format: x\n\n", b"Files: *\nLicense: ", b"SPDX-License-Identifier: (MIT", b"GPL-2+ or ",
     b"\n\n", b"[[annotations]]\npath = ", b" with x exception",
     b"\0", b"\xff", b"either of the licenses", b"(((", b"EUPL "]
) | st.binary(max_size=40)  # fmt: skip


@given(st.dictionaries(names, st.lists(parts, max_size=6).map(b"".join), max_size=6))
def test_no_tree_makes_the_observer_raise_and_all_it_says_is_json(files):
    told_of = read_licenses(tree_of(files)).facts()
    json.dumps([fact.value for fact in told_of])
    assert all(fact.path in files for fact in told_of)


@pytest.mark.parametrize(
    "unit",
    [b"\n", b"a\n\n", b"x", b"SPDX-License-Identifier: Foo (", b"Permission is hereby granted, ",
     b"License: a or b with c\n", b"all rights reserved ", b"at your option either of ", b"special exception ",
     b"CeCILL contrat de licence ", b"Except as contained in this notice, the name of x ",
     b"GNU Free Documentation License, Version 1.2 "],
)  # fmt: skip
@pytest.mark.parametrize("path", ["LICENSE", "debian/copyright"])
def test_a_hostile_file_takes_a_bounded_time(unit, path):
    """At most 0.4 s on the machine this was measured on, for 256 kB; the bound leaves room for a slow one."""
    text = (b"Format: x\n\n" + unit * (MAX_FILE_BYTES // len(unit)))[:MAX_FILE_BYTES]
    before = time.process_time()
    read_license_file(path, text)
    assert time.process_time() - before < 30


def test_a_tree_of_many_files_is_read_within_bounds():
    reads = []
    files = {f"d{n % 900}/LICENSE{n}": File(f"{n:040x}", 100) for n in range(3_000)}
    files |= {f"s{n % 700}/f{n}.py": File(f"{n + 5_000:040x}", 100) for n in range(9_000)}

    def content(oid: str, max_bytes: int) -> bytes:
        reads.append(oid)
        return b"SPDX-License-Identifier: MIT"

    found = read_licenses(Tree(files, content))
    assert len(reads) <= 200 + MAX_FILES
    assert len(found.folders) <= 100
