"""A year at the desk, scripted: what 300 projects bring to two moderators, decided through the web as they would, and
the hours a week that it takes. It prints counts beside a target and decides nothing.

    python -m benchmarks.year [--projects 300] [--weeks 52]

What a page and its words cost stands in `benchmarks.desk`. The rates are for 300 projects and 52 weeks. Nobody has
measured such a year; each is what we can defend from who uses a catalogue (a volunteer with one evening a week, elected
for a year or two, an animator who keeps entries clean):
"""

import argparse
import random
import re
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from benchmarks.desk import Effort, Moderator, fields
from catalog import model, submissions
from catalog.rules.person import Person
from catalog.rules.submission import ADOPT, CLAIM, CORRECT, PREVIEW, REGISTER, REPORT
from catalog.store.store import Store
from forge.app import create_app
from forge.config.settings import Settings
from forge.jobs.registry import ModerationDaily

TARGET_HOURS = 2.0  # a week; 0.64 were counted on 25 November 2026
START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
MANIFEST = UUID("5b1f1c1e-8a55-4b4e-9a55-3a1f6c1e8a55")

# How often in a year, and why.
RATES = {
    "register": 100,  # a third as many again as there are: a young catalogue that still grows
    "correct": 300,  # each project once a year, by a reader: an address, a sentence, a price
    "correct-own": 150,  # half of them once a year by their verified makers: published by itself, looked at after
    "adopt": 300,  # a use a project and year, by somebody whose address proves nothing: read by a person
    "adopt-own": 300,  # as many by somebody at the organization's domain: published by itself, looked at after
    "claim": 45,  # boards change each year or two; most claims prove themselves by a file or a domain
    "report": 60,  # one in five projects a year: something blocks somebody
    "gone": 6,  # one repository in fifty is away for good each year
    "deletions": 3,  # one in a hundred loses most of its branches at once, mostly by a spring cleaning of its makers
    "twin": 30,  # two records that may be the same
    "hide": 3,  # harm or law
}
# Of what is read: what a moderator answers, in a hundred.
ANSWERS = (("publish", 84), ("publish-edited", 6), ("refuse", 6), ("ask", 4))


