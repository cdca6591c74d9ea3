"""A publiccode.yml that is passed on names no person, however it is written; where that is not sure, it stays."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from forge.observe.publiccode import without_persons

FILE = """publiccodeYmlVersion: '0.4'
# Jane Comment wrote this
name: Tool
url: https://code.example/tool
description:
  en:
    longDescription: |
      # A heading
      Write to jane@doe.example.
legal:
  license: AGPL-3.0-or-later
  repoOwner: City of Lyon
  mainCopyrightOwner: Jane Doe
maintenance:
  type: community
  contacts:
  - name: Jane Doe
    email: jane@doe.example
    phone: +33 1 23 45 67 89
  # another comment of Jane
localisation:
  localisationReady: true
"""


def test_contacts_owners_addresses_and_comments_go_and_all_else_stays():
    shown = without_persons(FILE)
    assert "Jane" not in shown and "doe.example" not in shown and "+33" not in shown
    before, after = yaml.safe_load(FILE), yaml.safe_load(shown)
    assert after["maintenance"] == {"type": "community", "contacts": [{"name": "Maintainers of Tool"}]}
    assert after["legal"] == {"license": "AGPL-3.0-or-later", "repoOwner": "City of Lyon"}
    assert after["description"]["en"]["longDescription"].startswith("# A heading")
    same = ("publiccodeYmlVersion", "name", "url", "localisation")
    assert {key: after[key] for key in same} == {key: before[key] for key in same}
    assert without_persons(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "name: x\nmaintenance: {type: internal, contacts: [{name: Jane Doe}]}\n",
        "name: x\nmaintenance:\n  contacts: &a\n    - name: Jane\n  contractors: *a\n",
        "name: x\nmaintenance:\n  contractors:\n    - name: Jane Doe\n      until: '2030-01-01'\n",
        "name: [\n",
        "x" * 100_000,
        "? contacts\n: x\nmaintenance: {contacts: Jane}\n",
    ],
    ids=["on one line", "an alias", "a contractor", "no YAML", "too long", "a text"],
)
def test_what_cannot_be_told_from_persons_is_not_passed_on(text):
    assert without_persons(text) is None


def test_a_companys_name_stays_where_it_is_one():
    text = "name: x\nmaintenance:\n  contractors:\n    - name: Tools GmbH\n      until: '2030-01-01'\n"
    assert without_persons(text) == text


def test_a_word_is_passed_on_as_it_is():
    assert (
        without_persons("-") == "-"
        and without_persons("name") == "name"
        and "@" not in without_persons("write to a@b.example")
    )


BLOCK = st.sampled_from(
    [
        *("name: Tool", "maintenance:", "  contacts:", "    - name: Jane Doe", "  - name: Jane Doe", "# Jane Doe"),
        *("      email: j@d.example", "legal:", "  repoOwner: Jane Doe", "  mainCopyrightOwner: 'Jane Doe'"),
        *("  contacts: [{name: Jane Doe}]", "  type: internal", "maintenance: {contacts: [{name: Jane Doe}]}"),
        *("  'contacts':", "  contacts: |", "    Jane Doe"),
    ]
)


@given(lines=st.lists(BLOCK, max_size=9))
def test_no_arrangement_of_lines_lets_a_contact_through(lines):
    shown = without_persons("\n".join(lines))
    if shown is None:
        return
    read = yaml.safe_load(shown)
    if isinstance(read, dict):
        for group in ("maintenance", "legal"):
            assert "Jane" not in str(read.get(group) or "")
