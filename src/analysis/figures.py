"""Score tables to Matplotlib Axes: one function a figure, one message a figure.

Each ``plot_x(table, *, ax=None, width=7.2, title=None)`` draws on the Axes it is given, or on a figure of its
own of that width in inches, and returns the Axes. The title is ``headline_x(table)``, the sentence that follows from
the numbers; ``title=""`` leaves it out.
``describe_x(table)`` is the alt text. Colour is never alone: shape, place, hatching or words say the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from analysis.candor import CHECKLIST, PARTS
from analysis.captions import (
    PART_LABELS,
    acknowledged_items,
    describe_checklist,
    describe_cue_shift,
    describe_hedge_targets,
    describe_positions,
    describe_profile,
    describe_rank_acceptability,
    describe_shares,
    describe_whose,
    headline_checklist,
    headline_cue_shift,
    headline_hedge_targets,
    headline_positions,
    headline_profile,
    headline_rank_acceptability,
    headline_shares,
    headline_whose,
)
from analysis.crowds import checklist_shares, hedge_scatter
from analysis.drawing import (
    CODE_COLOURS,
    STANCE_MARKS,
    below,
    clean_label,
    height_for,
    label_rows,
    names_of,
    new_axes,
    save_figure,
    set_headline,
    styled,
    svg_text,
    text_width,
    tidy,
    wrap,
)
from analysis.strips import plot_cue_shift, plot_positions, plot_rank_acceptability

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "CODE_COLOURS",
    "STANCE_MARKS",
    "describe_checklist",
    "describe_cue_shift",
    "describe_hedge_targets",
    "describe_positions",
    "describe_profile",
    "describe_rank_acceptability",
    "describe_shares",
    "describe_whose",
    "headline_checklist",
    "headline_cue_shift",
    "headline_hedge_targets",
    "headline_positions",
    "headline_profile",
    "headline_rank_acceptability",
    "headline_shares",
    "headline_whose",
    "plot_checklist",
    "plot_cue_shift",
    "plot_hedge_targets",
    "plot_positions",
    "plot_profile",
    "plot_rank_acceptability",
    "plot_shares",
    "plot_whose",
    "save_figure",
    "svg_text",
]

WIDTH = 7.2  # inches
NARROW = 6.0  # inches; figures below it are laid out for a phone
MANY = 40  # sources; with more, the checklist is drawn as shares of sources
VALUES = 25  # sources; with more, values are not written beside the dots
INK, FAINT = "#222222", "#9aa0a6"


@styled
def plot_profile(
    profile: pd.DataFrame, *, axes: np.ndarray | None = None, width: float = WIDTH, title: str | None = None
) -> np.ndarray:
    """Draw candor and its five parts as aligned panels, a row a source, most candid first.

    Parameters
    ----------
    profile
        Result of `analysis.candor.candor_profile`.
    axes
        Six Axes to draw on.
    width, title
        See the module.

    Returns
    -------
    numpy.ndarray
        The six Axes: candor, then the parts in their order.
    """
    table = profile.sort_values("candor", ascending=False, kind="stable")
    panels = ("candor", *PARTS)
    own = axes is None
    if axes is None:
        axes = _panels(6, 3 if width < NARROW else 6, len(table), width, [1.25, 1, 1, 1, 1, 1])
    drawn = np.ravel(np.asarray(axes, dtype=object))
    for panel, ax in zip(panels, drawn, strict=True):
        values = tidy(table[panel])
        low, high = (tidy(table[f"{panel}{end}"]) if f"{panel}{end}" in table else values for end in ("_low", "_high"))
        main = panel == "candor"
        texts = [f"{v:.2f}" for v in values]
        _dots(
            ax,
            values,
            low,
            high,
            texts,
            colour=CODE_COLOURS["acknowledges"] if main else INK,
            marker="o" if main else "s",
            room=(width - 1.7) / 6.6 if width >= NARROW else (width - 0.6) / 3.4,
        )
        ax.set_title(PART_LABELS[panel], fontsize=8, fontweight="bold" if main else "normal")
    _name_panels(drawn, table, width)
    set_headline(drawn[0], headline_profile(profile) if title is None else title, own)
    return drawn


@styled
def plot_shares(
    scores: pd.DataFrame, *, ax: np.ndarray | None = None, width: float = WIDTH, title: str | None = None
) -> np.ndarray:
    """Draw the shares of units that hedge, acknowledge a harm and promote, as three aligned panels.

    Returns
    -------
    numpy.ndarray
        The three Axes, in that order.
    """
    own = ax is None
    if len(scores) > VALUES:
        scores = scores.sort_values("acknowledges_share", ascending=False, kind="stable")
    drawn = np.ravel(np.asarray(_panels(3, 3, len(scores), width, [1, 1, 1]) if ax is None else ax, dtype=object))
    kinds = {"hedged": ("Hedge", "s"), "acknowledges": ("Acknowledge harm", "o"), "commercial": ("Promote", "D")}
    for (code, (label, marker)), panel in zip(kinds.items(), drawn, strict=True):
        texts = [
            f"{count} of {n}" if width >= NARROW else f"{count}/{n}"
            for count, n in zip(scores[f"{code}_count"], scores["units"], strict=True)
        ]
        shares, low, high = (tidy(scores[f"{code}_{end}"]) for end in ("share", "low", "high"))
        _dots(
            panel,
            shares,
            low,
            high,
            texts,
            colour=CODE_COLOURS[code],
            marker=marker,
            room=(width - (1.8 if width >= NARROW else 0.6)) / 3.3,
            percent=True,
        )
        panel.set_title(wrap(label, width * 72 / 4.6, 9, "bold"))
    _name_panels(drawn, scores, width)
    set_headline(drawn[0], headline_shares(scores) if title is None else title, own)
    return drawn


@styled
def plot_checklist(
    table: pd.DataFrame, *, ax: Axes | None = None, width: float = WIDTH, title: str | None = None
) -> Axes:
    """Draw which of the seven things each source acknowledges, plays down, denies or leaves out.

    Parameters
    ----------
    table
        Result of `analysis.candor.checklist`.
    ax, width, title
        See the module.
    """
    said = acknowledged_items(table).sort_values(ascending=False, kind="stable")
    documents = said.index.tolist()
    own = ax is None
    if len(documents) > MANY:
        return checklist_shares(table, ax, width, headline_checklist(table) if title is None else title)
    ax = new_axes(width, len(documents), 1.45 if width >= NARROW else 2.1) if ax is None else ax
    row_of = {document: i for i, document in enumerate(documents)}
    column_of = {key: i for i, key in enumerate(CHECKLIST)}
    for stance, (marker, colour) in STANCE_MARKS.items():
        cells = table[table["stance"] == stance]
        x, y = cells["item"].map(column_of), cells["document"].map(row_of)
        lines = marker in "_x"
        ax.scatter(
            tidy(x),
            tidy(y),
            marker=marker,
            s=70,
            facecolors=colour if lines or stance != "played down" else "white",
            edgecolors=None if lines else colour,
            linewidths=1.4,
            zorder=3,
            label=stance,
        )
    for x in range(len(CHECKLIST)):
        ax.axvline(x, color="#eeeeee", linewidth=8, zorder=0)
    names = names_of(table, width)
    label_rows(ax, [names[d] for d in documents])
    labels = [wrap(label, (width - 1.7) * 72 / 8.4 if width >= NARROW else 90, 7.5) for label in CHECKLIST.values()]
    ax.set_xticks(
        range(len(labels)),
        labels,
        fontsize=7.5 if width >= NARROW else 8,
        rotation=0 if width >= NARROW else 60,
        ha="center" if width >= NARROW else "left",
        rotation_mode="anchor" if width < NARROW else "default",
    )
    ax.xaxis.tick_top()
    ax.tick_params(axis="x", length=0)
    ax.spines["bottom"].set_visible(False)
    ax.set_xlim(-0.6, len(CHECKLIST) - 0.4 + (1.1 if len(documents) <= VALUES else 0))
    if len(documents) <= VALUES:
        for document, count in said.items():
            ax.text(
                len(CHECKLIST) - (0.2 if width >= NARROW else 0.05),
                row_of[document],
                f"{count} of 7",
                va="center",
                ha="left" if width >= NARROW else "center",
                fontweight="bold",
                fontsize=8,
            )
    _key(
        ax,
        own,
        [(name, marker, colour, name == "played down") for name, (marker, colour) in STANCE_MARKS.items()],
        5 if width >= NARROW else 2,
    )
    set_headline(ax, headline_checklist(table) if title is None else title, own)
    return ax


@styled
def plot_whose(scores: pd.DataFrame, *, ax: Axes | None = None, width: float = WIDTH, title: str | None = None) -> Axes:
    """Draw back to back, by source, the units about its own substance's addiction and those only about another's."""
    if len(scores) > VALUES:
        scores = scores.sort_values(["addiction_count", "deflection_count"], ascending=[False, True], kind="stable")
    own_units, other = tidy(scores["addiction_count"]), tidy(scores["deflection_count"])
    mine = ax is None
    ax = new_axes(width, len(scores), 1.05) if ax is None else ax
    y = np.arange(len(scores))
    few = len(scores) <= VALUES
    ax.barh(y, -own_units, height=0.62 if few else 0.9, color=CODE_COLOURS["acknowledges"])
    ax.barh(
        y,
        other,
        height=0.62 if few else 0.9,
        facecolor="#cfe8df",
        edgecolor=CODE_COLOURS["other_addiction"],
        hatch="////" if few else None,
        linewidth=0.8 if few else 0,
    )
    most = max(float(np.max(np.concatenate([own_units, other]), initial=0)), 1.0)
    ax.set_xlim(-1.22 * most, 1.22 * most)
    if few:
        for row, (left, right) in enumerate(zip(own_units, other, strict=True)):
            ax.text(-left - 0.03 * most, row, f"{left:.0f}", ha="right", va="center")
            ax.text(right + 0.03 * most, row, f"{right:.0f}", ha="left", va="center")
    ax.axvline(0, color=INK, linewidth=0.8)
    names = names_of(scores, width)
    label_rows(ax, [names[str(d)] for d in scores["document"]])
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    room = width * 72 / (2.9 if width >= NARROW else 3.6)
    ax.set_title(
        wrap("About its own substance", room, 9) + "  ",
        loc="left",
        fontweight="normal",
        color=CODE_COLOURS["acknowledges"],
    )
    ax.set_title(
        wrap("Only about another", room, 9), loc="right", fontweight="normal", color=CODE_COLOURS["other_addiction"]
    )
    ax.set_xlabel("Units that speak of addiction or withdrawal")
    set_headline(ax, headline_whose(scores) if title is None else title, mine)
    return ax


@styled
def plot_hedge_targets(
    scores: pd.DataFrame, *, ax: Axes | None = None, width: float = WIDTH, title: str | None = None
) -> Axes:
    """Draw, by source, the share of harms and the share of benefits that are hedged, with their counts."""
    own = ax is None
    if len(scores) > VALUES:
        return hedge_scatter(scores, ax, width, headline_hedge_targets(scores) if title is None else title)
    ax = new_axes(width, len(scores), 0.7, row=0.5) if ax is None else ax
    kinds = (("harm", "o", CODE_COLOURS["acknowledges"], -0.17), ("benefit", "D", CODE_COLOURS["commercial"], 0.17))
    for kind, marker, colour, offset in kinds:
        share, low, high = (tidy(scores[f"hedged_{kind}_{end}"]) for end in ("share", "low", "high"))
        y = np.arange(len(scores)) + offset
        ax.hlines(y, low, high, color=colour, linewidth=1.6, alpha=0.55)
        ax.scatter(share, y, marker=marker, s=34, color=colour, zorder=3, clip_on=False)
        for row, count, total in zip(y, scores[f"hedged_{kind}_count"], scores[f"hedged_{kind}_total"], strict=True):
            text = f"{count} of {total} {kind}s" if total else f"no {kind}s"
            ax.text(1.04, row, text, va="center", fontsize=8, color=colour)
    names = names_of(scores, width)
    label_rows(ax, [names[str(d)] for d in scores["document"]], row=0.5)
    _share_axis(ax, 1.42 if width >= NARROW else 1.75)
    ax.set_xlabel("Share hedged, with 95% interval")
    set_headline(ax, headline_hedge_targets(scores) if title is None else title, own)
    return ax


def _panels(count: int, columns: int, rows: int, width: float, ratios: list[float]) -> np.ndarray:
    """Open a figure of panels that share their rows of sources."""
    lines = -(-count // columns)
    height = lines * height_for(rows, 0.7) + 0.1
    widths = ratios[:columns] if lines == 1 else [1.0] * columns
    return plt.subplots(lines, columns, figsize=(width, height), sharey=True, width_ratios=widths)[1]


def _dots(
    ax: Axes,
    values: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    texts: list[str],
    *,
    colour: str,
    marker: str,
    room: float,
    percent: bool = False,
) -> None:
    """Draw a dot and its interval in every row, with its number in a column at the right of `room` inches."""
    y = np.arange(len(values))
    few = len(values) <= VALUES
    ax.hlines(y, low, high, color=FAINT, linewidth=2.2 if few else 0.8, zorder=1)
    ax.scatter(values, y, marker=marker, s=26 if few else 7, color=colour, zorder=3, clip_on=False)
    if few:
        for row, text in enumerate(texts):
            ax.text(0.98, row, text, va="center", ha="right", fontsize=8, transform=ax.get_yaxis_transform())
    # The numbers stand in a column of their own, right of the scale, as wide as the longest of them.
    column = (max((text_width(text, 8) for text in texts), default=0.0) + 7) / 72 / room if few else 0.0
    _share_axis(ax, 1.05 / max(0.25, 1 - column), percent)


def _share_axis(ax: Axes, right: float, percent: bool = True) -> None:
    ax.set_xlim(-0.08, right)
    ax.set_xticks([0, 0.5, 1], ["0", "", "100%"] if percent else ["0", "", "1"])
    ax.grid(axis="x")
    ax.spines["bottom"].set_bounds(0, 1)


def _name_panels(axes: np.ndarray, table: pd.DataFrame, width: float) -> None:
    names = names_of(table, width)
    for ax in axes:
        label_rows(ax, [names[str(d)] for d in table["document"]])
        if not ax.get_subplotspec() or not ax.get_subplotspec().is_first_col():
            ax.tick_params(axis="y", labelleft=False)
            ax.set_ylabel("")


def _key(ax: Axes, own: bool, entries: list[tuple[str, str, str, bool]], columns: int) -> None:
    """Write a key of shapes below the Axes."""
    handles = [
        Line2D(
            [],
            [],
            linestyle="",
            marker=marker,
            markersize=7,
            color=colour,
            markerfacecolor="white" if hollow else colour,
            markeredgewidth=1.4,
            label=clean_label(name),
        )
        for name, marker, colour, hollow in entries
    ]
    below(ax, own, handles=handles, ncols=columns, handletextpad=0.3, columnspacing=1.2)
