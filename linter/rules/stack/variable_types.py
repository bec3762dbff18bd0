"""Values that are not of the variable's type: words for numbers, numbers out of range, names of nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    Place,
    ProductTable,
    Related,
    Service,
    Severity,
    Variable,
    Version,
    change_value,
    near,
    rule,
    secret_name,
)
from .broken_schemes import Slip, broken_schemes, of_slips
from .first_start import with_refused_values
from .limits import above_others

if TYPE_CHECKING:
    from ...kit import VariableFact

WANTED = {
    "bool": "`{variable}` must be `true` or `false`, and `{service}` gets {given}",
    "int": "`{variable}` must be a whole number, and `{service}` gets {given}",
    "float": "`{variable}` must be a number, and `{service}` gets {given}",
    "enum": "`{variable}` must be one of {values}, and `{service}` gets {given}",
    "url": "`{variable}` must be an address that begins with `http://` or `https://`, and `{service}` gets {given}",
    "web-address": "`{variable}` must be an address with its scheme (`http://…`), and `{service}` gets {given}",
    "no-port": "`{variable}` has a port that is no number, and `{service}` gets {given}",
    "websocket": "`{variable}` must be an address that begins with `ws://` or `wss://`, and `{service}` gets {given}",
    "origins": (
        "`{variable}` must be origins as browsers send them, scheme, host and port with nothing behind, parted by "
        "commas, and `{service}` gets {given}"
    ),
    "bare-host": "`{variable}` must be a host name alone, without scheme, port or path, and `{service}` gets {given}",
    "log-level": "`{variable}` must be `DEBUG`, `INFO`, `WARNING`, `ERROR` or `CRITICAL`, and `{service}` gets {given}",
    "minimum": "`{variable}` must be at least {bound}, and `{service}` gets {given}",
    "maximum": "`{variable}` must be at most {bound}, and `{service}` gets {given}",
    "above": "`{variable}` must be more than {bound}, and `{service}` gets {given}",
    "below": "`{variable}` must be less than {bound}, and `{service}` gets {given}",
    "min_length": "`{variable}` must have at least {bound} characters, and `{service}` gets fewer",
    "max_length": "`{variable}` must have at most {bound} characters, and `{service}` gets more",
}
SWITCH = "`{variable}` must be {values} to the letter, and `{service}` gets {given}: {title} takes that for `{taken}`"
STOPS = {kind: f"{text}: {{title}} does not start with it" for kind, text in WANTED.items()}
IGNORES = {kind: f"{text}: {{title}} cannot use it" for kind, text in WANTED.items()}

# Addresses are judged where they are called, and the program starts with a wrong one.
ADDRESSES = frozenset({"web-address", "bare-host", "no-port"})
TAKEN_AT_FIRST = frozenset({"web-address", "origins"})

MAX_SHOWN = 40


class Misfit(NamedTuple):
    """A value that its reader does not take, and what the table says of the variable."""

    table: ProductTable
    service: Service
    variable: Variable
    fact: VariableFact
    text: str

    @property
    def place(self) -> Place:
        """Where a person edits it."""
        return self.variable.edit_place


@rule("STK013", "known-variable-type", Deployment, Severity.ERROR, fix=Applicability.UNSAFE)
def known_variable_type(deployment: Deployment) -> Diagnostics:
    """A number, a switch or a choice that the program cannot read."""
    seen: set[Place] = set()
    for misfit in _misfits(deployment):
        if misfit.place not in seen:
            seen.add(misfit.place)
            yield _said(deployment, misfit)
    yield from above_others(deployment)
    yield from with_refused_values(deployment)
    for place, slips in broken_schemes(deployment):
        if place not in seen and not any(_is_told_elsewhere(deployment, slip) for slip in slips):
            yield of_slips(deployment, place, slips)


def _is_told_elsewhere(deployment: Deployment, slip: Slip) -> bool:
    """Whether a product's own rules judge the variable of an address."""
    found = deployment.roles.get(slip.service.name)
    table = deployment.table(found[0]) if found else None
    return table is not None and _is_judged_elsewhere(table, slip.variable.name)


