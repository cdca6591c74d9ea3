"""Tests of what may stand next to a free license text: what real repositories write there leaves it free and is shown,
and a limit in the same place is a doubt, in every language of the catalogue. All words are the tests' own.
"""

import json

import pytest

from forge.observe.core.tree import tree_of
from forge.observe.license import is_free, read_license_file, read_licenses
from tests.observe.test_license import APACHE, BSD, GPL, MIT, MPL, NOTICE
from tests.observe.test_license_labelled import a_text

AGPL = a_text("AGPL-3.0")
OFL = a_text("OFL-1.1")

# Each kind with what real files of it say, as words before or after a license text.
HEADING = "# The licence of Gardener\n\n"
ABOUT = "Gardener is free software that helps people plan allotments.\n\nCopyright 2021 Ada\n\n"
TRADEMARK = (
    "All Gardener code is Copyright 2013 - 2022 by the original authors.\n\n"
    "Gardener is a registered trademark of Ada.\n"
)
DISCLAIMER = (
    "The following additional disclaimer of warranty and limitation of liability applies.\n\n"
    "Gardener is not a substitute for the advice of an agronomist. Under no circumstances shall any contributor be"
    " liable to you for any loss of crops or other damages of any character.\n"
)
BUNDLED = (
    "Gardener includes these works:\n\n* leaflet-tulip 2.1, Copyright (c) 2011 Grace, which is available under the MIT"
    " license\n* beet.js - BSD - (c) 2012 Ada (ada@example.org)\n* Rose icons, under the SIL Open Font License 1.1\n"
)
KINDS = {"heading": HEADING, "about": ABOUT, "trademark": TRADEMARK, "disclaimer": DISCLAIMER, "bundled": BUNDLED}


def around(words: str, text: bytes, place: str) -> bytes:
    said = words.encode()
    return said + b"\n\n" + text if place == "before" else text + b"\n\n" + said


