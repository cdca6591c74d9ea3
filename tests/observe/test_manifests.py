"""Tests of `forge.observe.manifests`: what packages declare, each format, without any person's name."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge.observe import manifests
from forge.observe.core.tree import Tree, tree_of
from forge.observe.manifests.manifest import repository
from forge.observe.manifests.wordings import stated_license
from forge.observe.metadata.funding import addresses_of_file, is_project_address

PYPROJECT = """
[build-system]
requires = ["hatchling"]
[project]
name = "galette-tools"
license = "AGPL-3.0-or-later"
authors = [{name = "Jane Doe", email = "jane@example.org"}]
dependencies = ["Babel>=2 ; python_version > '3'", "click[x]~=8"]
[project.urls]
Homepage = "https://galette.eu"
"Bug Tracker" = "https://bugs.galette.eu"
Source = "https://github.com/galette/galette"
Documentation = "https://doc.galette.eu"
[dependency-groups]
dev = ["pytest", {include-group = "x"}]
"""
GEMSPEC = """
Gem::Specification.new do |s|
  s.name        = "foodsoft"
  s.version = Foodsoft::VERSION
  s.authors     = ["Jane Doe"]
  s.license     = 'AGPL-3.0-or-later'
  s.homepage    = "https://foodcoops.net"
  s.metadata["bug_tracker_uri"] = "https://github.com/foodcoops/foodsoft/issues"
  s.add_dependency "rails", "~> 7"
  s.add_development_dependency "rspec"
end
"""
POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><groupId>a</groupId><artifactId>ipt</artifactId>
<name>Toolkit</name><url>https://example.org/ipt</url><organization><name>Université de Lille</name></organization>
<licenses><license><name>Apache License, Version 2.0</name></license></licenses>
<developers><developer><name>Jane Doe</name><email>jane@example.org</email></developer></developers>
<scm><url>scm:git:git@github.com:a/ipt.git</url></scm>
<dependencies><dependency><groupId>x</groupId><artifactId>y</artifactId></dependency>
<dependency><groupId>t</groupId><artifactId>u</artifactId><scope>test</scope></dependency></dependencies></project>"""
SETUP = """
from setuptools import setup
VERSION = open("version").read()
setup(name="aid", version=VERSION, author="Jane Doe", url="https://aid.example.org",
      install_requires=["django>=4", "x"],
      classifiers=["License :: OSI Approved :: GNU Affero General Public License v3 or later (AGPLv3+)"])
"""
GO = """module codeberg.org/coop/market/v2

go 1.22

"""


def told(contents: dict[str, str]) -> dict[str, object]:
    found = manifests.observe_manifests(tree_of({path: text.encode() for path, text in contents.items()}))
    assert "Jane" not in json.dumps([fact.value for fact in found])
    return {fact.field: fact.value for fact in found}


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "pyproject.toml",
            PYPROJECT,
            {
                "license.manifest": {"license": "AGPL-3.0-or-later", "stated": "AGPL-3.0-or-later"},
                "name": "galette-tools",
                "homepage": "https://galette.eu",
                "issues": "https://bugs.galette.eu",
                "repository": "https://github.com/galette/galette",
                "documentation": "https://doc.galette.eu",
            },
        ),
        (
            "foodsoft.gemspec",
            GEMSPEC,
            {
                "license.manifest": {"license": "AGPL-3.0-or-later", "stated": "AGPL-3.0-or-later"},
                "name": "foodsoft",
                "homepage": "https://foodcoops.net",
            },
        ),
        (
            "pom.xml",
            POM,
            {
                "license.manifest": {"license": "Apache-2.0", "stated": "Apache License, Version 2.0"},
                "name": "Toolkit",
                "homepage": "https://example.org/ipt",
                "repository": "https://github.com/a/ipt.git",
                "maintenance": [{"organization": "Université de Lille", "role": None}],
            },
        ),
        (
            "setup.py",
            SETUP,
            {
                "license.manifest": {
                    "license": "AGPL-3.0-or-later",
                    "stated": "License :: OSI Approved :: GNU Affero General Public License v3 or later (AGPLv3+)",
                },
                "name": "aid",
                "homepage": "https://aid.example.org",
            },
        ),
        (
            "go.mod",
            GO,
            {
                "name": "market",
                "repository": "https://codeberg.org/coop/market",
            },
        ),
        (
            "setup.cfg",
            "[metadata]\nname = a\nlicense = MIT\nauthor = Jane Doe\nurl = https://a.example.org\n"
            "[options]\ninstall_requires =\n  b>1\n  c\n",
            {
                "license.manifest": {"license": "MIT", "stated": "MIT"},
                "name": "a",
                "homepage": "https://a.example.org",
            },
        ),
    ],
)
def test_each_format_tells_what_it_states_and_no_person(path, text, expected):
    assert told({path: text}) == expected


@pytest.mark.parametrize(
    ("author", "told"),
    [
        ('{"name": "Liquid Example e.V.", "email": "info@liquid.example"}', ["Liquid Example e.V."]),
        ('"Example Cooperative <office@example.org> (https://example.org)"', ["Example Cooperative"]),
        ('"Jane Doe <jane@example.org>"', []),
        ('["a"]', []),
    ],
)
def test_an_author_whose_name_shows_an_organization_develops_it(author, told):
    facts = manifests.observe_manifests(tree_of({"package.json": f'{{"name": "a", "author": {author}}}'.encode()}))
    assert [who["organization"] for fact in facts if fact.field == "maintenance" for who in fact.value] == told


