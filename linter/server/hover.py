"""What an editor shows when the pointer rests on something: value, origin, documentation, the rule of a finding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from ...schemas.models.image import Image
from ...schemas.parsers import nginx_directives, squid_directives
from ...schemas.parsers.document import Span
from ..pages import read_page
from .compose_schema import fact
from .index import concerned, indexes
from .mention import Mention
from .subject import ComposeKey, Directive, JsonKey, Named, Subject, subject_at
from .variable_hover import variable_lines
from .words import Shown, code, listed

if TYPE_CHECKING:
    from ...schemas.models.deployment import Deployment
    from ..report import Reported
    from .analysis import Analysis


class Hover(NamedTuple):
    """Markdown about what stands at a span."""

    span: Span
    markdown: str


def hover(analysis: Analysis, path: str, offset: int) -> Hover | None:
    """What is known about what stands at an offset, None where that is nothing."""
    subject = subject_at(analysis, path, offset)
    findings = [
        d
        for d in analysis.report.diagnostics
        if d.place.document.path == path and d.place.span.start <= offset <= d.place.span.end
    ]
    parts = ["\n\n".join(_lines(analysis, path, subject))] if subject is not None else []
    parts += [_finding(each) for each in findings[:3]]
    markdown = "\n\n---\n\n".join(filter(None, parts))
    if not markdown:
        return None
    return Hover(subject.span if subject is not None else findings[0].place.span, markdown)


def _finding(reported: Reported) -> str:
    """The title and the reason of the rule behind a finding."""
    rule = reported.rule
    page = read_page(rule)
    why = page.why.partition("\n\n")[0] or page.summary
    return f"**{page.title}** ({rule.code} {rule.name})\n\n{why}"


def _lines(analysis: Analysis, path: str, subject: Subject) -> Iterator[str]:
    if isinstance(subject, ComposeKey):
        yield from compose_lines(subject.path)
    elif isinstance(subject, Directive):
        yield from directive_lines(subject.language, subject.name)
    elif isinstance(subject, JsonKey):
        yield from json_lines(analysis, path, subject.path)
    elif subject.mention.kind == "variable":
        owners = {owner for _, mention in subject.mentions for owner in mention.owners}
        yield from variable_lines(concerned(analysis, path), subject.name, Shown(analysis), owners)
    else:
        yield from _thing(analysis, path, subject)


def compose_lines(path: tuple[str, ...]) -> Iterator[str]:
    """Lines about the key of a Compose file that a path leads to."""
    found = fact(path)
    if found is not None:
        yield f"**{found.name}**: {found.description}" if found.description else f"**{found.name}**"
        if found.types:
            yield f"Takes: {', '.join(found.types)}."
        if found.values:
            yield f"Values: {listed(found.values)}."
        if found.default:
            yield f"Without it: {code(found.default)}."
        if found.deprecated:
            yield "It has no effect any more."


def directive_lines(language: str, name: str) -> Iterator[str]:
    """Lines about a directive of nginx or squid."""
    if language == "squid":
        if name in squid_directives.names():
            yield f"**{name}**: directive of squid."
            if name in squid_directives.access():
                before = "a word, then " if squid_directives.access()[name] else ""
                yield f"Takes {before}`allow` or `deny`, then acls. The first line whose acls all match decides."
        elif name in squid_directives.known():
            yield f"**{name}**: directive of another release of squid than 5.7."
        return
    for number, form in enumerate(nginx_directives.forms(name)):
        if not number:
            yield f"**{name}**: directive of nginx."
        count = f"{form.least}" if form.most == form.least else f"{form.least} to {form.most}"
        count = f"{form.least} or more" if form.most is None else count
        takes = "`on` or `off`" if form.flag else f"{count} argument{'s' if count != '1' else ''}"
        block = " and a block" if form.block else ""
        yield f"In {listed(sorted(form.contexts))}: takes {takes}{block}."


def json_lines(analysis: Analysis, path: str, key_path: str) -> Iterator[str]:
    """Lines about a key of a product's JSON configuration."""
    for deployment in concerned(analysis, path):
        for table in deployment.tables:
            try:
                keys = table.configuration
            except OSError:
                continue
            key = keys.keys.get(key_path)
            if key is None:
                continue
            yield f"**{key.path}** of {table.title}'s configuration"
            yield f"Takes: {key.type}."
            span = " ".join((f"since {key.since}" if key.since else "", f"until {key.until}" if key.until else ""))
            if span.strip():
                yield f"Known {span.strip()}."
            if key_path in keys.renamed:
                yield f"Later called {code(keys.renamed[key_path])}."
            if key_path in keys.variables:
                yield f"Since {keys.variables_since} the variable {code(keys.variables[key_path])} holds it."
            return