class Year:
    """The catalogue, its clock and what happens in it."""

    def __init__(self, folder: Path, projects: int, seed: int = 4):
        self.now = START
        self.dice = random.Random(seed)
        self.projects = projects
        self.store = Store(f"sqlite:///{folder / 'catalog.db'}")
        self.store.migrate()
        self.store.curated_document.load(_document(projects), digest="1", now=START - timedelta(days=30))
        settings = Settings(data=folder, secret="a script's secret, of a folder that goes with it")
        self.app = create_app(settings, self.store, None, clock=self.clock)
        self.slugs = [f"tool-{at}" for at in range(projects)]
        self.keys = {slug: self.store.record_pages.project_id(slug) for slug in self.slugs}
        self.bodies = {at: self.store.public_records.organization(f"group-{at}").id for at in range(projects)}
        self.moderators = [Moderator(self.app, self.store, f"m{at}@example.org", self.now) for at in (1, 2)]
        self.number = 0

    def clock(self) -> datetime:
        return self.now

    def close(self) -> None:
        self.store.close()

    # What people do

    def happen(self, kind: str) -> None:
        self.number += 1
        slug = self.dice.choice(self.slugs)
        _EVENTS[kind](self, slug)

    def _sent(self, kind: str, answers: dict[str, Any], someone: Person, **about: Any) -> None:
        _, submission, _ = submissions.send_form(
            self.store, kind, "en", answers, about=about, person=someone, only_keep=True, now=self.now
        )
        if kind == REGISTER:
            look = {"state": "read", "url": answers["address"], "free": True}
            self.store.submissions.keep_found(submission.id, {PREVIEW: look}, now=self.now)
        # What stands there already, or waits, is told to its sender alone: no moderator hears of it.
        submissions.send(self.store, submission.id, person=someone, now=self.now)

    def _somebody(self, domain: str = "mail.example.com") -> Person:
        email = f"p{self.number}@{domain}"
        self.store.people.send_sign_in(email, "en", {}, now=self.now)
        token = self.store.people.invite(email, "moderator", "en", now=self.now)
        someone = self.store.people.sign_in(token, "en", now=self.now)[0]
        with self.store.engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE person SET role = NULL WHERE email = '{email}'")
        return Person(someone.id, someone.email, someone.language, None)

    def register(self, slug: str) -> None:
        answers = {
            "address": f"https://git.example.org/new/{self.number}.git",
            "name": f"New tool {self.number}",
            "summary": "Keeps the list of members of a group and writes to all of them",
            "language": "en",
            "homepage": f"https://new-{self.number}.example.org",
            "needs": ["member-management"],
            "use": ["install"],
            "hardness": "easy",
            "screens": ["en", "fr"],
            "maker": "yes",
        }
        self._sent(REGISTER, answers, self._somebody())

    def correct(self, slug: str) -> None:
        answers = {
            "field": "homepage",
            "value": f"https://{slug}.example.org/{self.number}",
            "source": f"https://{slug}.example.org/about",
        }
        self._sent(CORRECT, answers, self._somebody(), project_id=self.keys[slug])

    def correct_own(self, slug: str) -> None:
        someone = self._somebody()
        keeps = Person(someone.id, someone.email, "en", None, (), (self.keys[slug],))
        text = f"Keeps the books of an association and prints the report of the year {self.number}"
        answers = {"field": "summary", "language": "en", "value": text}
        self._sent(CORRECT, answers, keeps, project_id=self.keys[slug])

    def _use(self, slug: str, domain: str, at: int) -> None:
        answers = {
            "organization": str(self.bodies[at]),
            "stage": "in-production",
            "since": "2023",
            "purpose": "We keep our 120 members and their fees with it",
            "people": "p6-20",
            "visibility": "public",
            "speaks": "yes",
        }
        about = {"project_id": self.keys[slug], "organization_id": self.bodies[at]}
        self._sent(ADOPT, answers, self._somebody(domain), **about)

    def adopt(self, slug: str) -> None:
        self._use(slug, "mail.example.com", self.dice.randrange(self.projects))

    def adopt_own(self, slug: str) -> None:
        at = self.dice.randrange(self.projects)
        self._use(slug, f"group-{at}.example", at)

    def claim(self, slug: str) -> None:
        words = (
            "I am its secretary since the last assembly; my name stands on the page of the board, and I answer mail."
        )
        self._sent(CLAIM, {"words": words}, self._somebody(), project_id=self.keys[slug])

    def report(self, slug: str) -> None:
        answers = {
            "about": "blocks",
            "audience": "visual-impairment",
            "where": "On the page where members are added",
            "happened": "The button has no name: my screen reader says only that there is a button.",
            "device": "A telephone with a screen reader",
            "language": "en",
        }
        self._sent(REPORT, answers, self._somebody(), project_id=self.keys[slug])

    def gone(self, slug: str) -> None:
        detail = {"url": f"https://git.example.org/{slug}.git", "reason": "Nothing is there.", "seen": "2025-11-02"}
        self.store.findings.add(self.keys[slug], "code-gone", f"g{self.number}", detail, now=self.now)

    def deletions(self, slug: str) -> None:
        self.store.findings.add(self.keys[slug], "deletions-withheld", f"d{self.number}", {"number": 14}, now=self.now)

    def twin(self, slug: str) -> None:
        other = self.dice.choice([candidate for candidate in self.slugs if candidate != slug])
        pair = tuple(sorted((self.keys[slug], self.keys[other]), key=str))
        self.store.merges.resemble("project", {(pair[0], pair[1]): {"name"}}, now=self.now)

    def hide(self, slug: str) -> None:
        first = self.moderators[0]
        wish = {"choice": "hide", "reason": "harm", "words": "It leaks the addresses of its users.", "seen": ""}
        first.open(f"/en/desk/projects/{slug}")
        first.press(f"/en/desk/projects/{slug}", **wish)
        first.press(f"/en/desk/projects/{slug}", **wish, step="decide")
        first.effort.decided["hide"] += 1
        self.slugs.remove(slug)

    # What moderators do

    def week(self) -> None:
        """One person takes what waits, the other looks at nothing but what a second one must."""
        someone = self.moderators[0]
        someone.again(self.now)
        self.moderators[1].again(self.now)
        path, page = someone.open("/en/desk")
        if "/en/desk/looks" in page:
            path, page = someone.open("/en/desk/looks")
            boxes = re.findall(r'name="looked" value="([^"]*)"', page)
            while boxes:
                someone.effort.decided["looked-at"] += len(boxes)
                someone.press("/en/desk/looks", looked=boxes)
                if self.store.moderation_queue.counts(now=self.now).get("look", 0) == 0:
                    break
                path, page = someone.open("/en/desk/looks")
                boxes = re.findall(r'name="looked" value="([^"]*)"', page)
        path, page = someone.open("/en/desk/next")
        while path != "/en/desk":
            path, page = self._answer(someone, path, page)

    def _answer(self, someone: Moderator, path: str, page: str) -> tuple[str, str]:
        if path.startswith("/en/desk/declarations/"):
            return self._answer_declaration(someone, path, page)
        if path.startswith("/en/desk/joins/"):
            someone.effort.decided["apart"] += 1
            return someone.press(path, **fields(page, path), choice="apart", words="")
        someone.effort.decided["finding"] += 1
        if group := re.search(r'href="(/en/organizations/[^"]+)"', page):  # whose use nobody says again: who are they?
            someone.open(group[1])
        wish = fields(page, path) | {"choice": "looked-at", "reason": "as-it-should-be", "words": ""}
        someone.press(path, **wish)
        someone.press(path, **wish, step="decide")
        return someone.open("/en/desk/next")

    def _answer_declaration(self, someone: Moderator, path: str, page: str) -> tuple[str, str]:
        held = fields(page, path)
        choice = self.dice.choices([answer for answer, _ in ANSWERS], [share for _, share in ANSWERS])[0]
        if held["choice"] == "looked-at":
            choice = "looked-at"
        if choice == "publish-edited" and 'value="publish-edited"' not in page:
            choice = "publish"
        someone.effort.decided[choice] += 1
        if choice in ("publish", "looked-at"):
            return someone.press(path, **held, step="decide")
        wish = {"seen": held["seen"], "choice": choice, "reason": "", "words": ""}
        if choice == "ask":
            wish["words"] = "Where can we check it?"
        elif choice == "refuse":
            wish |= {"reason": "not-checkable", "words": "The page that you name says nothing of it."}
        else:
            typed = re.findall(r'name="(edit\.[\w.-]+)"[^>]*? value="([^"]*)"', page)
            wish |= {name: _mended(text) for name, text in typed}
        someone.press(path, **wish)
        return someone.press(path, **wish, step="decide")

    def replies(self) -> None:
        """Those who were asked answer within the week."""
        with self.store.engine.connect() as connection:
            asked = connection.exec_driver_sql("SELECT reference FROM submission WHERE state = 'asked'").scalars().all()
        for reference in asked:
            submission = self.store.submissions.by_reference(reference)
            submissions.reply(self.store, submission.id, "On its second page, in the third paragraph.", now=self.now)


