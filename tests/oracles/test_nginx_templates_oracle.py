"""`envsubst` itself fills the templates that Dify ships, as Dify's start script has it; we read the same from them."""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from stackmend.linter.rules.nginx.targets import FILLED_HOLES, TLS_HOLE, trees
from stackmend.schemas.files import DiskFiles
from stackmend.schemas.models.deployment import Deployment
from stackmend.schemas.models.loading import load_deployment
from stackmend.schemas.models.mounted import MountedFile
from stackmend.schemas.models.project import Options
from stackmend.schemas.models.service import Service
from stackmend.schemas.parsers.document import Document
from stackmend.schemas.parsers.nginx import NginxDirective, NginxTree, parse_nginx
from stackmend.schemas.workspace import Workspace

from .nginx_site import rendered

SHARED = os.path.join(os.path.dirname(__file__), "..", "..", "..", "shared")
# Before 0.6.11 there were none.
TEMPLATES = glob.glob(f"{SHARED}/corpus/dev/dify/*/docker/nginx/https.conf.template")
RELEASES = sorted(path.removesuffix("/nginx/https.conf.template") for path in TEMPLATES)
ENVIRONMENTS = {
    "as shipped": {},
    "with TLS": {
        "NGINX_HTTPS_ENABLED": "true",
        "NGINX_SERVER_NAME": "dify.example.org www.example.org",
        "NGINX_SSL_PORT": "8443",
        "NGINX_SSL_CERT_FILENAME": "some.crt",
        "NGINX_CLIENT_MAX_BODY_SIZE": "300M",
    },
    "with signs of other languages": {"NGINX_SERVER_NAME": r"a$host&\1/b", "NGINX_WORKER_PROCESSES": "${NGINX_PORT}"},
}
# What the start script does: with TLS it makes two paths and one hole, then it fills in whatever is in the environment.
FILL = """
HTTPS_CONFIG=
if [ "$NGINX_HTTPS_ENABLED" = true ]; then
    export SSL_CERTIFICATE_PATH="/etc/ssl/$NGINX_SSL_CERT_FILENAME"
    export SSL_CERTIFICATE_KEY_PATH="/etc/ssl/$NGINX_SSL_CERT_KEY_FILENAME"
    HTTPS_CONFIG=$(envsubst < https.conf.template)
fi
export HTTPS_CONFIG ACME_CHALLENGE_LOCATION=
names=$(printenv | cut -d= -f1 | sed 's/^/$/' | paste -sd, -)
for name in nginx.conf proxy.conf conf.d/default.conf; do
    envsubst "$names" < "$name.template" > "$OUT/$(basename "$name")"
done
printf %s "$HTTPS_CONFIG" > "$OUT/tls"
"""

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.skipif(not RELEASES, reason="no shared files"),
    pytest.mark.skipif(shutil.which("envsubst") is None, reason="no envsubst"),
]


def loaded(folder: str, shell: Mapping[str, str]) -> tuple[Deployment, Service]:
    deployment = load_deployment(Workspace(DiskFiles()), os.path.realpath(folder), Options(shell=shell))
    return deployment, deployment.services["nginx"]


def fill(folder: str, service: Service, out: Path) -> dict[str, str]:
    """What `envsubst` makes of a release's templates, by their paths in the container."""
    environment = {n: v.value.text for n, v in service.environment.items() if v.value.text is not None}
    environment |= {"PATH": os.environ["PATH"], "OUT": str(out)}
    subprocess.run(["sh", "-c", FILL], cwd=f"{folder}/nginx", env=environment, check=True, timeout=60)
    return {
        f"/etc/nginx/{'conf.d/' if name == 'default.conf' else ''}{name}": (out / name).read_text()
        for name in ("nginx.conf", "proxy.conf", "default.conf", "tls")
    }


def without_holes(tree: NginxTree) -> Iterator[NginxDirective]:
    """The directives of a template in order, but for the lines that stand for others."""
    return (d for d, _ in tree.walk() if d.name.text not in FILLED_HOLES)


def read_as_filled(file: MountedFile, tree: NginxTree, text: str) -> int:
    """Fails unless each word is read as it stands in the filled text; how many of them a variable gives."""
    filled = list(without_holes(parse_nginx(Document("/filled.conf", text))))
    given = 0
    for ours, theirs in zip(without_holes(tree), filled, strict=True):
        words = [file.filled(word.text) for word in ours.arguments]
        if None not in words:
            # A value with blanks is several words to nginx.
            known = [word for word in words if word is not None]
            assert " ".join(known).split() == " ".join(word.text for word in theirs.arguments).split()
            given += any("$" in word.text for word in ours.arguments)
    return given


@pytest.mark.parametrize("shell", [pytest.param(shell, id=name) for name, shell in ENVIRONMENTS.items()])
@pytest.mark.parametrize("folder", [pytest.param(f, id=f.split("/")[-2]) for f in RELEASES])
def test_a_template_is_read_as_envsubst_fills_it(folder: str, shell: dict[str, str], tmp_path: Path) -> None:
    deployment, service = loaded(folder, shell)
    made = fill(folder, service, tmp_path)
    known = {n: v.value.text for n, v in service.environment.items() if v.value.text is not None}
    by_script = {"HTTPS_CONFIG": made["/etc/nginx/tls"], "ACME_CHALLENGE_LOCATION": ""}
    given = 0
    for file, tree in trees(deployment, service):
        text = made.get(file.served_path)
        if text is not None:
            assert rendered(tree.document.text, {**by_script, **known}) == text
            # Within the hole there are lines of which the template knows nothing.
            given += (
                0 if made["/etc/nginx/tls"] and TLS_HOLE in tree.document.text else read_as_filled(file, tree, text)
            )
    assert given > 3
