"""What mkdocs calls while it builds the site: adds the rules' pages, fills in what other pages ask for."""

from __future__ import annotations

import os
import sys

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

# mkdocs loads a hook by its path, so that its folder is not on the module path.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import site_pages


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the families of rules below the entry "Rules"."""
    for entry in config.nav or []:
        if "Rules" in entry:
            entry["Rules"] = ["rules/index.md", *site_pages.navigation()]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made of the rules."""
    for address, markdown in site_pages.generated():
        files.append(File.generated(config, address, content=markdown))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Fill in what a page of `docs/` asks for; a rule's page may hold braces of its own."""
    if page.file.generated_by:
        return markdown
    try:
        return site_pages.filled(markdown)
    except site_pages.SiteError as error:
        raise PluginError(f"{page.file.src_uri}: {error}") from error
