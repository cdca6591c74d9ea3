"""Tests of `forge.observe.code_languages`: which languages, by names and sizes alone, without what others wrote."""

from hypothesis import given
from hypothesis import strategies as st

from forge.observe import code_languages
from forge.observe.core.tree import Tree, tree_of


def shares(sizes: dict[str, int]) -> dict[str, float]:
    told = code_languages.observe_code(tree_of({path: b"x" * size for path, size in sizes.items()}))
    return {language["name"]: language["percent"] for language in told[0].value["languages"]}


def test_languages_are_shares_of_bytes():
    assert shares({"a.py": 750, "b/c.php": 200, "d.js": 50}) == {"Python": 75.0, "PHP": 20.0, "JavaScript": 5.0}


def test_what_others_wrote_what_tells_and_what_tests_is_no_code_of_the_project():
    left_out = [
        "node_modules/a/b.js", "vendor/x.php", "static/third_party/y.js", "dist/app.js", "docs/conf.py", "tests/t.py",
        "js/jquery.js", "js/jquery.flot.js", "js/app.min.js", "api_pb2.py", "public/app.d38ac258.js",
        "static/h5p/h5p-3cb6c6945b6a04ef3335.css", "core/assets/fonts/noto-full.NotoSans.400.woff.css",
        "lang/fr/menu.php",
        "README.md", "data.json", "schema.sql", "po/fr.po", "image.svg", "examples/demo.py",
    ]  # fmt: skip
    assert shares({"a.py": 10, **dict.fromkeys(left_out, 1000)}) == {"Python": 100.0}


def test_a_library_that_lies_beside_its_small_twin_is_not_the_projects():
    assert shares({"a.py": 10, "js/vis.js": 900, "js/vis.min.js": 300}) == {"Python": 100.0}


def test_a_file_of_megabytes_is_data():
    assert shares({"a.py": 10, "countries.js": code_languages.MAX_CODE_FILE_BYTES + 1}) == {"Python": 100.0}


def test_endings_that_several_languages_share_follow_their_neighbours():
    assert shares({"a.h": 10, "b.cpp": 10}) == {"C++": 100.0}
    assert shares({"a.h": 10, "b.c": 10}) == {"C": 100.0}
    assert shares({"a.m": 10, "a.h": 10}) == {"Objective-C": 100.0}
    assert shares({"a.m": 10}) == {}
    assert shares({"app_fr.ts": 10, "main_window.ui": 1, "a.cpp": 10}) == {"C++": 100.0}
    assert shares({"my_app.ts": 10, "app.ts": 10}) == {"TypeScript": 100.0}
    assert shares({"a.pl": 10, "a.inc": 10, "a.php": 10}) == {"PHP": 66.7, "Perl": 33.3}


def test_what_a_page_is_drawn_with_is_code_and_not_what_a_project_is_written_in():
    told = code_languages.observe_code(
        tree_of({"a.rb": b"x" * 50, "b.scss": b"x" * 500, "c.html": b"x" * 500, "d.lua": b"x"})
    )
    assert [fact.value for fact in told if fact.field == "programming_languages"] == [["Ruby"]]


def test_files_and_bytes_are_those_of_the_whole_tree():
    told = code_languages.observe_code(tree_of({"a.py": b"x" * 10, "docs/b.md": b"x" * 90}))
    assert (told[0].value["files"], told[0].value["size_bytes"], told[0].value["whole"]) == (2, 100, True)


def test_nothing_is_said_of_an_empty_tree_and_no_language_where_there_is_no_code():
    assert code_languages.observe_code(tree_of({})) == []
    assert [fact.field for fact in code_languages.observe_code(tree_of({"README.md": b"Hi"}))] == ["code"]


@given(st.dictionaries(st.text(), st.binary(max_size=20), max_size=20))
def test_no_name_makes_it_raise_or_read(contents):
    files = tree_of(contents).files
    for fact in code_languages.observe_code(Tree(files, lambda oid, most: 1 / 0)):
        assert fact.field in ("code", "programming_languages")
