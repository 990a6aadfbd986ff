"""Shares and rates of a source, each with its count, its denominator and a 95 % interval.

Why these intervals. Units are redrawn with replacement within the sections of the source (sections hold lists of
similar units, and a redrawn source has the same sections), one unit fewer than a section has, scaled up (McCarthy and
Snowden 1985), so that small sections do not make the spread look smaller than it is. The spread of the redrawn counts
gives an *effective number of units* (Korn and Graubard 1998), and the interval is Wilson's score interval (1927) for
that number. The plain percentile bootstrap was measured and rejected: at 20 units and a true share of 5 % its intervals
cover it 64 times in 100, and where nothing was seen they have no width at all. BCa has the same hole.
``benchmarks/coverage.py`` holds the simulation.

Counts are summed as integers, so a seed gives the same numbers on every processor.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from zlib import crc32

import numpy as np
import pandas as pd

from analysis.codes import CODES, STANCES
from analysis.errors import CandorError

SPLITS = ("hedged_harm", "hedged_benefit", "deflection")
RATES = ("hedge", "risk", "promotion")
#: Redraws of a source, permutations of a pair.
DRAWS = 10_000

_NEEDED = ("document", "text", "hedged", "risk", "addiction", "other_addiction", "commercial")
_Z = 1.959963984540054  # the normal distribution's 97.5 % point
SMALLEST_SECTION = 5  # units; shorter sections are joined with the next


def share(count: float, total: float) -> float:
    """Share of units: ``count / total``, from 0 to 1; NaN over nothing.

    Examples
    --------
    >>> share(3, 12)
    0.25
    >>> share(0, 0)
    nan
    """
    return round(float(count) / float(total), 6) if total else float("nan")


def rate(count: float, words: float) -> float:
    """Cues per 1,000 words: ``1000 * count / words``, 0 or more; NaN over no words.

    Examples
    --------
    >>> rate(6, 400)
    15.0
    >>> rate(0, 0)
    nan
    """
    return round(1000 * float(count) / float(words), 6) if words else float("nan")


def share_interval(count: float, total: float, effective: float | None = None) -> tuple[float, float]:
    """95 % score interval of a share (Wilson 1927), from 0 to 1.

    Parameters
    ----------
    count, total
        Units with the code, and units.
    effective
        Effective number of units, where sections make the share surer (or less sure) than `total` separate
        draws would; `total` when left out.

    Returns
    -------
    low, high
        NaN, NaN over nothing. Never of no width: not seen in 20 units is no proof of absence.

    Examples
    --------
    >>> share_interval(0, 20)
    (0.0, 0.161125)
    >>> share_interval(10, 20)
    (0.299298, 0.700702)
    >>> share_interval(0, 0)
    (nan, nan)
    """
    if not total:
        return float("nan"), float("nan")
    n = float(total if effective is None else effective)
    p = float(count) / float(total)
    centre = (p + _Z * _Z / (2 * n)) / (1 + _Z * _Z / n)
    half = _Z / (1 + _Z * _Z / n) * float(np.sqrt(p * (1 - p) / n + _Z * _Z / (4 * n * n)))
    # The ends touch 0 and 1 exactly where nothing, or everything, was seen.
    low = 0.0 if count == 0 else max(0.0, round(centre - half, 6))
    high = 1.0 if count == total else min(1.0, round(centre + half, 6))
    return low, high


def rate_interval(count: float, words: float, dispersion: float = 1.0) -> tuple[float, float]:
    """95 % score interval of a rate per 1,000 words.

    The count is taken as Poisson with its variance multiplied by `dispersion`
    (1 when cues fall independently, more when they cluster in few units).

    Examples
    --------
    >>> rate_interval(0, 1000)
    (0.0, 3.841459)
    >>> rate_interval(10, 1000)
    (5.431986, 18.409473)
    >>> rate_interval(0, 0)
    (nan, nan)
    """
    if not words:
        return float("nan"), float("nan")
    k = float(count) / dispersion
    half = _Z * float(np.sqrt(k + _Z * _Z / 4))
    low, high = (1000 * dispersion * (k + _Z * _Z / 2 + sign * half) / float(words) for sign in (-1, 1))
    return (0.0 if count == 0 else max(0.0, round(low, 6))), round(high, 6)


def score_sources(coded: pd.DataFrame, draws: int = DRAWS, seed: int = 0) -> pd.DataFrame:
    """Count, share and interval of every code, and cues per 1,000 words, one row a source.

    Parameters
    ----------
    coded
        Coded units: ``document, text, hedged, risk, addiction, other_addiction, commercial``; ``section``,
        ``evidence`` and ``hedge_target`` are used where they are given.
    draws
        How often the units are redrawn within their sections; 0 computes what endless draws tend to, at once, for
        corpora of thousands of sources.
    seed
        Each document draws from its own stream, so the order of documents does not matter.

    Returns
    -------
    pandas.DataFrame
        ``document, title, focal, units, words, sections``; for each code of `CODES` ``X_count, X_share, X_low,
        X_high`` of all units; for each of `SPLITS` the same and its own denominator ``X_total``:

        - ``hedged_harm``: of the units that speak of a harm of the focal substance, those that hedge it;
        - ``hedged_benefit``: of the units that promote it, those that hedge the benefit;
        - ``deflection``: of the units about addiction or withdrawal, those that speak only of another substance's;

        and for each of `RATES` ``X_cues, X_rate, X_rate_low, X_rate_high`` per 1,000 words, counted from the
        evidence (NaN where a table brings none).

    Raises
    ------
    CandorError
        When a needed column is missing, and for draws or a seed below 0.

    Examples
    --------
    >>> coded = pd.DataFrame({
    ...     "document": "a", "text": ["It may be addictive.", "Buy it here.", "It is green.", "It grows in Asia."],
    ...     "hedged": [1, 0, 0, 0], "risk": ["acknowledges", "none", "none", "none"],
    ...     "addiction": [1, 0, 0, 0], "other_addiction": 0, "commercial": [0, 1, 0, 0]})
    >>> row = score_sources(coded, draws=100).iloc[0]
    >>> print(row.units, row.hedged_count, row.hedged_share)
    4 1 0.25
    >>> bool(row.hedged_low < 0.25 < row.hedged_high)
    True

    Of no addiction talk about another substance, the share deflected is 0 of 1:

    >>> print(row.deflection_count, row.deflection_total, row.deflection_share)
    0 1 0.0
    """
    check_draws(draws, seed)
    table = indicators(coded)
    rows = []
    for document, units in table.groupby("document", sort=False):
        columns = [c for c in table.columns if c.startswith("n_")]
        values = units[columns].to_numpy(dtype=np.float64)
        labels = join_sections(units["section"])
        spread = _covariance(values, labels, draws, document_stream(str(document), seed))
        total = dict(zip(columns, values.sum(axis=0), strict=True))
        at = {c: i for i, c in enumerate(columns)}
        row: dict[str, object] = {
            "document": document,
            "title": units["title"].iloc[0],
            "focal": units["focal"].iloc[0],
            "units": len(units),
            "words": int(total["n_words"]),
            "sections": int((units["section"] != units["section"].shift()).sum()),
        }
        for name, below in [*((x, "units") for x in CODES), *((x, f"{x}_total") for x in SPLITS)]:
            count, size = total[f"n_{name}"], total[f"n_{below}"]
            effective = _effective_units(count, size, spread, at[f"n_{name}"], at[f"n_{below}"])
            row[f"{name}_count"] = int(count)
            if below != "units":
                row[f"{name}_total"] = int(size)
            row[f"{name}_share"] = share(count, size)
            row[f"{name}_low"], row[f"{name}_high"] = share_interval(count, size, effective)
        row["hedged_other_count"] = int(total["n_hedged_other"])
        for name in RATES:
            row |= _rate_columns(name, total, spread, at, evidence="evidence" in coded)
        rows.append(row)
    return pd.DataFrame(rows, columns=_columns())


def _columns() -> list[str]:
    """The columns of a table of scores, there also where no source is."""
    first = ["document", "title", "focal", "units", "words", "sections"]
    shares = [f"{name}_{end}" for name in CODES for end in ("count", "share", "low", "high")]
    splits = [f"{name}_{end}" for name in SPLITS for end in ("count", "total", "share", "low", "high")]
    rates = [f"{name}_{end}" for name in RATES for end in ("cues", "rate", "rate_low", "rate_high")]
    return [*first, *shares, *splits, "hedged_other_count", *rates]


def indicators(coded: pd.DataFrame) -> pd.DataFrame:
    """Give every unit a column of 0 or 1 (or a count) for whatever is counted.

    Returns
    -------
    pandas.DataFrame
        ``document, section, title, focal`` and ``n_…`` columns; a text has as many words as it
        has pieces between white space.

    Examples
    --------
    >>> coded = pd.DataFrame({"document": ["a"], "text": ["It may be addictive."], "hedged": [1],
    ...     "risk": ["acknowledges"], "addiction": [1], "other_addiction": [0], "commercial": [0]})
    >>> indicators(coded)[["n_words", "n_acknowledges", "n_hedged_harm_total"]].to_dict("records")
    [{'n_words': 4, 'n_acknowledges': 1, 'n_hedged_harm_total': 1}]
    """
    missing = [c for c in _NEEDED if c not in coded]
    if missing:
        raise CandorError(f"coded units lack the column(s) {', '.join(missing)}: code them with code_units first")
    out = coded[["document"]].copy()
    for column in ("section", "title", "focal"):
        out[column] = coded[column].fillna("") if column in coded else ""
    out["n_units"] = 1
    out["n_words"] = coded["text"].astype(str).str.split().str.len().fillna(0).astype(int)
    for code in CODES:
        hit = coded["risk"] == code if code in STANCES else coded[code] == 1
        out[f"n_{code}"] = hit.astype(int)
    target = coded["hedge_target"].fillna("") if "hedge_target" in coded else pd.Series("", index=coded.index)
    out["n_hedged_harm"] = (target == "harm").astype(int)
    out["n_hedged_harm_total"] = ((coded["risk"] != "none") | (target == "harm")).astype(int)
    out["n_hedged_benefit"] = (target == "benefit").astype(int)
    out["n_hedged_benefit_total"] = ((coded["commercial"] == 1) | (target == "benefit")).astype(int)
    out["n_hedged_other"] = (out["n_hedged"] - out["n_hedged_harm"] - out["n_hedged_benefit"]).clip(lower=0)
    about = (coded["addiction"] == 1) | (coded["other_addiction"] == 1)
    out["n_deflection"] = (about & (coded["addiction"] != 1)).astype(int)
    out["n_deflection_total"] = about.astype(int)
    counts = pd.DataFrame([_count_cues(e) for e in evidence_of(coded)], columns=[f"n_{r}_cues" for r in RATES])
    return out.assign(**{c: counts[c].to_numpy(dtype=int) for c in counts})


def evidence_of(coded: pd.DataFrame) -> Iterator[tuple[dict, ...]]:
    """Yield each unit's evidence, also where a CSV file holds it as a JSON string."""
    column: Iterable = coded["evidence"] if "evidence" in coded else [()] * len(coded)
    for cell in column:
        if isinstance(cell, str):
            yield tuple(json.loads(cell)) if cell else ()
        else:
            yield tuple(cell) if isinstance(cell, (tuple, list)) else ()


