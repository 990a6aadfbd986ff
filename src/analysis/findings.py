"""Score tables → the sentences that a reader remembers, each made from the numbers at hand.

Nothing here knows how many sources there are, what they are about or what they say: on another corpus the
sentences say what is true there. Names of sources are given as they are; whoever shows a sentence escapes it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.candor import CHECKLIST
from analysis.ranks import tied_groups

_WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_NAMED = 4  # more sources than this are counted, not named


def number(value: int) -> str:
    """A count in words up to twelve, in figures above.

    Examples
    --------
    >>> number(5), number(40)
    ('five', '40')
    """
    return _WORDS[value] if 0 < value < len(_WORDS) else str(value)


def listed(names: Iterable[str]) -> str:
    """Names as a list in a sentence.

    Examples
    --------
    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def some(names: Sequence[str]) -> str:
    """A few sources by name, many by their number.

    Examples
    --------
    >>> some(["a", "b"]), some(list("abcdef"))
    ('a and b', 'six sources')
    """
    return listed(names) if len(names) <= _NAMED else f"{number(len(names))} sources"


def percent(share: float) -> str:
    """A share as a percentage; a dash for none.

    Examples
    --------
    >>> percent(0.364), percent(float("nan"))
    ('36%', '–')
    """
    return "–" if pd.isna(share) else f"{round(100 * share)}%"


def subject(scores: pd.DataFrame) -> str:
    """What the sources are about: the focal substance, or "its subject" where they differ."""
    focal = scores["focal"].unique()
    return str(focal[0]) if len(focal) == 1 else "its subject"


def question(scores: pd.DataFrame) -> str:
    """The question that the site answers.

    Examples
    --------
    >>> question(pd.DataFrame({"focal": ["kratom"] * 5}))
    'How candid are five texts about addiction to kratom and withdrawal from it?'
    >>> question(pd.DataFrame({"focal": ["kava"]}))
    'How candid is one text about addiction to kava and withdrawal from it?'
    """
    focal = scores["focal"].unique()
    about = str(focal[0]) if len(focal) == 1 else "what they write about"
    texts = "is one text" if len(scores) == 1 else f"are {number(len(scores))} texts"
    return f"How candid {texts} about addiction to {about} and withdrawal from it?"


def answer(scores: pd.DataFrame, profile: pd.DataFrame, pairs: pd.DataFrame, ranks: pd.DataFrame) -> list[str]:
    """Answer the question in three sentences: who is candid, in what, and how sure that is.

    Parameters
    ----------
    scores, profile : DataFrame
        Of `score_sources` and `candor_profile`, in the same order.
    pairs : DataFrame
        Of `compare_sources`; empty for a single source.
    ranks : DataFrame
        Of `rank_acceptability`.

    Returns
    -------
    list of str
        Three sentences, or two for a single source.
    """
    return [who(scores, profile), what(scores, profile), *([sure(profile, pairs, ranks)] if len(profile) > 1 else [])]


