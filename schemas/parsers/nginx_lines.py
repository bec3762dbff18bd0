"""Where a `;` or a `}` is missing, guessed as a reader would: by the lines, the indentation, the known directives."""

from __future__ import annotations

from collections.abc import Sequence

from .nginx import NginxDirective, NginxWord
from .nginx_directives import ANY, accepts, contexts, forms
from .nginx_words import PLACEHOLDER


def missing_ends(text: str, words: Sequence[NginxWord], parents: Sequence[str], ended: str) -> list[int]:
    """The indexes of the words before which a `;` is missing.

    `words` is all that nginx reads as one directive, `ended` is the `;` or `{` that ends it ("" for neither), `parents`
    names the blocks around it, outermost first. A break is seen before a word that is first on its line and starts a
    directive allowed there, where both sides are complete by their argument counts. Where nginx would take the whole as
    it stands (many directives take any number of words), the line must moreover not be indented deeper than the first.
    """
    firsts = [i for i in range(1, len(words)) if "\n" in text[words[i - 1].span.end : words[i].span.start]]
    if not firsts:
        return []
    block = ended == "{"
    if parents and parents[-1] in ("map", "split_clients", "charset_map"):
        # nginx refuses any other number of words there.
        return firsts if firsts == list(range(2, len(words), 2)) and len(words) % 2 == 0 and not block else []
    where = contexts(parents)
    if where is not None and not where:
        return _type_lines(words, firsts) if parents[-1] == "types" else []
    if where is None:
        # Neighbours in one block have a context in common, whichever it is.
        where = frozenset(c for form in forms(words[0].text) for c in form.contexts if c != ANY) or None
    found = _breaks(words, firsts, where, ended)
    if found and (not forms(words[0].text) or accepts(words[0].text, len(words) - 1, block=block)):
        deepest = _indent(text, words[0].span.start)
        found = [i for i in found if _indent(text, words[i].span.start) <= deepest]
    return found


def _type_lines(words: Sequence[NginxWord], firsts: list[int]) -> list[int]:
    """Within `types`: a media type at the start of a line is no file extension."""
    return [i for n, i in enumerate(firsts) if "/" in words[i].text and i - (firsts[n - 1] if n else 0) > 1]


def _breaks(words: Sequence[NginxWord], firsts: list[int], where: frozenset[str] | None, ended: str) -> list[int]:
    found: list[int] = []
    begin = 0
    for n, i in enumerate(firsts):
        if not _complete(words, begin, i, where):
            continue
        line_end = firsts[n + 1] if n + 1 < len(firsts) else len(words)
        alone = line_end == i + 1 and (i + 1 < len(words) or not ended)
        if _starts(words[i], where) or (alone and _is_placeholder(words[i])):
            found.append(i)
            begin = i
    while found and not _ends(words, found[-1], where, block=ended == "{"):
        found.pop()
    return found


def _starts(word: NginxWord, where: frozenset[str] | None) -> bool:
    if word.quote:
        return False
    return any(
        where is None or ANY in form.contexts or not where.isdisjoint(form.contexts) for form in forms(word.text)
    )


def _is_placeholder(word: NginxWord) -> bool:
    return not word.quote and PLACEHOLDER.fullmatch(word.text) is not None


def _complete(words: Sequence[NginxWord], begin: int, end: int, where: frozenset[str] | None) -> bool:
    """Whether these words could be a directive ended by `;`; an unknown name needs an argument."""
    name, count = words[begin], end - begin - 1
    if _is_placeholder(name):
        return count == 0
    if not forms(name.text):
        return begin == 0 and count > 0
    return accepts(name.text, count, block=False, where=where)


def _ends(words: Sequence[NginxWord], begin: int, where: frozenset[str] | None, *, block: bool) -> bool:
    name, count = words[begin], len(words) - begin - 1
    if _is_placeholder(name):
        return count == 0 and not block
    return accepts(name.text, count, block=block, where=where)


def _before(text: str, offset: int) -> str:
    """What stands before the offset on its line; of a very long line the end, so that no line is read over and over."""
    return text[max(text.rfind("\n", max(0, offset - 1000), offset) + 1, offset - 1000, 0) : offset]


def _indent(text: str, offset: int) -> int:
    """The width of the white space at the start of the line, a tab counted as eight."""
    line = _before(text, offset).expandtabs(8)
    return len(line) - len(line.lstrip())


def lacking_close(
    text: str, closed: Sequence[NginxDirective], still_open: Sequence[NginxDirective]
) -> list[NginxDirective]:
    """The blocks that lack their `}`, in the order of the text.

    A block that was left open takes the next `}`, which was meant for the block around it. That shows when this brace
    stands first on its line, further left than the line that opened the block; where nothing shows, those blocks are
    named that are open at the end of the file.
    """
    blamed = [d for d in closed if _misaligned(text, d)]
    return sorted((*blamed[: len(still_open)], *still_open[len(blamed) :]), key=lambda d: d.span.start)


def _misaligned(text: str, directive: NginxDirective) -> bool:
    brace = directive.end.start
    return not _before(text, brace).strip() and _indent(text, brace) < _indent(text, directive.span.start)
