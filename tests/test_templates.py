"""Templates are for people who know HTML and no Python: one thing a line."""

from support.paths import ROOT

MOST = 120  # characters, as in the code


def test_no_line_of_a_template_is_too_long_to_read():
    templates = [path for path in (ROOT / "templates").rglob("*") if path.is_file()]
    lines = {
        f"{path.relative_to(ROOT)}:{number}": line
        for path in templates
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    }
    assert len(templates) > 100 and [place for place, line in lines.items() if len(line) > MOST] == []
