"""Every mistake of a curator is told at its line and column with what to do, and none hides another."""

import tracemalloc

import pytest
from support.factories.document import a_document

from catalog.document import check, dump, load, parse
from catalog.errors import FaultyDocument

GOOD = """\
catalog: 1
manifest:
  id: 6f1e8a3c-1111-4222-8333-444455556666
  name: {en: A catalogue}
  languages: [en, fr]
  contact: contact@example.org
collections:
- slug: suite
  title: {fr: La suite}
  projects:
  - project: galette
projects:
- slug: galette
  former: [galette-1]
  name: Galette
  summary:
    fr: Tenir la liste des adhérents
  description:
    fr: Un logiciel pour les associations.
  features:
    fr: [adhésions, dons]
  repository: https://github.com/galette/galette.git
  homepage: https://galette.eu
  domains: [member-management]
  audiences:
  - {term: seniors, evidence: declared}
  accessibility: {standard: RGAA 4.1, state: partial, year: 2024}
  license: GPL-3.0-or-later
  languages: [fr, {term: ar, percent: 60}]
  deployment_countries: [FR, NO]
  runs: {hosted: [ana], self_hosted: easy}
  screenshots: [docs/screen.png]
  status: active
  relations:
  - {type: related, project: other}
  maintenance:
  - organization: ana
    role: lead
  adoptions:
  - organization: bruno
    stage: in-production
    since: 2019-05
    until: 2021
    provider: ana
    visibility: public
    verification: found-in-public-source
    seen_at: 2026-11-24
    sources: ["galette/galette:README.md"]
- slug: other
  name: Other
  summary: {en: Do something else}
organizations:
- slug: ana
  name: Ana
  kind: tech-collective
  family: informal-group
  country: FR
  region: FR-BRE
  identifiers: {siren: "123456789"}
- slug: bruno
  name: Bruno
"""

# what stands in the good document, what a curator wrote instead, where the mistake is, and a part of the sentence
MISTAKES = [
    ("catalog: 1", "catalog: 2", (1, 10), "Write 1 here"),
    ("id: 6f1e8a3c-1111-4222-8333-444455556666", "id: 6f1e", (3, 7), "UUID"),
    ("languages: [en, fr]", "languages: [en, xx]", (5, 19), "is no language"),
    ("languages: [en, fr]", "languages: en", (5, 14), "Write a list here"),
    ("contact: contact@example.org", "contact: jean.dupont@example.org", (6, 12), "may be a person's"),
    ("- project: galette\n", "- project: galete\n", (11, 14), "did you mean galette?"),
    ("- project: galette\n", "- project: galette-1\n", (11, 14), "write galette."),
    ("- slug: suite", "- slug: Suite!", (8, 9), "is no slug"),
    ("- slug: suite", "- slug: filters", (8, 9), "is the address of a page"),
    ("former: [galette-1]", "former: [galette]", (14, 12), "is taken on line 13"),
    ("organizations:\n", "- {slug: galette-1, name: G, summary: {en: G}}\norganizations:\n", (52, 10), "on line 14"),
    ("name: Galette", "name: ''", (15, 9), "There is no text"),
    ("name: Galette", "name: 'Galette '\n  naem: x", (16, 3), "did you mean name?"),
    ("name: Galette", "name: [Galette]", (15, 9), "this is a list"),
    ("name: Galette", 'name: "Gal\\nette"', (15, 9), "on one line"),
    ("  name: Galette\n", "", (13, 3), "The key name is required"),
    ("fr: Tenir la liste des adhérents", "fr: " + "é" * 121, (17, 9), "has 121 characters"),
    ("fr: Tenir la liste des adhérents", "fr: Un logiciel pour", (17, 9), "beginning of the description"),
    ("fr: Tenir la liste des adhérents", "french: Tenir", (17, 5), "is no language"),
    ("\n    fr: Tenir la liste des adhérents", " Tenir la liste", (16, 12), "such as fr: ..."),
    ("fr: Un logiciel", "fr: Écrire à jean@example.org, un logiciel", (19, 9), "somebody's address"),
    ("[adhésions, dons]", "[a, b, c, d, e, f, g, h]", (21, 9), "There are 8 lines"),
    ("https://github.com/galette/galette.git", "http://github.com/galette/galette.git", (22, 15), "over https only"),
    ("https://github.com/galette/galette.git", "git@github.com:galette/galette", (22, 15), "is no web address"),
    ("https://github.com/galette/galette.git", "https://u:p@github.com/g/g", (22, 15), "user name"),
    ("homepage: https://galette.eu", "homepage: galette.eu", (23, 13), "is no web address"),
    ("homepage: https://galette.eu", "homepage: https://galette", (23, 13), "no name of a site"),
    ("[member-management]", "[member-managment]", (24, 13), "did you mean member-management?"),
    ("[member-management]", "[member-management, member-management]", (24, 32), "stands twice in this list"),
    ("evidence: declared", "evidence: declard", (26, 31), "did you mean declared?"),
    ("state: partial", "state: partly", (27, 46), "is no known term"),
    ("year: 2024", "year: 2024-05", (27, 61), "is no year"),
    ("license: GPL-3.0-or-later", "license: GPL v3 or so", (28, 12), ""),
    ("license: GPL-3.0-or-later", "license: GPL-3.0-or-later\n  context_only: true", (29, 17), "is a free license"),
    ("license: GPL-3.0-or-later", "license: BUSL-1.1", (28, 12), "is no free license"),
    ("license: GPL-3.0-or-later", "context_only: yes", (28, 17), "true or false"),
    ("percent: 60", "percent: 101", (29, 39), "from 0 to 100"),
    ("deployment_countries: [FR, NO]", "deployment_countries: [FR, UK]", (30, 30), "write GB"),
    ("hosted: [ana]", "hosted: [anna]", (31, 19), "did you mean ana?"),
    ("[docs/screen.png]", "[../screen.png]", (32, 17), "is no path"),
    ("status: active", "status: alive", (33, 11), "is no known term"),
    ("type: related, project: other", "type: related, project: galette", (35, 30), "no relation to itself"),
    ("- organization: ana\n", "- organization: ana\n    person: Ana\n", (37, 5), "stand together"),
    ("- organization: ana\n    role", "- role", (37, 5), "Nobody is named"),
    ("- organization: bruno", "- organization: brunno", (40, 19), "did you mean bruno?"),
    ("since: 2019-05", "since: 2019-02-30", (42, 12), "is no date"),
    ("until: 2021", "until: 2018", (43, 12), "before it begins"),
    ("provider: ana", "provider: nobody-of-that-name", (44, 15), "add the organization"),
    ("visibility: public", "visibility: publik", (45, 17), "did you mean public?"),
    ('["galette/galette:README.md"]', "[the README]", (48, 15), "is no source"),
    ("name: Other", "name: Other\n  repository: https://GitHub.com/galette/Galette/", (51, 15), "line 22"),
    ("kind: tech-collective", "kind: tech-colective", (55, 9), "did you mean tech-collective?"),
    ("family: informal-group", "family: tech-collective", (56, 11), "write the family, informal-group"),
    ("country: FR", "country: EU", (57, 12), "is no country"),
    ("region: FR-BRE", "region: Bretagne", (58, 11), "is no region"),
    ("region: FR-BRE", "region: CA-QC", (58, 11), "is not in FR"),
    ("  name: Bruno\n", "  name: Bruno\n  name: Bruno\n", (62, 3), "stands twice here"),
    ("name: Bruno", "name: &a Bruno", (61, 9), "anchor"),
    ("name: Bruno", "name: !!str Bruno", (61, 9), "tag"),
    ("name: Bruno", "name: Bruno\n  homepage: *a", (62, 13), "alias"),
    ("name: Bruno", "name: Bruno\n  ? [a]\n  : b", (62, 5), "A key must be text"),
    ("name: Bruno", "name: Bru\x07no", (61, 12), "U+0007"),
]


