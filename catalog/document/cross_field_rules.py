"""Rules between the keys of one record: what may not be together, and in which order. Other records are not read."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from catalog import model
from catalog import text_rules as rules
from catalog.document.keys import RecordKeys
from catalog.model import MAX_FEATURES
from catalog.sentences import quoted
from catalog.yaml_nodes import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from catalog.document.reader import DocumentReader


END_STAGES = ("stopped", "not-retained")  # stages


def check(reader: "DocumentReader", noun: RecordKeys, node: Mapping, field: str) -> None:
    """Report what does not fit together in the record at `node`."""
    rule = RULES.get(noun.cls)
    if rule:
        rule(reader, node, field)


def _check_project(reader: "DocumentReader", node: Mapping, field: str) -> None:
    _check_summaries(reader, node, field)
    _check_freedom(reader, node, field)
    _check_unique(reader, node, field, "adoptions", ("organization",), "One adoption an organization")
    _check_unique(reader, node, field, "maintenance", ("organization", "person", "role"), "One line a role")
    _check_unique(reader, node, field, "relations", ("type", "project"), "One line a relation")
    _check_unique(reader, node, field, "rules", ("rule", "source"), "One line a rule and source")
    _check_unique(reader, node, field, "cautions", ("kind", "name"), "One caution a kind and name")
    for name in ("audiences", "inclusion", "languages"):
        _check_unique(reader, node, field, name, ("term",), "One line a term")
    _check_screenshots(reader, node, field)
    _check_features(reader, node, field)
    _check_evidence(reader, node, field, model.Project)
    for relation in _mappings_in(node, "relations"):
        other = relation.get("project")
        if isinstance(other, Scalar) and other.text == node.text("slug"):
            reader.tell(other, f"{field}.relations", "A project has no relation to itself; name another.")


def _check_features(reader: "DocumentReader", node: Mapping, field: str) -> None:
    counts: dict[str, int] = {}
    for feature in _mappings_in(node, "features"):
        texts = feature.get("text")
        for language, _ in texts.pairs if isinstance(texts, Mapping) else ():
            counts[language.text] = counts.get(language.text, 0) + 1
            if counts[language.text] == MAX_FEATURES + 1:
                sentence = f"There are more than {MAX_FEATURES} features in one language; keep the most important."
                reader.tell(language, f"{field}.features", sentence)


def _check_screenshots(reader: "DocumentReader", node: Mapping, field: str) -> None:
    listed = node.get("screenshots")
    nodes_by_path: dict[str, Node] = {}
    for picture in listed.nodes if isinstance(listed, Sequence) else ():
        path = picture.get("path") if isinstance(picture, Mapping) else picture
        first = nodes_by_path.setdefault(path.text, picture) if isinstance(path, Scalar) else picture
        # The reader itself reports two equal texts.
        if path and first is not picture and not (isinstance(first, Scalar) and isinstance(picture, Scalar)):
            sentence = f"This picture stands on line {first.line} already; keep one."
            reader.tell(path, f"{field}.screenshots", sentence)


def _check_evidence(reader: "DocumentReader", node: Mapping, field: str, noun: type) -> None:
    """Evidence is that of a value which the record states, and says when the source was seen."""
    evidence = node.get("evidence")
    for name, entry in evidence.pairs if isinstance(evidence, Mapping) else ():
        path = f"{field}.evidence.{name.text[:40]}"
        if name.text in noun.__annotations__ and node.get(name.text) is None and not node.broken:
            sentence = f"The record states no {quoted(name.text)}; state it, or remove its evidence."
            reader.tell(name, path, sentence)
        source = entry.text("source") if isinstance(entry, Mapping) else entry.text if isinstance(entry, Scalar) else ""
        if source == rules.CHOSEN_BY_EDITORS:
            if name.text not in rules.CHOSEN_FIELDS:
                chosen = ", ".join(rules.CHOSEN_FIELDS)
                reader.tell(entry, path, f"Only {chosen} are {rules.CHOSEN_BY_EDITORS}; name a source.")
        elif source and not (isinstance(entry, Mapping) and entry.get("seen_at")):
            sentence = "The day on which the source was seen is missing; write {source: ..., seen_at: 2026-11-28}."
            reader.tell(entry, path, sentence)


def _check_feature(reader: "DocumentReader", node: Mapping, field: str) -> None:
    source, seen_at = node.get("source"), node.get("seen_at")
    if source is not None and seen_at is None and not node.broken:
        reader.tell(source, f"{field}.source", "The day on which the source was seen is missing; add seen_at.")
    if seen_at is not None and source is None and not node.broken:
        reader.tell(seen_at, f"{field}.seen_at", "There is a day and no source that was seen; add source.")


def _check_last_change(reader: "DocumentReader", node: Mapping, field: str) -> None:
    if node.get("date") is None and node.get("release") is None and not node.broken:
        reader.tell(node, field, "Neither a date nor a release is given; add date:, or release: with its number.")
    seen_at = node.text("seen_at")
    for name in ("date", "released"):
        at = node.get(name)
        if seen_at is None or not isinstance(at, Scalar) or rules.date(seen_at) or rules.date(at.text):
            continue
        length = min(len(seen_at), len(at.text))
        if at.text[:length] > seen_at[:length]:
            reader.tell(at, f"{field}.{name}", f"It is later ({at.text}) than it was seen ({seen_at}); correct one.")


def _check_summaries(reader: "DocumentReader", node: Mapping, field: str) -> None:
    summary, description = node.get("summary"), node.get("description")
    if not isinstance(summary, Mapping) or not isinstance(description, Mapping):
        return
    described = {language.text: text.text for language, text in description.pairs if isinstance(text, Scalar)}
    for language, text in summary.pairs:
        longer = described.get(language.text)
        if not isinstance(text, Scalar) or longer is None:
            continue
        start = " ".join(text.text.split()).rstrip(".… ").casefold()
        if start and " ".join(longer.split()).casefold().startswith(start):
            sentence = "The summary is the beginning of the description; say in your own words what it lets people do."
            reader.tell(text, f"{field}.summary.{language.text[:40]}", sentence)


def _check_freedom(reader: "DocumentReader", node: Mapping, field: str) -> None:
    expression = node.get("license")
    if not isinstance(expression, Scalar) or reader.problems.full or rules.license(expression.text):
        return
    from catalog.licenses import expressions

    free = expressions.is_free(expression.text)
    context = node.text("context_only") == "true"
    if context and free:
        sentence = f"{expression.text} is a free license, so the project is no mere context; remove context_only."
        reader.tell(node.get("context_only") or expression, f"{field}.context_only", sentence)
    if not context and free is False:
        sentence = f"{expression.text} is no free license; write context_only: true, or correct the license."
        reader.tell(expression, f"{field}.license", sentence)


def _check_unique(
    reader: "DocumentReader", node: Mapping, field: str, name: str, keys: tuple[str, ...], rule: str
) -> None:
    """Report two elements of a list that have the same values under `keys`."""
    first_places: dict[tuple[str | None, ...], int] = {}
    for mapping in _mappings_in(node, name):
        values = tuple(mapping.text(key) for key in keys)
        if not any(values[: len(keys) - 1 or 1]):
            continue
        if values in first_places:
            label = quoted(" ".join(text for text in values if text))
            reader.tell(
                mapping,
                f"{field}.{name}",
                f"{rule}: {label} stands on line {first_places[values]} already; join the two.",
            )
        first_places.setdefault(values, mapping.line)


def _mappings_in(node: Mapping, name: str) -> list[Mapping]:
    listed = node.get(name)
    return [element for element in listed.nodes if isinstance(element, Mapping)] if isinstance(listed, Sequence) else []


def _check_maintenance(reader: "DocumentReader", node: Mapping, field: str) -> None:
    names = [name for name in ("organization", "person") if node.get(name) is not None]
    if len(names) == 2:
        reader.tell(node, field, "Organization and person stand together; give two lines, one for each.")
    if not names and not node.broken:
        reader.tell(node, field, "Nobody is named; add organization: with its slug.")


def _check_adoption(reader: "DocumentReader", node: Mapping, field: str) -> None:
    """Check an adoption, or a former stage of one."""
    reasons, stage = node.get("reasons"), node.text("stage")
    if reasons is not None and stage not in END_STAGES:
        sentence = f"Reasons say why a use ended; write stage: {' or '.join(END_STAGES)}, or remove them."
        reader.tell(reasons, f"{field}.reasons", sentence)
    since, until = node.text("since"), node.get("until")
    if since is None or not isinstance(until, Scalar) or rules.date(since) or rules.date(until.text):
        return
    length = min(len(since), len(until.text))
    if until.text[:length] < since[:length]:
        reader.tell(until, f"{field}.until", f"The use ends ({until.text}) before it begins ({since}); correct one.")


def _check_organization(reader: "DocumentReader", node: Mapping, field: str) -> None:
    _check_evidence(reader, node, field, model.Organization)
    country, region = node.text("country"), node.get("region")
    if country is None or not isinstance(region, Scalar) or rules.country(country) or rules.region(region.text):
        return
    if region.text[:2] != country:
        reader.tell(region, f"{field}.region", f"The region {region.text} is not in {country}; correct one.")


RULES: dict[type, Callable[["DocumentReader", Mapping, str], None]] = {
    model.Project: _check_project,
    model.Maintenance: _check_maintenance,
    model.Adoption: _check_adoption,
    model.FormerStage: _check_adoption,
    model.Feature: _check_feature,
    model.LastChange: _check_last_change,
    model.Organization: _check_organization,
}