def _misfits(deployment: Deployment) -> Iterator[Misfit]:
    # Services of one image get most of their values from one place: each text is judged once.
    judged: dict[str, dict[tuple[str, str], VariableFact | None]] = {}
    for name, (product, role) in deployment.roles.items():
        service, table = deployment.services[name], deployment.table(product)
        image = deployment.image(service)
        if table is None or image is None or not service.active:
            continue
        version = deployment.versions.get(product)
        facts = table.variables(version, role.name)
        known = judged.setdefault(image.name, {})
        source = _newer_than_table(deployment, table, version, role.name)
        for variable in service.environment.values():
            text = variable.value.text
            if text is None:
                continue
            key = variable.name, text
            if key not in known:
                fact = _refusing(source, *key) if source else facts.refusing(*key)
                sure = fact is not None and (
                    not _is_judged_elsewhere(table, fact.name)
                    if source
                    else _is_sure(table, version, role.name, fact, text)
                )
                taken = sure and fact is not None and _takes(deployment, product, role.name, fact, text)
                known[key] = fact if sure and not taken else None
            refusing = known[key]
            if refusing is not None and _is_called(deployment, service, refusing):
                yield Misfit(table, service, variable, refusing, text)


def _newer_than_table(
    deployment: Deployment, table: ProductTable, version: Version | None, role: str
) -> Mapping[str, VariableFact] | None:
    """What the checkout beside the deployment says of a release that the table does not know yet."""
    if version is None or version <= table.newest:
        return None
    checkout = deployment.checkout(table.name)
    return deployment.read_by_source(table.name, role) if checkout and checkout.version == version else None


def _refusing(facts: Mapping[str, VariableFact], name: str, text: str) -> VariableFact | None:
    fact = facts.get(name)
    return None if fact is None or fact.accepts(text) else fact


def _takes(deployment: Deployment, product: str, role: str, fact: VariableFact, text: str) -> bool:
    """Whether the very source that is deployed takes the text; it knows better than the table."""
    source = deployment.read_by_source(product, role)
    own = source.get(fact.name) if source else None
    return own is not None and fact.form not in WANTED and own.accepts(text)


def _is_called(deployment: Deployment, service: Service, fact: VariableFact) -> bool:
    """Whether an address is one that the service calls, by the choices made; true of all that is no address."""
    return fact.form not in ADDRESSES or fact.type == "url" or fact.name in deployment.contacts(service)


def _is_sure(table: ProductTable, version: Version | None, role: str, fact: VariableFact, text: str) -> bool:
    """Whether the release certainly has this fact, and no other rule says what breaks it."""
    if _is_judged_elsewhere(table, fact.name):
        return False
    if version is None:
        return not any(other.accepts(text) for other in table.history(role, fact.name))
    # A release newer than the table may know more names than the table does; a name that was replaced stays away.
    return fact.type != "enum" or version <= table.newest or text in fact.now


def _is_judged_elsewhere(table: ProductTable, name: str) -> bool:
    """Whether the product's own rules judge it: public URLs, and the choices of store, storage, mail and the like."""
    return (
        name in table.data.get("urls", {})
        or name in table.data.get("cors", {})
        or name == table.data.get("vector_stores", {}).get("variable")
        or bool(table.settings_of(name))
    )


def _said(deployment: Deployment, misfit: Misfit) -> Diagnostic:
    table, service, variable, fact, text = misfit
    kind, bound = _broken(fact, text)
    switch = fact.form == "switch"
    role = deployment.roles[service.name][1]
    # What is judged before anything starts stops the service.
    judged = role.judges(deployment.versions.get(table.name)) and role.name in fact.roles
    strict = judged and not switch and kind not in TAKEN_AT_FIRST and fact.form != "typed"
    hidden = fact.secret or secret_name(variable.name) or len(text) > MAX_SHOWN
    values = (
        ("variable", variable.name),
        ("service", service.name),
        ("title", table.title),
        ("values", _listed(fact.values, " or " if switch else ", ")),
        ("bound", bound),
        ("taken", fact.default or "false"),
        ("given", "an empty text" if not text.strip() else "something else" if hidden else f"`{text}`"),
    )
    passed = Related(variable.place, "`{service}` gets it here", values)
    return Diagnostic(
        misfit.place,
        SWITCH if switch else (STOPS if strict else IGNORES)[kind],
        values,
        (passed,) if variable.place.document is not misfit.place.document else (),
        _nearest(deployment, misfit),
        None if strict or kind in ADDRESSES else Severity.WARNING,
    )


