"""Measure how candid a text is about the harm of what it talks about.

The public names are resolved when they are first used, so that ``import analysis``
costs neither scikit-learn nor Matplotlib.
"""

from importlib import import_module
from typing import Any

_HOME = {
    "CandorError": "errors",
    "UnitClassifier": "classifier",
    "candor_profile": "candor",
    "code_units": "coder",
    "find_cues": "cues",
    "load_corpus": "corpus",
    "score_sources": "scores",
    "split_units": "units",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
