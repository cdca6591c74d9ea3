"""A reader who has a keyboard and no mouse, in a window without script. Each stop on the way is in sight, is told by an
outline that stands out from what is behind it (of a text field of several lines the browser shows where one writes, not
all of it), and comes behind the one before: in the document, and on a phone, where
all stands below each other, for the eye too. It knows no page."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from PIL import Image, ImageChops
from playwright.sync_api import Browser, FloatRect, Locator, Page

from forge.i18n.languages import page_language

PHONE_PIXELS, SCREEN_PIXELS = 320, 800  # the width of one, the height of all
MOST_STOPS = 250  # what a page may have before somebody is called lost
REACH_PIXELS = 8  # how far around what has the focus its outline may be looked for
CONTRAST = 3  # of what tells the focus (WCAG 2.2, 1.4.11)

STOP = """wanted => {
  const at = document.activeElement
  if (at === null || at === document.body) return null
  const style = getComputedStyle(at), box = at.getBoundingClientRect()
  const line = [...at.getClientRects()].sort((a, b) => b.width * b.height - a.width * a.height)[0]
  const parts = color => color.match(/[0-9.]+/g).map(Number)
  const light = color => {
    const [red, green, blue] = parts(color).map(part => part / 255).map(
      part => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4)
    return .2126 * red + .7152 * green + .0722 * blue
  }
  const see_through = style => style.display === 'inline' || parts(style.backgroundColor)[3] === 0
  const ground = box => {
    while (box.parentElement && see_through(getComputedStyle(box))) box = box.parentElement
    return light(getComputedStyle(box).backgroundColor)
  }
  const width = parseFloat(style.outlineWidth), away = parseFloat(style.outlineOffset) + width / 2
  const ring = away + width / 2, middle = [(box.left + box.right) / 2, (box.top + box.bottom) / 2]
  const sides = [
    [middle[0], box.top - away], [middle[0], box.bottom + away],
    [box.left - away, middle[1]], [box.right + away, middle[1]]]
  const shine = light(style.outlineColor)
  const contrasts = sides.map(([x, y]) => document.elementFromPoint(x, y)).filter(Boolean).map(ground).map(
    behind => (Math.max(shine, behind) + .05) / (Math.min(shine, behind) + .05))
  const hit = line && document.elementFromPoint(
    (Math.max(line.left, 0) + Math.min(line.right, innerWidth)) / 2,
    (Math.max(line.top, 0) + Math.min(line.bottom, innerHeight)) / 2)
  return {
    reached: at === wanted, sort: `${at.tagName} ${at.type}`,
    html: at.outerHTML.slice(0, 200),
    place: Array.prototype.indexOf.call(document.querySelectorAll('*'), at),
    drawn: style.outlineStyle !== 'none' && width >= 2 && parts(style.outlineColor)[3] !== 0,
    contrast: Math.min(...contrasts),
    in_sight: Boolean(hit) && (at.contains(hit) || hit.contains(at) && getComputedStyle(hit).display === 'inline'),
    inside: box.left - ring >= 0 && box.right + ring <= innerWidth && (
      at.tagName === 'TEXTAREA' || box.height > innerHeight || box.top - ring >= 0 && box.bottom + ring <= innerHeight),
    floats: style.position === 'absolute',
    top: line.top + scrollY, bottom: line.bottom + scrollY, left: line.left, right: line.right,
    box: {x: box.left, y: box.top, width: box.width, height: box.height},
  }
}"""
STOPS = """() => {
  const groups = new Set()
  return [...document.querySelectorAll('*')].flatMap((one, place) => {
    if (!one.matches('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')) return []
    if (!one.checkVisibility({visibilityProperty: true}) || one.disabled || one.tabIndex < 0) return []
    if (one.type === 'radio') {
      const all = [...one.form.elements].filter(other => other.type === 'radio' && other.name === one.name)
      if (one !== (all.find(other => other.checked) || all[0])) return []
    }
    return [place]
  })
}"""


class Keyboard:
    """`address`: of the site in one language."""

    def __init__(self, page: Page, address: str, direction: str):
        self.page, self._address, self._right_to_left = page, address, direction == "rtl"
        self.phone = (page.viewport_size or {}).get("width") == PHONE_PIXELS
        self._before: dict | None = None
        self._seen: set[str] = set()  # the sorts whose outline was looked for

    def open(self, path: str) -> None:
        self._before = None
        self.page.goto(f"{self._address}{path}")

    def link(self, name: str) -> Locator:
        return self.page.get_by_role("link", name=name, exact=True)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def to(self, wanted: Locator, most: int = MOST_STOPS) -> None:
        """Goes on by Tab until the first of these has the focus. Of each sort the first one's outline is looked for on
        the screen."""
        handle = wanted.first.element_handle()
        for _ in range(most):
            stop = self._next(handle)
            if stop and stop["reached"]:
                if stop["sort"] not in self._seen:
                    self._outlined(stop)
                return
        raise AssertionError(f"{wanted} is not reached by {most} presses of Tab")

    def enter(self, wanted: Locator | None = None, most: int = MOST_STOPS) -> None:
        """Goes to it, presses Enter and waits for the page, or the place in it, that this leads to."""
        if wanted is not None:
            self.to(wanted, most)
        self._before = None
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def write(self, wanted: Locator, text: str, most: int = MOST_STOPS) -> None:
        """It replaced what stands there."""
        self.to(wanted, most)
        self.type(text)

    def type(self, text: str) -> None:
        """It replaced what stands in the field that has the focus."""
        self.page.keyboard.press("Control+A")
        self.page.keyboard.press("Delete")
        self.page.keyboard.type(text)

    def tick(self, wanted: Locator) -> None:
        """By the space bar; what was ticked is so no more."""
        was = wanted.is_checked()
        self.to(wanted)
        self.page.keyboard.press("Space")
        assert wanted.is_checked() != was

    def pick(self, wanted: Locator) -> None:
        """One of several of which one is had: Tab leads to the group, the arrows lead on in it."""
        name = wanted.get_attribute("name")
        group = self.page.locator(f'input[name="{name}"]')
        chosen = group.and_(self.page.locator(":checked"))
        self.to(chosen if chosen.count() else group)
        self.page.keyboard.press("Space")
        for _ in range(group.count()):
            if wanted.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        assert wanted.is_checked()

    def choose(self, wanted: Locator, value: str) -> None:
        """By the arrows, as no keyboard has all letters."""
        self.to(wanted)
        for _ in range(wanted.locator("option").count()):
            if wanted.input_value() == value:
                return
            self.page.keyboard.press("ArrowDown")
        assert wanted.input_value() == value

    def unfold(self, wanted: Locator) -> None:
        """Something that is told by a `summary`."""
        self.to(wanted)
        self.page.keyboard.press("Enter")
        assert wanted.evaluate("summary => summary.parentElement.open")

    def around(self) -> int:
        """Goes through the whole page, and back again: nothing holds the focus, all that can be pressed is met, in the
        order of the document. How many stops there are."""
        places = self.page.evaluate(STOPS)
        met = []
        self.page.evaluate("document.activeElement.blur()")
        while stop := self._next():
            met.append(stop["place"])
            assert len(met) <= MOST_STOPS, stop["html"]
        assert met == places
        back = []
        for _ in places:
            self.page.keyboard.press("Shift+Tab")
            back.append(self.page.evaluate(STOP)["place"])
        assert back[0] == places[-1] and back[-1] == places[0]
        return len(places)

    def _next(self, wanted: object = None) -> dict | None:
        """What has the focus after Tab: None at the end of the page."""
        self.page.keyboard.press("Tab")
        stop = self.page.evaluate(STOP, wanted)
        if stop is not None:
            assert stop["drawn"] and stop["contrast"] >= CONTRAST, stop
            assert stop["in_sight"] and stop["inside"], stop
            if self._before is not None:
                self._behind(self._before, stop)
        self._before = stop
        return stop

    def _behind(self, box: dict, other: dict) -> None:
        assert box["place"] < other["place"], (box, other)
        if not self.phone or box["floats"]:
            return
        beside = min(box["bottom"], other["bottom"]) - max(box["top"], other["top"])
        if beside > 0:
            right = box["right"] > other["right"] if self._right_to_left else box["left"] < other["left"]
            assert right or box["top"] < other["top"], (box, other)
        else:
            assert box["top"] < other["top"], (box, other)

    def _outlined(self, stop: dict) -> None:
        """What the outline changes on the screen reaches beyond all four sides of what has the focus."""
        self._seen.add(stop["sort"])
        box, window = stop["box"], self.page.viewport_size
        left, top = max(box["x"] - REACH_PIXELS, 0), max(box["y"] - REACH_PIXELS, 0)
        right = min(box["x"] + box["width"] + REACH_PIXELS, window["width"])
        bottom = min(box["y"] + box["height"] + REACH_PIXELS, window["height"])
        clip = FloatRect(x=left, y=top, width=right - left, height=bottom - top)
        shown = self._picture(clip)
        self.page.evaluate("document.activeElement.style.outlineColor = 'transparent'")
        changed = ImageChops.difference(shown, self._picture(clip)).getbbox()
        self.page.evaluate("document.activeElement.style.outlineColor = ''")
        assert changed is not None, stop
        beyond = (box["x"] - left - changed[0], box["y"] - top - changed[1])
        beyond += (left + changed[2] - box["x"] - box["width"], top + changed[3] - box["y"] - box["height"])
        assert min(beyond) > 0, (stop, beyond)

    def _picture(self, clip: FloatRect) -> Image.Image:
        return Image.open(BytesIO(self.page.screenshot(clip=clip))).convert("RGB")


@contextmanager
def a_keyboard(browser: Browser, base: str, tag: str, scheme: str, width: int) -> Iterator[Keyboard]:
    window = {"width": width, "height": SCREEN_PIXELS}
    context = browser.new_context(viewport=window, color_scheme=scheme, java_script_enabled=False)
    yield Keyboard(context.new_page(), f"{base}/{tag}", page_language(tag).direction)
    context.close()
