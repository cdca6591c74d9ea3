"""Tests of `forge.observe.installs`: which files show how a project can be installed, and which only look so."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.vocabulary import vocabulary
from forge.observe import installs
from forge.observe.core.tree import Tree, tree_of


def terms(contents: dict[str, str], field: str = "installs") -> list[str]:
    told = installs.observe_installs(tree_of({path: text.encode() for path, text in contents.items()}))
    return [term for fact in told if fact.field == field for term in fact.value]


@pytest.mark.parametrize(
    ("path", "text", "term"),
    [
        ("Dockerfile", "", "docker"), ("docker/Dockerfile.prod", "", "docker"),
        ("app.Dockerfile", "", "docker"), ("compose.yaml", "", "docker-compose"),
        ("charts/app/Chart.yaml", "", "helm"), ("debian/control", "", "debian"), ("snap/snapcraft.yaml", "", "snap"),
        ("packaging/app.spec", "Name: app\n%install\n", "rpm"),
        ("flake.nix", "packages = buildPythonApplication", "nix"),
        ("guix.scm", "", "guix"), ("org.example.App.yml", "runtime: org.gnome.Platform", "flatpak"),
        ("PKGBUILD", "", "arch"),
        ("AppImageBuilder.yml", "", "appimage"), ("manifest.toml", "packaging_format = 2", "yunohost"),
        ("roles/app/tasks/main.yml", "", "ansible"), ("setup/app.iss", "", "windows"),
        ("Formula/app.rb", "", "homebrew"),
        ("app/build.gradle.kts", 'id("com.android.application")', "android"),
        ("a_module/__manifest__.py", "{}", "odoo-module"),
        ("app/src/main/AndroidManifest.xml", '"android.intent.category.LAUNCHER"', "android"),
        ("App.xcodeproj/project.pbxproj", "SDKROOT = iphoneos;", "ios"),
        ("style.css", "/*\nTheme Name: A", "wordpress-theme"),
        ("extension/manifest.json", '{"manifest_version": 3}', "browser-extension"), ("abra.sh", "", "coop-cloud"),
        ("plugin.php", "<?php\n/**\n * Plugin Name: A\n", "wordpress-plugin"),
        ("appinfo/info.xml", "", "nextcloud-app"),
        ("a.info.yml", "name: A\ntype: module\n", "drupal-module"), ("CloudronManifest.json", "", "cloudron"),
        ("core/modules/modHello.class.php", "", "dolibarr-module"), ("conda-recipe/meta.yaml", "", "conda"),
        ("version.php", "<?php $plugin->component = 'mod_a';", "moodle-plugin"),
        ("a.gemspec", "Gem::Specification.new", "gem"),
        ("package.json", '{"name": "a", "version": "1", "bin": "a.js"}', "npm"), ("pom.xml", "<project/>", "maven"),
        ("composer.json", '{"name": "a/b", "type": "wordpress-plugin"}', "wordpress-plugin"),
        ("Cargo.toml", '[package]\nname = "a"\ndescription = "A"\nlicense = "MIT"', "cargo"),
        ("setup.py", "setup(name='a')", "pip"), ("pyproject.toml", "[project]\nname='a'\nclassifiers=['Topic']", "pip"),
    ],
)  # fmt: skip
def test_files_for_packages_and_containers_are_known(path, text, term):
    assert term in terms({path: text})


@pytest.mark.parametrize(
    ("path", "text", "platforms"),
    [
        ("compose.yaml", "", ["container"]), ("debian/control", "", ["linux"]), ("setup/app.iss", "", ["windows"]),
        ("app/src/main/AndroidManifest.xml", '"android.intent.category.LAUNCHER"', ["android"]),
        ("ios/App/Info.plist", "<key>LSRequiresIPhoneOS</key>\n<true/>", ["ios"]),
        ("Info.plist", "<key>LSMinimumSystemVersion</key>", ["macos"]), ("Info.plist", "<key>CFBundleName</key>", []),
        ("App.xcodeproj/project.pbxproj", "SDKROOT = macosx;", ["macos"]),
        ("electron-builder.yml", "appId: org.a\nmac:\n  target: dmg\nwin:\n  target: nsis\n", ["windows", "macos"]),
        ("appinfo/info.xml", "", ["web"]), ("Dockerfile.dev", "", []), ("docs/Dockerfile", "", []),
        ("setup.py", "setup(name='a')", []),
    ],
)  # fmt: skip
def test_a_manifest_shows_on_what_it_works_and_nothing_else_does(path, text, platforms):
    assert terms({path: text}, "platforms") == platforms


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Dockerfile.dev", ""), ("dev.Dockerfile", ""), (".devcontainer/Dockerfile", ""),
        ("docker-compose.test.yml", ""),
        ("spec/app.spec", ""),
        ("app.spec", "a = Analysis(['a.py'])"), ("shell.nix", "mkShell"), ("node_modules/a/Dockerfile", ""),
        ("go.mod", "module a.b/c"),
        ("manifest.json", '{"short_name": "A"}'), ("index.php", "<?php echo 1;"),
        ("lib/build.gradle", "com.android.library"),
        ("package.json", '{"name": "a", "private": true, "version": "1", "bin": "a"}'), ("docs/debian/control", ""),
        ("package.json", '{"name": "a", "version": "1", "main": "index.js"}'), ("composer.json", '{"name": "a/b"}'),
        ("package.json", '{"name": "a", "version": "1", "files": ["a"]}'),
        ("pyproject.toml", "[tool.ruff]\nline-length = 1"),
        ("web/package.json", '{"name": "a", "version": "1", "bin": "a"}'),
    ],
)  # fmt: skip
def test_files_for_developers_and_look_alikes_tell_nothing(path, text):
    assert terms({path: text}) == []


def test_every_term_is_of_the_vocabulary_and_stands_in_its_order():
    known = {*vocabulary("install").terms, *vocabulary("platform").terms}
    found = {term for term, _ in installs._BY_PATH} | {term for term, _, _ in installs._BY_CONTENT}
    assert found <= known and set(installs.PLATFORM_OF.values()) <= set(vocabulary("platform").terms)
    assert terms({"setup.py": "setup(name='a')", "Dockerfile": "", "compose.yml": ""}) == [
        "docker",
        "docker-compose",
        "pip",
    ]


def test_a_command_of_go_is_installed_and_its_library_is_not():
    assert terms({"go.mod": "module example.org/a/b", "main.go": ""}) == ["go"]


def test_what_was_read_is_not_read_again():
    tree = tree_of({"app.spec": b"Name: a\n%files", "index.php": b"<?php", "package.json": b"{}"})
    told = installs.observe_installs(tree)
    again = Tree(tree.files, lambda oid, most: 1 / 0, json.loads(json.dumps(tree.remembered)))
    assert installs.observe_installs(again) == told


def test_many_files_that_might_tell_are_read_up_to_a_bound():
    read = []

    def reads(oid: str, most: int) -> bytes:
        read.append(oid)
        return b""

    files = tree_of({f"a{n}.php": b"x" for n in range(1000)}).files
    assert installs.observe_installs(Tree(files, reads)) == []
    assert len(read) == installs.MAX_READ_FILES


@given(
    st.dictionaries(
        st.text(max_size=30) | st.sampled_from(["flake.nix", "a.spec", "manifest.json"]), st.binary(max_size=40)
    )
)
def test_nothing_makes_it_raise(contents):
    installs.observe_installs(tree_of(contents))
