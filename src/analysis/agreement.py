"""How far two or more codings agree: Krippendorff's alpha, precision, recall and F1, each with an interval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import krippendorff
import numpy as np
import pandas as pd

from analysis.codes import CODE_COLUMNS, CODES, STANCES
from analysis.errors import CandorError
from analysis.scores import share_interval

_KEYS = (("document", "start", "end"), ("document", "unit"))
_RARE = 5  # units; with fewer of the rarer value alpha hangs on single units


def agreement(
    codings: Mapping[str, pd.DataFrame], codes: Iterable[str] = CODE_COLUMNS, draws: int = 2_000, seed: int = 0
) -> pd.DataFrame:
    """Krippendorff's alpha (nominal) per code, with a 95 % bootstrap interval over units.

    Parameters
    ----------
    codings
        Coder to frame, keyed by ``document, start, end`` or ``document, unit``, with one column a code. A
        missing or empty cell is a unit that the coder did not code; coders may have seen different
        units. What only one coder coded says nothing about agreement and is left out.
    codes
        The five of the codebook, or a single stance (``acknowledges``, ``minimises``, ``denies``).
    draws, seed
        How often the units are redrawn, and the seed.

    Returns
    -------
    pandas.DataFrame
        ``code, units, coders, observed`` (share of pairs of codes that agree)``, alpha, low, high, note``.
        Alpha runs to 1 (perfect); 0 is chance. It is NaN, with the reason in ``note``, where every code given is
        the same: then chance alone would agree as well (Krippendorff 2004, chapter 11).

    Raises
    ------
    CandorError
        With fewer than two coders, or frames without a common key.

    Examples
    --------
    >>> a = pd.DataFrame({"document": "d", "unit": range(4), "hedged": [1, 1, 0, 0]})
    >>> b = a.assign(hedged=[1, 0, 0, 0])
    >>> agreement({"a": a, "b": b}, codes=["hedged"], draws=100)[["units", "observed", "alpha"]]
       units  observed     alpha
    0      4      0.75  0.533333
    """
    rows = []
    for code in codes:
        values = align(codings, code)
        rows.append({"code": code, **_alpha_row(values, draws, seed)})
    return pd.DataFrame(rows)


def precision_recall(
    truth: pd.DataFrame, coding: pd.DataFrame, codes: Iterable[str] = CODES, draws: int = 2_000, seed: int = 0
) -> pd.DataFrame:
    """Precision, recall and F1 of a coding against another taken as true.

    Precision and recall are shares with score intervals (Wilson 1927); F1 has a bootstrap interval over units.

    Returns
    -------
    pandas.DataFrame
        ``code, units, support`` (true)``, found, correct, precision, precision_low, precision_high, recall, …, f1, …``.
        A share of nothing is NaN; F1 is NaN only where the code is neither true nor found anywhere.

    Examples
    --------
    >>> a = pd.DataFrame({"document": "d", "unit": range(4), "hedged": [1, 1, 0, 0]})
    >>> b = a.assign(hedged=[1, 0, 0, 0])
    >>> precision_recall(a, b, codes=["hedged"])[["support", "found", "precision", "recall", "f1"]].round(2)
       support  found  precision  recall    f1
    0        2      1        1.0     0.5  0.67
    """
    rows = []
    for code in codes:
        both = align({"true": truth, "found": coding}, code).dropna()
        true, found = (both[c].astype(float).to_numpy() == 1 for c in ("true", "found"))
        hit, miss, extra = int((true & found).sum()), int((true & ~found).sum()), int((~true & found).sum())
        row = {"code": code, "units": len(both), "support": hit + miss, "found": hit + extra, "correct": hit}
        for name, total in (("precision", hit + extra), ("recall", hit + miss)):
            low, high = share_interval(hit, total)
            row |= {name: round(hit / total, 6) if total else float("nan"), f"{name}_low": low, f"{name}_high": high}
        cells = np.array([hit, miss, extra, len(both) - hit - miss - extra])
        row |= dict(zip(("f1", "f1_low", "f1_high"), _f1_interval(cells, draws, seed), strict=True))
        rows.append(row)
    return pd.DataFrame(rows)


def confusion(a: pd.DataFrame, b: pd.DataFrame, code: str = "risk") -> pd.DataFrame:
    """Count the units by what two coders gave them (rows: the first coder).

    Examples
    --------
    >>> a = pd.DataFrame({"document": "d", "unit": range(3), "risk": ["none", "denies", "denies"]})
    >>> confusion(a, a.assign(risk=["none", "denies", "none"]))
    b       denies  none
    a
    denies       1     1
    none         0     1
    """
    both = align({"a": a, "b": b}, code).dropna()
    names = sorted(set(both["a"]) | set(both["b"]))
    return pd.crosstab(both["a"], both["b"]).reindex(index=names, columns=names, fill_value=0)


def disagreements(codings: Mapping[str, pd.DataFrame], codes: Iterable[str] = CODE_COLUMNS) -> pd.DataFrame:
    """List every unit and code on which the coders differ: the key columns, ``code`` and one column a coder."""
    out = []
    for code in codes:
        values = align(codings, code)
        differ = values.nunique(axis=1, dropna=True) > 1
        out.append(values[differ].reset_index().assign(code=code))
    table = pd.concat(out, ignore_index=True)
    keys = [c for c in table.columns if c not in (*codings, "code")]
    return table[[*keys, "code", *codings]].sort_values([*keys, "code"], kind="stable", ignore_index=True)


def align(codings: Mapping[str, pd.DataFrame], code: str) -> pd.DataFrame:
    """Put the codings of one code side by side: a row a unit that anyone coded, a column a coder.

    Missing and empty cells are NaN. Codes 0 and 1 may be numbers, booleans or text.

    Raises
    ------
    CandorError
        With fewer than two coders, no common key, a column that is not there, or a unit coded twice.
    """
    if len(codings) < 2:
        raise CandorError(f"agreement needs two codings or more, not {len(codings)}")
    frames = list(codings.values())
    keys = next((list(k) for k in _KEYS if all(set(k) <= set(f.columns) for f in frames)), None)
    if keys is None:
        raise CandorError("the codings share no key: each needs document and unit, or document, start and end")
    columns = []
    for coder, frame in codings.items():
        source = "risk" if code in STANCES else code
        if source not in frame:
            raise CandorError(f"the coding {coder!r} has no column {source!r}")
        if frame.duplicated(keys).any():
            raise CandorError(
                f"the coding {coder!r} codes a unit twice: {dict(frame[frame.duplicated(keys)][keys].iloc[0])}"
            )
        columns.append(_values(frame.set_index(keys)[source], code).rename(coder))
    return pd.concat(columns, axis=1).sort_index()


def _values(column: pd.Series, code: str) -> pd.Series:
    text = column.map(lambda v: None if pd.isna(v) or str(v).strip() == "" else str(v).strip())
    if code in STANCES:
        return text.map(lambda v: None if pd.isna(v) else float(v == code)).astype(object)
    if code == "risk":
        return text
    known = {"1": 1.0, "1.0": 1.0, "True": 1.0, "0": 0.0, "0.0": 0.0, "False": 0.0}
    odd = [v for v in text.dropna().unique() if v not in known]
    if odd:
        raise CandorError(f"the code {code} takes 0 or 1, not {odd[0]!r}")
    return text.map(lambda v: None if pd.isna(v) else known[v]).astype(object)


def _alpha_row(values: pd.DataFrame, draws: int, seed: int) -> dict[str, object]:
    coders = values.shape[1]
    kinds = sorted({v for v in values.to_numpy().ravel() if not pd.isna(v)}, key=str)
    counts = np.column_stack([(values == kind).sum(axis=1).to_numpy() for kind in kinds] or [np.zeros(len(values))])
    counts = counts[counts.sum(axis=1) >= 2].astype(np.int64)  # units that two coders or more coded
    row: dict[str, object] = {"units": len(counts), "coders": coders}
    nothing = dict.fromkeys(("observed", "alpha", "low", "high"), float("nan"))
    if not len(counts):
        return row | nothing | {"note": "no unit was coded by two coders"}
    pairs = counts.sum(axis=1) * (counts.sum(axis=1) - 1)
    observed = float((counts * (counts - 1)).sum() / pairs.sum())
    row |= nothing | {"observed": round(observed, 6)}
    if (counts.sum(axis=0) > 0).sum() < 2:
        return row | {"note": f"every code is {_name(kinds, counts)}: alpha is not defined where nothing varies"}
    alpha = krippendorff.alpha(value_counts=counts, level_of_measurement="nominal")
    picks = np.random.Generator(np.random.PCG64(seed)).multinomial(
        len(counts), np.full(len(counts), 1 / len(counts)), draws
    )
    redrawn = alpha_of(counts, picks)
    defined = redrawn[~np.isnan(redrawn)]
    low, high = np.quantile(np.round(defined, 6), (0.025, 0.975), method="inverted_cdf")
    rare = int(counts.sum(axis=0).sum() - counts.sum(axis=0).max())
    notes = (
        [f"only {rare} codes differ from {_name(kinds, counts)}: alpha hangs on them"] if rare < _RARE * coders else []
    )
    if len(defined) < draws:
        notes.append(f"undefined in {draws - len(defined)} of {draws} draws, left out of the interval")
    return row | {
        "alpha": round(float(alpha), 6) + 0.0,
        "low": float(low) + 0.0,
        "high": float(high) + 0.0,
        "note": "; ".join(notes),
    }


def alpha_of(counts: np.ndarray, picks: np.ndarray) -> np.ndarray:
    """Alpha of redrawn units (nominal), NaN where nothing varies.

    `counts` has a row a unit and a column a value, `picks` a row a redrawn set of units. One minus observed over
    expected disagreement (Krippendorff 2004), for many draws at once; a test holds it to the `krippendorff` package.

    Examples
    --------
    >>> counts = np.array([[2, 0], [1, 1], [0, 2], [0, 2]])
    >>> alpha_of(counts, np.ones((1, 4))).round(6).tolist()
    [0.533333]
    """
    size = counts.sum(axis=1)
    disagree = (counts * (size[:, None] - counts)).sum(axis=1) / (size - 1)
    given = picks @ counts
    total = given.sum(axis=1)
    expected = (given * (total[:, None] - given)).sum(axis=1) / (total - 1)
    observed = picks @ disagree
    return 1 - np.divide(observed, expected, out=np.full(len(picks), np.nan), where=expected > 0)


def _name(kinds: list, counts: np.ndarray) -> str:
    commonest = kinds[int(counts.sum(axis=0).argmax())]
    return str(int(commonest)) if isinstance(commonest, float) else str(commonest)


def _f1_interval(cells: np.ndarray, draws: int, seed: int) -> tuple[float, float, float]:
    if not cells[:3].sum():
        return float("nan"), float("nan"), float("nan")
    f1 = 2 * cells[0] / (2 * cells[0] + cells[1] + cells[2])
    redrawn = np.random.Generator(np.random.PCG64(seed)).multinomial(cells.sum(), cells / cells.sum(), draws)
    below = 2 * redrawn[:, 0] + redrawn[:, 1] + redrawn[:, 2]
    values = np.round(2 * redrawn[below > 0, 0] / below[below > 0], 6)
    low, high = np.quantile(values, (0.025, 0.975), method="inverted_cdf")
    return round(float(f1), 6), float(low), float(high)