def _listed(values: tuple[str, ...], last: str) -> str:
    shown = [f"`{value}`" for value in values]
    return last.join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def _broken(fact: VariableFact, text: str) -> tuple[str, str]:
    """What a text does not keep: a key of WANTED, and the bound."""
    if fact.refuses_port(text):
        return "no-port", ""
    if fact.type == "str" and fact.form in WANTED:
        return fact.form, ""
    if fact.type == "str":
        short = len(text) < (fact.min_length or 0)
        return ("min_length", str(fact.min_length)) if short else ("max_length", str(fact.max_length))
    if fact.type not in ("int", "float"):
        return fact.type, ""
    free = fact._replace(minimum=None, maximum=None, above=None, below=None)
    tried = (
        ("minimum", fact.minimum, free._replace(minimum=fact.minimum)),
        ("maximum", fact.maximum, free._replace(maximum=fact.maximum)),
        ("above", fact.above, free._replace(above=fact.above)),
        ("below", fact.below, free._replace(below=fact.below)),
    )
    if free.accepts(text):
        for name, bound, only in tried:
            if not only.accepts(text):
                return name, f"{bound:.12g}"
    return fact.type, ""


def _addressed(text: str) -> str:
    text = text.strip()
    return re.sub(r"(://[^/?#\s]*:\d+)[^\d/?#\s]+", r"\1", text) if "://" in text else f"http://{text}"


# What a text of this form, or type, may have been meant to be.
_RIGHT: Mapping[str, Callable[[str], str]] = {
    "url": _addressed,
    "web-address": _addressed,
    "megabytes": lambda text: re.sub(r"\s*[Mm][Ii]?[Bb]?\s*$", "", text.strip()),
    "bare-host": lambda text: re.sub(r"^[a-z+]+://|(?::\d+)?/*$", "", text.strip()),
    "log-level": lambda text: text.strip().upper(),
    "origins": lambda text: re.sub(r"([^/\s])/+(?=\s*(?:,|$))", r"\1", text),
    "websocket": lambda text: re.sub(r"^\s*http(?=s?://)", "ws", text),
}


def _nearest(deployment: Deployment, misfit: Misfit) -> tuple[Fix, ...]:
    fact = misfit.fact
    kind = "megabytes" if fact.name in misfit.table.data.get("uploads", {}) else fact.form
    mend = _RIGHT.get("url" if fact.type == "url" else kind)
    if mend is not None:
        right = mend(misfit.text)
        edit = change_value(deployment, misfit.variable.value, right) if fact.accepts(right) and right else None
        return (Fix("Write `{right}`", (edit,), Applicability.UNSAFE, (("right", right),)),) if edit else ()
    if misfit.fact.type != "enum":
        return ()
    text = misfit.text.strip()
    same = [value for value in misfit.fact.values if value.lower() == text.lower()]
    meant = misfit.fact.now.get(text) or (same[0] if same else near(text, misfit.fact.values))
    if meant is None and len(text) > 1:
        # `warn` for `warning`, `s3` for `aws-s3`.
        longer = [value for value in misfit.fact.values if text.lower() in value]
        # `worker_beat` is a `beat`: what stands last says what kind of a thing it is.
        longer = longer or [value for value in misfit.fact.values if re.search(rf"[_-]{value}\Z", text)]
        meant = longer[0] if len(longer) == 1 else None
    edit = change_value(deployment, misfit.variable.value, meant) if meant else None
    return (Fix("Write `{meant}`", (edit,), Applicability.UNSAFE, (("meant", meant),)),) if edit and meant else ()
