"""What may import what, read from the folders by `ast`: two layers, packages by subject, no circles. Nothing is run."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from support.paths import ROOT

LONGEST_LINES = 600
MOST_FILES = 25  # in one folder
MIGRATIONS = "catalog.migrations"

# A package or module, and what it may not import, whatever is below either. `catalog` never imports `forge`: see below.
MAY_NOT_IMPORT = {
    "catalog.rules": "catalog.tables catalog.store catalog.search catalog.submissions catalog.moderation",
    "catalog.document": "catalog.tables catalog.store catalog.search",
    "catalog.tables": "catalog.store catalog.document catalog.rules",
    "catalog.store": "catalog.search catalog.submissions catalog.moderation catalog.ownership catalog.federation",
    "catalog.search": "catalog.submissions catalog.moderation catalog.ownership catalog.federation",
    # Reading pages and the forms: what fetches, works in the background or writes messages is asked for by a row.
    "forge.web": "forge.mirroring forge.jobs forge.mail forge.server forge.cli forge.commands forge.app forge.routes "
    "forge.git.fetch forge.exchange forge.backup",
    # Pure: bytes of a repository in, statements out; the store's rows in, bytes of a format out.
    "forge.observe": "catalog.store forge.git forge.mirroring forge.web",
    "forge.render": "catalog.store forge.git forge.web",
    "forge.git": "catalog.store forge.observe forge.mirroring forge.web",
    "forge.imports": "catalog.store forge.git forge.web",
    "forge.mirroring": "forge.web forge.app forge.cli forge.commands forge.server",
    "forge.exchange": "forge.web forge.git forge.app forge.cli forge.commands forge.server forge.mirroring.worker",
    "forge.config": "forge.web forge.mail forge.git forge.mirroring",
}
# What may be imported all the same: plain tables and folders, which do nothing by themselves.
ALLOWED = "forge.mail.outbox forge.jobs.retention"
# Libraries that only these may touch.
ONLY_IN = {
    "sqlalchemy": "catalog.migrations catalog.tables catalog.store",
    "alembic": "catalog.store.core.migrate catalog.migrations",
    "psycopg": "catalog.store",
    "sqlite3": "catalog.store forge.backup",
    "tantivy": "catalog.search",
    "publicsuffixlist": "catalog.rules.registrable_domain",
    "git": "forge.git",
    "segno": "forge.web.core.qr",
    "PIL": "forge.render.shrinking",
    "resvg_py": "forge.render.vector",
    "python_calamine": "forge.render.spreadsheet",
    "dns": "forge.security.dns",
    "authlib": "forge.security.oidc",
    "joserfc": "forge.security.oidc",
    "pydantic": "catalog.validation catalog.model_base",
    "pydantic_core": "catalog.validation catalog.model_base",
    "cryptography": "forge.exchange.keys",
    "tuf": "forge.exchange",
    "securesystemslib": "forge.exchange",
    "starlette": "forge.app forge.routes forge.web forge.server",
    "jinja2": "forge.web forge.mail",
    "subprocess": "forge.git forge.server forge.render.process",
    "multiprocessing": "forge.git forge.mirroring forge.render forge.server",
}
# `catalog` takes times and settings as arguments, opens no connection and writes no HTML.
NOT_IN_CATALOG = {"socket", "urllib.request", "http", "httpx2", "time", "subprocess", "requests", "html", "markupsafe"}
UNSAFE_IN_GITPYTHON = {
    *("clone", "clone_from", "create_remote", "delete_remote", "remotes", "Remote", "Submodule", "submodules"),
    *("create_submodule", "config_writer", "references", "branches", "stats", "archive", "blame", "untracked_files"),
}
SAYS_NOTHING = re.compile(r"(^|_)(utils?|helpers?|managers?|services?)($|_)", re.I)


def _modules() -> dict[str, Path]:
    found = {}
    for layer in ("catalog", "forge"):
        for file in sorted((ROOT / layer).rglob("*.py")):
            parts = file.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


MODULES = _modules()
PACKAGES = {name for name, file in MODULES.items() if file.name == "__init__.py"}


@cache
def tree(name: str) -> ast.Module:
    return ast.parse(MODULES[name].read_text())


@cache
def imports(name: str) -> frozenset[str]:
    """Full names of what a module imports, also inside of functions; of ours as far as they are modules."""

    def imported() -> Iterator[str]:
        for node in ast.walk(tree(name)):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{name} imports relatively: write the whole name"
                for alias in node.names:
                    inner = f"{node.module}.{alias.name}"
                    yield inner if inner in MODULES else str(node.module)

    return frozenset(imported())


def within(name: str, places: str) -> bool:
    return any(name == place or name.startswith(f"{place}.") for place in places.split())


def test_catalog_never_imports_forge() -> None:
    wrong = {name: found for name in MODULES if within(name, "catalog")
             if (found := [used for used in imports(name) if within(used, "forge")])}  # fmt: skip
    assert wrong == {}


@pytest.mark.parametrize("place", MAY_NOT_IMPORT)
def test_a_package_imports_nothing_above_it(place: str) -> None:
    assert any(within(name, place) for name in MODULES)
    wrong = {}
    for name in MODULES:
        if within(name, place):
            found = [
                used for used in imports(name) if within(used, MAY_NOT_IMPORT[place]) and not within(used, ALLOWED)
            ]
            if found:
                wrong[name] = found
    assert wrong == {}


def test_each_rule_names_packages_that_exist() -> None:
    named = " ".join([*MAY_NOT_IMPORT, *MAY_NOT_IMPORT.values(), *ONLY_IN.values(), ALLOWED]).split()
    assert [place for place in named if place not in MODULES and place != MIGRATIONS] == []


# What draws records, and parts of the store that it asks beside `public_records`: for what is not in a record, since no
# change is counted of it, it is one reader's alone, or a list without end.
READERS = {
    "forge.web.projects.views": "record_pages facts",
    "forge.web.projects.project_view": "similar_projects organizations countries questions",
    "forge.web.projects.requested_project": "record_pages",
    "forge.web.projects.screenshots": "screenshots uploads",
    "forge.web.organizations.views": "record_pages questions home_page countries",
    "forge.web.compare.columns": "record_pages",
    "forge.web.compare.sheet_pages": "",
    "forge.web.compare.views": "",
    "forge.web.code.access": "",
    "forge.web.search.views": "countries home_page unlisted",
    "forge.web.feeds.changes": "record_pages facts decisions calls",
    "forge.web.feeds.collections": "record_pages record_origins home_page countries sitemap",
    "forge.web.api.resources.projects": "record_pages facts api_lists",
    "forge.web.api.resources.organizations": "record_pages facts api_lists",
}
# What makes records and lists of them: these alone may read the tables behind a record for everybody.
OF_RECORDS = ("catalog.store.public_pages", "catalog.store.search_index", "catalog.store.exports.api_lists")


@pytest.mark.parametrize("name", READERS)
def test_what_draws_a_record_reads_nothing_else_of_it(name: str) -> None:
    asked = set(re.findall(r"(?<!catalog\.)\bstore\.(\w+)\.", MODULES[name].read_text()))
    assert asked <= {"public_records", *READERS[name].split()}
    assert not [used for used in imports(name) if used in MODULES and within(used, " ".join(OF_RECORDS))] or (
        name == "forge.web.projects.views"  # for the values that similar projects are compared by
    )


def _package(name: str) -> str:
    """The package that a module belongs to; the entry points and shared types at the top stand for themselves."""
    package = name if name in PACKAGES else name.rpartition(".")[0]
    return name if package in ("catalog", "forge", "") else package


def test_no_package_imports_another_in_a_circle() -> None:
    """Functions' own imports count too: a circle that is put off to the call is one."""
    needs: dict[str, set[str]] = {}
    for name in MODULES:
        mine = _package(name)
        needs.setdefault(mine, set()).update({_package(used) for used in imports(name) if used in MODULES} - {mine})
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as circle:
        pytest.fail(f"These packages import each other: {' <- '.join(circle.args[1])}")


