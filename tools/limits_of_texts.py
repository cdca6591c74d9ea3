"""Write how often each free license text has each word of a limit, from the templates of the installed classifier.

Run it when `licenseclassifier` has another version, or `forge/observe/license/limits.py` other words; a test compares
the file with what is installed. The texts themselves are not written.

Usage: python tools/limits_of_texts.py
"""

import gzip
import json
import re
from collections import Counter
from importlib.resources import files

from catalog.licenses import expressions
from forge.observe.license.gaps import COUNTS, limit_words
from forge.observe.license.ids import canonical
from forge.observe.license.texts import CLASSIFIER_NAMES

_MARKS = re.compile(r"//\*\*.*?\*\*//|\(\(|\|\||\)\)(?:\?\?)?", re.DOTALL)  # comments, choices, what may be left out

_SLIP = ("covenant not to s ue", "covenant not to sue")  # in the template of the AGPL


def counts() -> dict[str, dict[str, int]]:
    """The words of limits by SPDX id: of each word the most that one of the license's templates has."""
    packed = files("licenseclassifier").joinpath("_engine/licenses.json.gz").read_bytes()
    found: dict[str, Counter[str]] = {}
    for template in json.loads(gzip.decompress(packed)):
        license_id = CLASSIFIER_NAMES.get(template["id"], template["id"])
        text = _MARKS.sub(" ", template["lre"]).replace(*_SLIP)
        if text and canonical(license_id) and expressions.is_free(license_id):
            found[license_id] = found.get(license_id, Counter()) | limit_words(text)
    return {license_id: dict(sorted(words.items())) for license_id, words in sorted(found.items())}


def written() -> str:
    """The file's content: a license a line."""
    lines = (f"{json.dumps(license_id)}: {json.dumps(words)}" for license_id, words in counts().items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    COUNTS.write_text(written())