def who(scores: pd.DataFrame, profile: pd.DataFrame) -> str:
    """Say which source is the most candid and which the least.

    Examples
    --------
    >>> scores = pd.DataFrame({"focal": ["kratom"] * 3})
    >>> who(scores, pd.DataFrame({"document": ["a", "b", "c"], "candor": [0.1, 0.8, 0.0]}))
    'Source b is the most candid: 0.80 on a scale from 0 (says nothing of it, or only denies it) to 1 (says it all,
    early and plainly); c is the least with 0.00, and a lies between with 0.10.'
    >>> who(scores, pd.DataFrame({"document": ["a", "b"], "candor": [0.0, 0.0]}))
    'None of the two texts admits that kratom can be addictive or that stopping it has a price: all score 0 on a
    scale from 0 to 1.'
    """
    focal, count = subject(scores), len(profile)
    best, worst = profile["candor"].max(), profile["candor"].min()
    if best == 0:
        texts = "The text does not admit" if count == 1 else f"None of the {number(count)} texts admits"
        zero = "it scores" if count == 1 else "all score"
        return (
            f"{texts} that {focal} can be addictive or that stopping it has a price: {zero} 0 on a scale from 0 to 1."
        )
    scale = (
        f"{best:.2f} on a scale from 0 (says nothing of it, or only denies it) to 1 (says it all, early and plainly)"
    )
    if count == 1:
        return f"The text scores {scale}."
    top, low = (profile.loc[profile["candor"] == value, "document"].tolist() for value in (best, worst))
    if best == worst:
        return f"All {number(count)} texts score {scale}."
    sentence = f"{_sources(top)} {_be(top)} the most candid: {scale}; {some(low)} {_be(low)} the least with {worst:.2f}"
    between = profile[~profile["candor"].isin([best, worst])]
    if between.empty:
        return sentence + "."
    spread = f"{between['candor'].min():.2f}"
    if between["candor"].nunique() > 1:
        spread += f" to {between['candor'].max():.2f}"
    names = between["document"].tolist()
    return f"{sentence}, and {some(names)} {'lies' if len(names) == 1 else 'lie'} between with {spread}."


def _sources(names: Sequence[str]) -> str:
    words = some(names)
    if len(names) > _NAMED:
        return words[0].upper() + words[1:]
    return f"Source{'' if len(names) == 1 else 's'} {words}"


