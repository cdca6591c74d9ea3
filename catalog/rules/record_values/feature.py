"""Features of a project as lines by language, the form in which facts, forms and peers state them, and back. Pure.

A record has a list of features, each with its texts and its source. Who corrects them types the lines of one language:
a line that stays as it is keeps its source, another line has none.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from catalog.model import features_of_lines

FEATURES = "features"  # the field
WITH_SOURCES = (FEATURES, "rules", "cautions")  # fields of which each part has a source of its own
Lines = Mapping[str, Sequence[str]]  # language tag -> lines


def lines_in_record(value: Any) -> dict[str, list[str]]:
    """The lines by language of the value that the JSON of a record has, in its present or its former shape."""
    if isinstance(value, Mapping):
        return {language: list(lines) for language, lines in value.items()}
    lines: dict[str, list[str]] = {}
    for feature in value or ():
        for language, text in feature["text"].items():
            lines.setdefault(language, []).append(text)
    return lines


def features_with_lines(before: Sequence[Mapping[str, Any]], lines: Lines) -> list[dict[str, Any]]:
    """The features of a record, in its JSON shape, after they were given these lines: those that stood there keep
    their source. Lines in a new language, as many as there are features, translate them one by one."""
    after: list[tuple[dict[str, int], dict[str, Any]]] = []  # the place of each text among the lines, and the feature
    rest = {language: dict(enumerate(texts)) for language, texts in lines.items()}
    spoken = lines_in_record(before)
    for number, feature in enumerate(before):
        places = {
            language: next((at for at, line in left.items() if line == feature["text"].get(language)), None)
            for language, left in rest.items()
        }
        for language, texts in lines.items():
            if language not in spoken and len(texts) == len(before):
                places[language] = number
        places_by_language = {language: at for language, at in places.items() if at is not None}
        if places_by_language.keys() & feature["text"].keys():
            after.append(
                (
                    places_by_language,
                    {**feature, "text": {tag: rest[tag].pop(at) for tag, at in places_by_language.items()}},
                )
            )
    for new in features_of_lines({language: tuple(left.values()) for language, left in rest.items() if left}):
        places_by_language = {language: next(iter(rest[language])) for language in new.text}
        after.append(
            (
                places_by_language,
                {"text": {language: rest[language].pop(at) for language, at in places_by_language.items()}},
            )
        )
    return _in_order_of_lines(after, lines)


def _in_order_of_lines(
    placed: Sequence[tuple[Mapping[str, int], dict[str, Any]]], lines: Lines
) -> list[dict[str, Any]]:
    """The features so that each language has its lines in their order; where two languages have them in different
    orders, each line is a feature by itself."""
    waiting, ordered = list(placed), []
    reached = dict.fromkeys(lines, 0)
    while following := next((pair for pair in waiting if all(reached[tag] == at for tag, at in pair[0].items())), None):
        waiting.remove(following)
        ordered.append(following[1])
        reached |= {tag: at + 1 for tag, at in following[0].items()}
    if not waiting:
        return ordered
    alone = {(tag, at): feature for places, feature in placed for tag, at in places.items()}
    return [{**alone[tag, at], "text": {tag: text}} for tag, texts in lines.items() for at, text in enumerate(texts)]


def texts_by_language(record: Mapping[str, Any], field: str) -> dict[str, Any]:
    """The texts, or lines, of a field of a record, by language; empty where it has none."""
    value = record.get(field)
    return lines_in_record(value) if field == FEATURES else dict(value) if isinstance(value, Mapping) else {}