def test_a_private_package_has_no_name_and_the_repositorys_own_page_is_no_homepage():
    package = {
        "name": "app", "private": True, "author": "Jane Doe <jane@example.org>", "repository": "github:a/b",
        "homepage": "https://github.com/a/b#readme",
        "bugs": {"email": "jane@example.org"},
    }  # fmt: skip
    assert told({"package.json": json.dumps(package)}) == {
        "repository": "https://github.com/a/b",
    }


def test_parts_tell_their_license_and_what_others_wrote_tells_nothing():
    package = json.dumps({"name": "part", "license": "MIT"})
    found = manifests.observe_manifests(
        tree_of(dict.fromkeys(["web/package.json", "packages/x/package.json", "node_modules/y/package.json",
                               "docs/package.json", "a/b/package.json"], package.encode()))
    )  # fmt: skip
    assert sorted((fact.field, fact.path) for fact in found) == [
        ("license.manifest", "packages/x/package.json"), ("license.manifest", "web/package.json"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("stated", "expression"),
    [
        ("AGPLv3+", "AGPL-3.0-or-later"), ("GPL-3", "GPL-3.0"), ("GPLv2 only", "GPL-2.0-only"), ("GPL", None),
        ("BSD", None),
        ("GNU Lesser General Public License v2.1 or later", "LGPL-2.1-or-later"), ("Proprietary", None),
        ("License :: OSI Approved :: MIT License", "MIT"), ("License :: OSI Approved :: BSD License", None),
        ("GNU General Public License, version 3", "GPL-3.0"), ("MIT/X11", None),
        ("Peer Production License", "LicenseRef-Peer-Production-License"), ("GPL-9", None),
    ],
)  # fmt: skip
def test_a_license_in_other_words_is_read_only_where_they_mean_one(stated, expression):
    assert stated_license((stated,), True)["license"] == expression


def test_several_licenses_are_one_expression_only_where_one_may_choose():
    assert stated_license(("MIT", "GPLv3+"), True) == {"license": "MIT OR GPL-3.0-or-later", "stated": "MIT OR GPLv3+"}
    assert stated_license(("MIT", "GPLv3+"), False) == {"license": None, "stated": "MIT, GPLv3+"}


@pytest.mark.parametrize(
    ("stated", "url"),
    [
        ("git+https://github.com/a/b.git", "https://github.com/a/b.git"), ("git@github.com:a/b", "https://github.com/a/b"),
        ("git://github.com/a/b", "https://github.com/a/b"), ("gitlab:a/b", "https://gitlab.com/a/b"),
        ("http://codeberg.org/a/b", "https://codeberg.org/a/b"), ("https://jane:secret@example.org/b", None),
        ("git@intern.example:a/b", None), ("javascript:alert(1)", None), ("file:///etc/passwd", None), (7, None),
    ],
)  # fmt: skip
def test_addresses_of_repositories_come_out_as_https(stated, url):
    assert repository(stated) == url


def test_funding_names_collectives_and_nobody():
    stated = {"github": ["jane"], "patreon": "jane", "open_collective": "galette", "ko_fi": "jane",
              "custom": ["https://www.paypal.me/jane", "https://www.helloasso.com/associations/galette"]}  # fmt: skip
    assert addresses_of_file(stated) == [
        "https://opencollective.com/galette",
        "https://www.helloasso.com/associations/galette",
    ]
    assert not is_project_address("https://github.com/sponsors/jane") and not is_project_address(
        "https://liberapay.com/jane"
    )
    assert addresses_of_file("x") == addresses_of_file({"custom": {"a": 1}}) == []


def test_what_cannot_be_read_is_told_with_its_line_and_the_second_time_nothing_is_read():
    tree = tree_of(
        {"package.json": b'{\n"a": ', "Cargo.toml": b"a = [", "composer.json": b"[]", "pom.xml": b"<project>&a;"}
    )
    found = manifests.observe_manifests(tree)
    assert {fact.path for fact in found if fact.field == "unreadable"} == {"package.json", "Cargo.toml", "pom.xml"}
    again = Tree(tree.files, lambda oid, most: 1 / 0, json.loads(json.dumps(tree.remembered)))
    assert manifests.observe_manifests(again) == found


NAMES = [*manifests._READERS, "a.gemspec"]
HOSTILE = [
    b"(" * 60_000, b"setup(" + b"-" * 50_000 + b"1)", b"setup(name=" + b"a." * 20_000 + b"b)", b"[" * 60_000,
    b'{"a":' * 40_000, b"<a>" * 60_000, b"require (\n" * 20_000, b"group do\n" * 20_000, b"s.name = '" * 20_000,
    b" " * 200_000, b'"""' * 50_000, b"Gem::Specification" + b" \t" * 100_000, b"\xff\xfe" * 1000,
    b'{"license": "' + b"GNU general public license v" * 5_000 + b'"}', b"module a\n" + b"require a v" * 20_000,
]  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_manifests_are_read_in_bounded_time(hostile):
    spent = time.process_time()
    manifests.observe_manifests(tree_of(dict.fromkeys(NAMES, hostile)))
    assert time.process_time() - spent < 30


@given(st.sampled_from(NAMES), st.binary(max_size=300))
def test_no_bytes_make_it_raise(name, data):
    assert json.dumps([fact.value for fact in manifests.observe_manifests(tree_of({name: data}))]) is not None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["name", "license", "licenses", "type", "url", "require", "support", "funding",
                         "repository", "bugs", "homepage", "project", "package", "workspace"]),
        inner,
        max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip


@given(JSON)
def test_no_shape_makes_it_raise(values):
    text = json.dumps(values).encode()
    for fact in manifests.observe_manifests(tree_of({"package.json": text, "composer.json": text})):
        assert json.dumps(fact.value)
