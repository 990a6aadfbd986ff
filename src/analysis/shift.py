"""Why two sources differ: which cues, at what rate, make the difference of a score.

In the spirit of word-shift graphs (Gallagher et al. 2021), for rates: a cue's contribution is the difference of its own
rates, so the contributions add up to the difference of the score and nothing that counts is hidden.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pandas as pd

from analysis.errors import CandorError
from analysis.scores import cue_kind, evidence_of, indicators

REST = "all other cues"

#: What can be compared: the name of the score and the cues that it counts.
SHIFTS: dict[str, Callable[[dict], bool]] = {
    "hedges": lambda cue: cue_kind(cue) == "hedge",
    "promotion": lambda cue: cue_kind(cue) == "promotion",
    "risk": lambda cue: cue_kind(cue) == "risk",
    "own addiction": lambda cue: cue.get("family") == "addiction" and cue.get("whose") == "own",
    "other addiction": lambda cue: cue.get("family") == "addiction" and cue.get("whose") == "other",
}


def cue_shift(coded: pd.DataFrame, a: str, b: str, score: str = "hedges", top: int = 10) -> pd.DataFrame:
    """Split the difference between two sources' cue rates into the contributions of single cues.

    Parameters
    ----------
    coded
        Coded units with their ``evidence``.
    a, b
        The documents to compare; positive contributions are cues that `b` uses more.
    score
        ``hedges``, ``promotion``, ``risk``, ``own addiction`` or ``other addiction``.
    top
        Number of cues shown by themselves; the others are added up in a last row of their own.

    Returns
    -------
    pandas.DataFrame
        ``term, category, count_a, count_b, rate_a, rate_b`` (per 1,000 words) ``, contribution`` (``rate_b - rate_a``),
        the largest first, and the row ``all other cues``. The contributions add up to the difference of
        the sources' rates. ``attrs`` keeps ``a, b, score, rate_a, rate_b, difference, other_terms``.

    Raises
    ------
    CandorError
        For a document or score that is not there, or a table without evidence.

    Examples
    --------
    >>> may = {"term": "may", "category": "modal", "family": "hedges"}
    >>> coded = pd.DataFrame({"document": ["x", "y"], "text": ["One two three may.", "Four five may may."],
    ...     "evidence": [(may,), (may, may)], "hedged": 1, "risk": "none", "addiction": 0, "other_addiction": 0,
    ...     "commercial": 0})
    >>> cue_shift(coded, "x", "y")[["term", "count_a", "count_b", "contribution"]]
                 term  count_a  count_b  contribution
    0             may        1        2         250.0
    1  all other cues        0        0           0.0
    """
    if score not in SHIFTS:
        raise CandorError(f"unknown score {score!r}: allowed are {', '.join(SHIFTS)}")
    if "evidence" not in coded:
        raise CandorError("coded units lack the column evidence: code them with code_units first")
    known = set(coded["document"])
    for document in (a, b):
        if document not in known:
            raise CandorError(f"no document {document!r} among the coded units: there are {', '.join(sorted(known))}")
    table = indicators(coded)
    words = table.groupby("document")["n_words"].sum().to_dict()
    counts: dict[str, Counter] = {a: Counter(), b: Counter()}
    wanted = coded[coded["document"].isin((a, b))]
    for document, evidence in zip(wanted["document"], evidence_of(wanted), strict=True):
        counts[document].update((cue["term"], cue["category"]) for cue in evidence if SHIFTS[score](cue))
    rows = []
    for term, category in sorted(set(counts[a]) | set(counts[b])):
        n_a, n_b = counts[a][term, category], counts[b][term, category]
        rows.append((term, category, n_a, n_b, *_rates(n_a, words[a], n_b, words[b])))
    columns = ["term", "category", "count_a", "count_b", "rate_a", "rate_b", "contribution"]
    rows.sort(key=lambda row: (-abs(row[-1]), row[0]))
    shown, rest = rows[:top], rows[top:]
    rest_a, rest_b = sum(row[2] for row in rest), sum(row[3] for row in rest)
    shown.append((REST, "", rest_a, rest_b, *_rates(rest_a, words[a], rest_b, words[b])))
    total_a, total_b = sum(counts[a].values()), sum(counts[b].values())
    rate_a, rate_b, difference = _rates(total_a, words[a], total_b, words[b])
    out = pd.DataFrame(shown, columns=columns)
    out.attrs.update(a=a, b=b, score=score, rate_a=rate_a, rate_b=rate_b, difference=difference, other_terms=len(rest))
    return out


def _rates(n_a: int, words_a: int, n_b: int, words_b: int) -> tuple[float, float, float]:
    rate_a = 1000 * n_a / words_a if words_a else 0.0
    rate_b = 1000 * n_b / words_b if words_b else 0.0
    return round(rate_a, 9), round(rate_b, 9), round(rate_b - rate_a, 9) + 0.0