@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("text", [AGPL, MIT, APACHE, MPL], ids=["AGPL", "MIT", "Apache", "MPL"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_real_files_say_beside_a_free_text_leaves_it_free(kind, text, place):
    found = read_licenses(tree_of({"LICENSE": around(KINDS[kind], text, place)}))
    assert found.license is not None
    assert (found.free, found.doubts) == (True, ())


# The same restriction of each sort, as somebody would write it: who, for what, for how much, whom to ask.
LIMITS = {
    "en": [
        "For members of the network.",
        "Commercial use is excluded",
        "Companies write to us first",
        "Free of charge up to ten gardens, then 5 euros a month",
        "Not for use by landlords",
        "Hosting it for others takes our consent",
        "Only non-profit groups",
    ],
    "fr": [
        "Réservé aux membres du réseau",
        "Usage commercial exclu",
        "Les entreprises nous écrivent d'abord",
        "Gratuit jusqu'à dix jardins, puis 5 euros par mois",
        "Pas pour les bailleurs",
        "L'hébergement pour des tiers demande notre accord",
        "Uniquement pour les associations",
    ],
    "es": [
        "Reservado a los miembros de la red",
        "Queda excluido el uso comercial",
        "Las empresas nos escriben antes",
        "Gratis hasta diez huertos, después 5 euros al mes",
        "No es para propietarios",
        "Alojarlo para otros requiere nuestro permiso",
        "Solo para asociaciones",
    ],
    "pt": [
        "Reservado aos membros da rede",
        "O uso comercial está excluído",
        "As empresas escrevem-nos antes",
        "Grátis até dez hortas, depois 5 euros por mês",
        "Não é para proprietários",
        "Alojá-lo para outros precisa da nossa autorização",
        "Apenas para associações",
    ],
    "ar": [
        "لأعضاء الشبكة فقط",
        "يستثنى الاستعمال التجاري",
        "تراسلنا الشركات أولا",
        "مجانا حتى عشر حدائق",
        "ليس لأصحاب العقارات",
        "تحتاج استضافته لغيرك إلى موافقتنا",
        "للجمعيات وحدها",
    ],
    "de": ["Nur für Mitglieder des Netzes", "Gewerbliche Nutzung ausgeschlossen", "Nicht für Vermieter"],
    "nl": ["Alleen voor leden van het netwerk bestemd"],  # not one of ours: nobody here can judge it
    "pl": ["Tylko do celów niekomercyjnych organizacji"],
}
ALL_LIMITS = [
    pytest.param(limit, id=f"{code}-{number}") for code, ls in LIMITS.items() for number, limit in enumerate(ls)
]
# Where it may hide: the heading, the project's own sentence, the disclaimer, an entry of the list of what is bundled.
PLACES = {
    "heading": "# The licence of Gardener: {}\n\n",
    "heading underlined": "{}\n=================\n\n",
    "about": "Gardener is free software that helps people plan allotments. {}.\n\nCopyright 2021 Ada\n\n",
    "about, in one sentence": "Gardener - a web platform that helps to plan allotments. {}\n\nCopyright 2021 Ada\n\n",
    "holder": "Copyright 2021 Ada. {}.\n\n",
    "trademark": "Gardener is a registered trademark of Ada. {}.\n",
    "disclaimer": "Gardener is not a substitute for advice. Under no circumstances shall Ada be liable. {}.\n",
    "bundled": "Gardener includes these works:\n\n* leaflet-tulip, under the MIT license\n* beet.js - {}\n",
    "bundled, beside a name": "* tulip.js, Copyright (c) 2011 Grace, which is available under the MIT license. {}\n",
}


@pytest.mark.parametrize(
    "between", ["\n{}\n", "\n\n{}.\n\n", ". {}.\n\n", "\n\nGardener is a garden planner.\n\n{}.\n"]
)
@pytest.mark.parametrize(
    "body", [MIT[MIT.index(b"Permission") :], BSD[BSD.index(b"Redistribution") :]], ids=["MIT", "BSD"]
)
@pytest.mark.parametrize("limit", ALL_LIMITS)
def test_a_limit_between_the_holder_and_the_license_is_a_doubt(limit, body, between):
    content = f"Copyright (c) 2021 Ada{between.format(limit)}".encode() + body
    found = read_licenses(tree_of({"LICENSE": content}))
    assert (found.license, found.free) == (None, None)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("limit", ALL_LIMITS)
def test_a_limit_in_the_same_place_is_a_doubt_and_is_named(limit, place):
    words = PLACES[place].format(limit)
    for text in (AGPL, MIT):
        file = read_license_file("LICENSE", words.encode() + b"\n\n" + text)
        found = read_licenses(tree_of({"LICENSE": words.encode() + b"\n\n" + text}))
        assert (found.license, found.free, found.doubts) == (None, None, ("LICENSE",))
        assert any(limit.split(".")[0].split(",")[0][-12:] in sentence for sentence in file.doubts), file.doubts


# Written after the words of limits were, to see what they miss; what was missed then is in them now.
MORE_LIMITS = [
    "This software is provided to registered charities.",
    "Big firms need a separate agreement with us.",
    "Sale of copies is a matter for the foundation.",
    "The makers decide who runs it.",
    "Landlords stay away.",
    "Please get in touch before you deploy it in a town hall.",
    "Only the guild runs this in public.",
    "Ask for a key first.",
    "A key from the office unlocks the right to deploy.",
    "It is for the cooperatives of the alliance.",
    "For peaceful ends.",
    "Good, not evil.",
    "The Software shall be used for Good, not Evil.",
    "Deploying it at more than ten sites costs money.",
    "The right to resell stays with Ada.",
    "Ada keeps the right to sell.",
    "Ce logiciel est destiné aux associations loi 1901.",
    "Merci de nous écrire avant toute mise en production.",
    "La revente nous appartient.",
    "Les collectivités signent d'abord une convention.",
    "Este programa está destinado a cooperativas.",
    "La reventa queda en manos de la fundación.",
    "Escríbannos antes de instalarlo.",
    "Este programa destina-se a cooperativas.",
    "A revenda cabe à fundação.",
    "Escreva-nos antes de o instalar.",
    "Dieses Programm ist für Vereine bestimmt.",
    "Der Weiterverkauf bleibt dem Verband vorbehalten.",
    "Per le associazioni del consorzio.",
    "Dual licensed: GPL for individuals, commercial licence for companies.",
    "Government bodies are welcome; others obtain a licence from Ada.",
    "Government bodies may run it.",
    "Individuals may use this freely.",
    "Licensed to Acme Inc.",
    "Evaluation copy.",
    "This copy is for internal review.",
    "This version expires in 2027.",
    "Redistribution of modified versions happens through our server.",
    "Forks carry another name and logo.",
    "Attribution to Acme stays on every page.",
    "The footer link remains in place.",
    "Anyone in the EU may use it.",
    "Users in Cuba, Iran and Syria are excluded.",
    "Do not train models on it.",
    "Training of models with this code is something we object to.",
    "No AI training.",
    "Patents: rights end if you sue us.",
    "This license ends on 1 January.",
    "The grant lapses when the subscription does.",
    "Support contract holders get this under the terms above.",
    "These terms apply to customers.",
    "The terms above apply to the community edition.",
    "The core is free.",
    "The enterprise modules live in ee.",
    "All of src/ee belongs to Acme.",
    "Folder pro is ours.",
    "Everything but the modules is open.",
    "With the exception of our modules.",
]


@pytest.mark.parametrize("limit", MORE_LIMITS)
def test_limits_in_many_other_words_are_doubts(limit):
    for place in ("{}\n\n", PLACES["heading"], PLACES["about"]):
        for body in (MIT, GPL):
            assert is_free({"LICENSE": place.format(limit).encode() + b"\n\n" + body}) is None, place


@pytest.mark.parametrize(
    "entry",
    [
        "* rose.js, under the Rose Commercial License",
        "* rose.js, available under the terms of the Rose Agreement",
        "* rose.js, under CC BY-NC 4.0",
        "* rose.js, under the Creative Commons Attribution-NoDerivatives license",
        "* rose.js, sous la licence Rose Entreprise",
        "* rose.js, bajo la licencia Rose Empresas",
        "* rose.js, sob a licença Rose Empresas",
        "* rose.js, unter der Rose-Nutzungslizenz",
        "* rose.js - SSPL",
        "* rose.js, which is distributed under terms that its makers tell",
        "* rose.js: freeware",
    ],
)
def test_a_bundled_part_under_another_license_than_a_free_one_is_a_doubt(entry):
    assert is_free({"LICENSE": f"This brings along:\n\n{entry}\n\n".encode() + MPL}) is None


@pytest.mark.parametrize(
    "words",
    [
        "In no event shall Ada be liable for damages, and companies pay a fee to the federation.",
        "Under no circumstances shall Ada be liable for any loss; users must show the logo.",
        "Ada does not warrant anything, nor may landlords run it without permission.",
    ],
)
def test_a_limit_that_follows_in_the_sentence_of_a_disclaimer_is_a_doubt(words):
    assert is_free({"LICENSE": AGPL + b"\n\n" + words.encode()}) is None


def test_the_sentences_that_cause_a_doubt_and_those_that_do_not_are_handed_on():
    words = b"Gardener is a registered trademark of Ada. Companies pay a fee.\n\n"
    file = read_license_file("LICENSE", words + AGPL)
    assert file.doubts == ("Companies pay a fee",)
    assert file.beside == ("Gardener is a registered trademark of Ada",)


def test_a_copyright_file_that_names_holders_and_version_2_or_later_agrees_with_the_text():
    notice = NOTICE.replace(b"either version 3", b"either version 2")
    files = {
        "COPYRIGHT.txt": TRADEMARK.encode() + b"\n" + notice,
        "LICENSE.txt": a_text("GPL-2.0"),
    }
    assert read_licenses(tree_of(files)).license == "GPL-2.0-or-later"
    assert is_free(files) is True
    assert is_free({**files, "COPYRIGHT.txt": files["COPYRIGHT.txt"] + b"\nCompanies ask us.\n"}) is None


@pytest.mark.parametrize(
    ("words", "files", "free"),
    [
        ("The folder addons/ has a licence of its own, see addons/LICENSE.", {"addons/LICENSE": MIT}, True),
        (
            "The folder addons/ has a licence of its own, see addons/LICENSE.",
            {"addons/LICENSE": a_text("BUSL-1.1")},
            None,
        ),
        ("The folder addons/ has a licence of its own, see addons/LICENSE.", {"addons/a.py": b""}, None),
        ("The folders addons/a/ and addons/b/ have their own licences.", {"addons/a/LICENSE": MIT}, None),
        ("Le dossier addons/ a sa propre licence.", {"addons/COPYING": BSD}, True),
        ("La carpeta addons/ tiene una licencia propia.", {"addons/COPYING": BSD}, True),
        ("A pasta addons/ tem uma licença própria.", {"addons/COPYING": BSD}, True),
        ("All of it except the fonts in assets/fonts/ is free software.", {"assets/fonts/OFL/LICENSE": OFL}, True),
        ("All of it except the fonts in assets/fonts/ is free software.", {"assets/fonts/a.woff": b"x"}, None),
        ("Except for the fonts, which are under the SIL Open Font License, it is under the license below.", {}, True),
        ("Except for the fonts, which were bought, it is under the license below.", {}, None),
        ("All except the icons and the server is under the MIT license.", {}, None),
        ("Sauf le module de paie et les icônes, tout est sous licence MIT.", {}, None),
        ("All files except those under ee/ are under this license:", {"ee/LICENSE": MIT}, True),
        ("All files except those under ee/ are under this license:", {}, None),
        ("Tout sauf ee/ est sous cette licence.", {}, None),
        ("Todo salvo ee/ está bajo esta licencia.", {}, None),
        ("The folder addons/ has a licence of its own, and companies pay for it.", {"addons/LICENSE": MIT}, None),
    ],
)
def test_a_part_with_a_license_of_its_own_is_free_where_its_own_files_say_so(words, files, free):
    found = read_licenses(tree_of({"LICENSE": words.encode() + b"\n\n" + GPL, **files}))
    assert found.free is free
    assert (found.license is not None) is (free is True)


SELECTOR = (
    b'This software is licensed under the Apache License, Version 2.0 (the "Apache License") or the GNU\nGeneral Public'
    b' License version 2 (the "GPL License"). You may choose either license to govern your\nuse of this software'
    b" only upon"
    b" the condition that you accept all of the terms of either the Apache\nLicense or the GPL License.\n\nYou may"
    b" obtain a"
    b" copy of the Apache License and the GPL License at:\n\nhttp://example.org/a\nhttp://example.org/b\n\nUnless"
    b" required by"
    b" applicable law or agreed to in writing, software distributed under the Apache License\nor the GPL License is"
    b' distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND,\neither express or implied.'
    b" See the"
    b" Apache License and the GPL License for the specific language governing\npermissions and limitations under the"
    b" Apache"
    b" License and the GPL License.\n"
)
BEER = (
    b"\n\n* If you meet the authors of this software in person and you want to\n  pay them a beer, you're encouraged"
    b" to do"
    b" so. Please, do.\n"
)


@pytest.mark.parametrize(
    "text",
    [
        MIT
        + b"\nPlease note that some subdirectories of the Tulip distribution\ninclude their own LICENSE files, and are"
        b" released under different\nlicences.\n",
        BSD + b"\nThis software is distributed with some third-party software which is not distributed under the above"
        b" license. See LICENSE.3RDPARTY for further details.\n",
        b"# Tulip\n\nAvailable for use under the [MIT License](http://example.org)\n\n" + MIT,
        BSD.replace(b"\n\nTHIS", BEER + b"\nTHIS"),
        b"Gardener: Useful seeds for those who need them\n\nCopyright 2026 Ada\n\n" + NOTICE,
        SELECTOR,
    ],
    ids=["subdirectories", "bundled", "available", "beer", "motto", "either"],
)
def test_a_part_whose_file_says_no_more_than_its_license_holds_nothing_back(text):
    files = {"LICENSE": GPL, "lib/tulip/a.js": b""}
    assert is_free({**files, "lib/tulip/LICENSE": text}) is True
    assert is_free({**files, "lib/tulip/LICENSE": text + b"\nCompanies pay a fee.\n"}) is None
    assert is_free({**files, "lib/tulip/LICENSE": b"For members who need it.\n\n" + text}) is None


@pytest.mark.parametrize(
    ("path", "content", "expression"),
    [
        ("GNU_AFFERO_GPL_V3_2007.txt", AGPL, "AGPL-3.0"),
        ("AGPLv3.txt", AGPL, "AGPL-3.0"),
        ("GNU-AGPL-3.0", AGPL, "AGPL-3.0"),
        ("gpl-3.0.md", GPL, "GPL-3.0"),
        ("MIT.txt", MIT, "MIT"),
        ("NOTICE", b"Gardener\nCopyright 2021 Ada\n\n" + NOTICE, "GPL-3.0-or-later"),
    ],
)
def test_a_license_under_an_unusual_name_is_found_where_no_usual_one_is(path, content, expression):
    assert read_licenses(tree_of({path: content})).license == expression
    assert is_free({path: content}) is True
    assert is_free({path: b"Companies ask us.\n\n" + content}) is None
    assert read_licenses(tree_of({path: content, "LICENSE": MPL})).license == "MPL-2.0"
    assert is_free({path: content, "LICENSE": b"You may not sell it. " * 40}) is None


@pytest.mark.parametrize(
    "words",
    [
        "- Pictures: CC BY-NC-SA 4.0",
        "The [icons](https://creativecommons.org/licenses/by-nd/4.0/) are Ada's.",
        "Drawings are under the Creative Commons Attribution-NonCommercial license.",
    ],
)
def test_a_readme_that_puts_a_part_under_an_unfree_license_of_creative_commons_is_a_doubt(words):
    found = read_licenses(tree_of({"LICENSE": GPL, "README.md": words.encode()}))
    assert (found.license, found.free, found.doubts) == ("GPL-3.0", None, ("README.md",))
    assert is_free({"LICENSE": GPL, "README.md": b"Pictures: CC BY-SA 4.0, for commercial and other use."}) is True


def test_a_file_that_is_only_called_like_a_license_is_none():
    data = json.dumps([{"version": "1.0", "text": "We collect what you plant"}] * 9).encode()
    assert is_free({"LICENSE": MIT, "licences.txt": data}) is True
    page = b"Activate your key to use it on more than two machines. " * 9
    assert is_free({"LICENSE": MIT, "docs/license-activation.mdx": page}) is True
    assert is_free({"LICENSE": MIT, "gnu-guide.md": b"How to plant. " * 90}) is True
    assert is_free({"LICENSE": MIT, "licences.txt": b"{ Companies pay. " * 40}) is None
    reserved = json.dumps({"terms": "All rights reserved"}).encode()
    assert is_free({"LICENSE": MIT, "licences.txt": reserved}) is None


def test_the_notice_of_apache_in_the_words_of_a_project_is_one():
    notice = (
        "# LICENSE\n\nCopyright 2020 Gardener Foundation\n\nThe Gardener files are made available by the"
        ' Gardener Foundation under the Apache License, Version 2.0\n(the "License") and you may not use these files'
        " except in compliance with the [License](http://www.apache.org/licenses/LICENSE-2.0).\n\nYou may obtain a copy"
        " of the License at [here](http://www.apache.org/licenses/LICENSE-2.0)\n\nUnless required by"
        ' applicable law or agreed to in writing, the Gardener files are distributed on an "AS IS" BASIS, WITHOUT'
        " WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the License for the specific language"
        " governing permissions and limitations under the [License](http://www.apache.org/licenses/LICENSE-2.0).\n"
    )
    assert read_licenses(tree_of({"LICENSE.md": notice.encode()})).license == "Apache-2.0"
    assert is_free({"LICENSE.md": notice.encode()}) is True
    assert is_free({"LICENSE.md": notice.encode() + b"\nCompanies ask us.\n"}) is None
    assert (
        is_free({"LICENSE.md": notice.replace("these files except", "these files to sell it, except").encode()}) is None
    )
