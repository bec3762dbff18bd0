"""Images whose tag stands for another content tomorrow."""

from __future__ import annotations

from ...kit import Deployment, Diagnostic, Diagnostics, Image, Place, Service, Severity, Value, rule

# Tags that publishers move along: to the newest release, or to what a branch holds.
_MOVING = frozenset(("latest", "stable", "main", "master", "dev", "develop", "edge", "nightly", "canary"))


@rule("CMP027", "floating-tag", Deployment, Severity.INFO)
def floating_tag(deployment: Deployment) -> Diagnostics:
    """An image without a tag, or with one that moves."""
    seen: set[Place] = set()
    for service in deployment.project.active:
        image = deployment.image(service)
        if image is None or image.digest or service.image is None or service.get("build") is not None:
            continue
        if image.tag not in _MOVING and (image.tag or (service.image.text or "").endswith(":")):
            # A colon with nothing after it has lost its variable, of which CMP005 speaks.
            continue
        place = _place(service, image, service.image)
        # One anchor, or one variable, may give several services their image.
        if place is None or place in seen:
            continue
        seen.add(place)
        message = (
            "the tag `{tag}` of `{image}` moves: what starts tomorrow, or elsewhere, may be another release"
            if image.tag
            else "`{image}` has no tag, which means `latest`: what starts tomorrow may be another release"
        )
        yield Diagnostic(place, message, (("image", image.name), ("tag", image.tag)))


def _place(service: Service, image: Image, value: Value) -> Place | None:
    """Where the tag is written, in the Compose file or in `.env`; the image where there is none."""
    text = value.text or ""
    if image.tag and text.endswith(f":{image.tag}"):
        place = value.place_of(len(text) - len(image.tag), len(text))
        if place is not None:
            return place
    return service.image_place
