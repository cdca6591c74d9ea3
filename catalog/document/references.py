"""What the records of a document say of each other: names used twice, and references to nothing, across all files."""

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.document import rules
from catalog.document.nodes import Mapping, Node, Scalar, Sequence
from catalog.document.problems import Problems, quoted
from catalog.vocabulary import nearest

_MAX_NEAREST = 500  # slugs compared for a suggestion, which takes up to 8 ms
_MAX_LOOKED = 100  # references for which one is looked for


@dataclass(frozen=True, slots=True)
class Mention:
    """A text at its place."""

    text: str
    file: str
    line: int
    column: int
    field: str


class References:
    """Gathers while files are read, and tells at the end."""

    def __init__(self) -> None:
        self.mentions: list[tuple[str, Mention]] = []
        self.names: dict[str, list[Mention]] = {"project": [], "organization": [], "collection": []}
        self.current: dict[str, set[str]] = {kind: set() for kind in self.names}
        self.renamed: dict[tuple[str, str], str] = {}  # (kind, former slug) -> slug
        self.ids: list[Mention] = []
        self.repositories: list[Mention] = []

    def refer(self, kind: str, node: Scalar, file: str, field: str) -> None:
        """Somewhere a record of this kind is meant."""
        self.mentions.append((kind, _mention(node, file, field)))

    def record(self, kind: str, node: Mapping, file: str, field: str) -> None:
        """A record of this kind stands at `node`."""
        self._gather(self.names[kind], node.get("slug"), file, f"{field}.slug")
        self.current[kind].add(node.text("slug") or "")
        former = node.get("former")
        for one in former.nodes if isinstance(former, Sequence) else ():
            self._gather(self.names[kind], one, file, f"{field}.former")
            if isinstance(one, Scalar):
                self.renamed[kind, one.text] = node.text("slug") or ""
        self._gather(self.ids, node.get("id"), file, f"{field}.id")
        self._gather(self.repositories, node.get("repository"), file, f"{field}.repository")

    def check(self, problems: Problems) -> None:
        for kind, names in self.names.items():
            self._twice(names, problems, f"The slug {{text}} of {_A[kind]} is taken on {{first}}; choose another.")
        self._twice(self.ids, problems, "The id {text} is taken on {first}; remove this one, and another is made.")
        same = "The repository {text} is that of another project, on {first}; keep it at one of them."
        self._twice(self.repositories, problems, same, repositories=True)
        if not problems.broken:
            self._dangling(problems)

    def _gather(self, mentions: list[Mention], node: Node | None, file: str, field: str) -> None:
        if isinstance(node, Scalar) and node.text.strip():
            mentions.append(_mention(node, file, field))

    def _twice(self, mentions: list[Mention], problems: Problems, sentence: str, repositories: bool = False) -> None:
        first: dict[str, Mention] = {}
        for one in mentions:
            same = rules.repository_key(one.text) if repositories else one.text
            if same in first:
                before = first[same]
                where = f"line {before.line}" if before.file == one.file else f"{before.file}:{before.line}"
                text = sentence.format(text=quoted(one.text), first=where)
                problems.add(one.line, one.column, one.field, text, one.file)
            first.setdefault(same, one)

    def _dangling(self, problems: Problems) -> None:
        known = {kind: _Known(one.text for one in names) for kind, names in self.names.items()}
        looked = 0
        for kind, one in self.mentions:
            now = self.renamed.get((kind, one.text))
            if one.text in known[kind].slugs:
                if now and one.text not in self.current[kind]:
                    sentence = f"The {kind} {quoted(one.text)} has another slug now; write {now}."
                    problems.add(one.line, one.column, one.field, sentence, one.file)
                continue
            looked += 1
            near = known[kind].nearest(one.text) if looked <= _MAX_LOOKED else None
            advice = f"did you mean {near}?" if near else f"add the {kind}, or correct the slug."
            problems.add(one.line, one.column, one.field, f"There is no {kind} {quoted(one.text)}; {advice}", one.file)


class _Known:
    """The slugs of one kind, prepared for the question which of them was meant."""

    def __init__(self, slugs: Iterable[str]):
        self.slugs = set(slugs)
        self.by_start: dict[str, list[str]] = {}
        for slug in sorted(self.slugs):
            self.by_start.setdefault(slug[:2], []).append(slug)

    def nearest(self, text: str) -> str | None:
        if len(self.slugs) <= _MAX_NEAREST:
            return nearest(text, sorted(self.slugs))
        alike = [slug for slug in self.by_start.get(text[:2], ())[:10_000] if abs(len(slug) - len(text)) <= 3]
        return nearest(text, alike[:_MAX_NEAREST])


_A = {"project": "a project", "organization": "an organization", "collection": "a collection"}


def _mention(node: Scalar, file: str, field: str) -> Mention:
    return Mention(node.text, file, node.line, node.column, field)