def test_no_module_imports_another_in_a_circle() -> None:
    """What is imported as a module is read, the packages that it stands in too; which of two that import each other is
    whole depends on who asks first."""

    def with_packages(name: str) -> set[str]:
        parts = name.split(".")
        return {whole for end in range(1, len(parts) + 1) if (whole := ".".join(parts[:end])) in MODULES}

    def at_once(statements: list[ast.stmt]) -> Iterator[str]:
        for node in statements:
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
                continue
            if isinstance(node, ast.If | ast.Try | ast.With):
                yield from at_once(node.body)
            elif isinstance(node, ast.ImportFrom):
                inner = (f"{node.module}.{alias.name}" for alias in node.names)
                yield from (name if name in MODULES else str(node.module) for name in inner)

    needs = {}
    for name in MODULES:
        used = {module for used in at_once(tree(name).body) if used in MODULES for module in with_packages(used)}
        needs[name] = used - with_packages(name)
    TopologicalSorter(needs).prepare()  # raises CycleError with the names of a circle


def _handlers() -> set[str]:
    """Modules of the web that answer an address: those that the routes name."""
    routes = ("forge.routes", "forge.web.api.resources.routes", "forge.web.code.routes")
    return {used for name in routes for used in imports(name) if within(used, "forge.web")} - {
        *routes,
        "forge.web.core.assets",  # it also tells others where files of the site are
    }


