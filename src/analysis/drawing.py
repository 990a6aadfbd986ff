"""What the figures share: style, colours, names that fit, titles that wrap, and SVG with stable bytes."""

from __future__ import annotations

import io
import textwrap
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import LoadFlags

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STYLE = str(Path(__file__).with_name("style.mplstyle"))
ROW = 0.36  # inches a source
TALLEST = 9.5  # inches; beyond, rows grow thinner and not every one is named
NAMED = 22  # characters of a line of a name

#: The hues of Okabe and Ito (2008), darkened until white letters on each, or it as letters on white, stand
#: 4.5 : 1 or more; shape and hatching say the same without colour.
CODE_COLOURS = {
    "acknowledges": "#0072b2",
    "minimises": "#a36500",
    "denies": "#c04a00",
    "other_addiction": "#007a5c",
    "commercial": "#a8487f",
    "hedged": "#5a6472",
    "none": "#c9ced4",
}

#: Marker and colour of the stances of the checklist.
STANCE_MARKS = {
    "acknowledged": ("o", CODE_COLOURS["acknowledges"]),
    "contradictory": ("d", "#5b2a86"),
    "played down": ("v", CODE_COLOURS["minimises"]),
    "denied": ("X", CODE_COLOURS["denies"]),
    "silent": ("_", "#8a8f96"),
}

P = ParamSpec("P")
R = TypeVar("R")


def styled(plot: Callable[P, R]) -> Callable[P, R]:
    """Run a plotting function in the house style, whatever style is in force outside."""

    @wraps(plot)
    def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        with plt.style.context(["default", STYLE]):
            return plot(*args, **kwargs)

    return inner


def svg_text(axes: Axes | np.ndarray) -> str:
    """Give the figure of an Axes (or an array of them) as SVG, the same bytes for the same drawing."""
    first: Axes = np.ravel(np.asarray(axes, dtype=object))[0]
    out = io.StringIO()
    with plt.style.context(["default", STYLE]):
        figure_of(first).savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def save_figure(axes: Axes | np.ndarray, path: str | Path) -> Path:
    """Write the figure of an Axes as SVG."""
    target = Path(path)
    target.write_text(svg_text(axes), encoding="utf-8", newline="\n")
    return target


def tidy(values: Iterable) -> np.ndarray:
    """Round what is drawn, so that processors that differ in the last digit draw the same."""
    return np.round(np.asarray(values, dtype=float), 6) + 0.0


