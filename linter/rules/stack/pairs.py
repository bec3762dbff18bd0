"""Keys and other settings that two services must have alike: one sends them, the other compares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    Place,
    ProductTable,
    Related,
    Server,
    Severity,
    Source,
    change_part,
    change_value,
    rule,
)
from .agreement import Agreement, Holder, agreements
from .sandbox_key import sandbox_keys

# A server that reads a list of keys does so only while this is true.
SWITCHES = {"AUTHENTICATION_APIKEY_ALLOWED_KEYS": "AUTHENTICATION_APIKEY_ENABLED"}
ON = frozenset({"true", "on", "enabled", "1"})


class Pair(NamedTuple):
    """What a service has (`ours`) and what the one that it deals with has (`theirs`), which differ."""

    ours: Holder
    theirs: Holder


@rule("STK010", "pair-disagrees", Deployment, Severity.ERROR, fix=Applicability.UNSAFE)
def pair_disagrees(deployment: Deployment) -> Diagnostics:
    """A key that one service sends and that is not the one which the other service expects."""
    for table in deployment.tables:
        seen: set[Place] = set()
        for agreement in agreements(deployment, table):
            for pair in _pairs(deployment, agreement):
                wrong, right = _sides(table, pair)
                if wrong.place not in seen:
                    seen.add(wrong.place)
                    yield _disagreement(deployment, pair, wrong, right)
        if table.name == "dify":
            yield from sandbox_keys(deployment)


def _pairs(deployment: Deployment, agreement: Agreement) -> Iterator[Pair]:
    if agreement.target:
        ours = [holder for holder in agreement.holders if holder.calls]
        theirs = [holder for holder in agreement.holders if not holder.calls]
    else:
        # Without an address the first one of the table is the api, which all the others talk to.
        role = deployment.role(agreement.holders[0].service)
        theirs = [holder for holder in agreement.holders if deployment.role(holder.service) == role]
        ours = [holder for holder in agreement.holders if not _is_twin(deployment, holder, theirs[0])]
    known = {holder.text for holder in theirs}
    # Several of one kind: nobody can say which belongs to which.
    if not theirs or (not agreement.target and len(known) > 1):
        return
    if _is_judged_elsewhere(deployment, theirs[0]):
        return
    for holder in ours:
        if holder.text not in known:
            yield Pair(holder, theirs[0])


def _is_twin(deployment: Deployment, one: Holder, other: Holder) -> bool:
    """Whether two services run the same image: what differs there is no pair."""
    mine, its = deployment.image(one.service), deployment.image(other.service)
    return mine is not None and its is not None and mine.name == its.name


def _is_judged_elsewhere(deployment: Deployment, holder: Holder) -> bool:
    """Whether it is part of a server's log-in (STK005), or of something that is switched off."""
    switch = SWITCHES.get(holder.variable.name)
    if switch:
        variable = holder.service.environment.get(switch)
        return variable is None or (variable.value.text or "").lower() not in ON
    server = deployment.server(holder.service)
    return server is not None and holder.variable.name in _log_in(server)


def _log_in(server: Server) -> frozenset[str]:
    facts = ("user", "password", "root_password", "database")
    names = frozenset(name for fact in facts for name in server.variables(fact))
    # Redis takes its password on the command line; the variable is for its own client.
    return names | {"REDISCLI_AUTH"} if "password_flag" in server.facts else names


def _sides(table: ProductTable, pair: Pair) -> tuple[Holder, Holder]:
    """Which side is wrong, and which is right: wrong is what was left as it ships when the other was changed."""
    ours, theirs = pair
    if _is_left(table, theirs) and not _is_left(table, ours):
        return theirs, ours
    return ours, theirs


def _is_left(table: ProductTable, holder: Holder) -> bool:
    piece = holder.value.piece_at(holder.start)
    return (piece is not None and piece.source is Source.DEFAULT) or table.default_secret(holder.text)


def _disagreement(deployment: Deployment, pair: Pair, wrong: Holder, right: Holder) -> Diagnostic:
    ours, theirs = pair
    values = (
        ("reader", ours.service.name),
        ("service", theirs.service.name),
        ("ours", ours.variable.name),
        ("theirs", theirs.variable.name),
    )
    related = [Related(right.place, "the other one is here")]
    if all(wrong.variable.place.document is not place.document for place in (wrong.place, right.place)):
        related.append(Related(wrong.variable.place, "it is passed on here"))
    return Diagnostic(
        wrong.place,
        "`{ours}` of `{reader}` is not what `{service}` has in `{theirs}`, and the two must be the same: each refuses "
        "what the other one asks; write one value in both places",
        values,
        tuple(related),
        _copied(deployment, wrong, right),
    )


def _copied(deployment: Deployment, wrong: Holder, right: Holder) -> tuple[Fix, ...]:
    whole = wrong.text == wrong.value.text
    part = (wrong.text, wrong.start, wrong.end)
    text = right.text
    if not whole and not wrong.item:
        from urllib.parse import quote

        text = quote(text, safe="")
    value = wrong.value
    edit = change_value(deployment, value, text) if whole else change_part(deployment, value, part, text)
    if edit is None:
        return ()
    values = (("source", right.variable.name), ("service", right.service.name))
    return (Fix("Use `{source}` of `{service}`", (edit,), Applicability.UNSAFE, values),)
