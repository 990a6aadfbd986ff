"""Coded units into a model: both steps of `analysis.coder`, fitted."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict

from analysis.classifier import LinearHead, best_threshold, expit
from analysis.coder import QUESTIONS, CodingModel, context_matrix, context_names, first_answers, targets_of
from analysis.codes import CODES
from analysis.features import UnitVectorizer
from analysis.units import add_context

# For these the neighbours' first answers measured better on pages left out; the rest are decided by
# the first step alone.
BY_PAGE = ("acknowledges", "addiction", "commercial")
# Of these only the units nearby have a say, not the page: what a shop admits is admitted as it is by a clinic.
NEARBY = ("acknowledges",)
# Weights are stored with this many decimals; smaller ones are left out.
_DECIMALS = 3


def fit_model(units: pd.DataFrame, min_df: int = 3) -> CodingModel:
    """Fit both steps to coded units.

    Parameters
    ----------
    units : DataFrame
        ``document, text, focal``, the codes of the codebook and, if known, context columns;
        ``weight`` (default 1) says how much a row counts.
    min_df : int
        Features in fewer units are left out.

    Returns
    -------
    CodingModel
    """
    units = add_context(units.reset_index(drop=True))
    y = targets_of(units)
    weight = units["weight"].to_numpy(float) if "weight" in units else np.ones(len(units))
    groups = units["document"].to_numpy()
    vectorizer = UnitVectorizer(min_df)
    matrix = vectorizer.fit_transform(units)
    heads, unseen, thresholds = fit_first(matrix, y, groups, weight)
    around = context_matrix(unseen, groups)
    second = [
        fit_context(code, around, y[:, k], groups, weight) if code in BY_PAGE else (own_odds(k), 0.0, thresholds[k])
        for k, code in enumerate(CODES)
    ]
    slopes = np.array([head.slope_ for head in heads])
    intercepts = [h.intercept_ + h.offset_ / h.slope_ for h in heads]
    weights = np.round(np.column_stack([h.coef_ for h in heads]), _DECIMALS) + 0.0
    kept = np.abs(weights).max(axis=1) > 0
    vectorizer.learn_names(vectorizer.get_feature_names_out()[kept])
    return CodingModel(
        vectorizer,
        weights[kept],
        np.round([intercepts, slopes], 4),
        np.round(np.column_stack([coef for coef, _, _ in second]), _DECIMALS) + 0.0,
        np.round([[b for _, b, _ in second], [t for _, _, t in second]], 4),
        {},
    )


class FirstStep(NamedTuple):
    """The first step, fitted: a head a question, and what it says of the codes."""

    heads: list[LinearHead]
    unseen: np.ndarray  # probability of each code of each unit, by models that did not learn from it
    thresholds: np.ndarray  # of each code, for the best F1 on those

    def answers(self, matrix: sp.csr_matrix) -> np.ndarray:
        """Probability of each code of each row."""
        return first_answers(np.column_stack([head.predict_proba(matrix) for head in self.heads]))


def fit_first(matrix: sp.csr_matrix, y: np.ndarray, groups: np.ndarray, weight: np.ndarray) -> FirstStep:
    """Fit the questions of the first step to codes, 0/1 columns in the order of `CODES`."""
    minimises = CODES.index("minimises")
    admits = y[:, CODES.index("acknowledges")] | y[:, minimises]
    asked = np.column_stack([y, admits])
    small = np.flatnonzero(admits) if admits.any() else np.arange(len(y))
    rows = [small if k == minimises else np.arange(len(y)) for k in range(len(QUESTIONS))]
    heads = [LinearHead().fit(matrix[r], asked[r, k], groups[r], weight[r]) for k, r in enumerate(rows)]
    odds = np.column_stack([h.slope_ * (matrix @ h.coef_ + h.intercept_) + h.offset_ for h in heads])
    for k, (head, r) in enumerate(zip(heads, rows, strict=True)):
        if head.out_of_fold_.any():  # else there were too few rows for folds
            odds[r, k] = head.slope_ * head.out_of_fold_ + head.offset_
    unseen = first_answers(expit(odds))
    thresholds = np.array([head.threshold_ for head in heads[: len(CODES)]])
    if heads[minimises].out_of_fold_.any():
        thresholds[minimises] = best_threshold(y[:, minimises], unseen[:, minimises], weight)[1]
    return FirstStep(heads, unseen, thresholds)


def own_odds(k: int) -> np.ndarray:
    """Weights of the second step that leave the first answer for code `k` as it is."""
    weights = np.zeros(len(context_names()))
    weights[context_names().index(f"unit itself: {CODES[k]}")] = 4.0
    return weights


def fit_context(
    code: str, X: np.ndarray, y: np.ndarray, groups: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, float, float]:
    """Weights, intercept and threshold of the second step for one code; `X` is as from `context_matrix`."""
    if code in NEARBY:
        X = X * [not name.startswith("rest of page") for name in context_names()]
    X = np.round(X, 6)  # as in `analysis.classifier`: the same weights on every processor
    model = LogisticRegression(C=1.0, solver="liblinear", dual=True, tol=1e-4, random_state=0, max_iter=1000)
    model.fit(X, y, sample_weight=weight)
    p = cross_val_predict(
        model, X, y, groups=groups, cv=GroupKFold(5, shuffle=True, random_state=0),
        method="predict_proba", params={"sample_weight": weight},
    )[:, 1]  # fmt: skip
    return model.coef_[0], float(model.intercept_[0]), best_threshold(y, p, weight)[1]
