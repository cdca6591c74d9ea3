"""Strangers' logos made small: drawings become pictures, light ones stand on dark, and a hostile file becomes none."""

import io

import pytest
from PIL import Image
from support.factories.pictures import a_picture

from forge.observe.core.tree import File, Tree, tree_of
from forge.observe.pictures import LOGOS, logo_files
from forge.render.pictures import small_logo

CALM = 20.0  # seconds, where the bound is not what is tried
SQUARE = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40">%s</svg>'
RED = SQUARE % b'<rect width="40" height="40" fill="red"/>'


def drawn(data: bytes) -> Image.Image:
    made = small_logo(data, CALM)
    assert not isinstance(made, str), made
    (picture,) = made
    assert len(picture.webp) <= 8_000
    found = Image.open(io.BytesIO(picture.webp))
    assert found.size == (picture.width, picture.height) and found.format == "WEBP"
    return found


@pytest.mark.parametrize(
    "data",
    [RED, b'<?xml version="1.0"?>\n<!-- made by hand -->' + RED, a_picture(400, 400), a_picture(192, 192, "GIF")],
    ids=["svg", "svg with a head", "png", "gif"],
)
def test_a_logo_is_one_picture_of_at_most_192_points(data):
    assert drawn(data).size == (192, 192)


@pytest.mark.parametrize("unit", [b"mm", b"pt", b"in", b"cm", b"px", b""])
def test_a_drawing_may_state_its_size_in_any_unit(unit):
    size = b'width="300%b" height="150%b" viewBox="0 0 20 10"' % (unit, unit)
    data = RED.replace(b'viewBox="0 0 40 40"', size)
    assert drawn(data).size == (192, 96)


@pytest.mark.parametrize(("color", "corner"), [(b"#111", 255), (b"#fff", 0x2B)])
def test_a_logo_is_seen_on_its_ground_be_it_dark_or_light(color, corner):
    found = drawn(SQUARE % b'<circle cx="20" cy="20" r="15" fill="%b"/>' % color).convert("RGB")
    assert abs(found.getpixel((2, 2))[0] - corner) < 8


def test_a_drawing_loads_nothing_and_runs_nothing(tmp_path):
    file = tmp_path / "secret.png"
    file.write_bytes(a_picture(400, 400))
    links = (str(file), f"file://{file}", "secret.png", "http://127.0.0.1/x.png")
    for name in (b"image", b"feImage"):
        for link in links:
            inner = b'<%b href="%b" width="40" height="40"/>' % (name, link.encode())
            if name == b"feImage":
                inner = b'<filter id="f">%b</filter><rect width="40" height="40" filter="url(#f)"/>' % inner
            assert small_logo(SQUARE % inner, CALM) == "empty", (name, link)
    script = SQUARE % b'<script>alert(1)</script><rect width="40" height="40" fill="red" onload="alert(1)"/>'
    assert drawn(script).size == (192, 192)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (SQUARE % b"<text y='20'>Name</text>", "needs-fonts"),
        (SQUARE % b"", "empty"),
        (RED[:-5], "damaged"),
        (b'<!DOCTYPE svg [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>' + SQUARE % b"&b;", "damaged"),
        (SQUARE % (b"<g>" * 30_000 + b"</g>" * 30_000), "too-many-elements"),
        (b"<svg", "damaged"),
        (b"no picture at all", "no-picture"),
        (a_picture(8, 8), "too-small"),
    ],
    ids=["words", "nothing", "cut", "entities", "deep", "begun", "text", "tiny"],
)
def test_what_is_no_logo_is_told_in_a_word(data, why):
    assert small_logo(data, CALM) == why


def test_one_that_takes_too_long_is_stopped():
    circles = b"".join(b'<circle cx="20" cy="20" r="%d" filter="url(#f)"/>' % size for size in range(1, 400))
    blur = b'<filter id="f"><feGaussianBlur stdDeviation="9"/><feTurbulence numOctaves="9"/></filter>'
    assert small_logo(SQUARE.replace(b'"0 0 40 40"', b'"0 0 4 4"') % (blur + circles * 20), 0.5) == "stopped"


def test_a_file_that_is_named_comes_before_a_likely_one_and_what_is_others_is_none():
    tree = tree_of(dict.fromkeys(("docs/brand.svg", "assets/logo.png", "logo.svg", "vendor/a/logo.svg"), b"x"))
    assert [path for path, _ in logo_files(tree, ("docs/brand.svg", "none.png", "../out.svg"))] == ["docs/brand.svg"]
    assert [path for path, _ in logo_files(tree, ())] == ["logo.svg", "assets/logo.png"]
    assert logo_files(tree_of({"logo-partner.png": b"", "themes/x/logo.svg": b""}), ()) == []
    of_react = {"src/logo.svg": File("6b60c1042f58d9fabb75485aa3624dddcf633b5c", 2671)}
    assert logo_files(Tree(of_react, lambda oid, most: b""), ()) == []
    many = tree_of({f"{folder}/logo.{kind}": b"" for folder in ("docs", "img", "public") for kind in ("png", "svg")})
    assert len(logo_files(many, ())) == LOGOS
