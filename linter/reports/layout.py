"""Places boxes and arrows in the plane: layers from left to right, one lane for each set of networks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

WIDTH, HEIGHT = 168, 54
GAP, ROW, PASSAGE = 54, 26, 12
HEAD, PAD = 34, 16
SWEEPS = 6

Edge = tuple[str, str]
Point = tuple[float, float]


class Node(NamedTuple):
    """A box to be placed: its name, the lane that it must stand in, and whether it is a door from outside."""

    name: str
    lane: tuple[str, ...]
    entry: bool = False


class Lane(NamedTuple):
    """A horizontal band."""

    key: tuple[str, ...]
    y: float
    height: float


class Layout(NamedTuple):
    """Where everything stands. `spots` are the top left corners of boxes; `routes` the points an arrow runs through."""

    width: float
    height: float
    lanes: tuple[Lane, ...]
    spots: Mapping[str, Point]
    routes: Mapping[Edge, tuple[Point, ...]]


class _Item(NamedTuple):
    """What takes room in a column: a box, or a passage, where all arrows to one box cross the column together."""

    name: str
    rank: int
    lane: int
    passage: bool = False

    @property
    def height(self) -> float:
        return PASSAGE if self.passage else HEIGHT


def lay_out(nodes: Sequence[Node], edges: Iterable[Edge]) -> Layout:
    """Place nodes and the edges between them, deterministically; edges that lead out of the nodes are left out."""
    by_name = {node.name: node for node in nodes}
    wanted = [e for e in dict.fromkeys(edges) if e[0] != e[1] and e[0] in by_name and e[1] in by_name]
    forward = _forward(nodes, wanted)
    ranks = _ranks(nodes, forward)
    lanes = _lane_order(nodes, ranks)
    items, chains = _items(nodes, forward, ranks, {key: i for i, key in enumerate(lanes)})
    cells = _ordered(items, chains)
    return _placed(lanes, items, cells, chains, wanted)


def _forward(nodes: Sequence[Node], edges: Sequence[Edge]) -> list[Edge]:
    """The edges with those turned round that would close a circle, each pair of nodes once."""
    out: dict[str, list[str]] = {node.name: [] for node in nodes}
    reached = {target for _, target in edges}
    for source, target in edges:
        out[source].append(target)
    starts = sorted(nodes, key=lambda node: (node.name in reached, not node.entry))
    state: dict[str, int] = {}
    turned: dict[Edge, None] = {}
    for start in starts:
        stack = [(start.name, iter(out[start.name]))] if start.name not in state else []
        state.setdefault(start.name, 1)
        while stack:
            name, rest = stack[-1]
            target = next(rest, "")
            if not target:
                state[name] = 2
                stack.pop()
                continue
            turned[(target, name) if state.get(target) == 1 else (name, target)] = None
            if target not in state:
                state[target] = 1
                stack.append((target, iter(out[target])))
    return list(turned)


def _ranks(nodes: Sequence[Node], edges: Sequence[Edge]) -> dict[str, int]:
    """The column of each node: as far right as the longest way to it is long; what only calls stands near to it."""
    after: dict[str, list[str]] = {node.name: [] for node in nodes}
    before = dict.fromkeys(after, 0)
    for source, target in edges:
        after[source].append(target)
        before[target] += 1
    ranks = dict.fromkeys(after, 0)
    ready = [name for name, count in before.items() if not count]
    doors = {node.name for node in nodes if node.entry}
    callers = [name for name in ready if after[name] and name not in doors]
    while ready:
        name = ready.pop()
        for target in after[name]:
            ranks[target] = max(ranks[target], ranks[name] + 1)
            before[target] -= 1
            if not before[target]:
                ready.append(target)
    for name in callers:
        ranks[name] = min(ranks[target] for target in after[name]) - 1
    return ranks


def _lane_order(nodes: Sequence[Node], ranks: Mapping[str, int]) -> list[tuple[str, ...]]:
    """The lanes from the top: the one of the outermost service first, then always the one that has most in common."""
    first = sorted(nodes, key=lambda node: (not node.entry, ranks[node.name]))
    left = list(dict.fromkeys(node.lane for node in first))
    order = left[:1]
    while len(order) < len(left):
        rest = [lane for lane in left if lane not in order]
        order.append(max(rest, key=lambda lane: len(set(lane) & set(order[-1]))))
    return order


def _items(
    nodes: Sequence[Node], edges: Sequence[Edge], ranks: Mapping[str, int], lanes: Mapping[tuple[str, ...], int]
) -> tuple[dict[str, _Item], dict[Edge, list[str]]]:
    """Boxes and passages by name, and for each edge the items that it runs through."""
    items = {node.name: _Item(node.name, ranks[node.name], lanes[node.lane]) for node in nodes}
    chains: dict[Edge, list[str]] = {}
    for edge in edges:
        source, target = items[edge[0]], items[edge[1]]
        chain = [source.name]
        for rank in range(source.rank + 1, target.rank):
            name = f"{target.name}\n{rank}"
            items[name] = _Item(name, rank, target.lane, passage=True)
            chain.append(name)
        chains[edge] = [*chain, target.name]
    return items, chains


def _ordered(items: Mapping[str, _Item], chains: Mapping[Edge, Sequence[str]]) -> dict[tuple[int, int], list[str]]:
    """The items of each cell (lane, rank) from the top, so that few arrows cross."""
    cells: dict[tuple[int, int], list[str]] = {}
    for item in items.values():
        cells.setdefault((item.lane, item.rank), []).append(item.name)
    near: dict[str, tuple[list[str], list[str]]] = {name: ([], []) for name in items}
    for chain in chains.values():
        for left, right in pairwise(chain):
            near[right][0].append(left)
            near[left][1].append(right)
    place = {name: index / len(cell) for cell in cells.values() for index, name in enumerate(cell)}

    def mean(names: Sequence[str]) -> float:
        return sum(items[name].lane + place[name] for name in names) / len(names)

    for sweep in range(SWEEPS):
        side = sweep % 2
        for key in sorted(cells, key=lambda key: key[1], reverse=bool(side)):
            cell = cells[key]
            cell.sort(key={name: mean(near[name][side] or [name]) for name in cell}.__getitem__)
            place.update({name: index / len(cell) for index, name in enumerate(cell)})
    return cells


def _placed(
    keys: Sequence[tuple[str, ...]],
    items: Mapping[str, _Item],
    cells: Mapping[tuple[int, int], Sequence[str]],
    chains: Mapping[Edge, Sequence[str]],
    wanted: Sequence[Edge],
) -> Layout:
    top = 0.0
    lanes: list[Lane] = []
    spots: dict[str, Point] = {}
    for number, key in enumerate(keys):
        columns = {rank: cell for (lane, rank), cell in cells.items() if lane == number}
        heights = {rank: sum(items[n].height + ROW for n in cell) - ROW for rank, cell in columns.items()}
        inner = max(heights.values())
        lanes.append(Lane(key, top, inner + HEAD + ROW + PAD))
        for rank, cell in columns.items():
            y = top + HEAD + ROW / 2 + (inner - heights[rank]) / 2
            for name in cell:
                spots[name] = (PAD + rank * (WIDTH + GAP), y)
                y += items[name].height + ROW
        top += lanes[-1].height + PAD
    width = max(x for x, _ in spots.values()) + WIDTH + PAD
    boxes = {name: spot for name, spot in spots.items() if not items[name].passage}
    return Layout(width, top - PAD, tuple(lanes), boxes, _routes(spots, chains, wanted))


def _routes(
    spots: Mapping[str, Point],
    chains: Mapping[Edge, Sequence[str]],
    wanted: Sequence[Edge],
) -> dict[Edge, tuple[Point, ...]]:
    """The points of each arrow; arrows that meet at one side of a box are spread over it."""
    beside: dict[tuple[str, int], set[str]] = {}
    for chain in chains.values():
        beside.setdefault((chain[0], 1), set()).add(chain[1])
        beside.setdefault((chain[-1], -2), set()).add(chain[-2])

    def port(name: str, other: str, side: int) -> float:
        order = sorted(beside[name, side], key=lambda n: (spots[n][1], n))
        return spots[name][1] + HEIGHT * (order.index(other) + 1) / (len(order) + 1)

    routes: dict[Edge, tuple[Point, ...]] = {}
    for (source, target), chain in chains.items():
        points = [(spots[source][0] + WIDTH, port(source, chain[1], 1))]
        for name in chain[1:-1]:
            x, y = spots[name]
            points += [(x, y + PASSAGE / 2), (x + WIDTH, y + PASSAGE / 2)]
        points.append((spots[target][0], port(target, chain[-2], -2)))
        for edge, route in (((source, target), points), ((target, source), points[::-1])):
            if edge in wanted:
                routes[edge] = tuple(route)
    return routes
