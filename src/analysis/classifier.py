"""The estimator behind each code: linear, calibrated, its threshold found on training data alone."""

from typing import Any, Self

import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d

from analysis.features import PATTERNS, UnitVectorizer, as_units

FOLDS = 5


class LinearHead(BaseEstimator):
    """One yes-or-no decision on a feature matrix.

    Logistic regression on features scaled by their naive Bayes log-count ratio (Wang and Manning
    2012), which trusts a feature by how unevenly it falls on the two classes. Cross-validation on
    the training rows gives honest scores; on them Platt's calibration and the threshold of the best
    F1 are chosen.

    Attributes
    ----------
    coef_ : ndarray of shape (features,)
    intercept_ : float
    slope_, offset_ : float
        Calibration: the probability is ``expit(slope * score + offset)``.
    threshold_ : float
        The probability from which the answer is yes.
    out_of_fold_ : ndarray of shape (rows,)
        The score of each training row by a model that did not see it (nor its group).
    f1_ : float
        The F1 that those scores reach at the threshold; 0 where there are too few rows to tell.
    """

    def fit(self, X: sp.csr_matrix, y: Any, groups: Any = None, sample_weight: Any = None) -> Self:
        """Fit to a matrix and 0/1 answers; rows of one group are not split between folds, given five groups or more."""
        y = np.asarray(y, dtype=int)
        weight = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, float)
        folds = _folds(y, groups)
        self.out_of_fold_, self.f1_ = np.zeros(len(y)), 0.0
        for train, test in folds:
            coef, intercept = _fit_linear(X[train], y[train], weight[train])
            self.out_of_fold_[test] = X[test] @ coef + intercept
        self.coef_, self.intercept_ = _fit_linear(X, y, weight)
        self.slope_, self.offset_, self.threshold_ = 1.0, 0.0, 0.5
        if folds:
            platt = LogisticRegression(C=1e3, tol=1e-8).fit(self.out_of_fold_[:, None], y, sample_weight=weight)
            slope = float(platt.coef_[0, 0])
            if slope > 0:
                self.slope_, self.offset_ = slope, float(platt.intercept_[0])
                unseen = expit(self.slope_ * self.out_of_fold_ + self.offset_)
                self.f1_, self.threshold_ = best_threshold(y, unseen, weight)
        return self

    def predict_proba(self, X: sp.csr_matrix) -> np.ndarray:
        """Probability of yes, one a row."""
        return expit(self.slope_ * (X @ self.coef_ + self.intercept_) + self.offset_)


def expit(x: Any) -> Any:
    """Logistic function."""
    return 1 / (1 + np.exp(-np.clip(x, -50, 50)))


def _folds(y: np.ndarray, groups: Any) -> list[tuple[np.ndarray, np.ndarray]]:
    """Cross-validation splits, or none where a class has too few rows for it."""
    smallest = np.bincount(y, minlength=2).min()
    if groups is not None and len(set(groups)) >= FOLDS:
        splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
        folds = list(splitter.split(y, y, groups)) if smallest >= FOLDS else []
    elif smallest >= 2:
        splitter = StratifiedKFold(min(FOLDS, smallest), shuffle=True, random_state=0)
        folds = list(splitter.split(y, y))
    else:
        folds = []
    return [(a, b) for a, b in folds if len(set(y[a])) == 2]