def _be(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def what(scores: pd.DataFrame, profile: pd.DataFrame) -> str:
    """Say what the sources do with their subject's addiction: acknowledge, deny or speak of another's."""
    focal = subject(scores)
    top = profile.sort_values("candor", ascending=False, kind="stable").iloc[0]
    denied = profile[(profile["own_denied"] + profile["own_minimised"]) > 0]
    silent = profile.loc[profile["own_statements"] == 0, "document"].tolist()
    parts = []
    if top["items_acknowledged"]:
        things = (
            f"{number(int(top['items_acknowledged']))} of the {number(len(CHECKLIST))} things that a candid source says"
        )
        parts.append(f"{top['document']} acknowledges {things}")
    if len(denied):
        worst = denied.iloc[(denied["own_denied"] + denied["own_minimised"]).argmax()]
        parts.append(
            f"{worst['document']} denies addiction or plays it down in "
            f"{int(worst['own_denied'] + worst['own_minimised'])} of {int(worst['own_statements'])} statements about it"
        )
    if silent:
        says = "says" if len(silent) == 1 else "say"
        parts.append(f"{some(silent)} {says} nothing of addiction to {focal} or withdrawal from it")
    elsewhere = scores[(scores["deflection_share"] > 0.5)]
    if len(elsewhere):
        names = elsewhere["document"].tolist()
        low, high = (
            percent(value) for value in (elsewhere["deflection_share"].min(), elsewhere["deflection_share"].max())
        )
        parts.append(
            f"where {some(names)} {'speaks' if len(names) == 1 else 'speak'} of addiction or withdrawal, "
            f"{low if low == high else f'{low} to {high}'} of it is another substance’s"
        )
    sentence = "; ".join(parts) or f"No source speaks of addiction to {focal} or to anything else"
    return sentence[0].upper() + sentence[1:] + "."


def sure(profile: pd.DataFrame, pairs: pd.DataFrame, ranks: pd.DataFrame) -> str:
    """Say how sure the order of the sources is.

    Examples
    --------
    >>> profile = pd.DataFrame({"document": ["a", "b"], "candor": [0.1, 0.8]})
    >>> pairs = pd.DataFrame({"a": ["a"], "b": ["b"], "differs": [True]})
    >>> sure(profile, pairs, pd.DataFrame({"document": ["a", "b"], "rank": [2, 1], "kept": [0.9, 0.9]}))
    "How sure: the two sources can be told apart, and b keeps the first rank in 90% of 10,000 redraws of its sentences
    and of the score's weights."
    """
    told = int(pairs["differs"].sum())
    first = ranks.loc[ranks["rank"].idxmin()]
    often = f"{percent(first['kept'])} of 10,000 redraws of its sentences and of the score's weights"
    kept = f"{first['document']} keeps the first rank in {often}"
    if len(pairs) == 1:
        return f"How sure: the two sources {'can' if told else 'cannot'} be told apart, and {kept}."
    if told == len(pairs):
        return f"How sure: every source can be told from every other, and {kept}."
    if len(pairs) < len(profile) * (len(profile) - 1) / 2:
        which = f"of {len(pairs)} sources compared with the next in rank, {_none(told)} can be told from it"
        return f"How sure: {which}, and {kept}."
    which = f"{_none(told)} of {number(len(pairs))} pairs of sources can be told apart"
    return f"How sure: {which}, and {kept}."


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
    'a denies a harm in 4 of its 33 units; b plays one down without denying any'
    """
    deny = scores[scores["denies_count"] > 0].sort_values("denies_count", ascending=False, kind="stable")
    soft = scores.loc[(scores["denies_count"] == 0) & (scores["minimises_count"] > 0), "document"].tolist()
    parts = []
    if len(deny):
        first = deny.iloc[0]
        most = f"in {int(first['denies_count'])} of its {int(first['units'])} units"
        names = deny["document"].tolist()
        if len(names) == 1:
            parts.append(f"{names[0]} denies a harm {most}")
        else:
            parts.append(f"{some(names)} deny a harm, {first['document']} most often ({most})")
    if soft:
        plays = "plays one down without denying any" if len(soft) == 1 else "play one down without denying any"
        parts.append(f"{some(soft)} {plays}" if deny.shape[0] else f"No source denies a harm; {some(soft)} {plays}")
    sentence = "; ".join(parts) or "No source denies a harm or plays one down"
    return sentence[0].upper() + sentence[1:] if len(deny) != 1 else sentence


def spread(scores: pd.DataFrame, column: str, what: str, form: str = "{:.0%}") -> str:
    """Say between which sources a number runs.

    Parameters
    ----------
    scores : DataFrame
        One row a source.
    column : str
        The number.
    what : str
        What it counts, to begin the sentence.
    form : str
        How it is written.

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
        return f"{what}: {form.format(high[column])}{' in every source' if len(scores) > 1 else ''}"
    lowest, highest = (f"{form.format(row[column])} in {row['document']}" for row in (low, high))
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
    if len(tied) > _NAMED or max(map(len, tied)) > len(_WORDS):
        return f"{int(pairs['differs'].sum())} of {len(pairs)} pairs of sources can be told apart in candor"
    return "; neither can ".join([f"{listed(tied[0])} cannot be told apart in candor", *map(listed, tied[1:])])


def _none(count: int) -> str:
    return number(count) if count else "none"


def summary(score: Mapping[str, Any], profile: Mapping[str, Any], cells: Sequence[Mapping[str, Any]]) -> str:
    """Two or three short sentences about one source."""
    focal = score["focal"]
    if not profile["own_statements"]:
        sentence = f"It says nothing of addiction to {focal} or withdrawal from it."
    else:
        sentence = (
            f"Of {int(profile['own_statements'])} statements about it, {int(profile['own_acknowledged'])} acknowledge, "
            f"{int(profile['own_minimised'])} play down and {int(profile['own_denied'])} deny."
        )
        said = [str(cell["label"]) for cell in cells if cell["stance"] == "acknowledged"]
        sentence += (
            f" It acknowledges {listed(said)}."
            if said
            else " It acknowledges none of seven things without also denying it."
        )
    if score["deflection_total"]:
        elsewhere = f"{int(score['deflection_count'])} of {int(score['deflection_total'])}"
        sentence += f" {elsewhere} units about addiction or withdrawal speak only of another substance’s."
    return sentence


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
