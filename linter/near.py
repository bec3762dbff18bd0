"""Which known name a person may have meant."""

from __future__ import annotations

from collections.abc import Iterable


def near(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate nearest to a mistyped name, None when none is near enough.

    Case, `-` and `_` are no slip. Names of 4 to 6 characters may have one slip, 2 up to 11, longer ones 3; shorter
    names must be equal but for case, `-` and `_`. The name itself is never returned; ties go to the first.
    """
    if len(name) < 2 or len(name) > 100:
        return None
    limit = 0 if len(name) <= 3 else 1 if len(name) <= 6 else 2 if len(name) <= 11 else 3
    folded = _folded(name)
    best: str | None = None
    best_distance = 2 * limit + 2
    for candidate in candidates:
        if candidate == name or len(candidate) < 2 or abs(len(candidate) - len(name)) > limit:
            continue
        other = _folded(candidate)
        distance = 1 if folded == other else 2 * edit_distance(folded, other, limit)
        if distance < best_distance:
            best, best_distance = candidate, distance
    return best


def _folded(name: str) -> str:
    return name.lower().replace("-", "_")


def edit_distance(left: str, right: str, limit: int) -> int:
    """Insertions, deletions, substitutions and swaps of neighbours between two texts; `limit + 1` when there are more.

    Each pair of neighbours is swapped at most once (optimal string alignment).
    """
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        previous, row, older = row, [i], before
        before = previous
        for j, b in enumerate(right, 1):
            cost = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a != b))
            if older and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return min(row[-1], limit + 1)
