"""Families: what counts say of two histories, whom to compare, and the tree that relations make."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.rules.forks import (
    FAMILY_RELATIONS,
    PAIRS,
    Family,
    FamilyMember,
    HistoryRelation,
    RelatedMirror,
    StatedRelation,
    branches,
    family_tree,
    kin_outside_tree,
    kind_of_common_history,
    mirrors_to_compare,
)


def an_id(number):
    return UUID(int=number + 1)


def a_member(number):
    return FamilyMember(an_id(number), f"p{number}", f"P{number}", {}, False, False, (), (), ())


def a_tie(after, before, type="fork-of"):
    return StatedRelation(an_id(after), type, an_id(before))


def a_kin(first, other, kind="fork", shared=100):
    return HistoryRelation(an_id(first), an_id(other), kind, 3, 4, shared, "1" * 40, None, "2" * 40, "3" * 40)


def a_family(*ties, members=5, of=0, kin=()):
    rows = {
        (direction.project_id, direction.other_id): direction
        for relation in kin
        for direction in (relation, relation.seen_from_other())
    }
    return Family(an_id(of), {an_id(number): a_member(number) for number in range(members)}, ties, rows)


def drawn(branch):
    """A tree as its slugs: ("p0", [("p1", [])])."""
    return branch.member.slug, [drawn(child) for child in branch.children]


@pytest.mark.parametrize(
    ("own", "other", "shared", "more", "word"),
    [
        (0, 0, 50, {}, "same"),
        (0, 4, 50, {}, "behind"),
        (4, 0, 50, {}, "ahead"),
        (300, 200, 50, {}, "fork"),
        (300, 200, 50, {"alike_percent": 80}, "fork"),
        (300, 200, 50, {"alike_percent": 4}, "beginning"),  # nothing of the skeleton is left
        (300, 200, 1, {}, "beginning"),  # a template's first commit
        (300, 0, 1, {}, "beginning"),  # the template itself
        (2, 1, 3, {}, "fork"),  # both are small
        (300, 0, 0, {}, None),
        (300, 20, 80, {"mine": False}, "contains"),
        (20, 300, 80, {"theirs": False}, "within"),
        (20, 300, 80, {"mine": False, "theirs": False}, None),  # both took in a third one
    ],
)
def test_counts_of_two_histories_have_a_word(own, other, shared, more, word):
    asked = {"mine": True, "theirs": True, "alike_percent": None} | more
    assert kind_of_common_history(own, other, shared, **asked) == word


@pytest.mark.parametrize(("first", "other"), [("ahead", "behind"), ("contains", "within"), ("fork", "fork")])
def test_the_other_side_sees_the_same_in_reverse(first, other):
    kin = a_kin(0, 1, first)
    back = kin.seen_from_other()
    assert (back.kind, back.own_commits, back.other_commits, back.head) == (other, 4, 3, "3" * 40)
    assert back.seen_from_other() == kin


def test_a_beginning_that_hundreds_share_is_compared_with_few():
    everyone = [
        RelatedMirror(an_id(number), f"{number}", True, True, stated=number in (7, 150)) for number in range(200)
    ]
    asked = mirrors_to_compare("head", everyone)
    assert len(asked) == PAIRS + 2
    assert [relative.project_id for relative in asked[:3]] == [an_id(7), an_id(150), an_id(0)]


def test_two_heads_that_were_compared_are_not_compared_again():
    known = RelatedMirror(an_id(1), "b", True, True, False, ("a", "b"))
    assert mirrors_to_compare("a", [known]) == []
    assert mirrors_to_compare("c", [known]) == [known]
    assert mirrors_to_compare("a", [RelatedMirror(an_id(1), "c", True, True, False, ("a", "b"))])


def test_the_tree_begins_with_the_first_one_and_holds_all_that_came_after():
    family = a_family(a_tie(1, 0), a_tie(2, 1, "successor-of"), a_tie(3, 0, "derived-from"), of=2)
    root = family_tree(family)
    assert drawn(root) == ("p0", [("p1", [("p2", [])]), ("p3", [])])
    assert [branch.tie and branch.tie.type for branch in branches(root)] == [
        None,
        "fork-of",
        "successor-of",
        "derived-from",
    ]


def test_who_is_moving_to_another_stands_above_it():
    assert drawn(family_tree(a_family(a_tie(0, 1, "moving-to")))) == ("p0", [("p1", [])])


def test_a_project_that_came_after_two_stands_below_the_first_of_them():
    assert drawn(family_tree(a_family(a_tie(2, 0), a_tie(2, 1, "successor-of"), of=2))) == ("p0", [("p2", [])])


def test_a_circle_is_cut_and_a_relation_to_oneself_is_none():
    root = family_tree(a_family(a_tie(0, 1), a_tie(1, 2), a_tie(2, 0), a_tie(0, 0)))
    assert sorted(branch.member.slug for branch in branches(root)) == ["p0", "p1", "p2"]
    assert family_tree(a_family(a_tie(0, 0))) is None


def test_one_that_may_not_be_shown_is_no_member_of_the_tree():
    family = a_family(a_tie(1, 0), a_tie(9, 1), a_tie(2, 9), of=1)
    assert drawn(family_tree(family)) == ("p0", [("p1", [])])


def test_those_with_history_in_common_and_no_relation_are_apart_nearest_first():
    kin = [a_kin(0, 1), a_kin(0, 2, "beginning", 1), a_kin(0, 3, "same"), a_kin(0, 4, shared=900), a_kin(0, 9)]
    family = a_family(a_tie(1, 0), kin=kin)
    root = family_tree(family)
    assert root.children[0].kin == a_kin(0, 1).seen_from_other()
    assert [relation.other_id for relation in kin_outside_tree(family, root)] == [an_id(3), an_id(4), an_id(2)]
    assert len(kin_outside_tree(family, None)) == 4


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from(list(FAMILY_RELATIONS))), max_size=30),
    st.integers(0, 8),
)
def test_any_relations_make_a_tree_in_which_each_stands_once_and_the_page_is_in_it(rows, of):
    root = family_tree(a_family(*(a_tie(row, other, type) for row, other, type in rows), members=9, of=of))
    if root is not None:
        slugs = [branch.member.slug for branch in branches(root)]
        assert len(slugs) == len(set(slugs))
        assert f"p{of}" in slugs