def _fit_linear(X: sp.csr_matrix, y: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights and intercept of the log-count-ratio-scaled logistic regression."""
    if len(set(y)) < 2:
        return np.zeros(X.shape[1]), 10.0 if y[0] else -10.0
    # the last bits of a logarithm differ between processors; the dual solver's own arithmetic does not
    ratio = np.round(log_count_ratio(X, y), 6)
    model = LogisticRegression(C=1.0, solver="liblinear", dual=True, tol=1e-3, random_state=0, max_iter=1000)
    model.fit(X @ sp.diags(ratio), y, sample_weight=weight)
    return model.coef_[0] * ratio, float(model.intercept_[0])


def log_count_ratio(X: sp.csr_matrix, y: np.ndarray) -> np.ndarray:
    """How unevenly each feature falls on the two classes: abs(log(share in yes / share in no)).

    Counts are of rows with the feature, each class smoothed by one (Wang and Manning 2012).

    Examples
    --------
    >>> X = sp.csr_matrix([[1, 1], [1, 0], [0, 1], [0, 0]])
    >>> log_count_ratio(X, np.array([1, 1, 0, 0])).round(3) + 0
    array([1.099, 0.   ])
    """
    present = sp.csr_matrix((np.ones_like(X.data, dtype=float), X.indices, X.indptr), X.shape)
    yes = present.T @ (y == 1).astype(float) + 1
    no = present.T @ (y == 0).astype(float) + 1
    return np.abs(np.log((yes / ((y == 1).sum() + 2)) / (no / ((y == 0).sum() + 2))))


def best_threshold(y: np.ndarray, p: np.ndarray, weight: np.ndarray | None = None) -> tuple[float, float]:
    """The threshold on probabilities around which the weighted F1 is highest, and the F1 at it.

    The curve of F1 over the threshold is flat and jagged at its top, and where its highest tooth stands is chance:
    it is smoothed by a normal kernel first.

    Examples
    --------
    >>> best_threshold(np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.6, 0.9]))
    (1.0, 0.4)
    """
    weight = np.ones(len(y)) if weight is None else weight
    order = np.argsort(p, kind="stable")
    below = np.searchsorted(p[order], _THRESHOLDS)  # so many have less than the threshold
    called, hit = (v.sum() - np.r_[0.0, np.cumsum(v[order])][below] for v in (weight, weight * y))
    f1 = 2 * hit / np.maximum(called + (weight * y).sum(), 1e-12)
    curve = np.round(_KERNEL @ f1, 9)
    if not curve.any():
        return 0.0, 0.5
    top = np.flatnonzero(curve == curve.max())  # of a level top the middle
    i = int(top[len(top) // 2])
    return float(f1[i]), float(_THRESHOLDS[i])


_THRESHOLDS = np.array([0.001, 0.002, 0.005, *np.arange(1, 100) / 100])
# Each row averages the thresholds around its own; 0.05 is about how far the best of them strays between folds.
_KERNEL = np.exp(-0.5 * ((_THRESHOLDS[:, None] - _THRESHOLDS) / 0.05) ** 2)
_KERNEL /= _KERNEL.sum(axis=1, keepdims=True)


class UnitClassifier(ClassifierMixin, BaseEstimator):
    """Decide one code of a unit from its text.

    Takes a list of strings, or a frame of units when context is at hand (``text``, and any of
    ``document, focal, kind, section, lead_in, title``; units of one document stay in one fold).
    Class imbalance, calibration, threshold and how loud patterns speak are settled by cross-validation
    inside `fit`.

    Parameters
    ----------
    min_df : int, default 2
        Features in fewer units are left out.
    pattern_scales : tuple of float, default (0.6, 1.2)
        How loud the order of words and cues may speak beside the words, to choose from: what a text is
        about and whose harm it names lies in it more than whether a sentence is hedged.

    Attributes
    ----------
    classes_ : ndarray
        The labels, sorted.
    vectorizer_ : UnitVectorizer
    heads_ : list of LinearHead
        One for two classes, one a class for more.

    Examples
    --------
    >>> texts = ["It may harm you.", "It could be bad.", "It is a leaf.", "It grows in Asia."] * 5
    >>> classifier = UnitClassifier().fit(texts, [1, 1, 0, 0] * 5)
    >>> classifier.predict(["This may hurt.", "A leaf of a tree."]).tolist()
    [1, 0]
    """

    def __init__(self, min_df: int = 2, pattern_scales: tuple[float, ...] = (0.6, 1.2)) -> None:
        self.min_df = min_df
        self.pattern_scales = pattern_scales

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to texts (or a unit frame) and their labels.

        Raises
        ------
        ValueError
            If there are no texts, other than one label a text, or fewer than two classes.
        """
        units = as_units(X)
        check_classification_targets(y)
        y = column_or_1d(y, warn=True)
        if y.dtype.kind == "f" and not np.isfinite(y).all():
            raise ValueError("y holds NaN or infinity; drop those rows")
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(units) != len(codes) or len(codes) == 0:
            raise ValueError(f"{len(units)} texts and {len(codes)} labels; give one label a text")
        if len(self.classes_) < 2:
            raise ValueError("y holds one class; a decision needs examples of two classes")
        source = units if isinstance(X, pd.DataFrame) else X
        self.vectorizer_ = UnitVectorizer(self.min_df)
        matrix = self.vectorizer_.fit_transform(source)
        groups = units["document"].to_numpy() if isinstance(X, pd.DataFrame) else None
        targets = range(len(self.classes_)) if len(self.classes_) > 2 else [1]
        patterns = [name.startswith(PATTERNS) for name in self.vectorizer_.get_feature_names_out()]
        best = -1.0
        for scale in self.pattern_scales:
            louder = sp.diags(np.where(patterns, scale / self.vectorizer_.pattern_scale, 1.0))
            scaled = (matrix @ louder).tocsr()
            heads = [LinearHead().fit(scaled, codes == k, groups, sample_weight) for k in targets]
            if (f1 := float(np.mean([head.f1_ for head in heads]))) > best + 1e-9:
                best, self.heads_, chosen = f1, heads, scale
        self.vectorizer_.set_params(pattern_scale=chosen)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Calibrated probabilities, of shape (units, classes); each row adds up to 1."""
        check_is_fitted(self)
        matrix = self.vectorizer_.transform(X)
        p = np.column_stack([head.predict_proba(matrix) for head in self.heads_])
        if len(self.heads_) == 1:
            return np.hstack([1 - p, p])
        return p / p.sum(axis=1, keepdims=True)

    def predict(self, X: Any) -> np.ndarray:
        """The label of each unit, by the thresholds found in `fit`."""
        check_is_fitted(self)
        matrix = self.vectorizer_.transform(X)
        p = np.column_stack([h.predict_proba(matrix) / h.threshold_ for h in self.heads_])
        chosen = (p[:, 0] >= 1).astype(int) if len(self.heads_) == 1 else p.argmax(axis=1)
        return self.classes_[chosen]

    def explain(self, text: str, n: int = 10) -> pd.DataFrame:
        """The features that weighed most in the decision on one text.

        Parameters
        ----------
        text : str
        n : int
            How many features to show.

        Returns
        -------
        DataFrame
            ``feature``, ``value``, ``weight`` and ``contribution`` (value times weight, in log
            odds towards the last class), largest first.
        """
        check_is_fitted(self)
        row = self.vectorizer_.transform([text])
        weight = self.heads_[-1].coef_[row.indices]
        table = pd.DataFrame(
            {
                "feature": self.vectorizer_.get_feature_names_out()[row.indices],
                "value": row.data,
                "weight": weight,
                "contribution": row.data * weight,
            }
        )
        return table.sort_values("contribution", key=np.abs, ascending=False).head(n).reset_index(drop=True)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array = True, False
        return tags
