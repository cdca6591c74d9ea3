"""Feeds of a project's code: by the grammar of Atom, without names of persons."""

import feedparser
import pytest
from support.atom_schema import problems
from support.factories.code import a_tree, mirrored
from support.hosts.git_origin import git

FEEDS = "/feeds/projects/galette"


@pytest.mark.parametrize("kind", ["commits", "releases"])
def test_a_feed_is_atom_and_leads_to_pages(code_site, kind):
    answer = code_site.get(f"{FEEDS}/{kind}.atom?language=fr")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("application/atom+xml")
    assert problems(answer.content) == []
    read = feedparser.parse(answer.content)
    assert len(read.entries) == 2 and read.feed.author == "Galette"
    assert "Ana" not in answer.text and "ana@example.org" not in answer.text
    for entry in read.entries:
        assert code_site.get(entry.link.partition("#")[0]).status_code == 200
    assert (
        code_site.get(f"{FEEDS}/{kind}.atom?language=fr", headers={"If-None-Match": answer.headers["etag"]}).status_code
        == 304
    )


def test_the_newest_change_comes_first_and_versions_have_their_notes(code_site):
    changes = feedparser.parse(code_site.get(f"{FEEDS}/commits.atom").content).entries
    assert [entry.title for entry in changes] == ["Second <b>", "First"]
    versions = feedparser.parse(code_site.get(f"{FEEDS}/releases.atom").content).entries
    assert any("Two" in entry.content[0].value and "v2" in entry.title for entry in versions)


def test_hostile_subjects_and_tags_stay_text(code_site):
    tree = a_tree(code_site.repository, [("100644", "blob", b"x", b"x\n")])
    message = "</title><script>\u202e\x1b\ufffe]]>&amp;"
    oid = git("commit-tree", tree, "-m", message, cwd=code_site.repository).decode()
    git("tag", "-a", "-m", message, "v</title><b>", oid, cwd=code_site.repository)
    mirrored(code_site.store, head=oid)
    for kind in ("commits", "releases"):
        answer = code_site.get(f"{FEEDS}/{kind}.atom")
        assert problems(answer.content) == [] and "<script>" not in answer.text and "\u202e" not in answer.text


def test_closed_and_unknown_projects_have_none(code_site):
    mirrored(code_site.store, head=code_site.ids["two"], free=None)
    assert code_site.get(f"{FEEDS}/commits.atom").status_code == 403
    assert code_site.get("/feeds/projects/nothing/commits.atom").status_code == 404
