"""A project as exports give it: its public record without what other catalogues and imported lists state of it, and
without people who work for themselves.

What others state is under licenses of its own, which would spread to the rest: facts and API give it separately.
"""

from dataclasses import fields, replace

from catalog.model import Project
from catalog.publication.model import PublicProject
from catalog.rules.fact import CURATED, NAMING_FIELDS, PEER, ChosenFact, Fact
from catalog.rules.person import SELF_EMPLOYED

_EMPTY = Project(slug="", name="", summary={})
_NAMES = frozenset(field.name for field in fields(Project)) - NAMING_FIELDS


def own_project(public: PublicProject) -> PublicProject | None:
    """None for one that is not ours to publish: other catalogues are home of it, its makers asked not to be listed, or
    its very name or purpose is others' word."""
    chosen = {name: _without_others(choice) for name, choice in public.chosen.items() if _is_ours(choice.fact)}
    lent = public.chosen.keys() - chosen.keys()
    is_curated = any(choice.fact.origin == CURATED for choice in chosen.values())
    if public.opted_out is not None or public.origin.home is not None or not chosen:
        return None
    if lent & NAMING_FIELDS and not is_curated:
        return None
    record = replace(public.record, **{name: getattr(_EMPTY, name) for name in lent & _NAMES})
    hosts = tuple(card for card in public.hosts if card.kind != SELF_EMPLOYED) if record.runs else ()
    if record.runs:
        record = replace(record, runs=replace(record.runs, hosted=tuple(card.slug for card in hosts)))
    return replace(
        public,
        record=record,
        chosen=chosen,
        hosts=hosts,
        maintenance=tuple(
            line
            for line in public.maintenance
            if line.organization and line.organization.kind != SELF_EMPLOYED and not line.origin.startswith(PEER)
        ),
        relations=tuple(line for line in public.relations if not line.inverse),
    )


def _without_others(choice: ChosenFact) -> ChosenFact:
    return replace(choice, others=tuple(filter(_is_ours, choice.others))) if choice.others else choice


def _is_ours(fact: Fact) -> bool:
    return not fact.origin.startswith(PEER)
