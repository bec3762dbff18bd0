"""The language models of config.json: what they are said to be able to, and how much they are to read and write."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    JsonObject,
    JsonScalar,
    JsonTree,
    LatePattern,
    Place,
    Related,
    Severity,
    rule,
)
from .config_files import brace, models, number_of, place_of, text_of

# Families that never took the parameters `tools` or `functions`, served by whom it may be (their model cards).
_NO_TOOLS = LatePattern(
    r"(?:.*/)?(?:chatglm2?(?:-6b.*)?|glm-?4-9b.*|(?:meta-)?llama-?[23](?:[:-]\d+b.*|:latest)?|codellama.*|vicuna.*"
    r"|alpaca.*|baichuan[0-9]?-?\d+b.*|internlm-.*|yi-\d+b.*|phi-?[23].*|gemma-?2?[:-].*|deepseek-coder.*)",
    re.IGNORECASE,
)
KNOWLEDGE = "datasetProcess"
SWITCHES = ("toolChoice", "functionCall")


@rule("FGP004", "tool-choice", Deployment, Severity.WARNING, faq=("F2.6",), fix=Applicability.UNSAFE)
def tool_choice(deployment: Deployment) -> Diagnostics:
    """A model that is asked to call tools, and cannot."""
    for tree, model in models(deployment, "llm"):
        name = text_of(model, "model")
        if not _NO_TOOLS.fullmatch(name):
            continue
        for switch in SWITCHES:
            node = model.get(switch)
            if not isinstance(node, JsonScalar) or node.kind != "true":
                continue
            from ...kit import json_edits

            values = (("switch", switch), ("model", name))
            place = tree.document.place(*node.span)
            edit = json_edits.set_value(tree, node, "false")
            fix = Fix("Switch `{switch}` off", (edit,), Applicability.UNSAFE, values)
            yield Diagnostic(
                place,
                "`{model}` does not know how to call tools, but `{switch}` asks it to: classifying, extracting and "
                "tool calls fail; with `false` FastGPT does it with a prompt",
                values,
                fixes=(fix,),
            )


@rule("FGP005", "model-settings", Deployment, Severity.WARNING, faq=("F2.10",), fix=Applicability.UNSAFE)
def model_settings(deployment: Deployment) -> Diagnostics:
    """Limits that leave no room, models without a name, one model twice."""
    for kind in ("llm", "vector"):
        seen: dict[str, Place] = {}
        for tree, model in models(deployment, kind):
            name = text_of(model, "model")
            if not name:
                yield _unnamed(tree, model)
                continue
            place = place_of(tree, model, "model")
            if name in seen:
                yield Diagnostic(
                    place,
                    "the model `{model}` stands twice in this list, and only one of the two counts: remove one",
                    (("model", name),),
                    (Related(seen[name], "it stands here, too"),),
                )
            seen.setdefault(name, place)
            if kind == "llm":
                yield from _limits(tree, model, name)
    yield from _none_for_knowledge(deployment)


def _none_for_knowledge(deployment: Deployment) -> Iterator[Diagnostic]:
    """A list in which every model is kept away from knowledge bases, which FastGPT's own file warns of."""
    off = [(tree, model, model.get(KNOWLEDGE)) for tree, model in models(deployment, "llm")]
    values = (("key", KNOWLEDGE),)
    found = [(tree, node) for tree, _, node in off if isinstance(node, JsonScalar) and node.kind == "false"]
    if not found or len(found) < len(off):
        return
    from ...kit import json_edits

    (tree, node), *others = found
    fix = Fix("Let the first model do it", (json_edits.set_value(tree, node, "true"),), Applicability.UNSAFE)
    yield Diagnostic(
        tree.document.place(*node.span),
        "`{key}` is `false` for every model, so no knowledge base can be made or worked on: at least one of the models "
        "must have `true`",
        values,
        tuple(Related(other.document.place(*each.span), "and here") for other, each in others),
        (fix,),
        Severity.ERROR,
    )


def _unnamed(tree: JsonTree, model: JsonObject) -> Diagnostic:
    return Diagnostic(
        place_of(tree, model, "model") if model.get("model") is not None else brace(tree, model),
        "this model has no `model`, the name by which the gateway knows it, so it cannot be called",
        severity=Severity.ERROR,
    )


def _limits(tree: JsonTree, model: JsonObject, name: str) -> Iterator[Diagnostic]:
    context, response = number_of(model, "maxContext"), number_of(model, "maxResponse")
    quote = number_of(model, "quoteMaxToken")
    if not context or context <= 0:
        return
    related = (Related(place_of(tree, model, "maxContext"), "all that it can read and write at once"),)
    # FastGPT asks for no more than what the question leaves, so the two may be the same, as some of its own are.
    if response is not None and response > context:
        yield Diagnostic(
            place_of(tree, model, "maxResponse"),
            "`{model}` may answer with {given} tokens, but reads and writes {context} in all: one of the two is wrong; "
            "make `maxResponse` smaller than `maxContext`",
            (("model", name), ("given", f"{response:g}"), ("context", f"{context:g}")),
            related,
        )
    if quote is not None and quote > context:
        yield Diagnostic(
            place_of(tree, model, "quoteMaxToken"),
            "`{model}` is given up to {given} tokens of the knowledge base, but reads and writes {context} in all: "
            "long quotes make the call fail; make `quoteMaxToken` smaller than `maxContext`",
            (("model", name), ("given", f"{quote:g}"), ("context", f"{context:g}")),
            related,
        )
