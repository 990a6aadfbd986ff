"""Units and lexicons into matches: which cue stands where.

Every family is matched once over all units together (one pass of a trie in C); within a family
the longest term wins, and what an exception covers does not count.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.lexicons import FAMILIES, load_lexicons, normalise


class Cue(NamedTuple):
    """One match: its span in the unit's text, the family and the category of its term."""

    start: int
    end: int
    family: str
    category: str


def match_cues(texts: Sequence[str], families: Iterable[str] = FAMILIES) -> list[list[Cue]]:
    """Find the cues of many units at once.

    Parameters
    ----------
    texts : sequence of str
        The units' texts.
    families : iterable of str
        The lexicons to match.

    Returns
    -------
    list of list of Cue
        For each unit its cues in order of their start.

    Examples
    --------
    >>> [(c.family, c.category) for c in match_cues(["It may be mild."], ["hedges", "minimisers"])[0]]
    [('hedges', 'modal'), ('minimisers', 'degree')]
    >>> match_cues(["Sold since May 2019."], ["hedges"])
    [[]]
    """
    return match_normal([normalise(text) for text in texts], families)


def match_normal(normals: Sequence[str], families: Iterable[str] = FAMILIES) -> list[list[Cue]]:
    """`match_cues` of texts that `normalise` was given already."""
    lexicons = load_lexicons()
    joined, starts = "\n".join(normals), np.cumsum([0, *(len(normal) + 1 for normal in normals)])[:-1]
    shields = [m.span() for m in lexicons["exceptions"].pattern.finditer(joined)]
    shield_starts = np.array([a for a, _ in shields], dtype=np.int64)
    found: list[list[Cue]] = [[] for _ in normals]
    for family in families:
        lexicon = lexicons[family]
        categories, term_of = lexicon.categories, lexicon.term_of
        matches = list(lexicon.pattern.finditer(joined))
        at = np.fromiter((m.start() for m in matches), np.int64, len(matches))
        units = np.searchsorted(starts, at, side="right") - 1
        nearest = np.searchsorted(shield_starts, at, side="right") - 1
        for match, unit, shield in zip(matches, units.tolist(), nearest.tolist(), strict=True):
            a, b = match.span()
            if shield >= 0 and b <= shields[shield][1] and (a, b) != shields[shield]:
                continue
            text = match.group()
            category = categories.get(text) or categories[term_of(text)]
            offset = int(starts[unit])
            found[unit].append(Cue(a - offset, b - offset, family, category))
    for cues in found:
        cues.sort()
    return found


def find_cues(units: pd.DataFrame) -> pd.DataFrame:
    """List every cue of every unit with its scope, one row a match.

    Parameters
    ----------
    units : DataFrame
        ``document, text, focal`` and, if known, the context columns of `split_units`.

    Returns
    -------
    DataFrame
        ``document, unit, start, end`` (characters into the unit), ``text, term, category, family``,
        ``whose`` (own, other, drug; ``~`` where only the context says so), ``negation`` ("",
        negated, double), ``minimised``, ``hedged``, ``relieved`` (what acts on a harm) and
        ``target`` (for a modifier: the text of the harm that it acts on).

    Raises
    ------
    CandorError
        If a needed column is missing or holds something other than text.

    Examples
    --------
    >>> units = pd.DataFrame({"document": ["a"], "focal": ["kava"],
    ...     "text": ["There is no evidence that kava is addictive."]})
    >>> find_cues(units)[["text", "category", "whose", "negation"]].values.tolist()
    [['There is no', 'no_evidence', '', ''], ['addictive', 'addiction', 'own', 'negated']]
    """
    from analysis.evidence import evidence_of  # the rooms after this one
    from analysis.reading import read_units
    from analysis.units import add_context, check_texts

    check_texts(units, "units")
    units = add_context(units)
    rows = []
    for (document, unit), reading in zip(
        units[["document", "unit"]].itertuples(index=False), read_units(units), strict=True
    ):
        rows += [{"document": document, "unit": unit, **record} for record in evidence_of(reading)]
    columns = [
        "document", "unit", "start", "end", "text", "term", "category", "family",
        "whose", "negation", "minimised", "hedged", "relieved", "target",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)
