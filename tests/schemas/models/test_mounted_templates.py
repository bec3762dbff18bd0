"""Templates of nginx, as its image and start scripts of one's own fill them."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.models.loading import load_deployment
from stackmend.schemas.models.mounted import MountedFile
from stackmend.schemas.models.project import Options
from stackmend.schemas.workspace import Workspace

TEXT = "listen ${PORT};\nset $a $PORT$host${port}${OTHER}$;\n"


def mounted(environment: dict[str, str], target: str = "/etc/nginx/templates/a/site.conf.template") -> MountedFile:
    """A file that an nginx service mounts."""
    lines = "".join(f"      {name}: '{value}'\n" for name, value in environment.items()) or "      A: a\n"
    compose = f"services:\n  nginx:\n    image: nginx:1.27\n    environment:\n{lines}    volumes: [./x:{target}]\n"
    files = {"/p/compose.yaml": compose.encode(), "/p/x": TEXT.encode()}
    deployment = load_deployment(Workspace(MemoryFiles(files)), "/p", Options(shell={}))
    (file,) = deployment.mounted
    return file


@pytest.mark.parametrize(
    ("environment", "target", "served"),
    [
        ({}, "/etc/nginx/templates/a/site.conf.template", "/etc/nginx/conf.d/a/site.conf"),
        (
            {"NGINX_ENVSUBST_OUTPUT_DIR": "/etc/nginx"},
            "/etc/nginx/templates/nginx.conf.template",
            "/etc/nginx/nginx.conf",
        ),
        ({"NGINX_ENVSUBST_TEMPLATE_DIR": "/t/"}, "/t/a.conf.template", "/etc/nginx/conf.d/a.conf"),
        ({"NGINX_ENVSUBST_TEMPLATE_SUFFIX": ".in.conf"}, "/etc/nginx/templates/a.in.conf", "/etc/nginx/conf.d/a"),
        ({}, "/etc/nginx/conf.d/default.conf.template", "/etc/nginx/conf.d/default.conf"),
        ({}, "/etc/nginx/templates/a.conf", "/etc/nginx/templates/a.conf"),
    ],
)
def test_the_server_reads_a_template_where_its_image_puts_it(
    environment: dict[str, str], target: str, served: str
) -> None:
    assert mounted(environment, target).served_path == served


def test_only_the_names_that_the_filter_takes_are_filled_in() -> None:
    environment = {"PORT": "80", "OTHER": "x", "NGINX_ENVSUBST_FILTER": "^PORT$"}
    assert mounted(environment).filled("${PORT}") == "80"
    assert mounted(environment).filled("${OTHER}") is None


def test_a_file_that_nothing_fills_in_keeps_its_dollars() -> None:
    assert mounted({"PORT": "80"}, "/etc/nginx/conf.d/a.conf").filled("${PORT}") is None


@pytest.mark.skipif(shutil.which("envsubst") is None, reason="no envsubst")
@given(st.text(st.sampled_from("$${}PORTab_1 ;"), max_size=20))
def test_a_text_is_filled_in_as_envsubst_does_it(text: str) -> None:
    environment = {"PORT": "80", "P": "p"}
    names = " ".join(f"${{{name}}}" for name in environment)
    done = subprocess.run(
        ["envsubst", names],
        input=text,
        env={**environment, "PATH": "/usr/bin"},
        text=True,
        capture_output=True,
        check=True,
    )
    ours = mounted(environment).filled(text)
    # What is left with a dollar in it is nginx's to know.
    assert ours == (None if "$" in done.stdout else done.stdout)