def clean_label(text: object, longest: int = NAMED) -> str:
    """Make a name drawable: one line, no control marks, only characters that the font has, not too long.

    Examples
    --------
    >>> clean_label("Kratom  and" + chr(0x202E) + " addiction"), clean_label("a" * 40, longest=10)
    ('Kratom and addiction', 'aaaaaaaaa…')
    """
    known = _known_characters()
    plain = "".join(c for c in " ".join(str(text).split()) if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co"))
    drawn = "".join(c if ord(c) in known else "?" for c in plain)
    return drawn if len(drawn) <= longest else drawn[: longest - 1].rstrip() + "…"


def names_of(table: pd.DataFrame, width: float) -> dict[str, str]:
    """Name every document for a figure of this width: its id, and its title in wide figures of few sources.

    Names that shortening made alike get a number, so that no two rows share a name.
    """
    first = table.drop_duplicates("document")
    few = len(first) <= 12 and width >= 6 and "title" in table
    names: dict[str, str] = {}
    taken: dict[str, int] = {}
    for document, title in zip(first["document"], first["title"] if few else first["document"], strict=True):
        document = str(document)
        name = clean_label(document, 14 if width < 6 else NAMED)
        label = clean_label(title, 400)
        if few and label and label != name and len(name) <= 8:
            lines = textwrap.wrap(f"{name} {label}", NAMED, max_lines=2, placeholder="…")
            name = "\n".join(lines)
        taken[name] = taken.get(name, 0) + 1
        names[document] = name if taken[name] == 1 else f"{name} ({taken[name]})"
    return names


def new_axes(width: float, rows: int, spare: float = 1.0, row: float = ROW) -> Axes:
    """Open a figure for this many rows; `spare` inches go to axis and key, a title comes on top."""
    return plt.subplots(figsize=(width, height_for(rows, spare, row)))[1]


def height_for(rows: int, spare: float, row: float = ROW) -> float:
    """Height in inches of a figure with this many rows."""
    return round(min(TALLEST, max(rows, 2) * row + spare), 2)


def label_rows(ax: Axes, names: Sequence[str], row: float = ROW) -> int:
    """Name the rows from the top down; where they are too thin, only every k-th. Returns k."""
    n = len(names)
    height = min(TALLEST - 1, n * row)
    step = max(1, int(np.ceil(0.17 * n / height)))
    at = range(0, n, step)
    ax.set_yticks(at, [names[i] for i in at], fontsize=8 if any("\n" in name for name in names) else 9)
    ax.set_ylim(n - 0.4 if n < 40 else n, -0.6 if n < 40 else -1)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    if step > 1:
        ax.set_ylabel(f"{n} sources, one name in {step} shown")
    return step


def set_headline(ax: Axes, text: str, own: bool) -> None:
    """Write the title, wrapped to the figure (or, in a figure that is not ours, to the Axes)."""
    if not text:
        return
    figure = figure_of(ax)
    if own:
        points = 0.97 * figure.get_size_inches()[0] * 72 - 14  # screens draw text a little wider
        wrapped = wrap(text, points, 10.5, "bold")
        figure.suptitle(wrapped, x=0.01, ha="left")
        width, height = figure.get_size_inches()
        # Each line of the title makes the figure taller, never the chart smaller.
        figure.set_size_inches(width, round(height + 0.1 + 0.17 * len(wrapped.splitlines()), 2))
    else:
        points = ax.get_window_extent().width / figure.dpi * 72
        ax.set_title(wrap(text, points, 9, "bold"))


def figure_of(ax: Axes) -> Figure:
    """Give the whole figure that an Axes stands in."""
    figure = ax.get_figure(root=True)
    if figure is None:
        raise ValueError("these Axes stand in no figure any more")
    return figure


def below(ax: Axes, own: bool, **legend: Any) -> None:
    """Write a key below the chart: outside the Axes in a figure of ours, where the layout makes room for it."""
    if own:
        figure = figure_of(ax)
        entries = (
            {} if "handles" in legend else dict(zip(("handles", "labels"), ax.get_legend_handles_labels(), strict=True))
        )
        figure.legend(**entries, **legend, loc="outside lower center", frameon=False, fontsize=8, title_fontsize=8)
    else:
        ax.legend(
            **legend, loc="upper center", bbox_to_anchor=(0.5, -0.12), frameon=False, fontsize=8, title_fontsize=8
        )


def wrap(text: str, points: float, size: float, weight: str = "normal") -> str:
    r"""Break a text into lines of at most this many points.

    Examples
    --------
    >>> wrap("one two three", points=45, size=10)
    'one two\nthree'
    """
    lines = [""]
    for word in clean_label(text, 400).split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(longer, size, weight) > points:
            lines.append(word)
        else:
            lines[-1] = longer
    return "\n".join(lines)


def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Width of a line of text in points."""
    font = get_font(_font_file(weight))
    font.set_size(size, 72)
    font.set_text(text, 0.0, flags=LoadFlags.NO_HINTING)
    return float(font.get_width_height()[0]) / 64


def readable_on(colour: Iterable[float]) -> str:
    """Give black or white, whichever stands out more against a colour; either way 4.5 : 1 or more (WCAG 2).

    Examples
    --------
    >>> readable_on((1.0, 1.0, 1.0)), readable_on((0.0, 0.447, 0.698))
    ('black', 'white')
    """
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    luminance = float(np.dot([0.2126, 0.7152, 0.0722], linear))
    return "white" if 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05 else "black"


@cache
def _font_file(weight: str) -> str:
    return findfont(FontProperties(family="DejaVu Sans", weight=weight))


@cache
def _known_characters() -> frozenset[int]:
    return frozenset(get_font(_font_file("normal")).get_charmap())
