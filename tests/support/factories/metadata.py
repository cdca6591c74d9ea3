"""Valid metadata files to change one thing of, and hostile ones: texts, bytes and people planted where people stand."""

import json
import random
import re
from collections.abc import Callable, Sequence
from typing import Any

import yaml
from hypothesis import strategies as st

from forge.observe.core.observed_fact import ObservedFact
from forge.observe.core.tree import tree_of
from forge.observe.publiccode import read_values

PUBLICCODE = """\
publiccodeYmlVersion: "0"
name: Medusa
url: https://example.org/coop/medusa.git
landingURL: https://medusa.example.org
platforms: [web]
categories: [accounting, crm]
developmentStatus: beta
softwareType: standalone/web
softwareVersion: "1.10"
releaseDate: 2026-05-01
organisation:
  name: Coopérative Medusa
  uri: https://medusa.example.org
usedBy: [Comune di Firenze]
fundedBy:
- name: Fondation de France
  uri: https://fondation.example.org
supports:
- id: alias:gdpr
intendedAudience:
  scope: [society]
description:
  fr:
    shortDescription: Tenir les comptes d'une association.
    longDescription: >
      Medusa tient les comptes d'une association ou d'une coopérative, suit les adhésions et les dons, et prépare
      l'assemblée générale avec les documents que les membres attendent, sans demander un cours de comptabilité.
    features: [Comptes, Adhésions]
    documentation: https://docs.example.org/fr
    screenshots: [img/screen.png]
legal:
  license: AGPL-3.0-or-later
  mainCopyrightOwner: Ville de Lyon
maintenance:
  type: internal
  contacts:
  - name: Maya Zeller
    email: maya.zeller@example.org
    phone: +33 6 12 34 56 78
localisation:
  localisationReady: true
  availableLanguages: [fr, pt-BR]
dependsOn:
  open:
  - name: PostgreSQL
    versionMin: "14"
"""
CODEMETA: dict[str, Any] = {
    "@context": "https://w3id.org/codemeta/3.0",
    "@type": "SoftwareSourceCode",
    "name": "Medusa",
    "description": "Keeps the books of an association.",
    "codeRepository": "https://example.org/coop/medusa",
    "url": "https://medusa.example.org",
    "issueTracker": "https://example.org/coop/medusa/issues",
    "softwareHelp": {"@type": "CreativeWork", "url": "https://docs.example.org"},
    "license": "https://spdx.org/licenses/AGPL-3.0-or-later",
    "version": "1.10",
    "dateModified": "2026-05-01",
    "developmentStatus": "https://www.repostatus.org/#active",
    "programmingLanguage": ["Python", {"@type": "ComputerLanguage", "name": "SQL"}],
    "author": [
        {"@type": "Person", "givenName": "Maya", "familyName": "Zeller", "email": "maya.zeller@example.org"},
        {"@type": "Organization", "name": "Coopérative Medusa"},
    ],
    "funder": {"@type": "Organization", "name": "Fondation de France"},
    "softwareRequirements": ["PostgreSQL"],
}
CITATION = """\
cff-version: 1.2.0
message: Please cite it.
title: Medusa
type: software
authors:
- family-names: Zeller
  given-names: Maya
  email: maya.zeller@example.org
- name: Université de Lyon
license: AGPL-3.0-or-later
repository-code: https://example.org/coop/medusa
url: https://medusa.example.org
version: 1.10
date-released: 2026-05-01
abstract: Keeps the books of an association.
"""

Observer = Callable[..., list[ObservedFact]]


def observed(observer: Observer, path: str, data: bytes | str, **others: Any) -> list[ObservedFact]:
    content = data.encode() if isinstance(data, str) else data
    return observer(tree_of({path: content, "img/screen.png": b"\x89PNG\r\n\x1a\n"}), **others)


def values(found: Sequence[ObservedFact]) -> dict[str, Any]:
    return {fact.field: fact.value for fact in found}


