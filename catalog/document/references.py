"""Checks references between the records of a document: names used twice, references to nothing."""

from collections.abc import Iterable
from dataclasses import dataclass

from catalog import text_rules as rules
from catalog.document.problems import Problems
from catalog.sentences import quoted
from catalog.vocabulary import nearest
from catalog.yaml_nodes import Mapping, Node, Scalar, Sequence

_MAX_NEAREST = 500  # slugs compared for a suggestion, which takes up to 8 ms
_MAX_SUGGESTIONS = 100  # references to nothing for which a suggestion is searched


@dataclass(frozen=True, slots=True)
class Mention:
    """A text at its place."""

    text: str
    line: int
    column: int
    field: str


class DocumentReferences:
    """Collects while a document is read, and reports at the end."""

    def __init__(self) -> None:
        self.mentions: list[tuple[str, Mention]] = []
        self.names: dict[str, list[Mention]] = {"project": [], "organization": [], "collection": []}
        self.current: dict[str, set[str]] = {kind: set() for kind in self.names}
        self.renamed: dict[tuple[str, str], str] = {}  # (kind, former slug) -> slug
        self.ids: list[Mention] = []
        self.repositories: list[Mention] = []

    def refer(self, kind: str, node: Scalar, field: str) -> None:
        """A record of this kind is referred to at `node`."""
        self.mentions.append((kind, _mention_of(node, field)))

    def record(self, kind: str, node: Mapping, field: str) -> None:
        """A record of this kind is defined at `node`."""
        self._gather(self.names[kind], node.get("slug"), f"{field}.slug")
        self.current[kind].add(node.text("slug") or "")
        former = node.get("former")
        for former_slug in former.nodes if isinstance(former, Sequence) else ():
            self._gather(self.names[kind], former_slug, f"{field}.former")
            if isinstance(former_slug, Scalar):
                self.renamed[kind, former_slug.text] = node.text("slug") or ""
        self._gather(self.ids, node.get("id"), f"{field}.id")
        self._gather(self.repositories, node.get("repository"), f"{field}.repository")

    def check(self, problems: Problems) -> None:
        for kind, names in self.names.items():
            self._report_duplicates(
                names, problems, f"The slug {{text}} of {_WITH_ARTICLE[kind]} is taken on {{first}}; choose another."
            )
        self._report_duplicates(
            self.ids, problems, "The id {text} is taken on {first}; remove this one, and another is made."
        )
        same = "The repository {text} is that of another project, on {first}; keep it at one of them."
        self._report_duplicates(self.repositories, problems, same, repositories=True)
        if not problems.broken:
            self._report_dangling(problems)

    def _gather(self, mentions: list[Mention], node: Node | None, field: str) -> None:
        if isinstance(node, Scalar) and node.text.strip():
            mentions.append(_mention_of(node, field))

    def _report_duplicates(
        self, mentions: list[Mention], problems: Problems, sentence: str, repositories: bool = False
    ) -> None:
        first: dict[str, Mention] = {}
        for mention in mentions:
            same = rules.repository_key(mention.text) if repositories else mention.text
            if same in first:
                before = first[same]
                text = sentence.format(text=quoted(mention.text), first=f"line {before.line}")
                problems.add(mention.line, mention.column, mention.field, text)
            first.setdefault(same, mention)

    def _report_dangling(self, problems: Problems) -> None:
        slugs_by_kind = {kind: _KnownSlugs(mention.text for mention in names) for kind, names in self.names.items()}
        count = 0
        for kind, mention in self.mentions:
            now = self.renamed.get((kind, mention.text))
            if mention.text in slugs_by_kind[kind].slugs:
                if now and mention.text not in self.current[kind]:
                    sentence = f"The {kind} {quoted(mention.text)} has another slug now; write {now}."
                    problems.add(mention.line, mention.column, mention.field, sentence)
                continue
            count += 1
            near = slugs_by_kind[kind].nearest(mention.text) if count <= _MAX_SUGGESTIONS else None
            advice = f"did you mean {near}?" if near else f"add the {kind}, or correct the slug."
            sentence = f"There is no {kind} {quoted(mention.text)}; {advice}"
            problems.add(mention.line, mention.column, mention.field, sentence)


class _KnownSlugs:
    """The slugs of one kind, prepared for the search which of them was meant."""

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


_WITH_ARTICLE = {"project": "a project", "organization": "an organization", "collection": "a collection"}


def _mention_of(node: Scalar, field: str) -> Mention:
    return Mention(node.text, node.line, node.column, field)
