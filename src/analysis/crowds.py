"""The forms that figures take when there are too many sources for a row each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from analysis.candor import CHECKLIST
from analysis.drawing import (
    CODE_COLOURS,
    STANCE_MARKS,
    below,
    clean_label,
    label_rows,
    new_axes,
    set_headline,
    tidy,
)
from analysis.findings import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def checklist_shares(table: pd.DataFrame, ax: Axes | None, width: float, title: str) -> Axes:
    """Draw, for many sources, the share of sources that take each stance on each of the seven things."""
    own = ax is None
    ax = new_axes(width, len(CHECKLIST), 1.0) if ax is None else ax
    shares = pd.crosstab(table["item"], table["stance"], normalize="index")
    shares = shares.reindex(index=list(CHECKLIST), columns=list(STANCE_MARKS), fill_value=0.0)
    hatches = {"acknowledged": None, "contradictory": "....", "played down": "////", "denied": "xxxx", "silent": None}
    left = np.zeros(len(CHECKLIST))
    for stance, (_, colour) in STANCE_MARKS.items():
        values = tidy(shares[stance])
        face = colour if stance == "acknowledged" else CODE_COLOURS["none"] if stance == "silent" else "white"
        y = np.arange(len(values))
        ax.barh(
            y,
            values,
            left=tidy(left),
            height=0.74,
            facecolor=face,
            edgecolor=colour,
            hatch=hatches[stance],
            linewidth=0.6,
            label=stance,
        )
        left = left + values
    label_rows(ax, [clean_label(label, 40) for label in CHECKLIST.values()])
    ax.set_xlim(0, 1)
    ax.set_xticks([0, 0.5, 1], ["0", "50%", "100% of sources" if width >= 6 else "100%"])
    ax.get_xticklabels()[-1].set_horizontalalignment("right")
    below(ax, own, ncols=5 if width >= 6 else 3)
    set_headline(ax, title, own)
    return ax


def hedge_scatter(scores: pd.DataFrame, ax: Axes | None, width: float, title: str) -> Axes:
    """Draw, for many sources, each at its share of hedged harms (across) and of hedged benefits (up)."""
    own = ax is None
    ax = plt.subplots(figsize=(width, min(width, 5.0)))[1] if ax is None else ax
    ax.plot([0, 1], [0, 1], color="#9aa0a6", linewidth=1)
    ax.scatter(
        tidy(scores["hedged_harm_share"]),
        tidy(scores["hedged_benefit_share"]),
        s=16,
        color=CODE_COLOURS["hedged"],
        alpha=0.5,
        clip_on=False,
    )
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_ticks([0, 0.5, 1], ["0", "50%", "100%"])
    ax.set_xlim(-0.02, 1.02)
    ax.set_ylim(-0.02, 1.02)
    ax.set_xlabel("Share of harms hedged")
    ax.set_ylabel("Share of benefits hedged")
    ax.text(0.98, 0.02, "hedge harms more", ha="right", va="bottom", fontsize=8, fontweight="bold")
    ax.text(0.02, 0.98, "hedge benefits more", ha="left", va="top", fontsize=8, fontweight="bold")
    set_headline(ax, title, own)
    return ax


def positions_of_many(coded: pd.DataFrame, ax: Axes | None, width: float, title: str) -> Axes:
    """Draw, for many sources, the share of units that admit harm and that promote in each twentieth of the text."""
    own = ax is None
    ax = plt.subplots(figsize=(width, 2.8))[1] if ax is None else ax
    size = coded.groupby("document")["document"].transform("size")
    place = (coded.groupby("document", sort=False).cumcount() * 20 // size).to_numpy()
    total = np.maximum(1, np.bincount(place, minlength=20))
    harm = (coded["risk"] == "acknowledges").to_numpy()
    mine = harm & (coded["addiction"] == 1).to_numpy()
    sells = (coded["commercial"] == 1).to_numpy()
    heights = [tidy(np.bincount(place, weights=hit, minlength=20) / total) for hit in (mine, harm & ~mine, sells)]
    left = np.arange(20) / 20
    ax.bar(
        left,
        heights[0],
        width=0.045,
        align="edge",
        color=CODE_COLOURS["acknowledges"],
        label="acknowledges own addiction",
    )
    ax.bar(
        left,
        heights[1],
        bottom=heights[0],
        width=0.045,
        align="edge",
        facecolor="white",
        edgecolor=CODE_COLOURS["acknowledges"],
        hatch="////",
        linewidth=0.6,
        label="acknowledges other harm",
    )
    ax.bar(left, -heights[2], width=0.045, align="edge", color=CODE_COLOURS["commercial"], label="promotes")
    ax.axhline(0, color="#222222", linewidth=0.8)
    most = max(0.05, float(np.max(heights[0] + heights[1])), float(np.max(heights[2])))
    ax.set_ylim(-1.1 * most, 1.1 * most)
    ticks = [-most, 0, most]
    ax.set_yticks(ticks, [percent(abs(t)) for t in ticks])
    ax.set_ylabel("Share of units")
    ax.set_xlim(0, 1)
    ax.set_xticks([0, 0.5, 1], ["start", "middle of the text", "end"])
    below(ax, own, ncols=3 if width >= 6 else 1)
    set_headline(ax, title, own)
    return ax
