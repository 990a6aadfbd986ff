"""Measure how far candor agrees with ratings of whole pages, and how much hangs on the weights.

Run: ``python benchmarks/weights.py REAL_PAGES`` with the folder that holds ``units.csv`` (document, position, text and
the five codes) and ``documents.csv`` (document, candor: a rating from 0 to 4). The pages are not redistributable;
figures only.
"""

import argparse
import itertools
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from analysis import code_units
from analysis.candor import PARTS, WEIGHTS, candor_profile
from analysis.codes import CODE_COLUMNS


def main() -> None:
    """Print rank correlations for the declared weights, for weights chosen on other pages, and for single parts."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("pages", type=Path)
    folder = options.parse_args().pages
    units = pd.read_csv(folder / "units.csv", dtype={"document": str}).rename(columns={"position": "unit"})
    rating = pd.read_csv(folder / "documents.csv", dtype={"document": str}).set_index("document")["candor"]
    # The checklist comes from the machine's cues, made for every unit about addiction; the codes of the shipped machine
    # would say nothing here, since it was fitted on these pages.
    coded = code_units(units[["document", "unit", "title", "text", "focal"]])
    coded[list(CODE_COLUMNS)] = units[list(CODE_COLUMNS)].to_numpy()
    profile = candor_profile(coded, draws=0).set_index("document").loc[rating.index]
    print(f"{len(rating)} pages by the coder's codes, Spearman {correlation(profile['candor'], rating):.3f}")
    singles = ", ".join(f"{part} {correlation(profile[part], rating):.3f}" for part in PARTS)
    print(f"  single parts: {singles}")
    choices = np.array(list(itertools.product((1, 2, 3, 4), repeat=len(WEIGHTS))))
    parts = profile[list(WEIGHTS)].to_numpy().T
    direct = profile["directness"].to_numpy()
    values = np.round([direct * ((choice / choice.sum()) @ parts) for choice in choices], 9)
    whole = [correlation(v, rating) for v in values]
    print(f"  all {len(choices)} sets of weights 1 to 4: {min(whole):.3f} to {max(whole):.3f}")
    folds = np.random.default_rng(0).permutation(len(rating)) % 10
    out = np.zeros(len(rating))
    for fold in range(10):
        learn = folds != fold
        best = int(np.argmax([correlation(v[learn], rating[learn]) for v in values]))
        out[~learn] = values[best][~learn]
    print(f"  weights chosen on the other nine tenths of the pages: {correlation(out, rating):.3f}")


def correlation(a: np.ndarray | pd.Series, b: np.ndarray | pd.Series) -> float:
    """Spearman's rank correlation; ties share their mean rank."""
    return float(stats.spearmanr(a, b)[0])


if __name__ == "__main__":
    main()
