"""Folders and files that come with the project, found from where this file lies.

A checkout keeps ``data/`` and ``notebooks/`` beside ``src/``; an installed wheel keeps copies
under the environment's data folder, ``share/candor-analysis``. Nothing here depends on the
folder that a program was started in, except that a corpus named by the user is looked for there
first.
"""

import sysconfig
from pathlib import Path

from analysis.errors import CandorError

PACKAGE = Path(__file__).resolve().parent
TEMPLATES = PACKAGE / "templates"
SHARED = Path(sysconfig.get_path("data")) / "share" / "candor-analysis"

MANIFEST = "sources.csv"
SUBSTANCES = "substances.csv"  # names of substances of a corpus' own, beside its manifest


def checkout() -> Path | None:
    """The root of the checkout that the package runs from, or None when it is installed."""
    root = PACKAGE.parent.parent
    return root if (root / "pyproject.toml").is_file() and (root / "src").is_dir() else None


def shipped(name: str) -> Path:
    """A folder or file that comes with the project, in a checkout or installed.

    Parameters
    ----------
    name : str
        Relative to the root of the project: ``"data"``, ``"notebooks"``, ``"data/codebook.md"``.

    Returns
    -------
    Path

    Raises
    ------
    CandorError
        If this installation lacks it.

    Examples
    --------
    >>> shipped("data/codebook.md").name
    'codebook.md'
    """
    root = checkout()
    for folder in (root, SHARED) if root else (SHARED,):
        if (folder / name).exists():
            return folder / name
    raise CandorError(f"{name}: does not come with this installation; work from a checkout")


def corpus_folder(path: str | Path = "data") -> Path:
    """The folder of a corpus: as named, and for ``"data"`` the five documents if there is none here.

    Examples
    --------
    >>> (corpus_folder("data") / "sources.csv").is_file()
    True
    """
    folder = Path(path)
    if not folder.exists() and str(path) == "data":
        return shipped("data")
    return folder
