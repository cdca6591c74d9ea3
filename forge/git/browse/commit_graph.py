"""The newest commits of a history from the commit graph that each visit writes, without a process: git needs three
milliseconds to start, and this a third of one for a page.

It is a walk by date as `git rev-list` does it, over the ids, dates and parents in the graph's files.
https://git-scm.com/docs/commit-graph-format
"""

import mmap
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import ExitStack
from heapq import heappop, heappush
from pathlib import Path
from struct import Struct, error

_GRAPHS = "objects/info/commit-graphs"
_HEAD, _CHUNK, _FAN, _ROW = Struct(">4sBBBB"), Struct(">4sQ"), Struct(">I"), Struct(">IIQ")
_LAYERS = 64
_NONE, _MORE, _PLACE = 0x7000_0000, 0x8000_0000, 0x7FFF_FFFF
_SECONDS = (1 << 34) - 1  # of a date; above are the bits of the generation


def newest(mirror: Path, oid: str, maximum: int) -> tuple[bytes, bool] | None:
    """The ids of the newest commits from `oid` back, one after another, and whether these are all. None where the graph
    does not tell: it is not there, is damaged or older than `oid`, or the history was cut by who made the copy.
    """
    if (mirror / "shallow").exists():
        return None
    try:
        with ExitStack() as opened:
            graph = _Graph(mirror / _GRAPHS, len(oid) // 2, opened)
            start = graph.place_of(bytes.fromhex(oid))
            return None if start is None else graph.walk(start, maximum)
    except (OSError, ValueError, IndexError, error):
        return None


class _Layer:
    """One file of the graph: `first` commits are in those before it."""

    def __init__(self, data: mmap.mmap, first: int, width: int):
        mark, _version, hash_version, chunks, _bases = _HEAD.unpack_from(data)
        if mark != b"CGPH" or hash_version != (1 if width == 20 else 2):
            raise ValueError("This is no commit graph of these ids")
        places = dict(_CHUNK.unpack_from(data, 8 + 12 * number) for number in range(chunks))
        self.data, self.first, self.width = data, first, width
        self.fan, self.ids, self.rows = places[b"OIDF"], places[b"OIDL"], places[b"CDAT"]
        self.edges = places.get(b"EDGE", len(data))
        self.commits = _FAN.unpack_from(data, self.fan + 4 * 255)[0]

    def id_at(self, row: int) -> bytes:
        return self.data[self.ids + row * self.width : self.ids + (row + 1) * self.width]

    def row_of(self, oid: bytes) -> int | None:
        low = _FAN.unpack_from(self.data, self.fan + 4 * (oid[0] - 1))[0] if oid[0] else 0
        high = _FAN.unpack_from(self.data, self.fan + 4 * oid[0])[0]
        row = bisect_left(range(high), oid, low, high, key=self.id_at)
        return row if row < high and self.id_at(row) == oid else None


class _Graph:
    """The files of a graph, the oldest commits in the first. A commit's place counts through all of them."""

    def __init__(self, folder: Path, width: int, opened: ExitStack):
        self._layers: list[_Layer] = []
        commits = 0
        for name in (folder / "commit-graph-chain").read_text("ascii").split()[:_LAYERS]:
            with (folder / f"graph-{name}.graph").open("rb") as file:
                data = opened.enter_context(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
            self._layers.append(_Layer(data, commits, width))
            commits += self._layers[-1].commits

    def place_of(self, oid: bytes) -> int | None:
        for layer in reversed(self._layers):
            if (row := layer.row_of(oid)) is not None:
                return layer.first + row
        return None

    def walk(self, start: int, maximum: int) -> tuple[bytes, bool]:
        ids = bytearray()
        # By date, the newest first, and those of one second as they were found: git's order.
        waiting, found = [(0, 0, start)], {start}
        while waiting and maximum:
            place = heappop(waiting)[2]
            layer = self._layer_of(place)
            ids += layer.id_at(place - layer.first)
            maximum -= 1
            for parent in self._parents(layer, place - layer.first):
                if parent not in found:
                    found.add(parent)
                    heappush(waiting, (-self._date(parent), len(found), parent))
        return bytes(ids), not waiting

    def _layer_of(self, place: int) -> _Layer:
        return next(layer for layer in reversed(self._layers) if layer.first <= place)

    def _date(self, place: int) -> int:
        layer = self._layer_of(place)
        at = layer.rows + (place - layer.first) * (layer.width + 16) + layer.width
        seconds: int = _ROW.unpack_from(layer.data, at)[2] & _SECONDS
        return seconds

    def _parents(self, layer: _Layer, row: int) -> Iterator[int]:
        first, second, _ = _ROW.unpack_from(layer.data, layer.rows + row * (layer.width + 16) + layer.width)
        if first != _NONE:
            yield first
        if second & _MORE:  # a merge of more than two: its others are in a list, the last of them marked
            at = layer.edges + 4 * (second & _PLACE)
            while True:
                (parent,) = _FAN.unpack_from(layer.data, at)
                yield parent & _PLACE
                if parent & _MORE:
                    break
                at += 4
        elif second != _NONE:
            yield second
