"""The topology of a deployment as an SVG picture, and the same as a table for those who do not see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ..masking import MASK, Masker
from ..topology import Arrow, Box, Topology
from .cells import cells
from .html_text import plain
from .layout import HEIGHT, PAD, WIDTH, Layout, Node, Point, lay_out
from .summary import plural

MOST_BOXES, MOST_ARROWS = 60, 240
HUES = 6
KINDS = {"calls": "has its address", "waits": "only starts after it", "apart": "has its address, no common network"}
NAME, IMAGE, PILL = 19, 22, 20  # columns that fit


class Mark(NamedTuple):
    """The findings of one service: how many, the worst severity, and the id of the first on the page."""

    number: int
    severity: str
    first: str


def picture(topology: Topology, marks: Mapping[str, Mark], title: str, key: str, masker: Masker) -> str:
    """The figure of one deployment; "" for one without services. `key` makes ids unique on the page."""
    if not topology.boxes:
        return ""
    drawing = _Drawing(topology, marks, key, masker)
    small = len(topology.boxes) <= MOST_BOXES and len(topology.arrows) <= MOST_ARROWS
    svg = drawing.svg(title) if small else "<p>There are too many services for a picture; the table has them.</p>"
    below = (drawing.caption() if small else "") + drawing.table(opened=not small)
    return f'<figure class="topology">{svg}{below}</figure>'


class _Drawing:
    def __init__(self, topology: Topology, marks: Mapping[str, Mark], key: str, masker: Masker) -> None:
        self._topology = topology
        self._marks = marks
        self._key = key
        self._masker = masker
        self._leaving: dict[str, list[Arrow]] = {}
        for arrow in topology.arrows:
            self._leaving.setdefault(arrow.source, []).append(arrow)
        self._number = {box.name: number for number, box in enumerate(topology.boxes)}
        networks = dict.fromkeys(n for box in topology.boxes for n in box.networks)
        self._hues = {network: index % HUES for index, network in enumerate(networks)}

    def svg(self, title: str) -> str:
        """The picture."""
        nodes = [Node(box.name, box.networks, bool(box.ports)) for box in self._topology.boxes]
        layout = lay_out(nodes, ((a.source, a.target) for a in self._topology.arrows))
        key, width, height = self._key, round(layout.width), round(layout.height)
        head = (
            f'<div class="scroll" tabindex="0" role="group" aria-label="Picture of {plain(title)}">'
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
            f'aria-labelledby="{key}-title {key}-text"><title id="{key}-title">Services of {plain(title)}</title>'
            f'<desc id="{key}-text">{self._words()}</desc><defs>{self._heads()}</defs>'
        )
        boxes = (self._box(box, layout.spots[box.name]) for box in self._topology.boxes)
        return "".join(
            (head, *self._bands(layout), *self._arrows(layout), *self._networks(layout), *boxes, "</svg></div>")
        )

    def _words(self) -> str:
        boxes = self._topology.boxes
        marked = ", ".join(self._text(box.name) for box in boxes if box.name in self._marks)
        found = f" Findings in: {marked}." if marked else " No service has findings."
        return f"{len(boxes)} services, {len(self._topology.arrows)} connections.{found} The table below says the same."

    def _heads(self) -> str:
        return "".join(
            f'<marker id="{self._key}-{kind}" class="head {kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
            f'markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0.5L8 4L0 7.5z"/></marker>'
            for kind in KINDS
        )

    def _bands(self, layout: Layout) -> Iterator[str]:
        for lane in layout.lanes:
            hue = self._hues[lane.key[0]] if lane.key else 0
            yield (
                f'<rect class="lane h{hue}" x="0.5" y="{lane.y + 0.5:g}" width="{layout.width - 1:g}" '
                f'height="{lane.height - 1:g}" rx="10"/>'
            )

    def _networks(self, layout: Layout) -> Iterator[str]:
        for lane in layout.lanes:
            x = float(PAD)
            for network in lane.key or ("no network",):
                text = _cut(self._masker.mask(network), 40)
                y = lane.y + 21
                yield f'<circle class="h{self._hues.get(network, 0)}" cx="{x + 4:g}" cy="{y - 4:g}" r="4"/>'
                yield f'<text class="network" x="{x + 14:g}" y="{y:g}">{plain(text)}</text>'
                x += 34 + cells(text).edges[-1] * 7.2

    def _arrows(self, layout: Layout) -> Iterator[str]:
        for arrow in self._topology.arrows:
            points = layout.routes.get((arrow.source, arrow.target))
            if points is None:
                continue
            kind = _kind(arrow)
            yield (
                f'<path class="arrow {kind}" data-ends="{self._number[arrow.source]} {self._number[arrow.target]}" '
                f'd="{_curve(points)}" marker-end="url(#{self._key}-{kind})">'
                f"<title>{self._text(arrow.source)} → {self._text(arrow.target)}: {self._reasons(arrow)}</title></path>"
            )

    def _reasons(self, arrow: Arrow) -> str:
        parts = [self._text(call) for call in arrow.calls[:6]]
        if len(arrow.calls) > len(parts):
            parts.append(f"{len(arrow.calls) - len(parts)} more")
        if arrow.waits:
            parts.append("depends_on")
        if arrow.apart:
            parts.append("no common network")
        return ", ".join(parts)

    def _box(self, box: Box, spot: Point) -> str:
        x, y = spot
        mark = self._marks.get(box.name)
        name = self._text(box.name)
        title = f"{name}: {self._text(box.image) or 'no image'}" + (f" ({plain(box.role)})" if box.role else "")
        parts: list[str] = []
        head = (
            f'<g class="box{f" {mark.severity}" if mark else ""}" data-number="{self._number[box.name]}" '
            f'transform="translate({x:g} {y:g})">'
            f'<title>{title}</title><rect width="{WIDTH}" height="{HEIGHT}" rx="7"/>'
            f'<text class="name" x="14" y="24">{plain(_cut(self._masker.mask(box.name), NAME))}</text>'
            f'<text class="image" x="14" y="41">{plain(_cut(self._image(box), IMAGE))}</text>'
        )
        if box.ports:
            text = _cut(self._masker.mask(", ".join(box.ports)), PILL)
            width = cells(text).edges[-1] * 6.7 + 14
            parts.append(
                f'<rect class="pill" x="10" y="-9" width="{width:g}" height="17" rx="8.5"/>'
                f'<text class="port" x="17" y="3.5">{plain(text)}</text>'
            )
        if mark:
            words = f"{plural(mark.number, 'finding')} in {name}"
            parts.append(
                f'<a href="#{mark.first}" aria-label="{words}"><title>{words}</title>'
                f'<circle class="badge" cx="{WIDTH - 6}" cy="4" r="11"/>'
                f'<text class="count" x="{WIDTH - 6}" y="8">{mark.number if mark.number < 100 else "99+"}</text></a>'
            )
        return "".join((head, *parts, "</g>"))

    def _image(self, box: Box) -> str:
        """The image without its registry and path; a name that is also somebody's password says nothing when masked."""
        image = self._masker.mask(box.image).rpartition("/")[2]
        return box.role if MASK in image else image

    def caption(self) -> str:
        """What the signs mean, and what is not drawn."""
        kinds = set(map(_kind, self._topology.arrows))
        keys = [
            f'<span class="key"><svg width="34" height="10" aria-hidden="true"><path class="arrow {kind}" '
            f'd="M1 5H26" marker-end="url(#{self._key}-{kind})"/></svg>{words}</span>'
            for kind, words in KINDS.items()
            if kind in kinds
        ]
        if any(box.ports for box in self._topology.boxes):
            keys.append('<span class="key"><span class="pill">80</span>published port</span>')
        keys.append('<span class="key"><span class="band"></span>a band for each set of networks</span>')
        return f"<figcaption>{''.join(keys)}{self._off()}</figcaption>"

    def _off(self) -> str:
        off = self._topology.off
        if not off:
            return ""
        names = ", ".join(map(self._text, off[:12])) + (f" and {len(off) - 12} more" if len(off) > 12 else "")
        return f'<span class="off">Switched off by profiles: {names}</span>'

    def table(self, *, opened: bool) -> str:
        """Everything that the picture shows, as rows."""
        rows = "".join(map(self._row, self._topology.boxes))
        heads = "".join(f'<th scope="col">{t}</th>' for t in ("Service", "Image", "Networks", "Published", "Uses"))
        count = len(self._topology.boxes)
        return (
            f"<details{' open' if opened else ''}><summary>{plural(count, 'service')} as a table</summary>"
            f'<div class="scroll" tabindex="0" role="group" aria-label="Table of services">'
            f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div></details>"
        )

    def _row(self, box: Box) -> str:
        mark = self._marks.get(box.name)
        found = f' <a class="{mark.severity}" href="#{mark.first}">{mark.number} found</a>' if mark else ""
        uses = "<br>".join(
            f"{self._text(a.target)} <small>{self._reasons(a)}</small>" for a in self._leaving.get(box.name, ())
        )
        texts = (self._text(box.image), self._listed(box.networks), self._listed(box.ports), uses)
        columns = "".join(f"<td>{text}</td>" for text in texts)
        return f'<tr><th scope="row">{self._text(box.name)}{found}</th>{columns}</tr>'

    def _listed(self, texts: Sequence[str]) -> str:
        return ", ".join(map(self._text, texts))

    def _text(self, text: str) -> str:
        return plain(self._masker.mask(text))


def _kind(arrow: Arrow) -> str:
    return "apart" if arrow.apart else "calls" if arrow.calls else "waits"


def _curve(points: Sequence[Point]) -> str:
    """A path through the points: level where it passes a column, bent between columns."""
    (x, y), *rest = points
    out = [f"M{x:g} {y:g}"]
    for to_x, to_y in rest:
        if to_y == y:
            out.append(f"H{to_x:g}")
        else:
            middle = (x + to_x) / 2
            out.append(f"C{middle:g} {y:g} {middle:g} {to_y:g} {to_x:g} {to_y:g}")
        x, y = to_x, to_y
    return "".join(out)


def _cut(text: str, columns: int) -> str:
    """A text of at most so many columns."""
    laid = cells(text)
    if laid.edges[-1] <= columns:
        return text
    size = next(i for i, edge in enumerate(laid.edges) if edge > columns - 1) - 1
    return text[:size] + "…"