def is_sound(found: Sequence[ObservedFact], most: int = 400_000) -> bool:
    """Whether what was seen can be kept: JSON of bounded size, without what no database takes."""
    text = json.dumps([[fact.field, fact.value] for fact in found], allow_nan=False, ensure_ascii=False)
    return len(text.encode()) <= most and not re.search(r"(?<!\\)(?:\\\\)*\\u0000", text)


PERSONS = ("Maya Zeller", "Aurélien Quentric", "Li Wei", "José da Silva Xavier", "Zeller Maya-Lou")
EMAILS = ("maya.zeller@example.org", "m+z@mail.example.co.uk", "zeller (at) example.org")
PHONES = ("+33 6 12 34 56 78", "0612345678", "+39 231 13215112", "00 49 30 1234567")
PLANTED = (*PERSONS, *EMAILS, *PHONES)

persons, addresses = st.sampled_from(PERSONS), st.sampled_from((*EMAILS, *PHONES))
yaml_texts = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30), st.sampled_from(PLANTED)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=20), inner, max_size=4)),
    max_leaves=12,
)
HOSTILE = (
    *(b"[" * 200_000, b"{" * 200_000, b"- " * 100_000, b'{"a":' * 40_000, b"a: &a [*a, *a]\n", b"? [x]\n: y\n"),
    *(b"a: &b [x]\nc: [*b,*b,*b,*b]\n" * 3, b"name: " + b"x" * 250_000, b"\xff\xfen\x00a\x00", b"\x00" * 50, b""),
    *(
        b"%TAG ! x\n--- !y\n",
        b"a: 1\n---\nb: 2\n",
        b"name: \xe9\n",
        b'"\\ud800"',
        b"[" + b"9" * 5_000 + b"]",
        b"x" * 300_000,
    ),
    *(b"name: !!python/object/apply:os.system [ls]\n", b"\n".join(b"k%d: v" % number for number in range(20_000))),
)


@st.composite
def mutations(draw: st.DrawFn, valid: bytes) -> bytes:
    """A valid file with a few places overwritten, taken out, doubled or put elsewhere."""
    chance = random.Random(draw(st.integers(0, 2**32)))
    data = bytearray(valid)
    for _ in range(draw(st.integers(1, 6))):
        start = chance.randrange(len(data) + 1)
        end = min(len(data), start + chance.randrange(1, 40))
        piece = bytes(data[start:end])
        other = chance.choice(
            (b"", b"\x00", b"*a", b"&a ", b"\xff", b"{", b"]", b": ", b"\n- ", b"\t", b'"', piece * 2, b"!!x ")
        )
        data[start:end] = other
    return bytes(data)


def missing_in(text: str) -> list[str]:
    """What a publiccode.yml that we wrote lacks of what the standard needs, or holds that is not understood."""
    document, (known, unreadable) = yaml.safe_load(text), read_values(text.encode())
    needed = ("publiccodeYmlVersion", "name", "url", "platforms", "developmentStatus", "softwareType", "description")
    lacks = [key for key in (*needed, "legal", "maintenance", "localisation") if not document.get(key)]
    for tag, described in document["description"].items():
        short, long = len(described["shortDescription"]), len(described["longDescription"])
        fits = short <= 150 <= long <= 10_000 and described["features"] and tag in known["summary"]
        lacks += [] if fits else [f"description.{tag}"]
    lacks += [key for key in ("localisationReady", "availableLanguages") if key not in document["localisation"]]
    if unreadable and not unreadable["problem"].endswith(": landingURL."):  # one with @ in it might be a person's
        lacks.append(unreadable["problem"])
    of_type = {"community": "contacts", "internal": "contacts", "contract": "contractors", "none": "type"}
    if not document["maintenance"].get(of_type[document["maintenance"]["type"]]):
        lacks.append("maintenance")
    return lacks + ([] if known["license.manifest"]["license"] else ["legal.license"])
