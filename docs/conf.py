"""Configuration of the documentation: Sphinx, MyST and furo. Nothing is fetched from a network."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_scripts"))

import llmgym  # noqa: E402

project = "llmgym"
author = "The llmgym developers"
copyright = "The llmgym developers"
version = release = llmgym.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "environment_pages",
    "reference_tables",
]
exclude_patterns = ["_build", "_generated", "_scripts"]

html_theme = "furo"
html_title = f"llmgym {release}"
html_copy_source = False
html_show_sourcelink = False

myst_heading_anchors = 3

autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
