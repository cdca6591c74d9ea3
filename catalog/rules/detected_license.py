"""What an observation of a repository says of its license, and whether that is what was declared. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from catalog.licenses import expressions


def license_findings(observation: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    """What the license files show: one expression where it is certain, else that of each file."""
    seen = observation or {}
    whole = seen.get("license")
    return [finding for finding in ([whole] if whole else seen.get("license_files") or ()) if finding.get("value")]


def packaged_license(observation: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The license that the package files at the top name, where they name one and the same."""
    named = [
        license
        for license in (observation or {}).get("declared_licenses") or ()
        if license.get("value") and license.get("file") and "/" not in license["file"]
    ]
    return named[0] if len({license["value"] for license in named}) == 1 else None


def declared_and_detected_agree(declared: str | None, detected: Sequence[str]) -> bool | None:
    """Whether the declared license is that of the files; None when that cannot be said."""
    if not declared or not detected:
        return None
    try:
        return expressions.licenses_agree(declared, detected[0] if len(detected) == 1 else detected)
    except ValueError:  # an observation of an older version may hold what is no expression
        return None
