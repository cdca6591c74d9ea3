"""The document says of each value where it was found: features, evidence, the last change, pictures; all comes back."""

import json

import jsonschema
import pytest

from catalog.document import dump, dump_json, parse
from catalog.document.json import as_record, from_record
from catalog.document.json_schema import json_schema
from catalog.model import Project

GOOD = """\
catalog: 1
manifest:
  id: 6f1e8a3c-1111-4222-8333-444455556666
  name:
    en: A catalogue
  languages:
  - en
  - fr
  data_license:
    facts: CC0-1.0
    texts: CC-BY-4.0
projects:
- slug: galette
  id: 35bec1df-cee8-55d6-8253-92e949ff7bb6
  name: Galette
  summary:
    fr: Tenir la liste des adhérents
  features:
  - text:
      en: Keeps members
      fr: Tient les adhérents
    source: galette/galette:README.md#L12
    seen_at: 2026-11-28
  - text:
      fr: Reçoit les dons
  repository: https://github.com/galette/galette.git
  license: GPL-3.0-or-later
  cost:
    fr: Gratuit
  logo: galette/site:img/logo.svg
  screenshots:
  - docs/a.png
  - path: docs/b.png
    alt:
      fr: La liste
  last_change:
    date: 2026-08-30
    release: '3.26'
    released: 2026-08
    seen_at: 2026-11-28
    source: galette/galette@0123abc
    archived: true
  evidence:
    cost:
      source: https://galette.eu/prix
      seen_at: 2026-11-28
    license:
      source: galette/galette:LICENSE#L1-L20
      seen_at: 2026-11-28
    summary: chosen-by-editors
  sources:
  - galette/galette:README.md
organizations:
- slug: ana
  id: 35bec1df-cee8-55d6-8253-92e949ff7bb7
  name: Ana
  kind: cooperative
  logo: ana.png
  evidence:
    kind:
      source: https://ana.example/about
      seen_at: 2026-11
"""


def find(text):
    return parse(text.encode(), "catalog.yaml")


def test_every_source_is_read_and_written_to_the_same_bytes():
    document, problems = find(GOOD)
    assert problems == []
    assert dump(document) == GOOD
    galette = document.projects[0]
    assert galette.features[0].source == "galette/galette:README.md#L12"
    assert galette.feature_lines == {"en": ("Keeps members",), "fr": ("Tient les adhérents", "Reçoit les dons")}
    assert galette.screenshots[1].alt == {"fr": "La liste"}
    assert galette.last_change.archived and galette.last_change.release == "3.26"
    assert galette.evidence["summary"].source == "chosen-by-editors"
    assert from_record(Project, as_record(galette)) == galette


def test_what_was_written_is_what_the_schema_says():
    document, _ = find(GOOD)
    written = json.loads(dump_json(document))
    jsonschema.validate(written, json_schema())
    for part, wrong in (("evidence", {"colour": "chosen-by-editors"}), ("features", [{"source": "a/b:c"}])):
        broken = json.loads(dump_json(document))
        broken["projects"][0][part] = wrong
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, json_schema())


def test_features_as_they_were_written_before_are_read_and_written_anew():
    former = GOOD[: GOOD.index("  features:")] + "  features: {fr: [adhésions, dons], en: [members]}\n"
    document, problems = find(former)
    assert problems == []
    assert [feature.text for feature in document.projects[0].features] == [
        {"fr": "adhésions", "en": "members"},
        {"fr": "dons"},
    ]
    assert "  features:\n  - text:\n      en: members\n      fr: adhésions\n  - text:\n      fr: dons\n" in dump(
        document
    )
    assert find(dump(document))[0] == document


MISTAKES = [
    ("  - text:\n      fr: Reçoit", "  - texts:\n      fr: Reçoit", (24, 5), "did you mean text?"),
    ("galette/galette:README.md#L12", "javascript:alert(1)", (22, 13), "is no source"),
    ("galette/galette:README.md#L12", "README.md", (22, 13), "is no source"),
    ("galette/galette:README.md#L12", "galette/galette:../x.md", (22, 13), "is no source"),
    ("galette/galette:README.md#L12", '"a/b:x\\x07y"', (22, 13), "is no source"),
    ("galette/galette:README.md#L12", f"a/b:{'x' * 2000}", (22, 13), "is no source"),
    ("    seen_at: 2026-11-28\n  - text", "  - text", (22, 13), "add seen_at"),
    ("    source: galette/galette:README.md#L12\n", "", (22, 14), "add source"),
    ("galette/site:img/logo.svg", "https://galette.eu/logo.svg", (30, 9), "is no path in a repository"),
    ("galette/site:img/logo.svg", "galette/site:../logo.svg", (30, 9), "is no path in a repository"),
    ("path: docs/b.png", "path: docs/a.png", (33, 11), "stands on line 32 already"),
    ("path: docs/b.png", "file: docs/b.png", (33, 5), "is no known key"),
    ("galette@0123abc", "galette@main", (41, 13), "is no source"),
    ("date: 2026-08-30", "date: 2026-12-01", (37, 11), "later"),
    ("    source: galette/galette@0123abc\n", "", (37, 5), "The key source is required"),
    ("    date: 2026-08-30\n    release: '3.26'\n", "", (37, 5), "Neither a date nor a release"),
    ("archived: true", "archived: yes", (42, 15), "true or false"),
    ("    cost:\n      source", "    coste:\n      source", (44, 5), "did you mean cost?"),
    ("  cost:\n    fr: Gratuit\n", "", (42, 5), 'states no "cost"'),
    ("    cost:\n      source", "    features:\n      source", (44, 5), "each line has a source of its own"),
    ("https://galette.eu/prix", "javascript:alert(1)", (45, 15), "is no source"),
    ("https://galette.eu/prix\n      seen_at: 2026-11-28", "https://galette.eu/prix", (45, 7), "is missing"),
    (
        "\n      source: https://galette.eu/prix\n      seen_at: 2026-11-28",
        " https://galette.eu",
        (44, 11),
        "is missing",
    ),
    (
        "\n      source: https://galette.eu/prix\n      seen_at: 2026-11-28",
        " chosen-by-editors",
        (44, 11),
        "Only summary",
    ),
    ("    kind:\n      source", "    license:\n      source", (60, 5), "is no known term"),
    ("  kind: cooperative\n", "", (59, 5), 'states no "kind"'),
    ("LICENSE#L1-L20\n      seen_at", "LICENSE#L1-L20\n      sean_at", (49, 7), "did you mean seen_at?"),
]


@pytest.mark.parametrize(("good", "bad", "place", "part"), MISTAKES, ids=map(str, range(len(MISTAKES))))
def test_a_mistake_about_a_source_is_told_at_its_line(good, bad, place, part):
    assert good in GOOD
    document, problems = find(GOOD.replace(good, bad, 1))
    assert document is None
    assert any((fault.line, fault.column) == place and part in fault.sentence for fault in problems), problems
    assert {problem.line for problem in problems} <= {place[0], place[0] - 1}, problems


def test_thousands_of_features_are_refused_in_one_line():
    many = "".join(f"  - text: {{fr: nombre {number}}}\n" for number in range(10_000))
    text = GOOD[: GOOD.index("  - text:")] + many + GOOD[GOOD.index("  repository:") :]
    document, problems = find(text)
    assert document is None and len(problems) == 2
    assert "There are 10000 lines" in problems[0].sentence and "more than 7 features" in problems[1].sentence
