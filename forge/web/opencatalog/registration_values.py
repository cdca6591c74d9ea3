"""Takes from a posted publiccode.yml what a registration asks for too: name, sentence, license, homepage. Pure.

What a registration would refuse is left out: a moderator writes it. Persons are not read (`forge.observe.publiccode`).
"""

from collections.abc import Mapping
from typing import Any

from catalog.submissions.kinds.registration_form import wrong_answers, wrong_summary
from catalog.text_rules import repository_key
from forge.observe.publiccode import check_file
from forge.observe.publiccode.facts import field_values


def registration_answers(file: str, url: str) -> Mapping[str, Any]:
    """The values of the file; none where it describes another repository than `url`."""
    values = field_values(check_file(file.encode("utf-8", "replace")))
    if "repository" in values and repository_key(values["repository"]) != repository_key(url):
        return {}
    summaries: Mapping[str, str] = values.get("summary") or {}
    said = {"name": values.get("name"), "homepage": values.get("homepage")}
    said["license"] = (values.get("license.manifest") or {}).get("license")
    for language, text in summaries.items():
        if not wrong_summary(text, language):
            said |= {"summary": text, "language": language}
            break
    answers = {name: value for name, value in said.items() if value}
    return {name: value for name, value in answers.items() if name not in wrong_answers(answers, {})}