def _thing(analysis: Analysis, path: str, subject: Named) -> Iterator[str]:
    shown = Shown(analysis)
    seen: set[tuple[str, str]] = set()
    for index, mention in subject.mentions:
        if mention.key in seen:
            continue
        seen.add(mention.key)
        every = index.of(mention)
        defined = [m for m in every if m.form == "definition"]
        if mention.kind == "service":
            yield from service_lines(concerned(analysis, path), mention.name, shown)
        elif mention.kind == "acl":
            yield from _acl(mention.name, defined, shown)
        else:
            yield f"{mention.kind} **{code(mention.name)}**"
            users = [m for m in every if m.form == "use"]
            yield f"Used in {len(users)} place{'s' if len(users) != 1 else ''}."
        for each in defined[:1]:
            if mention.kind != "acl" and each.place != mention.place:
                yield f"Defined at {code(shown.where(each.place))}."


def acl_lines(analysis: Analysis, path: str, name: str) -> Iterator[str]:
    """Lines about an acl by its name."""
    found = [m for index in indexes(analysis, path) for m in index.called("acl", name) if m.form == "definition"]
    yield from _acl(name, found, Shown(analysis))


def _acl(name: str, defined: list[Mention], shown: Shown) -> Iterator[str]:
    yield f"acl **{code(name)}**"
    built_in = squid_directives.BUILT_IN.get(name.lower())
    if built_in is not None and not defined:
        yield f"Built into squid, of type {code(built_in)}."
    lines: list[str] = []
    for each in defined[:20]:
        document = each.place.document
        line = document.text[slice(*document.line_span(each.place.line))]
        lines.append(f"- {code(shown.plain(line.strip()))} at {code(shown.where(each.place))}")
    if lines:
        yield "\n".join(lines)


def service_lines(deployments: Iterable[Deployment], name: str, shown: Shown) -> Iterator[str]:
    """Lines about a service: what it runs, what it is in the product, where it listens and who reaches it."""
    for deployment in deployments:
        service = deployment.services.get(name)
        if service is None:
            continue
        state = "" if service.active else ", switched off by its profile"
        yield f"service **{code(service.name)}**{state}"
        image = shown.plain(service.image.text) if service.image is not None and service.image.text else ""
        rows: list[str] = []
        if image:
            rows.append(f"- image: {code(image)}")
        role, server = deployment.roles.get(service.name), deployment.server(service)
        if role is not None:
            table = deployment.table(role[0])
            rows.append(f"- role: {role[1].name} of {table.title if table else role[0]}")
        elif server is not None and image and server.name != Image.parse(image).name:
            rows.append(f"- server: {server.name}")
        listening = deployment.listening(service) or deployment.offered(service)
        if listening:
            rows.append(f"- listens on: {listed(map(str, sorted(listening)))}")
        published = [shown.plain(p.value.text) for p in service.ports if p.value.text]
        if published:
            rows.append(f"- published: {listed(published)}")
        networks = deployment.networks(service)
        if networks:
            rows.append(f"- networks: {listed(sorted(networks))}")
        if service.profiles:
            rows.append(f"- profiles: {listed(service.profiles)}")
        if rows:
            yield "\n".join(rows)
        return