def find(text, name="catalog.yaml"):
    return parse(text.encode(), name)


def test_the_good_document_is_good():
    document, problems = find(GOOD)
    assert problems == [] and document is not None
    assert [project.slug for project in document.projects] == ["galette", "other"]


@pytest.mark.parametrize(("good", "bad", "place", "part"), MISTAKES, ids=[mistake[1][:40] for mistake in MISTAKES])
def test_a_mistake_is_told_at_its_place_and_alone(good, bad, place, part):
    assert good in GOOD
    document, problems = find(GOOD.replace(good, bad, 1))
    expected = [(place, True)]
    assert [((problem.line, problem.column), part in problem.sentence) for problem in problems] == expected, problems
    assert document is None
    assert problems[0].sentence.endswith((".", "?")) and str(problems[0]).startswith("catalog.yaml:")


ALL_MISTAKES = """\
catalog: 1
manifest:
  id: 6f1e8a3c-1111-4222-8333-444455556666
  name: {en: A catalogue}
  languages: [en, fr]
  langages: [en]
collections: {slug: suite}
projects:
- slug: Galette
  name: [Galette]
  summary: {fr: %s, en: Begins}
  description: {en: Begins as the summary does.}
  repository: ftp://example.org/galette
  homepage: nowhere
  license: GPL something
  domains: [member-managment]
  deployment_countries: [XX]
  adoptions:
  - {organization: nobody, since: 12/2019, visibility: publik}
  sumary: x
- slug: other
  name: Other
  name: Again
  summary: {en: Do}
  repository: https://example.org/one.git
- slug: other
  name: Other
  summary: {en: Do}
  repository: https://example.org/one
organizations:
- name: Nameless
- slug: ana
  name: *ana
  country: France
""".replace("%s", "é" * 130)


