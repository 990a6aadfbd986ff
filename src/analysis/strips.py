"""The figures that look into the sources: where things stand in a text, which cues differ, which ranks are taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.patches import Patch, Rectangle

from analysis.captions import CUES, headline_cue_shift, headline_positions, headline_rank_acceptability
from analysis.crowds import positions_of_many
from analysis.drawing import (
    CODE_COLOURS,
    ROW,
    below,
    clean_label,
    label_rows,
    names_of,
    new_axes,
    readable_on,
    set_headline,
    styled,
    tidy,
    wrap,
)
from analysis.findings import percent
from analysis.shift import REST

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MATRIX = 12  # sources; with more, ranks are drawn as intervals
_STRIPS = 40  # sources; with more, they are added up by place in the text


@styled
def plot_positions(
    coded: pd.DataFrame, *, ax: Axes | None = None, width: float = 7.2, title: str | None = None
) -> Axes:
    """Draw every unit of every source at its place in the text: harm above the line, promotion below.

    Tall marks speak of own addiction, short ones of other harms. The three stances differ in colour and
    hatching; a unit that does neither leaves its place empty.

    Parameters
    ----------
    coded
        Coded units in reading order.
    ax, width, title
        See `analysis.figures`.
    """
    documents = coded["document"].drop_duplicates().tolist()
    own = ax is None
    if len(documents) > _STRIPS:
        return positions_of_many(coded, ax, width, headline_positions(coded) if title is None else title)
    row_height = 0.55 if len(documents) <= 12 else 0.34
    ax = new_axes(width, len(documents), 1.05, row=row_height) if ax is None else ax
    place = coded.groupby("document", sort=False).cumcount().to_numpy()
    size = coded.groupby("document")["document"].transform("size").to_numpy()
    row = coded["document"].map({d: i for i, d in enumerate(documents)}).to_numpy()
    left, span = place / size, 1 / size
    tall = (coded["addiction"] == 1).to_numpy()
    up = np.where(tall, 0.38, 0.2)
    hatches = {"acknowledges": "", "minimises": "////", "denies": "xxxx"}
    for stance, hatch in hatches.items():
        hit = (coded["risk"] == stance).to_numpy()
        ax.bar(
            tidy(left[hit]),
            tidy(-up[hit]),
            width=tidy(span[hit] * 0.86),
            bottom=tidy(row[hit]),
            align="edge",
            label=stance,
            facecolor=CODE_COLOURS[stance] if not hatch else "white",
            edgecolor=CODE_COLOURS[stance],
            hatch=hatch,
            linewidth=0.6,
        )
    hit = (coded["commercial"] == 1).to_numpy()
    ax.bar(
        tidy(left[hit]),
        np.full(int(hit.sum()), 0.24),
        width=tidy(span[hit] * 0.86),
        bottom=tidy(row[hit]),
        align="edge",
        label="promotes",
        color=CODE_COLOURS["commercial"],
        linewidth=0,
    )
    ax.hlines(range(len(documents)), 0, 1, color="#767676", linewidth=0.8)
    names = names_of(coded, width)
    label_rows(ax, [names[str(d)] for d in documents], row=row_height)
    ax.set_xlim(0, 1)
    ax.set_xticks([0, 0.5, 1], ["start", "middle", "end of the text"] if width >= 6 else ["start", "middle", "end"])
    ax.get_xticklabels()[0].set_horizontalalignment("left")
    ax.get_xticklabels()[-1].set_horizontalalignment("right")
    ax.spines["bottom"].set_visible(False)
    keys = [
        ("acknowledges harm", "acknowledges", ""),
        ("plays it down", "minimises", "////"),
        ("denies it", "denies", "xxxx"),
        ("promotes", "commercial", ""),
    ]
    handles = [
        Patch(
            facecolor="white" if hatch else CODE_COLOURS[code],
            edgecolor=CODE_COLOURS[code],
            hatch=hatch,
            label=label,
            linewidth=0.6,
        )
        for label, code, hatch in keys
    ]
    below(
        ax,
        own,
        handles=handles,
        ncols=4 if width >= 6 else 2,
        title="tall: own addiction · short: other harm · below: promotion",
    )
    set_headline(ax, headline_positions(coded) if title is None else title, own)
    return ax


@styled
def plot_cue_shift(
    shift: pd.DataFrame,
    a: str | None = None,
    b: str | None = None,
    *,
    ax: Axes | None = None,
    width: float = 7.2,
    title: str | None = None,
) -> Axes:
    """Draw what each cue adds to the difference between two sources, and the difference that they add up to.

    Parameters
    ----------
    shift
        Result of `analysis.shift.cue_shift`.
    a, b
        Names for the two sources, their ids when left out.
    ax, width, title
        See `analysis.figures`.
    """
    a, b = clean_label(a or shift.attrs["a"], 24), clean_label(b or shift.attrs["b"], 24)
    own = ax is None
    ax = new_axes(width, len(shift) + 1, 0.8, row=0.27) if ax is None else ax
    values = tidy([*shift["contribution"], shift.attrs["difference"]])
    others = f"{REST} ({shift.attrs['other_terms']})"
    labels = [*(others if term == REST else clean_label(term) for term in shift["term"]), "difference in all"]
    most = max(float(np.abs(values).max(initial=0)), 1e-6)
    for row, (value, label) in enumerate(zip(values, labels, strict=True)):
        total, rest = row == len(values) - 1, label == others
        colour = "#222222" if total else CODE_COLOURS["commercial"] if value > 0 else CODE_COLOURS["acknowledges"]
        ax.barh(
            row,
            value,
            height=0.66,
            facecolor="white" if rest else colour,
            edgecolor=colour,
            hatch="////" if rest else None,
            linewidth=0.8,
        )
        side = 1 if value >= 0 else -1
        ax.text(
            value + side * 0.02 * most,
            row,
            f"{value:+.1f}".replace("-", "−"),
            ha="left" if side > 0 else "right",
            va="center",
            fontsize=8,
            fontweight="bold" if total else "normal",
        )
    ax.axvline(0, color="#222222", linewidth=0.8)
    ax.axhline(len(values) - 1.5, color="#767676", linewidth=0.8)
    ax.set_yticks(range(len(labels)), labels)
    ax.get_yticklabels()[-1].set_fontweight("bold")
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(labels) - 0.4, -0.6)
    room = 1.2 if width >= 6 else 1.35
    ax.set_xlim(
        -room * most if (values < 0).any() else -0.02 * most, room * most if (values >= 0).any() else 0.02 * most
    )
    ax.set_xticks([])
    for edge in ("left", "bottom"):
        ax.spines[edge].set_visible(False)
    between = " " if width >= 6 else "\n"
    ax.set_xlabel(
        f"{CUES[shift.attrs['score']].capitalize()} per 1,000 words:\n"
        f"+ more in {b} ({shift.attrs['rate_b']:.1f}),{between}"
        f"− more in {a} ({shift.attrs['rate_a']:.1f})"
    )
    set_headline(ax, headline_cue_shift(shift) if title is None else title, own)
    return ax


@styled
def plot_rank_acceptability(
    ranks: pd.DataFrame, *, ax: Axes | None = None, width: float = 7.2, title: str | None = None
) -> Axes:
    """Draw how often each source takes each rank; with many sources, the ranks that it takes in 95 % of the draws."""
    table = ranks.sort_values("rank", kind="stable").reset_index(drop=True)
    n = len(table)
    own = ax is None
    ax = new_axes(width, n, 0.75) if ax is None else ax
    names = names_of(table, width)
    if n > _MATRIX:
        y = np.arange(n)
        ax.hlines(
            y,
            tidy(table["rank_low"]),
            tidy(table["rank_high"]),
            color=CODE_COLOURS["acknowledges"],
            linewidth=2 if n <= 40 else 0.7,
            alpha=0.6,
        )
        ax.scatter(tidy(table["rank"]), y, s=18 if n <= 40 else 4, color="#222222", zorder=3)
        ax.set_xlim(0, n + 1)
        ax.set_xlabel(wrap("Rank now (dot) and ranks taken in 95% of the draws (line)", (width - 1.6) * 72, 9))
    else:
        shares = tidy(table[[f"rank_{r}" for r in range(1, n + 1)]])
        for row in range(n):
            for column in range(n):
                _rank_cell(ax, row, column, shares[row, column], held=table["rank"][row] == column + 1)
        ax.set_xlim(0.45, n + 0.55)
        ax.set_xticks(range(1, n + 1), [f"rank {r}" if n <= 6 and width >= 6 else str(r) for r in range(1, n + 1)])
        ax.tick_params(axis="x", length=0)
        ax.spines["bottom"].set_visible(False)
        key = "Share of draws with this rank (frame: rank held now; blank: below 0.5%)"
        ax.set_xlabel(wrap(key, (width - 1.6) * 72, 8), fontsize=8)
    label_rows(ax, [names[str(d)] for d in table["document"]], row=ROW)
    set_headline(ax, headline_rank_acceptability(ranks) if title is None else title, own)
    return ax


def _rank_cell(ax: Axes, row: int, column: int, share: float, held: bool) -> None:
    """Draw a cell whose shade and number are the share of draws."""
    blue = np.array([0.0, 0.447, 0.698])
    face = 1 - (1 - blue) * round(float(share), 3)
    ax.add_patch(
        Rectangle(
            (column + 0.53, row - 0.45),
            0.94,
            0.9,
            facecolor=tuple(np.round(face, 4)),
            edgecolor="#dddddd",
            linewidth=0.6,
        )
    )
    if held:
        ax.add_patch(
            Rectangle(
                (column + 0.53, row - 0.45), 0.94, 0.9, facecolor="none", edgecolor="#222222", linewidth=1.6, zorder=4
            )
        )
    if share >= 0.005:
        ax.text(
            column + 1,
            row,
            percent(share),
            ha="center",
            va="center",
            fontsize=8,
            color=readable_on(face),
        )
