"""How sure is an order of sources: redrawn weights and sentences, pairwise tests, other thresholds and lexicons.

All of it describes the sources at hand. Five documents are five documents: nothing here is a claim about
sources that were not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations, pairwise
from zlib import crc32

import numpy as np
import pandas as pd
from scipy import stats

from analysis.candor import (
    PARTS,
    WEIGHTS,
    Statements,
    candor_profile,
    counts_of,
    draw_parts,
    parts_from_counts,
    statements_of,
    weighted,
)
from analysis.codes import CODES, STANCES
from analysis.errors import CandorError
from analysis.scores import DRAWS, document_stream, evidence_of, indicators

ALL_PAIRS = 12  # sources; with more, only neighbours in rank are compared


def rank_acceptability(coded: pd.DataFrame, draws: int = DRAWS, seed: int = 0) -> pd.DataFrame:
    """How often each source takes each rank when weights and sentences are redrawn (SMAA, Lahdelma 1998).

    In every draw the composite's weights come from the flat Dirichlet distribution (any weights are as likely as any
    others) and the statements of each source are redrawn within its sections. Sources that tie
    share their ranks in equal parts.

    Parameters
    ----------
    coded
        Coded units, as for `candor_profile`.
    draws
        Number of draws; fewer are made where sources times draws would pass 20 million.
    seed
        Each document draws from its own stream, so the order of documents does not matter.

    Returns
    -------
    pandas.DataFrame
        One row a source: ``document, title, candor, rank, kept`` (share of the draws in which it keeps a rank that it
        holds now), ``rank_low, rank_high`` (the ranks it takes in 95 % of the draws) and ``rank_1`` …
        ``rank_n`` (shares of the draws; each row and each column adds up to 1).

    Examples
    --------
    >>> coded = pd.DataFrame({
    ...     "document": ["a", "b"], "unit": 0, "text": ["It is addictive.", "It is green."], "hedged": 0,
    ...     "risk": ["acknowledges", "none"], "addiction": [1, 0], "commercial": 0, "checklist": ["addictive", ""]})
    >>> rank_acceptability(coded, draws=100)[["document", "rank", "kept", "rank_1", "rank_2"]]
      document  rank  kept  rank_1  rank_2
    0        a     1   1.0     1.0     0.0
    1        b     2   1.0     0.0     1.0
    """
    sources = statements_of(coded)
    n = len(sources)
    draws = max(1, min(draws, 20_000_000 // max(n, 1)))
    stream = document_stream("weights", seed)
    weights = dict(zip(WEIGHTS, stream.dirichlet(np.ones(len(WEIGHTS)), size=draws).T, strict=True))
    drawn = np.column_stack(
        [
            np.round(weighted(draw_parts(source, draws, document_stream(document, seed)), weights), 9)
            for document, source in sources.items()
        ]
    )
    best = stats.rankdata(-drawn, method="min", axis=1).astype(int)
    worst = stats.rankdata(-drawn, method="max", axis=1).astype(int)
    profile = candor_profile(coded, draws=0)
    ties = profile["candor"].rank(ascending=False, method="max").astype(int)
    rows = []
    for i, (document, source) in enumerate(sources.items()):
        width = worst[:, i] - best[:, i] + 1
        steps = np.zeros(n + 2)
        np.add.at(steps, best[:, i], 1 / width)
        np.add.at(steps, worst[:, i] + 1, -1 / width)
        accepted = np.round(np.cumsum(steps)[1 : n + 1] / draws, 6) + 0.0
        rank = int(profile["rank"].iloc[i])
        rows.append(
            {
                "document": document,
                "title": source.title,
                "candor": profile["candor"].iloc[i],
                "rank": rank,
                "kept": round(float(accepted[rank - 1 : ties.iloc[i]].sum()), 6),
                "rank_low": int(np.quantile(best[:, i], 0.025, method="inverted_cdf")),
                "rank_high": int(np.quantile(worst[:, i], 0.975, method="inverted_cdf")),
                **{f"rank_{r + 1}": accepted[r] for r in range(n)},
            }
        )
    return pd.DataFrame(rows)


def compare_sources(coded: pd.DataFrame, score: str = "candor", draws: int = DRAWS, seed: int = 0) -> pd.DataFrame:
    """Test the difference of every pair of sources by permutation, with Holm's correction.

    Under the null hypothesis it makes no difference which of two sources a sentence stands in, so
    the sentences are dealt out anew (each keeps its relative place in the text). For a share of units the
    distribution of all permutations is known (hypergeometric) and the test exact; for candor and its parts
    it is sampled and ``p = (1 + as extreme) / (1 + draws)`` (Phipson and Smyth 2010). Two-sided p is twice the
    smaller tail, as in `scipy.stats.permutation_test`.

    Parameters
    ----------
    coded
        Coded units.
    score
        ``candor``, one of its parts, or one of `analysis.codes.CODES`.
    draws, seed
        Permutations of a pair, and their seed.

    Returns
    -------
    pandas.DataFrame
        One row a pair: ``a, b, score_a, score_b, difference`` (a - b)``, p, p_holm, differs`` (p_holm below
        0.05). With more than 12 sources only neighbours in rank are compared. Of m pairs, the smallest
        ``p_holm`` that can be reached is 2 m / (draws + 1).

    Raises
    ------
    CandorError
        When `score` is none of those named.
    """
    if score not in ("candor", *PARTS, *CODES):
        raise CandorError(f"unknown score {score!r}: allowed are candor, {', '.join((*PARTS, *CODES))}")
    if score in CODES:
        rows = [_share_test(*pair) for pair in _share_pairs(indicators(coded), score)]
    else:
        rows = _part_tests(coded, score, draws, seed)
    table = pd.DataFrame(rows, columns=["a", "b", "score_a", "score_b", "difference", "p"])
    table["p_holm"] = holm(table["p"].to_numpy(dtype=float))
    table["differs"] = table["p_holm"] < 0.05
    return table


def holm(p: np.ndarray) -> np.ndarray:
    """Holm's (1979) correction: the i-th smallest of m values times m - i + 1, never decreasing, at most 1.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)) if len(p) else p
    out = np.empty(len(p))
    out[order] = np.round(np.minimum(1.0, steps), 6)
    return out