def test_handlers_do_not_import_each_other() -> None:
    handlers = _handlers()
    wrong = {name: found for name in handlers if (found := (imports(name) & handlers) - {name})}
    assert len(handlers) > 60 and wrong == {}


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_is_touched_only_where_it_belongs(library: str) -> None:
    strangers = [name for name in MODULES if not within(name, ONLY_IN[library])]
    assert [name for name in strangers if any(within(used, library) for used in imports(name))] == []


def test_catalog_reads_no_clock_no_environment_and_no_network() -> None:
    for name in MODULES:
        if not within(name, "catalog") or within(name, MIGRATIONS):
            continue
        assert not {used for used in imports(name) if any(within(used, banned) for banned in NOT_IN_CATALOG)}, name
        for node in ast.walk(tree(name)):
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("utcnow", "today", "environ", "getenv"), f"{name}:{node.lineno}"
            if isinstance(node, ast.ImportFrom) and node.module == "os":
                assert not {alias.name for alias in node.names} & {"environ", "getenv"}, f"{name}:{node.lineno}"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                assert node.func.attr != "now", f"{name}:{node.lineno}: take the time as an argument"


def test_text_is_normalized_where_its_marks_are_bounded() -> None:
    """Python takes quadratic time for marks in a row, in which nothing else of the process runs."""
    for name in MODULES:
        if name not in ("catalog.unicode_normalization", "catalog.rules.registrable_domain"):
            used = [node for node in ast.walk(tree(name)) if isinstance(node, ast.Attribute)]
            assert "normalize" not in {node.attr for node in used if ast.unparse(node.value) == "unicodedata"}, name


def test_nothing_uses_what_gitpython_does_unsafely_or_slowly() -> None:
    """The names are those of a Repo, a Commit or a Remote, so they are looked for where GitPython may be imported."""
    for name in MODULES:
        if not within(name, ONLY_IN["git"]):
            continue
        for node in ast.walk(tree(name)):
            used = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else None
            assert used not in UNSAFE_IN_GITPYTHON, f"{name}:{getattr(node, 'lineno', 0)} uses {used}"
            keywords = [keyword.arg for keyword in node.keywords] if isinstance(node, ast.Call) else []
            assert "create_patch" not in keywords, f"{name}:{getattr(node, 'lineno', 0)}"


def test_a_module_says_in_its_first_sentence_what_is_in_it() -> None:
    files = [*MODULES.values(), *(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")]
    assert [
        str(file) for file in files if file.read_text().strip() and not ast.get_docstring(ast.parse(file.read_text()))
    ] == []


def test_no_file_is_too_long_to_read() -> None:
    assert [name for name, file in MODULES.items() if len(file.read_text().splitlines()) > LONGEST_LINES] == []


def test_a_folder_holds_few_files() -> None:
    folders = [ROOT / top for top in ("catalog", "forge", "templates", "tests")]
    kept = [inner for top in folders for inner in (top, *top.rglob("*")) if inner.is_dir()]
    too_full = {}
    for folder in kept:
        if "__pycache__" in folder.parts or folder.name in ("vocabularies", "locale"):
            continue
        count = sum(1 for file in folder.iterdir() if file.is_file() and file.suffix != ".pyc")
        if count > MOST_FILES:
            too_full[str(folder.relative_to(ROOT))] = count
    assert too_full == {}


def test_a_name_says_what_is_behind_it() -> None:
    for name, file in MODULES.items():
        assert not [part for part in name.split(".") if SAYS_NOTHING.search(part)], file
        for node in ast.walk(tree(name)):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", node.name)
                assert not SAYS_NOTHING.search(words), f"{file}:{node.lineno} {node.name}"
