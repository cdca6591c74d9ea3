"""Two states of the code compared, with git's own answer beside it."""

import re
from urllib.parse import quote

import pytest
from support.factories.code import HOSTILE_BRANCH, a_tree, mirrored
from support.hosts.git_origin import git
from support.html_structure import words

from tests.code.test_differences import patch_of

CODE = "/en/projects/galette/code"


def a_commit(site, content, *parents, message="Change"):
    tree = a_tree(site.repository, [("100644", "blob", b"a.txt", content)])
    chain = [argument for parent in parents for argument in ("-p", parent)]
    return git("commit-tree", tree, *chain, "-m", message, cwd=site.repository).decode()


def changes_of(answer):
    return re.findall(r'commit/([0-9a-f]{40})"><bdi>', answer.text)


def test_what_only_the_second_has_since_they_parted(code_site):
    base = a_commit(code_site, b"1\n")
    ours = a_commit(code_site, b"1\nours\n", base)
    theirs = a_commit(code_site, b"1\n2\n", base)
    theirs = a_commit(code_site, b"1\n2\n3\n", theirs)
    answer = code_site.get(f"{CODE}/compare/{ours}...{theirs}")
    listed = git("rev-list", f"{ours}..{theirs}", cwd=code_site.repository).decode().split()
    assert answer.status_code == 200 and changes_of(answer) == listed and len(listed) == 2
    assert patch_of(answer) == ["@@\n 1\n+2\n+3\n"]
    assert f"{ours[:10]} has 1 change that is not in the other" in words(answer)
    turned = re.search(r'href="([^"]*)">The other way round', answer.text)[1]
    assert patch_of(code_site.get(turned)) == ["@@\n 1\n+ours\n"]


def test_histories_without_a_common_change_are_compared_as_they_are(code_site):
    first, second = a_commit(code_site, b"1\n"), a_commit(code_site, b"2\n", message="Other")
    answer = code_site.get(f"{CODE}/compare/{first}...{second}")
    assert "These two have no change in common." in answer.text and patch_of(answer) == ["@@\n-1\n+2\n"]


def test_names_with_slashes_and_hostile_ones(code_site):
    for name in ("feature/x", HOSTILE_BRANCH):
        answer = code_site.get(f"{CODE}/compare/v1...{quote(name)}")
        assert answer.status_code == 200 and "<script>" not in answer.text and len(changes_of(answer)) == 2
    assert "Both are the same." in code_site.get(f"{CODE}/compare/main...v2").text
    assert "nothing that the first one does not have" in code_site.get(f"{CODE}/compare/main...v1").text


def test_bytes_that_are_no_text_name_a_branch(code_site):
    git("update-ref", b"refs/heads/caf\xe9", code_site.ids["third"], cwd=code_site.repository)
    assert code_site.get(f"{CODE}/compare/main...caf%E9").status_code == 200


@pytest.mark.parametrize(
    "rest",
    ["main", "main...", "...main", "main..v1", "a...b...c", "main...nothing", "--output=x...main", "main...v1/src"],
)
def test_what_names_no_two_states_is_not_found(code_site, rest):
    assert code_site.get(f"{CODE}/compare/{rest}").status_code == 404


def test_the_form_leads_to_the_comparison(code_site):
    form = code_site.get(f"{CODE}/refs")
    assert form.status_code == 200 and '<option value="feature/x">' in form.text
    assert "<script>" not in form.text
    answer = code_site.get(f"{CODE}/refs?a=v1&b=feature/x")
    assert (answer.status_code, answer.headers["location"]) == (302, f"{CODE}/compare/v1...feature/x")


def test_long_histories_are_cut_and_counted(code_site):
    oid = first = a_commit(code_site, b"0\n")
    for number in range(60):
        oid = a_commit(code_site, b"%d\n" % number, oid, message=f"Change {number}")
    answer = code_site.get(f"{CODE}/compare/{first}...{oid}")
    assert len(changes_of(answer)) == 50 and "60 changes" in words(answer)
    assert "10 older changes are not listed here." in answer.text


def test_nothing_is_compared_where_no_free_license_is_known(code_site):
    mirrored(code_site.store, head=code_site.ids["two"], free=None)
    assert code_site.get(f"{CODE}/compare/v1...v2").status_code == 403
    assert code_site.get(f"{CODE}/refs").status_code == 403
