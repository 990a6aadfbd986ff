"""The notebooks' sections: their titles, made from the numbers, and the small tables and choices beside them.

Like `analysis.findings`, nothing here knows how many sources there are or what they say.
"""

from collections.abc import Callable

import pandas as pd

from analysis.candor import FORMULAS, TERMS
from analysis.findings import NAMED, WORDS, joined, listed, number, percent
from analysis.ranks import tied_groups


def extent(scores: pd.DataFrame) -> str:
    """Say how many sources there are, what they are about and how long they are.

    Examples
    --------
    >>> extent(pd.DataFrame({"focal": ["kava", "kava"], "words": [90, 1200], "units": [7, 60]}))
    'Two texts about kava, of 90 to 1,200 words: 67 units in all'
    """
    focal = scores["focal"].unique()
    about = focal[0] if len(focal) == 1 else f"{number(len(focal))} substances"
    low, high = f"{scores['words'].min():,}", f"{scores['words'].max():,}"
    words = low if low == high else f"{low} to {high}"
    texts = "One text" if len(scores) == 1 else f"{number(len(scores)).capitalize()} texts"
    return f"{texts} about {about}, of {words} words: {scores['units'].sum():,} units in all"


def provenance(documents: pd.DataFrame) -> str:
    """Say of how many sources it is known who published them.

    Examples
    --------
    >>> provenance(pd.DataFrame({"publisher": ["unknown", ""], "url": ["unknown", "https://example.org"]}))
    'Who published them is known of none of the two texts; the address of one is known'
    """
    known = {
        column: int((~documents[column].fillna("").str.strip().str.lower().isin(["", "unknown"])).sum())
        for column in ("publisher", "url")
    }
    total = len(documents)
    of = f" of the {number(total)} texts" if total > 1 else " here"
    words = {0: "none" + of, total: f"all {number(total)} texts" if total > 1 else "the one text" + of}
    publisher = words.get(known["publisher"], number(known["publisher"]) + of)
    address = "none" if not known["url"] else "each" if known["url"] == total else number(known["url"])
    return f"Who published them is known of {publisher}; the address of {address} is known"


def negating(scores: pd.DataFrame) -> str:
    """Say which sources deny a harm, and which only play one down.

    Examples
    --------
    >>> negating(pd.DataFrame({"document": ["a", "b"], "units": [33, 20], "denies_count": [4, 0],
    ...     "minimises_count": [5, 1]}))
    'Source a denies a harm in 4 of its 33 units; b plays one down without denying any'
    """
    deny = scores[scores["denies_count"] > 0].sort_values("denies_count", ascending=False, kind="stable")
    soft = scores.loc[(scores["denies_count"] == 0) & (scores["minimises_count"] > 0), "document"].tolist()
    clauses = []
    if len(deny):
        first = deny.iloc[0]
        most = f"in {int(first['denies_count'])} of its {int(first['units'])} units"
        often = "" if len(deny) == 1 else f", {first['document']} most often,"
        clauses.append((deny["document"].tolist(), f"deny a harm{often} {most}"))
    if soft:
        clauses.append(
            (soft, "play one down without denying any" if len(deny) else "play a harm down; none denies one")
        )
    return joined(clauses) or "No source denies a harm or plays one down"


def spread(scores: pd.DataFrame, column: str, what: str, written: Callable[[float], str] = percent) -> str:
    """Say between which sources a number runs.

    Parameters
    ----------
    scores : DataFrame
        One row a source.
    column : str
        The number.
    what : str
        What it counts, to begin the sentence.
    written : callable
        Writes it.

    Examples
    --------
    >>> scores = pd.DataFrame({"document": ["a", "b", "c"], "share": [0.5, 0.1, 0.3]})
    >>> spread(scores, "share", "Units that promote")
    'Units that promote: from 10% in b to 50% in a'
    >>> spread(scores.head(1), "share", "Units that promote")
    'Units that promote: 50%'
    """
    table = scores.dropna(subset=[column]).sort_values(column, kind="stable")
    if table.empty:
        return f"{what}: none to count"
    low, high = table.iloc[0], table.iloc[-1]
    if low[column] == high[column]:
        return f"{what}: {written(high[column])}{' in every source' if len(scores) > 1 else ''}"
    lowest, highest = (f"{written(row[column])} in {row['document']}" for row in (low, high))
    return f"{what}: from {lowest} to {highest}"