def cue_kind(cue: dict) -> str:
    """Name the rate that a cue counts for: hedge, risk, promotion or nothing ("").

    Boosters strengthen a claim and are no hedges; a harm of another substance is no risk of this one.

    Examples
    --------
    >>> cue_kind({"family": "hedges", "category": "modal"}), cue_kind({"family": "hedges", "category": "booster"})
    ('hedge', '')
    >>> cue_kind({"family": "addiction", "category": "withdrawal", "whose": "other"})
    ''
    """
    family = cue.get("family", "")
    if family == "hedges":
        return "" if cue.get("category") == "booster" else "hedge"
    if family in ("harms", "addiction"):
        return "" if cue.get("whose") == "other" else "risk"
    return "promotion" if family == "promotion" else ""


def join_sections(sections: pd.Series) -> np.ndarray:
    """Number the sections in reading order, the short ones joined with the next.

    A unit alone in its section could never be redrawn as anything else; sections of fewer than five
    units are therefore joined with the next (the last with the one before), as strata are
    collapsed in survey sampling (Cochran 1977, 5A.12).

    Examples
    --------
    >>> join_sections(pd.Series(["A"] * 5 + ["B"] * 2 + ["C"] * 4 + ["D"])).tolist()
    [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1]
    """
    run = (sections != sections.shift()).cumsum().to_numpy()
    sizes = np.unique(run, return_counts=True)[1]
    labels, current, filled = [], 0, 0
    for size in sizes:
        labels.append(current)
        filled += size
        if filled >= SMALLEST_SECTION:
            current, filled = current + 1, 0
    if filled and current:  # the remainder joins the section before
        labels = [min(label, current - 1) for label in labels]
    return np.asarray(labels, dtype=int)[run - 1] if len(run) else np.zeros(0, dtype=int)


