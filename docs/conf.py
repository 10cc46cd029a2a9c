"""How `make docs` builds the site: Sphinx, reading docstrings, pages and saved notebooks."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]
os.environ["STEPGRAD_ENGINE"] = "python"  # its docstrings are there on every machine

project = "Stepgrad"
copyright = "the authors of Stepgrad, MIT license"
extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.viewcode",
    "myst_nb",
    "docstrings",
    "mathml",
    "generated",
    "checked",
]
exclude_patterns = ["_build", "lessons/**.md", "lessons/**.py", "**/.ipynb_checkpoints"]

default_role = "name"  # see docstrings.py
smartquotes = False  # "native" is what to type
pygments_dark_style = "github-dark"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True  # as they are written, and not as they are represented
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True}
python_maximum_signature_line_length = 130
python_use_unqualified_type_names = True
toc_object_entries_show_parents = "hide"
add_module_names = False

myst_enable_extensions = ["amsmath", "deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # lessons are shown as they were saved
nb_render_markdown_format = "myst"  # of outputs: with tables and formulas
nb_mime_priority_overrides = [("html", "text/html", 0)]  # the page that is kept beside a widget
nb_ipywidgets_js = {}  # it would be fetched

html_theme = "furo"
html_title = "Stepgrad"
html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["stepgrad.css"]
html_copy_source = False
html_show_search_summary = False  # it would be fetched, which a page from disk cannot do
html_show_sphinx = False
html_domain_indices = False