def _mended(text: str) -> str:
    """An address gets its last slash, a sentence its full stop; the rest stays."""
    return f"{text}/" if text.startswith("https://") else f"{text}." if " " in text else text


_EVENTS: dict[str, Callable[[Year, str], None]] = {
    "register": Year.register,
    "correct": Year.correct,
    "correct-own": Year.correct_own,
    "adopt": Year.adopt,
    "adopt-own": Year.adopt_own,
    "claim": Year.claim,
    "report": Year.report,
    "gone": Year.gone,
    "deletions": Year.deletions,
    "twin": Year.twin,
    "hide": Year.hide,
}


def lived(folder: Path, projects: int = 300, weeks: int = 52) -> tuple[Effort, Effort, int]:
    """What two moderators did in so many weeks, and how much was left over."""
    year = Year(folder, projects)
    try:
        for week in range(weeks):
            for kind, at in _week(year.dice, projects, week):
                year.now = START + timedelta(weeks=week, minutes=at)
                year.happen(kind)
            year.now = START + timedelta(weeks=week, days=6, hours=10)
            ModerationDaily(year.store, year.clock).due(year.clock())
            year.replies()
            year.week()
        left = sum(year.store.moderation_queue.counts(now=year.now).values())
        if faults := year.store.decisions.faults():
            raise RuntimeError(faults[0])
        return year.moderators[0].effort, year.moderators[1].effort, left
    finally:
        year.close()


def _week(dice: random.Random, projects: int, week: int) -> Iterator[tuple[str, int]]:
    """What happens in one week, and when: the year's number of each kind, spread evenly, at any minute of six days."""
    found = []
    for kind, often in RATES.items():
        share = often * projects / 300 / 52
        due = int(share * (week + 1)) - int(share * week)
        found += [(kind, dice.randrange(6 * 24 * 60)) for _ in range(due)]
    yield from sorted(found, key=lambda entry: entry[1])


def _document(projects: int) -> model.Document:
    manifest = model.Manifest(id=MANIFEST, name={"en": "A year"}, languages=("en", "fr"), contact="https://example.org")
    return model.Document(
        manifest,
        (),
        tuple(
            model.Project(
                slug=f"tool-{at}",
                name=f"Tool number {at}",
                summary={"en": "Keeps the books of an association"},
                repository=f"https://git.example.org/tool-{at}.git",
                license="AGPL-3.0-or-later",
                sources=("https://example.org/list",),
            )
            for at in range(projects)
        ),
        tuple(
            model.Organization(
                slug=f"group-{at}", name=f"Group number {at}", homepage=f"https://www.group-{at}.example"
            )
            for at in range(projects)
        ),
    )


def printed(first: Effort, second: Effort, left: int, weeks: int) -> str:
    """The table: counts, hours a week, the target."""
    both = Effort(first.pages + second.pages, first.presses + second.presses, first.words + second.words)
    hours = both.hours / weeks
    kept = "held" if hours <= TARGET_HOURS else "missed"
    lines = [
        f"A scripted year at the desk: {weeks} weeks",
        *(f"  {kind:<16}{number:>7}" for kind, number in sorted(first.decided.items())),
        f"  {'left over':<16}{left:>7}",
        f"  {'pages':<16}{both.pages:>7}",
        f"  {'presses':<16}{both.presses:>7}",
        f"  {'words read':<16}{both.words:>7}",
        f"Hours a week: {hours:.2f} (target: {TARGET_HOURS:.1f} or less, {kept})",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.year", description=__doc__.partition("\n")[0])
    parser.add_argument("--projects", type=int, default=300)
    parser.add_argument("--weeks", type=int, default=52)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="forge-year-") as folder:
        print(printed(*lived(Path(folder), given.projects, given.weeks), given.weeks))


if __name__ == "__main__":
    main()
