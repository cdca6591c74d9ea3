"""What the pages of a registration show of a proposed repository and of what its sender said. Pure.

Values come from a stranger's files: they are cleaned and cut by `values`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.rules.submission import preview_result
from catalog.sentences import mark
from catalog.submissions.kinds.registration_form import name_of, summary_of, titled
from forge.web.facts.fact_groups import field_label
from forge.web.facts.values import DrawnValue, cleaned, draw_value

LATE = mark("We could not read it in time.")
# What would help, by the outcome of a preview; what is not named here is told as any other failure.
_HELPS: Mapping[str, str] = {
    "not_found": mark("Check the address: open it in a browser. Copy it from there."),
    "password": mark("Make the code readable by everybody, or give another address at which it is."),
    "refused": mark("Give the https address that everybody can open, as a browser shows it."),
    "empty": mark("Put the code there, then try again."),
    "too_large": mark("Continue without: you fill in what we could not read. A copy is made later, piece by piece."),
    "often": mark("Your address is kept. You can also go on without."),
    "full": mark("Your address is kept. You can also go on without."),
    "late": mark("Try again. If it takes too long once more, go on without: you fill in what we could not read."),
}
_FAILED = mark("Try again later: the other machine may be busy. You can also go on without.")

# What the page of what was found shows, and the question that changes it.
_SHOWN: tuple[tuple[str, str | None], ...] = (
    ("license.detected", "license"),
    ("license.manifest", "license"),
    ("languages", "screens"),
    ("homepage", "homepage"),
    ("documentation", None),
    ("maintenance", None),
    ("programming_languages", None),
)
_TYPED = {"homepage": "homepage", "license.detected": "license"}
LABELS: Mapping[str, str] = {
    "license.detected": mark("Licence detected in its files"),
    "readme": mark("Beginning of its README"),
    "committed_at": mark("Last change"),
}


@dataclass(frozen=True)
class PreviewedValue:
    """A value with where it stands: a file or the address, "" for the whole of the repository, None for what the sender
    typed.

    `drawn` is None where nothing was found. `step` is the question that changes it, None where none does.
    """

    label: str
    drawn: DrawnValue | None
    file: str | None
    step: str | None


def helps(outcome: Any) -> str:
    """What somebody can do about a preview that failed, as a msgid."""
    return _HELPS.get(str(outcome), _FAILED)


def found_values(
    answers: Mapping[str, Any], values_seen: Mapping[str, Any], asked: tuple[str, ...]
) -> list[PreviewedValue]:
    """What we would say of the project, each with its source. The page asks the questions `asked` below them."""
    preview = preview_result(values_seen)
    values, readme = preview.get("values") or {}, preview.get("readme") or {}
    listed = [_name(answers, values_seen, values, readme)]
    if "summary" not in asked:
        text = draw_value("summary", summary_of(answers, values_seen))
        listed.append(PreviewedValue(_labelled("summary"), text, _file(values["summary"]), "summary"))
    for field, step in _SHOWN:
        typed = answers.get(_TYPED.get(field, ""))
        if typed:
            name = _TYPED[field]
            listed.append(PreviewedValue(field_label(name) or name, draw_value(name, typed), None, step))
        elif field in values:
            value = draw_value("license" if field == "license.detected" else field, values[field].get("value"))
            listed.append(PreviewedValue(_labelled(field), value, _file(values[field]), step))
        elif field in ("license.detected", "homepage"):
            name = _TYPED[field]
            listed.append(PreviewedValue(field_label(name) or name, None, None, step))
    if preview.get("committed_at"):
        day = str(preview["committed_at"])[:10]
        listed.append(PreviewedValue(LABELS["committed_at"], draw_value("last_change", {"date": day}), "", None))
    if readme.get("text"):
        listed.append(
            PreviewedValue(LABELS["readme"], draw_value("name", readme["text"]), _clean(readme.get("file")), None)
        )
    return listed


def license_found(preview: Mapping[str, Any]) -> list[PreviewedValue]:
    """What the files say of the licence, where it is not free."""
    values = preview.get("values") or {}
    previewed_values = []
    for field in ("license.detected", "license.manifest"):
        if field in values:
            drawn = draw_value("license" if field == "license.detected" else field, values[field].get("value"))
            previewed_values.append(PreviewedValue(_labelled(field), drawn, _file(values[field]), None))
    return previewed_values


def _name(
    answers: Mapping[str, Any], preview: Mapping[str, Any], values: Mapping[str, Any], readme: Any
) -> PreviewedValue:
    drawn = draw_value("name", name_of(answers, preview))
    if answers.get("name"):
        return PreviewedValue(_labelled("name"), drawn, None, "name")
    seen = preview_result(preview)
    if titled(seen):
        file = _clean(readme.get("file"))
    else:
        file = _file(values["name"]) if "name" in values else _clean(seen.get("url") or answers.get("address"))
    return PreviewedValue(_labelled("name"), drawn, file, "name")


def _labelled(field: str) -> str:
    return LABELS.get(field) or field_label(field) or field


def _file(value: Mapping[str, Any]) -> str:
    return _clean(value.get("file"))


def _clean(file: Any) -> str:
    return str(cleaned(str(file)))[:300] if file else ""