def tied_groups(profile: pd.DataFrame, pairs: pd.DataFrame) -> list[list[str]]:
    """Runs of sources, in order of candor, no two of which can be told apart.

    Runs may overlap: a may be tied with b and b with c while a and c differ (Piepho 2004).

    Parameters
    ----------
    profile, pairs
        Results of `candor_profile` and `compare_sources`.

    Examples
    --------
    >>> profile = pd.DataFrame({"document": ["a", "b", "c"], "candor": [0.9, 0.5, 0.4]})
    >>> pairs = pd.DataFrame({"a": ["a", "a", "b"], "b": ["b", "c", "c"], "differs": [True, True, False]})
    >>> tied_groups(profile, pairs)
    [['a'], ['b', 'c']]
    """
    names = profile.sort_values("candor", ascending=False, kind="stable")["document"].tolist()
    apart = {frozenset(pair) for pair in zip(pairs["a"][pairs["differs"]], pairs["b"][pairs["differs"]], strict=True)}
    groups: list[list[str]] = []
    reached = 0
    for start in range(len(names)):
        end = start + 1
        while end < len(names) and not any(frozenset((names[i], names[end])) in apart for i in range(start, end)):
            end += 1
        if end > reached:
            groups.append(names[start:end])
            reached = end
    return groups


def threshold_sensitivity(coded: pd.DataFrame, shifts: Iterable[float] = (-0.2, -0.1, 0.0, 0.1, 0.2)) -> pd.DataFrame:
    """Give candor and rank of each source with stricter (above 0) or laxer (below 0) decision thresholds.

    Returns
    -------
    pandas.DataFrame
        ``shift, document, candor, rank``. A shift of 0 leaves the codes as they are.
    """
    out = [
        candor_profile(shift_thresholds(coded, shift), draws=0)[["document", "candor", "rank"]].assign(shift=shift)
        for shift in shifts
    ]
    return pd.concat(out, ignore_index=True)[["shift", "document", "candor", "rank"]]


