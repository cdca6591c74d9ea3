"""From what may travel to records as they go out: texts in their layers, the home beside them, translations with their
translators. It knows no sequence and no file.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from catalog.federation import bounds, text_layers
from catalog.federation import shapes as s
from catalog.federation.shapes import canonical
from catalog.model import Manifest
from catalog.rules.translation_offer import original_changed
from catalog.store.federation.publish.records import TravellingRecord, View

_LARGE = bounds.RECORD_BYTES - 1024  # revision and date come to it


@dataclass(frozen=True)
class Piece:
    """One record as it goes out, but for its revision and date."""

    kind: str
    id: UUID
    content: Mapping[str, Any]
    texts: Mapping[str, Mapping[str, s.TranslatableText]]
    changed_at: datetime | None = None

    def digest(self) -> str | None:
        """Of all that is told of it; None for a record that a reader would refuse for its size: it does not go out."""
        raw = canonical([self.content, self.texts])
        if len(raw) > _LARGE:
            texts = [len(said.text.encode()) for texts in self.texts.values() for said in texts.values()]
            if max([len(canonical(self.content)), *texts]) > _LARGE:
                return None
        return hashlib.sha256(raw).hexdigest()


def pieces(view: View, manifest: Manifest, kind: str) -> Iterator[Piece]:
    """The records of a kind, by identity."""
    if kind == s.JOIN:
        by = manifest.operator.name if manifest.operator else manifest.called()
        for key, of, a, b, says, at, why in view.joins():
            yield Piece(kind, key, vars(s.Join(key, of, a, b, says, by, at, why)), {}, at)
    elif kind == s.OFFER:
        for row in view.offers():
            given = s.Offer(
                row["id"], row["kind"], row["record_id"], row["field"], row["language"], row["text"],
                row["of_revision"], row["translator"], row["method"], row["at"],
            )  # fmt: skip
            yield Piece(kind, row["id"], vars(given), {}, row["at"])
    elif kind == s.CORRECTION:
        for row in view.corrections():
            kept = json.loads(row["text"])
            proposed = s.Correction(
                row["id"], row["kind"], row["record_id"], row["field"], row["language"] or None, kept["value"],
                row["of_revision"], row["translator"], kept["source"], row["at"],
            )  # fmt: skip
            yield Piece(kind, row["id"], vars(proposed), {}, row["at"])
    elif kind == s.ACKNOWLEDGEMENT:
        for of, key, home, at in view.acknowledgements():
            identity = uuid5(home, f"acknowledgement:{of}:{key}")
            yield Piece(kind, identity, vars(s.Acknowledgement(of, key, home, at)), {}, at)
    else:
        read: Mapping[str, Any] = {
            s.PROJECT: view.projects,
            s.ORGANIZATION: view.organizations,
            s.ADOPTION: view.adoptions,
            s.EXPERIENCE: view.experiences,
            s.CALL: view.calls,
        }
        accepted = view.accepted()
        for piece in read[kind]() if kind in read else ():
            yield _piece(piece, manifest, accepted.get((kind, piece.id), ()))


def _piece(told: TravellingRecord, manifest: Manifest, accepted: Iterable[Mapping[str, Any]]) -> Piece:
    body, texts = text_layers.apart(told.kind, told.body)
    for language, translated in told.words.items():
        texts[language] = {**texts.get(language, {}), **translated}
    said = {
        language: {name: s.TranslatableText(text) for name, text in named_texts.items()}
        for language, named_texts in texts.items()
        if named_texts
    }
    for line in body.pop("translated", ()):
        if line["method"] == s.MACHINE:  # no machine's words travel before a person read them
            said.get(line["language"], {}).pop(line["field"], None)
        elif (mine := said.get(line["language"], {}).get(line["field"])) is not None:
            stale = line.get("stale", False)
            said[line["language"]][line["field"]] = replace(
                mine, origin=s.TRANSLATION, translator=line["by"], method=line["method"], stale=stale
            )
    for given in accepted:
        name = given["field"]
        if (mine := said.get(given["language"], {}).get(name)) is not None and mine.text == given["text"]:
            now = {language: texts[name].text for language, texts in said.items() if name in texts}
            revision, stale = int(given["of_revision"]), original_changed(given["original"], now)
            said[given["language"]][name] = s.TranslatableText(
                mine.text, s.TRANSLATION, given["translator"], given["method"], revision, stale
            )
    said = {language: translated for language, translated in said.items() if translated}
    content = {
        "id": told.id,
        "home": manifest.id,
        "page": told.page,
        "origin": told.origin,
        "license": manifest.data_license.facts,
        "body": body,
    }
    return Piece(told.kind, told.id, content, said, told.changed_at)