def test_a_document_with_all_mistakes_lists_all_of_them():
    document, problems = find(ALL_MISTAKES)
    assert document is None
    assert [(problem.line, problem.field.rpartition(".")[2]) for problem in problems] == [
        (6, "langages"),
        (7, "title"),
        (7, "collections"),
        (9, "slug"),
        (10, "name"),
        (11, "fr"),
        (11, "en"),
        (13, "repository"),
        (14, "homepage"),
        (15, "license"),
        (16, "domains[0]"),
        (17, "deployment_countries[0]"),
        (19, "organization"),
        (19, "since"),
        (19, "visibility"),
        (20, "sumary"),
        (23, ""),
        (26, "slug"),
        (29, "repository"),
        (31, "slug"),
        (33, ""),
        (34, "country"),
    ]


def test_what_stands_before_an_unreadable_line_is_checked_and_nothing_is_called_missing():
    text = GOOD.replace("homepage: https://galette.eu", "homepage: galette.eu").replace(
        "  status: active", "  status: 'active"
    )
    _, problems = find(text)
    assert [problem.line for problem in problems] == [23, 62]
    assert "cannot be read" in problems[1].sentence


def test_a_tab_is_named():
    _, problems = find("catalog: 1\nmanifest:\n\tid: x\n")
    assert any("a tab stands in the indentation" in problem.sentence for problem in problems)


@pytest.mark.parametrize(
    ("text", "part"), [("", "is empty"), ("# nothing\n", "is empty"), ("- a\n", "Write a group of keys")]
)
def test_a_document_without_anything_says_so(text, part):
    _, problems = find(text)
    assert len(problems) == 1 and part in problems[0].sentence


def test_an_address_inside_a_private_network_may_be_http():
    for good in ("http://127.0.0.1:8080/a.git", "http://10.1.2.3/a", "http://localhost:9/a"):
        assert find(GOOD.replace("https://github.com/galette/galette.git", good))[1] == []
    assert find(GOOD.replace("https://github.com/galette/galette.git", "http://8.8.8.8/a"))[1] != []


def test_the_problems_of_an_endless_list_are_counted():
    _, problems = find(GOOD + f"  networks: [{', '.join(f'a@b{number}.org' for number in range(5000))}]\n")
    assert len(problems) == 1001
    assert problems[-1].sentence == "There are at least 4,000 more problems; correct these first and check again."


def test_later_values_of_a_key_written_twice_are_checked_too():
    again = "\n  domains: [accounting]\n  domains: [acounting]\n  summary: {xx: A}\n  naem: x\n  naem: y"
    _, problems = find(GOOD.replace("name: Other", "name: Other" + again))
    told = [problem.sentence for problem in problems]
    assert [sentence.count("stands twice here") for sentence in told].count(1) == 3
    for part in ("did you mean accounting?", '"xx" is no language'):
        assert sum(part in sentence for sentence in told) == 1, told
    assert sum("did you mean name?" in sentence for sentence in told) == 2


def test_one_entry_in_place_of_a_list_is_checked_as_one():
    _, problems = find(
        GOOD.replace("relations:\n  - {type", "relations: {typo: x, type").replace("maintenance:", "x: y")
    )
    assert '"typo" is no known key; did you mean type?' in [problem.sentence for problem in problems]
    _, problems = find(GOOD.replace("[member-management]", "member-managment"))
    assert ["did you mean" in problem.sentence for problem in problems] == [True, False]


def test_what_is_wrong_with_entries_does_not_hide_that_there_are_too_many():
    features = ", ".join(f"{{text: {{fr: f{number}}}}}" for number in range(40))
    _, problems = find(
        GOOD.replace("fr: [adhésions, dons]", f"[{features}, x]").replace("features:\n    [", "features: [")
    )
    told = " ".join(problem.sentence for problem in problems)
    assert "There are 41 lines" in told and "more than 7 features" in told and "such as text: ..." in told


@pytest.mark.full
@pytest.mark.parametrize(
    "line",
    [
        f"  adoptions: [{'a,' * 100_000}]",
        f"  sources: [{'[],' * 100_000}]",
        f"  evidence: {{{', '.join(f'k{number}: {{x: y}}' for number in range(20_000))}}}",
        f"  adoptions: [{{sources: [{'x,' * 300}]}}, {'{}, ' * 30_000}]",
    ],
    ids=["texts", "lists", "keys", "groups"],
)
def test_endless_mistakes_take_bounded_memory(line):
    tracemalloc.start()
    try:
        _, problems = find(GOOD.replace("name: Other", f"name: Other\n{line}"))
        assert problems and tracemalloc.get_traced_memory()[1] < 150_000_000
    finally:
        tracemalloc.stop()


def test_load_raises_with_all_problems_and_a_missing_file_is_one(tmp_path):
    with pytest.raises(FaultyDocument) as refused:
        load(tmp_path / "catalog.yaml")
    assert "cannot be opened" in refused.value.problems[0].sentence
    (tmp_path / "catalog.yaml").write_text(ALL_MISTAKES)
    with pytest.raises(FaultyDocument) as refused:
        load(tmp_path / "catalog.yaml")
    assert len(refused.value.problems) == 22


def test_a_document_on_disk_is_loaded(tmp_path):
    (tmp_path / "catalog.yaml").write_text("\ufeff" + dump(a_document()))
    assert check(tmp_path / "catalog.yaml") == (load(tmp_path / "catalog.yaml"), [])