def shift_thresholds(coded: pd.DataFrame, shift: float) -> pd.DataFrame:
    """Decide the codes anew from their probabilities with every threshold moved by `shift`.

    The threshold that was used is taken to lie midway between the surest unit without a code and the least sure unit
    with it.

    Examples
    --------
    >>> coded = pd.DataFrame({"hedged": [1, 1, 0], "p_hedged": [0.9, 0.55, 0.45]})
    >>> shift_thresholds(coded, 0.1)["hedged"].tolist(), shift_thresholds(coded, -0.1)["hedged"].tolist()
    ([1, 0, 0], [1, 1, 1])
    """
    out = coded.copy()
    if not shift:
        return out
    for code in CODES:
        if code in STANCES or f"p_{code}" not in coded:
            continue
        p, has = coded[f"p_{code}"].to_numpy(dtype=float), (coded[code] == 1).to_numpy()
        out[code] = _decide(p, has, shift).astype(int)
    if all(f"p_{stance}" in coded for stance in STANCES):
        stance_p = coded[[f"p_{stance}" for stance in STANCES]].to_numpy(dtype=float)
        held: np.ndarray = np.column_stack([coded["risk"] == stance for stance in STANCES])
        keep: np.ndarray = np.column_stack([_decide(stance_p[:, i], held[:, i], shift) for i in range(len(STANCES))])
        # A unit that has a stance keeps it or loses it; one that has none may gain its likeliest.
        likeliest = np.isclose(stance_p, stance_p.max(axis=1, keepdims=True))
        coded_before = np.asarray(held.any(axis=1)).reshape(-1, 1)
        gains = np.where(coded_before, held, likeliest)
        decided = np.logical_and(keep, gains)
        out["risk"] = np.where(decided.any(axis=1), np.array(STANCES)[decided.argmax(axis=1)], "none")
    return out


def family_sensitivity(coded: pd.DataFrame) -> pd.DataFrame:
    """Give candor and rank of each source when the evidence of one lexicon family is set aside.

    A unit loses a code when every cue that argued for it came from that family; codes decided without any
    cue stay. This bounds what a family can do: a classifier that never knew the family might still
    decide the same from the other words.

    Returns
    -------
    pandas.DataFrame
        As `coding_sensitivity`, one ``coding`` a family, named ``without FAMILY``.
    """
    families = sorted({cue["family"] for evidence in evidence_of(coded) for cue in evidence})
    return coding_sensitivity(coded, {f"without {family}": drop_family(coded, family) for family in families})


