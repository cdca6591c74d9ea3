"""Tests of `forge.observe.metadata.named_users`: organizations that a file lists as users; all hidden, no person among
them.
"""

from hypothesis import given
from hypothesis import strategies as st

from forge.observe.core.tree import tree_of
from forge.observe.metadata import named_users

ADOPTERS = """# Adopters

These groups use it:

- [Framasoft](https://framasoft.org) since 2019
* **Fédération des AMAP** – for its members
- Jane Doe <jane@example.org>
- John Smith
1. `Commune de Lyon <https://lyon.example>`_
| Coopérative du Nord | 2021 |
|---|---|
"""


def test_organizations_are_told_and_hidden():
    (fact,) = named_users.observe_named_users(tree_of({"ADOPTERS.md": ADOPTERS.encode()}))
    assert (fact.field, fact.hidden, fact.path) == ("used_by", True, "ADOPTERS.md")
    assert fact.value == ["Framasoft", "Fédération des AMAP", "Commune de Lyon", "Coopérative du Nord"]


def test_only_files_that_are_called_so_are_read():
    text = b"- Framasoft\n"
    found = named_users.observe_named_users(
        tree_of({"docs/USERS.md": text, "src/users.md": text, "users.py": text, "USED_BY": text})
    )
    assert [fact.path for fact in found] == ["USED_BY", "docs/USERS.md"]


def test_a_long_list_is_bounded():
    (fact,) = named_users.observe_named_users(tree_of({"USERS": "".join(f"- Coop{n}\n" for n in range(1000)).encode()}))
    assert len(fact.value) == named_users.MAX_NAMES


@given(st.binary(max_size=400) | st.text(alphabet="-*[]()`<>| \nab", max_size=400).map(str.encode))
def test_nothing_makes_it_raise_or_be_seen(data):
    assert all(fact.hidden for fact in named_users.observe_named_users(tree_of({"ADOPTERS": data})))
