"""Coding sheets that people filled in → a model of one's own, beside what it is compared with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis import agreement, coder, paths
from analysis.codes import CODE_COLUMNS
from analysis.errors import CandorError
from analysis.fitting import fit_model
from analysis.folders import check_folder, whole_folder
from analysis.sheets import CONTEXT
from analysis.training import load_examples

FILES = ("card.json", "context.csv", "weights.csv")
FOLDS = 3
MINIMUM = 20  # units; with fewer, nothing can be learned and nothing judged

Step = Callable[[int, int], object]


@dataclass(frozen=True)
class Refit:
    """A model learned from people's codes as well, and how it does.

    Attributes
    ----------
    model : CodingModel
    comparison : DataFrame
        ``code, support, shipped, refitted, difference``: F1 on the people's units of the shipped model,
        and of models that learned from the other sources of the people only.
    units, dropped : int
        How many of the people's units were learned from, and how many were not (a code is missing, or
        coders disagree).
    """

    model: Any
    comparison: pd.DataFrame
    units: int
    dropped: int


def people_units(sheets: Mapping[str, pd.DataFrame]) -> tuple[pd.DataFrame, int]:
    """Join the sheets of several coders to one code a unit: what all who coded it say.

    Parameters
    ----------
    sheets : mapping
        From coder to sheet, as from `analysis.sheets.read_sheets`.

    Returns
    -------
    units : DataFrame
        In reading order, with every code. ``source`` is the document; ``document`` tells runs of
        neighbouring units apart, so that a unit is not read in the context of one from another place.
    dropped : int
        How many units were left out: a code is missing, or coders disagree.

    Examples
    --------
    >>> sheet = pd.DataFrame({"document": "a", "unit": [0, 1, 5], "text": ["Hi.", "Ho.", "Hm."], "focal": "kava",
    ...     "hedged": "0", "risk": ["none", "none", ""], "addiction": "0", "other_addiction": "0", "commercial": "0"})
    >>> units, dropped = people_units({"ada": sheet, "ben": sheet.assign(hedged=["0", "1", "0"])})
    >>> units[["document", "unit", "text"]].values.tolist(), dropped
    ([['a, unit 0', 0, 'Hi.']], 2)
    """
    stacked = pd.concat([s.reindex(columns=[*CONTEXT, *CODE_COLUMNS], fill_value="") for s in sheets.values()])
    stacked[list(CODE_COLUMNS)] = stacked[list(CODE_COLUMNS)].astype(object).replace("", np.nan)
    grouped = stacked.groupby(["document", "unit"], sort=True)
    codes = grouped[list(CODE_COLUMNS)].first()
    good = codes.notna().all(axis=1) & (grouped[list(CODE_COLUMNS)].nunique() == 1).all(axis=1)
    units = grouped[[c for c in CONTEXT if c not in ("document", "unit", "before", "after")]].first()
    units = units.join(codes)[good].reset_index()
    new_run = (units["document"] != units["document"].shift()) | (units["unit"] != units["unit"].shift() + 1)
    starts = units["unit"].where(new_run).ffill().astype("Int64")
    units["source"] = units["document"]
    units["document"] = [f"{d}, unit {n}" for d, n in zip(units["document"], starts, strict=True)]
    return units, int((~good).sum())


def refit(sheets: Mapping[str, pd.DataFrame], progress: Step | None = None) -> Refit:
    """Fit a model to people's codes together with the shipped examples, and judge it.

    Parameters
    ----------
    sheets : mapping
        From coder to sheet, as from `analysis.sheets.read_sheets`.
    progress : callable, optional
        Called with the number of fits done and their total.

    Returns
    -------
    Refit

    Raises
    ------
    CandorError
        With fewer than `MINIMUM` units that are coded in full and alike, or of one source only.
    """
    units, dropped = people_units(sheets)
    if len(units) < MINIMUM:
        raise CandorError(
            f"the sheets hold {len(units)} units that are coded in full and alike, not {MINIMUM}; code more of them"
        )
    sources = units["source"].drop_duplicates().tolist()
    if len(sources) < 2:
        raise CandorError(
            "the sheets are of one source: nothing could judge what was learned; code units of others, too"
        )
    examples = load_examples(paths.shipped("data/examples"))
    fold_of = {source: number % FOLDS for number, source in enumerate(sorted(sources))}
    folds = units["source"].map(fold_of)
    parts = []
    total = folds.nunique() + 1
    for done, fold in enumerate(sorted(folds.unique())):
        if progress:
            progress(done, total)
        model = fit_model(_together(examples, units[folds != fold]))
        parts.append(coder.code_units(_plain(units[folds == fold]), model=model))
    if progress:
        progress(total - 1, total)
    model = fit_model(_together(examples, units))
    comparison = _compare(units, coder.code_units(_plain(units)), pd.concat(parts))
    model.card.update(
        {
            "learned from": {"examples": len(examples), "units coded by people": len(units), "sources": len(sources)},
            "left out": {"units with a code missing or coders who disagree": dropped},
            "judged on": f"the people's units, in {folds.nunique()} folds that keep each source together",
            "F1": {
                row.code: {
                    "support": int(row.support),
                    "shipped": _or_none(row.shipped),
                    "refitted": _or_none(row.refitted),
                }
                for row in comparison.itertuples()
            },
        }
    )
    if progress:
        progress(total, total)
    return Refit(model, comparison, len(units), dropped)


def _plain(units: pd.DataFrame) -> pd.DataFrame:
    """Units without their codes, as one hands them to the machine."""
    return units.drop(columns=[*CODE_COLUMNS, "source"])


def _together(examples: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    both = pd.concat([examples, units.drop(columns=["source", "unit"])], ignore_index=True)
    gaps = {"title": "", "section": "", "kind": "prose", "weight": 1.0}
    return both.fillna(gaps).drop(columns=["lead_in"], errors="ignore")


def _compare(truth: pd.DataFrame, shipped: pd.DataFrame, refitted: pd.DataFrame) -> pd.DataFrame:
    keys = ["document", "unit", *CODE_COLUMNS]
    a, b = (agreement.precision_recall(truth[keys], frame[keys], draws=200) for frame in (shipped, refitted))
    table = pd.DataFrame({"code": a["code"], "support": a["support"], "shipped": a["f1"], "refitted": b["f1"]})
    return table.assign(difference=(table["refitted"] - table["shipped"]).round(6))


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)


def save(model: Any, folder: str | Path) -> None:
    """Write a model's tables into a folder of their own, all or none.

    Raises
    ------
    CandorError
        If the folder holds anything but a model.
    """
    with whole_folder(folder, "model", FILES) as new:
        coder.save_model(model, new)


def check_target(folder: str | Path) -> None:
    """Refuse a folder that holds anything but a model."""
    check_folder(folder, "model", FILES)


def names_of_worse(comparison: pd.DataFrame) -> Sequence[str]:
    """The codes that the refitted model decides worse than the shipped one."""
    return comparison.loc[comparison["difference"] < 0, "code"].tolist()
