"""Templates are edited by people who know HTML and little else: one thing stands on a line."""

from pathlib import Path

TEMPLATES = Path(__file__).parent.parent / "templates"
LINE_CHARACTERS = 120


def test_no_line_of_a_template_is_wider_than_a_screen():
    wide = [
        f"{file.relative_to(TEMPLATES)}:{number}"
        for file in sorted(TEMPLATES.rglob("*"))
        if file.is_file()
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > LINE_CHARACTERS
    ]
    assert wide == []
