"""What is not public is told to nobody who only signed in, nor to who maintains another project or speaks for another
organization: on no page that they reach, theirs among them. What everybody reads is `test_visibility_everywhere`'s.
"""

import re

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from starlette.routing import Route
from support.factories.core import identity, later, load
from support.visitors import signed_in, standing

from catalog.rules.permissions import RULES
from tests.hostile.test_visibility_everywhere import FILLED, KNOWN, World, a_world, addresses, word, worlds

pytestmark = pytest.mark.full
SPEAKS_FOR = KNOWN[3]


def with_rules(app, store) -> list[str]:
    """As `addresses`, with those that ask who somebody is."""
    found = addresses(app, store)
    for route in app.routes:
        if isinstance(route, Route) and "GET" in (route.methods or ()) and route.name in RULES:
            for slug in ("galette", "paheko") if "/organizations/" not in route.path else KNOWN:
                path = route.path.replace("{slug}", slug).replace("{language:language}", "en")
                found.append(re.sub(r"\{(\w+)(:\w+)?\}", lambda match: FILLED.get(match[1], "x"), path))
    return list(dict.fromkeys(found))


def spoken(world: World, curated, said) -> dict[str, tuple[str, str]]:
    """Whose each word is; the uses are said meanwhile."""
    whose = {word(number): pair for number, pair in enumerate(curated, 1)}
    for statement in said:
        before = set(world.all)
        world.say(statement)
        whose |= dict.fromkeys(world.all - before, (statement.project, statement.organization))
    return whose


@settings(
    max_examples=max(1, settings.default.max_examples // 20),  # an example asks for all there is, as three people
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(drawn=worlds())
def test_who_has_nothing_to_do_with_a_use_reads_no_more_of_it_than_everybody(sqlite_template, drawn):
    curated, said, more, hidden = drawn
    with a_world(sqlite_template, curated) as (world, app, indexed):
        whose = spoken(world, curated, (*said, *more))
        load(world.store, world.document, now=later(days=1), digest="2")
        world.hide(hidden - {SPEAKS_FOR})
        indexed()
        unread = {own: pair for own, pair in whose.items() if own not in world.readable()}
        standing(app, world.store, project_id=identity("paheko"))
        other = standing(app, world.store, organization_id=identity(SPEAKS_FOR, "organization"))
        told = {
            "signed in": (signed_in(app, world.store, "stranger@example.net", None), set(unread)),
            "of another": (other, {own for own, pair in unread.items() if not {"paheko", SPEAKS_FOR} & {*pair}}),
        }
        met = [
            (who, path, own)
            for who, (client, words) in told.items()
            for path in with_rules(app, world.store)
            for text in [client.get(path).text]
            for own in words
            if own in text
        ]
        assert met == []
        for (project, _), own in world.words.items():
            assert own in other.get(f"/en/projects/{project}/users").text
