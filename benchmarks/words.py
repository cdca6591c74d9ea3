"""The made-up catalogue with words to search for: each of `WORDS` in about `SHARE` of the records. It measures nothing.

So searches differ from each other and find the same number. Beside them stand words that few records hold, as in life.
"""

from dataclasses import replace
from random import Random

from benchmarks import synthetic
from catalog.model import Document, Project

SHARE = 0.24
# English nouns that no vocabulary names, none the beginning of another: no label adds records to those that hold one.
_NOUNS = """
harvest lantern orchard ribbon thimble meadow pebble saddle timber violin kettle anchor basket candle feather hammer
jacket ladder needle oyster parrot quarry rocket sparrow tunnel umbrella walnut yogurt zipper blanket
"""
WORDS = tuple(_NOUNS.split())
RARE = 3_000  # words, of which each record holds eight
_SYLLABLES = [a + b for a in "bdfgklmnpr" for b in "aio"]  # 30


def document(projects: int) -> Document:
    """`synthetic.document` with a sentence more in each English description."""
    made, chance = synthetic.document(projects), Random(1)
    return replace(made, projects=tuple(_told(project, chance) for project in made.projects))


def _told(project: Project, chance: Random) -> Project:
    held = [word for word in WORDS if chance.random() < SHARE] + [_rare(chance.randrange(RARE)) for _ in range(8)]
    chance.shuffle(held)
    sentence = f"{project.description['en']} {' '.join(held).capitalize()}."
    return replace(project, description={**project.description, "en": sentence})


def _rare(number: int) -> str:
    """A word of three syllables that no language has, a different one for each number below 27,000."""
    first, rest = divmod(number, 900)
    return _SYLLABLES[first] + _SYLLABLES[rest // 30] + _SYLLABLES[rest % 30]
