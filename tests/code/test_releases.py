"""Versions on the page of branches and versions: what tags say, what one can take, and what changed since the last."""

import re
from datetime import datetime

from support.factories.code import a_tree, mirrored
from support.hosts.git_origin import git
from support.html_structure import words

PAGE = "/en/projects/galette/code/refs"
SIGNED = "Notes.\n\n* one <b>\n-----BEGIN PGP SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----\n"


def a_tag(site, name, message, target="one", when="2026-02-01T00:00:00Z"):
    about = f"object {site.ids[target]}\ntype commit\ntag x\ntagger Ana <ana@example.org> {seconds(when)} +0000\n\n"
    oid = git("hash-object", "-t", "tag", "-w", "--stdin", cwd=site.repository, stdin=about.encode() + message)
    git("update-ref", b"refs/tags/" + name, oid, cwd=site.repository)


def seconds(when):
    return int(datetime.fromisoformat(when).timestamp())


def test_versions_are_newest_first_with_notes_files_and_what_changed(code_site):
    a_tag(code_site, b"v3", SIGNED.encode(), "two")
    answer = code_site.get(PAGE)
    said = words(answer)
    assert answer.status_code == 200 and said.index(" v3 ") < said.index(" v2 ")
    assert "Notes. * one &lt;b&gt;" in said and "SIGNATURE" not in answer.text and "ana@example.org" not in answer.text
    since = re.search(
        r'href="(/en/projects/galette/code/compare/[^"]*)">What changed since v2', answer.text.replace("<bdi>", "")
    )
    assert since and code_site.get(since[1]).status_code == 200
    for ending in ("zip", "tar.gz"):
        assert code_site.get(f"/projects/galette/archive/v3.{ending}").status_code == 200
        assert f'href="/projects/galette/archive/v3.{ending}"' in answer.text


def test_hostile_tags_stay_text_and_can_be_taken(code_site):
    name = "<script>é\u202e".encode() + b"\xff"
    a_tag(code_site, name, "</pre><script>\u202e\x1b[31m".encode() + b"\xff\n" + b"long\n" * 5000)
    git("update-ref", "refs/tags/main", code_site.ids["one"], cwd=code_site.repository)
    answer = code_site.get(PAGE)
    assert "<script>" not in answer.text and "\u202e" not in answer.text and "\x1b" not in answer.text
    assert "Its notes say more than is shown here." in answer.text
    archives = re.findall(r'href="(/projects/galette/archive/[^"]*\.zip)"', answer.text)
    assert len(archives) == 4 and {code_site.get(address).status_code for address in archives} == {200}
    assert f"/projects/galette/archive/{code_site.ids['one']}.zip" in archives  # a branch has that tag's name


def test_tags_of_files_and_trees_are_no_versions(code_site):
    tree = a_tree(code_site.repository, [("100644", "blob", b"x", b"x\n")])
    git("update-ref", "refs/tags/a-tree", tree, cwd=code_site.repository)
    assert "a-tree" not in code_site.get(PAGE).text


def test_of_many_versions_the_newest_have_their_notes_and_the_others_are_listed(code_site):
    for number in range(30):
        git("update-ref", f"refs/tags/n{number}", code_site.ids["one"], cwd=code_site.repository)
    page = code_site.get(PAGE).text
    assert page.count(".tar.gz file") == 20 and all(f"<bdi>n{number}</bdi>" in page for number in range(30))


def test_a_project_without_versions_says_so(code_site):
    for name in ("v1", "v2"):
        git("update-ref", "-d", f"refs/tags/{name}", cwd=code_site.repository)
    assert "Its developers have not marked a version yet." in code_site.get(PAGE).text


def test_no_version_is_shown_where_no_free_license_is_known(code_site):
    mirrored(code_site.store, head=code_site.ids["two"], free=None)
    assert code_site.get(PAGE).status_code == 403


def test_what_changed_is_told_since_the_version_before_and_not_since_a_trial(code_site):
    days = {"v1.0": 1, "v1.1-rc1": 2, "v0.9.1": 3, "v1.1": 4, "nightly": 5, "other-1.0.5": 6}
    for name, day in days.items():
        a_tag(code_site, name.encode(), name.encode(), "two", f"2027-01-0{day}T00:00:00Z")
    text = code_site.get(PAGE).text.replace("<bdi>", "").replace("</bdi>", "")
    since = dict(re.findall(r"Cite ([^<]*)</a></li>\s*<li><a [^>]*>What changed since ([^<]*)</a>", text))
    assert (since["v1.1"], since["v1.1-rc1"], since["nightly"]) == (
        "v1.0",
        "v1.0",
        "v1.1",
    ) and "other-1.0.5" not in since
    assert '<pre class="plain" dir="auto">v1.1</pre>' not in text
