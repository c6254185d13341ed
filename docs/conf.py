"""How Sphinx builds the documentation (`make docs`): strictly, and fetching nothing from elsewhere.

The pages are Markdown (MyST). What lies at the root of the repository is shown in the site by
`docs/root_pages.py`.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from docs.root_pages import setup  # noqa: E402, F401

project = "정산 (Jeongsan)"
author = "The Jeongsan authors"
html_title = "정산 (Jeongsan)"
language = "en"
smartquotes = False  # it would turn the dashes of an option into one

extensions = ["myst_parser"]
exclude_patterns = ["generate"]
myst_heading_anchors = 3  # a heading's anchor is the one that it has on the repository's pages too

html_theme = "furo"
html_favicon = "images/favicon.svg"
html_static_path = ["static"]
html_css_files = ["docs.css"]
html_copy_source = False
html_use_index = False
html_show_sourcelink = False
html_show_copyright = False
html_show_sphinx = False
