"""Tests of `forge.observe.metadata.policies`: which files say how a project works, and no name leaves them."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge.observe.core.tree import tree_of
from forge.observe.metadata import copyright, policies


def told(contents: dict[str, str]) -> list[tuple[str, object, str | None]]:
    found = policies.observe_policies(tree_of({path: text.encode() for path, text in contents.items()}))
    return [(fact.field, fact.value, fact.path) for fact in found]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("CONTRIBUTING.md", "contributing"), (".github/CONTRIBUTING.md", "contributing"), ("HACKING", "contributing"),
        ("docs/contributing.rst", "contributing"), ("CONTRIBUTING.fr.md", "contributing"),
        ("Contributing", "contributing"),
        ("CODE_OF_CONDUCT.md", "code_of_conduct"), ("code-of-conduct.md", "code_of_conduct"), ("AUTHORS", "authors"),
        ("CODE_DE_CONDUITE.md", "code_of_conduct"), ("CONTRIBUTORS.txt", "authors"), ("MAINTAINERS", "maintainers"),
        (".github/CODEOWNERS", "codeowners"), (".mailmap", "mailmap"), ("CHANGES.rst", "changelog"),
        ("NEWS", "changelog"),
        ("debian/changelog", "changelog"), ("CITATION.cff", "citation"), ("ACCESSIBILITY.md", "accessibility"),
        ("docs/ACCESSIBILITÉ.md", "accessibility"), (".github/FUNDING.yml", "funding"),
        (".gitlab/CODEOWNERS", "codeowners"),
    ],
)  # fmt: skip
def test_files_are_known_by_their_names(path, kind):
    assert told({path: ""}) == [("policies", {kind: True}, path)]


@pytest.mark.parametrize(
    "path", ["docs/security.md", "docs/history.md", "src/AUTHORS", "security.py", "news.html.erb", "contributing/a.md",
             "history.js", "codeowners.md", "tests/.mailmap", "funding.py"]
)  # fmt: skip
def test_other_files_of_such_names_are_not(path):
    assert told({path: ""}) == []


def test_funding_tells_collectives_and_that_money_is_asked_for():
    path = ".github/FUNDING.yml"
    assert told({path: "github: [jane]\nopen_collective: galette\n"}) == [
        ("policies", {"funding": True}, path), ("funding", ["https://opencollective.com/galette"], path)
    ]  # fmt: skip
    assert told({path: "github: jane\nko_fi: jane\ncustom: https://paypal.me/jane\n"}) == [
        ("policies", {"funding": True}, path)
    ]
    assert told({path: "a: &a [b]\nc: *a\n"}) == [("policies", {"funding": True}, path)]


def test_where_to_report_is_a_page_and_never_an_address_of_a_person():
    page = "https://github.com/a/b/security/advisories/new"
    assert told({"SECURITY.md": f"Report [here]({page})."})[-1] == ("security_contact", page, "SECURITY.md")
    assert [field for field, *_ in told({"SECURITY.md": "Write to jane@example.org"})] == ["policies"]
    text = "Contact: mailto:jane@example.org\nContact: https://example.org/report\n"
    assert told({".well-known/security.txt": text})[-1][1] == "https://example.org/report"


def test_what_people_are_called_is_not_read():
    people = "Jane Doe <jane@example.org>\n"
    files = dict.fromkeys(["AUTHORS", ".mailmap", "MAINTAINERS", "CODEOWNERS", "SECURITY.md", "FUNDING.yml"], people)
    assert "ane" not in json.dumps(told(files))


@given(
    st.dictionaries(
        st.sampled_from(["SECURITY.md", "FUNDING.yml", "security.txt"]) | st.text(max_size=20), st.binary(max_size=200)
    )
)
def test_nothing_makes_it_raise(contents):
    policies.observe_policies(tree_of(contents))


@pytest.mark.parametrize("unit", ["https://a.b/", "https://aaa/security", "report-", "Contact: https://", "x"])
def test_hostile_texts_are_read_in_bounded_time(unit):
    spent = time.process_time()
    told(dict.fromkeys(["SECURITY.md", "security.txt", "FUNDING.yml"], unit * (200_000 // len(unit))))
    assert time.process_time() - spent < 20


@pytest.mark.parametrize(
    ("path", "text", "names"),
    [
        ("LICENSE", "BSD\n\nCopyright (c) 2017, Humanitarian Example Team\nAll rights reserved.",
         ["Humanitarian Example Team"]),
        ("LICENSE", "Copyright:(c) 2009-2014 Example Software Foundation", ["Example Software Foundation"]),
        ("README.md", "# A\n\nCopyright © 2017-2024, Example LLC & A contributors.", ["Example LLC"]),
        ("NOTICE", "Copyright 2020 by Jane Doe and Example Labs Inc.", ["Example Labs Inc."]),
        ("LICENSE", " Copyright (C) 2007 Free Software Foundation, Inc. <https://fsf.org/>", []),
        ("LICENSE", "Copyright (c) 2013 Jane Doe\nCopyright 2014 The A Authors\nCopyright 2015 Jane", []),
        ("vendor/LICENSE", "Copyright (c) 2017 Example Labs Inc.", []),
    ],
)  # fmt: skip
def test_who_holds_the_copyright_is_told_where_the_name_shows_an_organization(path, text, names):
    facts = copyright.observe_copyright(tree_of({path: text.encode()}))
    assert [who["organization"] for fact in facts for who in fact.value] == names


@given(st.binary(max_size=300) | st.text("Copyright (c)©2017-, \n", max_size=200).map(str.encode))
def test_no_bytes_make_the_holders_raise(data):
    copyright.observe_copyright(tree_of({"LICENSE": data, "README.md": data}))
