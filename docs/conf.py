"""Settings of the documentation (`make docs`)."""

import shutil
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).parent

project = "candor-analysis"
version = release = metadata.version("candor-analysis")
author = "the candor-analysis contributors"
extensions = ["sphinx.ext.autodoc", "myst_nb", "numpydoc"]
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_theme_options = {"description": "How candid is a text about the harm of what it talks about?"}
html_show_sphinx = False

# The notebooks are shown with the outputs that are stored in them, which the tests hold to what a run gives.
nb_execution_mode = "off"
shutil.rmtree(HERE / "notebooks", ignore_errors=True)
shutil.copytree(HERE.parent / "notebooks", HERE / "notebooks", ignore=shutil.ignore_patterns(".*", "*.py"))

autodoc_member_order = "bysource"
autodoc_typehints = "none"
numpydoc_show_class_members = False