def coding_sensitivity(coded: pd.DataFrame, alternatives: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Compare candor and ranks under other codings of the same sources.

    Parameters
    ----------
    coded
        The coding to compare with.
    alternatives
        Other codings by name: without a lexicon family, by another model, by people.

    Returns
    -------
    pandas.DataFrame
        ``coding, document, candor, change, rank, rank_change`` (positive: less candid).
    """
    base = candor_profile(coded, draws=0).set_index("document")
    out = []
    for name, other in alternatives.items():
        profile = candor_profile(other, draws=0).set_index("document")
        table = profile[["candor", "rank"]].assign(coding=name)
        table["change"] = (profile["candor"] - base["candor"]).round(6) + 0.0
        table["rank_change"] = profile["rank"] - base["rank"]
        out.append(table.reset_index())
    columns = ["coding", "document", "candor", "change", "rank", "rank_change"]
    return pd.concat(out, ignore_index=True)[columns] if out else pd.DataFrame(columns=columns)


def drop_family(coded: pd.DataFrame, family: str) -> pd.DataFrame:
    """Take back every code that only cues of one lexicon family argued for.

    Examples
    --------
    >>> coded = pd.DataFrame({"hedged": [1, 1], "risk": "none", "addiction": 0, "other_addiction": 0, "commercial": 0,
    ...     "evidence": [({"family": "hedges", "codes": ("hedged",)},), ()]})
    >>> drop_family(coded, "hedges")["hedged"].tolist()
    [0, 1]
    """
    out = coded.copy()
    sources: list[dict[str, set[str]]] = []
    for evidence in evidence_of(coded):
        by_code: dict[str, set[str]] = {}
        for cue in evidence:
            for code in cue.get("codes", ()):
                by_code.setdefault(code, set()).add(cue["family"])
        sources.append(by_code)
    for code in CODES:
        if code in STANCES:
            lost = [
                risk == code and (by.get(code, set()) | by.get("risk", set())) == {family}
                for risk, by in zip(coded["risk"], sources, strict=True)
            ]
            out.loc[lost, "risk"] = "none"
        else:
            out.loc[[by.get(code) == {family} for by in sources], code] = 0
    return out


def _decide(p: np.ndarray, has: np.ndarray, shift: float) -> np.ndarray:
    least, most = (p[has].min() if has.any() else 1.0), (p[~has].max() if (~has).any() else 0.0)
    threshold = (least + most) / 2 if has.any() and (~has).any() else 0.5
    return has & (p >= threshold + shift) if shift > 0 else has | (p >= threshold + shift)


def _pairs(names: list[str], score: Mapping[str, float]) -> Iterable[tuple[str, str]]:
    if len(names) <= ALL_PAIRS:
        return combinations(names, 2)
    return pairwise(sorted(names, key=lambda name: -score[name]))


def _share_pairs(table: pd.DataFrame, code: str) -> list[tuple[str, str, int, int, int, int]]:
    sums = table.groupby("document", sort=False)[[f"n_{code}", "n_units"]].sum()
    counts, units = sums[f"n_{code}"].to_dict(), sums["n_units"].to_dict()
    pairs = _pairs(list(counts), {name: counts[name] / units[name] for name in counts})
    return [(a, b, counts[a], units[a], counts[b], units[b]) for a, b in pairs]


def _share_test(a: str, b: str, count_a: int, units_a: int, count_b: int, units_b: int) -> tuple:
    chance = stats.hypergeom(units_a + units_b, count_a + count_b, units_a)
    p = 2 * min(float(chance.cdf(count_a)), float(chance.sf(count_a - 1)))
    share_a, share_b = round(count_a / units_a, 6), round(count_b / units_b, 6)
    return a, b, share_a, share_b, round(share_a - share_b, 6) + 0.0, round(min(1.0, p), 6)


def _part_tests(coded: pd.DataFrame, score: str, draws: int, seed: int) -> list[tuple]:
    sources = statements_of(coded)
    values = candor_profile(coded, draws=0).set_index("document")[score].to_dict()
    rows = []
    for a, b in _pairs(list(sources), values):
        both = _pool(sources[a], sources[b])
        # The pair's stream does not depend on which of the two comes first.
        stream = np.random.Generator(np.random.PCG64([seed, *sorted((crc32(a.encode()), crc32(b.encode())))]))
        dealt = (stream.random((draws, both.size)).argsort(axis=1) < sources[a].size).astype(np.int64)
        first, second = (_score(both, picks, score) for picks in (dealt, 1 - dealt))
        observed = round(values[a] - values[b], 6)
        redrawn = np.round(first - second, 6)
        above, below = int((redrawn >= observed).sum()), int((redrawn <= observed).sum())
        p = min(1.0, 2 * (1 + min(above, below)) / (1 + draws))
        rows.append((a, b, values[a], values[b], observed + 0.0, round(p, 6)))
    return rows


def _score(source: Statements, picks: np.ndarray, score: str) -> np.ndarray:
    parts = parts_from_counts(counts_of(source, picks))
    return weighted(parts) if score == "candor" else parts[score]


def _pool(a: Statements, b: Statements) -> Statements:
    fields = [f for f in Statements.__dataclass_fields__ if f != "title"]
    return Statements(title="", **{f: np.concatenate([getattr(a, f), getattr(b, f)]) for f in fields})
