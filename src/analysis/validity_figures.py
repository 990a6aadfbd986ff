"""The chart of the notebook on validity, drawn as `analysis.figures` draws its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D

from analysis.drawing import CODE_COLOURS, below, label_rows, new_axes, set_headline, styled, tidy
from analysis.validity import LABELS
from analysis.validity_text import headline_f1

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

INK, FAINT, NAIVE_COLOUR = "#222222", "#9aa0a6", CODE_COLOURS["denies"]


@styled
def plot_f1(table: pd.DataFrame, *, ax: Axes | None = None, width: float = 7.2, title: str | None = None) -> Axes:
    """Draw F1 of every code with its interval, the naive baseline and the target beside it.

    Parameters
    ----------
    table
        Result of `analysis.validity.beside`.
    ax, width, title
        As in `analysis.figures`.

    Returns
    -------
    Axes
        Rows in the order of the table, F1 from 0 to 1.
    """
    own = ax is None
    ax = new_axes(width, len(table), 1.1) if ax is None else ax
    y = np.arange(len(table))
    ax.hlines(y, tidy(table["f1_low"]), tidy(table["f1_high"]), color=FAINT, linewidth=2.2, zorder=1)
    ax.scatter(tidy(table["target"]), y, marker="|", s=190, linewidths=2, color=INK, zorder=2)
    naive = tidy(table["baseline"])
    ax.scatter(naive, y, marker="D", s=26, facecolors="white", edgecolors=NAIVE_COLOUR, linewidths=1.4, zorder=3)
    ax.scatter(tidy(table["f1"]), y, marker="o", s=34, color=CODE_COLOURS["acknowledges"], zorder=4, clip_on=False)
    for row, (f1, count) in enumerate(zip(table["f1"], table["positives"], strict=True)):
        text = "not given" if np.isnan(f1) else f"{f1:.2f}"
        ax.text(1.04, row, f"{text}, {count} units", va="center", fontsize=8)
    label_rows(ax, [LABELS[code] for code in table["code"]])
    ax.set_xlim(-0.03, 1.28 if width >= 6 else 1.6)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "", "0.5", "", "1"])
    ax.grid(axis="x")
    ax.spines["bottom"].set_bounds(0, 1)
    ax.set_xlabel("F1, with 95% interval; units that have the code")
    marks = [
        Line2D([], [], linestyle="", marker="o", color=CODE_COLOURS["acknowledges"], label="machine"),
        Line2D([], [], linestyle="", marker="D", color=NAIVE_COLOUR, markerfacecolor="white", label="naive keywords"),
    ]
    if table["target"].notna().any():
        marks.append(
            Line2D([], [], linestyle="", marker="|", markersize=12, markeredgewidth=2, color=INK, label="target")
        )
    below(ax, own, handles=marks, ncols=3, handletextpad=0.3, columnspacing=1.2)
    set_headline(ax, headline_f1(table) if title is None else title, own)
    return ax