def check_draws(draws: int = 0, seed: int = 0) -> None:
    """Refuse a number of draws or a seed below 0."""
    for name, value in (("draws", draws), ("seed", seed)):
        if value < 0:
            raise CandorError(f"{name} {value}: is below 0; give 0 or more")


def document_stream(document: str, seed: int) -> np.random.Generator:
    """Return a document's own random stream, the same whatever else is scored."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, crc32(document.encode())])))


def _count_cues(evidence: tuple[dict, ...]) -> list[int]:
    kinds = [cue_kind(cue) for cue in evidence]
    return [kinds.count(r) for r in RATES]


def _covariance(values: np.ndarray, labels: np.ndarray, draws: int, stream: np.random.Generator) -> np.ndarray:
    """Covariance of the source's totals over redrawn sources, sections redrawn separately.

    Every sum is an integer below 2**53, so float arithmetic is exact in whatever order a processor adds.
    """
    spread = np.zeros((values.shape[1], values.shape[1]))
    for section in np.unique(labels):
        inside = values[labels == section]
        n = len(inside)
        if n < 2:
            continue
        if not draws:  # n * n / (n - 1) times the variance within the section: what endless draws tend to
            spread += n / (n - 1) * (inside.T @ inside - np.outer(inside.sum(axis=0), inside.sum(axis=0)) / n)
            continue
        first = second = 0
        step = max(1, 4_000_000 // n)  # bounds the memory on very long sources
        for start in range(0, draws, step):
            size = min(step, draws - start)
            picks = stream.multinomial(n - 1, np.full(n, 1 / n), size=size)
            sums = picks.astype(np.float64) @ inside
            first, second = first + sums.sum(axis=0), second + sums.T @ sums
        spread += (n / (n - 1)) ** 2 * (second / draws - np.outer(first, first) / draws**2)
    return spread


def _effective_units(count: float, size: float, spread: np.ndarray, above: int, below: int) -> float:
    """Units in a simple sample that would make the share as sure as the redrawn sources show it."""
    if not size or count in (0, size):
        return size
    p = count / size
    variance = (spread[above, above] - 2 * p * spread[above, below] + p * p * spread[below, below]) / size**2
    # Sections of pure 0 and pure 1 leave no spread; four times the units is as much as is believed.
    gain = p * (1 - p) / (size - 1) / variance if variance > 0 else 4.0
    return size * float(min(4.0, max(0.25, gain)))


def _rate_columns(
    name: str, total: dict[str, float], spread: np.ndarray, at: dict[str, int], evidence: bool
) -> dict[str, object]:
    """Build the four columns of a rate; NaN throughout when the table brings no evidence."""
    if not evidence:
        return {f"{name}_cues": 0} | {f"{name}_rate{end}": float("nan") for end in ("", "_low", "_high")}
    count, words = total[f"n_{name}_cues"], total["n_words"]
    i, j = at[f"n_{name}_cues"], at["n_words"]
    per_word = count / words if words else 0.0
    variance = spread[i, i] - 2 * per_word * spread[i, j] + per_word**2 * spread[j, j]
    dispersion = min(10.0, max(0.25, variance / count)) if count and variance > 0 else 1.0
    low, high = rate_interval(count, words, dispersion)
    return {
        f"{name}_cues": int(count),
        f"{name}_rate": rate(count, words),
        f"{name}_rate_low": low,
        f"{name}_rate_high": high,
    }
