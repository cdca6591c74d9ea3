"""Rules between the keys of one record: what may not be together, and in which order. Other records are not read."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from catalog import model
from catalog.document import rules
from catalog.document.keys import Noun
from catalog.document.nodes import Mapping, Scalar, Sequence
from catalog.document.problems import quoted

if TYPE_CHECKING:
    from catalog.document.reader import Reader


END_STAGES = ("stopped", "not-retained")  # stages


def check(reader: "Reader", noun: Noun, node: Mapping, field: str) -> None:
    """Report what does not fit together in the record at `node`."""
    rule = _RULES.get(noun.cls)
    if rule:
        rule(reader, node, field)


def _check_project(reader: "Reader", node: Mapping, field: str) -> None:
    _check_summaries(reader, node, field)
    _check_freedom(reader, node, field)
    _check_unique(reader, node, field, "adoptions", ("organization",), "One adoption an organization")
    _check_unique(reader, node, field, "maintenance", ("organization", "person", "role"), "One line a role")
    _check_unique(reader, node, field, "relations", ("type", "project"), "One line a relation")
    for name in ("audiences", "inclusion", "languages"):
        _check_unique(reader, node, field, name, ("term",), "One line a term")
    for relation in _mappings_in(node, "relations"):
        other = relation.get("project")
        if isinstance(other, Scalar) and other.text == node.text("slug"):
            reader.tell(other, f"{field}.relations", "A project has no relation to itself; name another.")


def _check_summaries(reader: "Reader", node: Mapping, field: str) -> None:
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


def _check_freedom(reader: "Reader", node: Mapping, field: str) -> None:
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


def _check_unique(reader: "Reader", node: Mapping, field: str, name: str, keys: tuple[str, ...], rule: str) -> None:
    """Report two elements of a list that have the same values under `keys`."""
    seen: dict[tuple[str | None, ...], int] = {}
    for mapping in _mappings_in(node, name):
        values = tuple(mapping.text(key) for key in keys)
        if not any(values[: len(keys) - 1 or 1]):
            continue
        if values in seen:
            shown = quoted(" ".join(text for text in values if text))
            reader.tell(
                mapping, f"{field}.{name}", f"{rule}: {shown} stands on line {seen[values]} already; join the two."
            )
        seen.setdefault(values, mapping.line)


def _mappings_in(node: Mapping, name: str) -> list[Mapping]:
    listed = node.get(name)
    return [element for element in listed.nodes if isinstance(element, Mapping)] if isinstance(listed, Sequence) else []


def _check_maintenance(reader: "Reader", node: Mapping, field: str) -> None:
    given = [name for name in ("organization", "person") if node.get(name) is not None]
    if len(given) == 2:
        reader.tell(node, field, "Organization and person stand together; give two lines, one for each.")
    if not given and not node.broken:
        reader.tell(node, field, "Nobody is named; add organization: with its slug.")


def _check_adoption(reader: "Reader", node: Mapping, field: str) -> None:
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


def _check_organization(reader: "Reader", node: Mapping, field: str) -> None:
    country, region = node.text("country"), node.get("region")
    if country is None or not isinstance(region, Scalar) or rules.country(country) or rules.region(region.text):
        return
    if region.text[:2] != country:
        reader.tell(region, f"{field}.region", f"The region {region.text} is not in {country}; correct one.")


_RULES: dict[type, Callable[["Reader", Mapping, str], None]] = {
    model.Project: _check_project,
    model.Maintenance: _check_maintenance,
    model.Adoption: _check_adoption,
    model.FormerStage: _check_adoption,
    model.Organization: _check_organization,
}
