"""Finds the files in an instance's `templates/` that replace no template of ours, so that no page or message uses them.

A template is found by its name alone: one that was called otherwise in another edition, or misspelt, is silently
ignored. `forge doctor` says so.
"""

from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, TemplateError
from jinja2.meta import find_referenced_templates

from forge import TEMPLATES


def override_problems(folder: Path) -> list[str]:
    """A sentence for each file in `folder` that nothing uses or that is no template; hidden files are passed over."""
    loader = FileSystemLoader(folder)
    names = [name for name in loader.list_templates() if not any(part.startswith(".") for part in name.split("/"))]
    shipped = set(FileSystemLoader(TEMPLATES).list_templates())
    names_by_template: dict[str, set[str]] = {}
    problems = []
    for name in names:
        try:
            names_by_template[name] = set(_references(loader, name))
        except (TemplateError, UnicodeDecodeError, OSError) as wrong:
            names_by_template[name] = set()
            problems.append(f"{folder / name} cannot be read as a template: {str(wrong).rstrip('.')}.")
    used = _reached(names_by_template, {name for name in names if name in shipped})
    return problems + [
        f"{folder / name} is used by nothing: no template of ours is called {name}, and no file of yours that is used "
        "includes, extends or imports it. CHANGELOG.md says which names changed between versions."
        for name in names
        if name not in used
    ]


def _references(loader: FileSystemLoader, name: str) -> Iterator[str]:
    """The names that a template includes, extends or imports, as far as they are written out."""
    environment = Environment(extensions=["jinja2.ext.i18n"])  # it is only parsed here
    source, _, _ = loader.get_source(environment, name)
    yield from (template for template in find_referenced_templates(environment.parse(source, name)) if template)


def _reached(names: dict[str, set[str]], used: set[str]) -> set[str]:
    """`used` and whatever those name, directly or by way of others."""
    while more := {name for template in used for name in names.get(template, ())} - used:
        used = used | more
    return used