def extremes(scores: pd.DataFrame, column: str) -> tuple[str, str]:
    """Give the sources with the lowest and the highest value; twice the same where there is no other.

    Examples
    --------
    >>> extremes(pd.DataFrame({"document": ["a", "b", "c"], "rate": [2.0, 9.0, 1.0]}), "rate")
    ('c', 'b')
    """
    table = scores.sort_values(column, kind="stable")
    return str(table["document"].iloc[0]), str(table["document"].iloc[-1])


def untold(profile: pd.DataFrame, pairs: pd.DataFrame) -> str:
    """Say which sources cannot be told apart.

    Parameters
    ----------
    profile, pairs : DataFrame
        Of `candor_profile` and `ranks.compare_sources`.

    Examples
    --------
    >>> profile = pd.DataFrame({"document": ["a", "b", "c"], "candor": [0.9, 0.5, 0.4]})
    >>> pairs = pd.DataFrame({"a": ["a", "a", "b"], "b": ["b", "c", "c"], "differs": [True, True, False]})
    >>> untold(profile, pairs)
    'b and c cannot be told apart in candor'
    >>> untold(profile.head(1), pairs.head(0))
    'With one source there is no order to be sure of'
    """
    count = len(profile)
    if count < 2:
        return "With one source there is no order to be sure of"
    if len(pairs) < count * (count - 1) / 2:  # too many sources to compare each with each
        told = int(pairs["differs"].sum())
        return f"Of {len(pairs)} sources, each compared with the next in rank, {told} can be told from it"
    tied = [group for group in tied_groups(profile, pairs) if len(group) > 1]
    if not tied:
        return "Every source can be told from every other in candor"
    if max(map(len, tied)) == count:
        return "None of the sources can be told from another in candor"
    if len(tied) > NAMED or max(map(len, tied)) > len(WORDS):
        return f"{int(pairs['differs'].sum())} of {len(pairs)} pairs of sources can be told apart in candor"
    return "; neither can ".join([f"{listed(tied[0])} cannot be told apart in candor", *map(listed, tied[1:])])


def kinds(coded: pd.DataFrame) -> pd.DataFrame:
    """Count the units of each source by kind.

    Examples
    --------
    >>> kinds(pd.DataFrame({"document": ["a", "a"], "kind": ["prose", "item"]})).to_dict("records")
    [{'Source': 'a', 'Sentences': 1, 'Headings': 0, 'List items': 1}]
    """
    table = pd.crosstab(coded["document"], coded["kind"]).reindex(
        index=coded["document"].unique(), columns=["prose", "heading", "item"], fill_value=0
    )
    table.columns = pd.Index(["Sentences", "Headings", "List items"])
    return table.rename_axis("Source").reset_index()


def make_up(coded: pd.DataFrame) -> str:
    """Say what the units are.

    Examples
    --------
    >>> make_up(pd.DataFrame({"document": ["a", "a"], "kind": ["prose", "item"]}))
    'Of 2 units, 1 are sentences, 0 headings and 1 list items'
    """
    count = kinds(coded)[["Sentences", "Headings", "List items"]].sum()
    parts = f"{count['Sentences']} are sentences, {count['Headings']} headings and {count['List items']} list items"
    return f"Of {len(coded)} units, {parts}"


def formulas() -> pd.DataFrame:
    """Give the formulas of the parts of candor in words, after the terms that they use.

    Examples
    --------
    >>> formulas()["Term"].tail(5).tolist()
    ['disclosure', 'directness', 'firmness', 'prominence', 'balance']
    """
    return pd.DataFrame((TERMS | FORMULAS).items(), columns=["Term", "Is"])


def first_admissions(coded: pd.DataFrame, checklist: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Give for each of the seven things the first unit of each source that acknowledges it.

    Parameters
    ----------
    coded, checklist : DataFrame
        Coded units, and `candor.checklist` of them.

    Returns
    -------
    list of (str, DataFrame)
        The thing, and its units.
    """
    found = []
    for label, cells in checklist.groupby("label", sort=False):
        first = [(d, units[0]) for d, units in zip(cells["document"], cells["acknowledges"], strict=True) if units]
        here = pd.MultiIndex.from_frame(coded[["document", "unit"]]).isin(first)
        found.append((f"First acknowledged: {label}", coded[here]))
    return found
