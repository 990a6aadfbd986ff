"""Score tables → the sentences that a reader remembers, each made from the numbers at hand.

Nothing here knows how many sources there are, what they are about or what they say: on another corpus the
sentences say what is true there. Names of sources are given as they are; whoever shows a sentence escapes it.
"""

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.candor import CHECKLIST

WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
#: Words for a share of the statements about own addiction, and below which share each is said.
AMOUNTS = {"few statements": 0.2, "some statements": 0.5, "most statements": 1.0}
NAMED = 4  # more sources than this are counted, not named


def number(value: int) -> str:
    """A count in words up to twelve, in figures above.

    Examples
    --------
    >>> number(5), number(40)
    ('five', '40')
    """
    return WORDS[value] if 0 < value < len(WORDS) else str(value)


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
    return listed(names) if len(names) <= NAMED else f"{number(len(names))} sources"


def percent(share: float) -> str:
    """A share as a percentage; a dash for none.

    Examples
    --------
    >>> percent(0.364), percent(float("nan"))
    ('36%', '–')
    """
    return "–" if pd.isna(share) else f"{round(100 * share)}%"


def percents(low: float, high: float) -> str:
    """Two ends of an interval as percentages.

    Examples
    --------
    >>> percents(0.05, 0.703)
    '5 to 70%'
    """
    return f"{percent(low).removesuffix('%')} to {percent(high)}"


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
    >>> who(scores, pd.DataFrame({"document": ["a", "b"], "candor": [0.8, 0.0], "title": ["The risks", ""]}))
    'Source a (“The risks”) is the most candid: 0.80 on a scale from 0 (says nothing of it, or only denies it) to 1
    (says it all, early and plainly); b is the least with 0.00.'
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
    first, last = f"{_sources(top)}{_titled(profile, top)}", f"{some(low)}{_titled(profile, low)}"
    sentence = f"{first} {_be(top)} the most candid: {scale}; {last} {_be(low)} the least with {worst:.2f}"
    between = profile[~profile["candor"].isin([best, worst])]
    if between.empty:
        return sentence + "."
    spread = f"{between['candor'].min():.2f}"
    if between["candor"].nunique() > 1:
        spread += f" to {between['candor'].max():.2f}"
    names = between["document"].tolist()
    return f"{sentence}, and {some(names)} {'lies' if len(names) == 1 else 'lie'} between with {spread}."


def _titled(profile: pd.DataFrame, names: Sequence[str]) -> str:
    """The title of a source that is named alone, in brackets; nothing where it has none."""
    if len(names) != 1 or "title" not in profile:
        return ""
    title = str(profile.loc[profile["document"] == names[0], "title"].iloc[0]).strip()
    return f" (“{textwrap.shorten(title, 60, placeholder=' …')}”)" if title and title != names[0] else ""


def _sources(names: Sequence[str]) -> str:
    words = some(names)
    if len(names) > NAMED:
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
    clauses: list[tuple[list[str], str]] = []
    if top["items_acknowledged"]:
        count, total = int(top["items_acknowledged"]), number(len(CHECKLIST))
        things = f"all {total} things" if count == len(CHECKLIST) else f"{number(count)} of {total} things"
        clauses.append(([top["document"]], f"acknowledge {things} that a candid source says"))
    clauses += taken_back(denied)
    if silent:
        clauses.append((silent, f"say nothing of addiction to {focal} or withdrawal from it"))
    elsewhere = scores[scores["deflection_share"] > 0.5]
    if len(elsewhere):
        clauses.append(
            (elsewhere["document"].tolist(), "speak of addiction and withdrawal mostly as another substance’s")
        )
    return f"{joined(clauses) or f'No source speaks of addiction to {focal} or to anything else'}."


def taken_back(profile: pd.DataFrame) -> list[tuple[list[str], str]]:
    """Say in words how much of what sources say of their own addiction denies it or plays it down, the least first.

    Examples
    --------
    >>> taken_back(pd.DataFrame({"document": ["a", "b"], "own_statements": [15, 1], "own_minimised": [0, 1],
    ...     "own_denied": [2, 0]}))
    [(['a'], 'deny addiction in few statements'), (['b'], 'play addiction down in the only statement')]
    """
    found: dict[str, tuple[float, list[str]]] = {}
    for source in profile.to_dict("records"):
        share = (source["own_denied"] + source["own_minimised"]) / source["own_statements"]
        amount = next((words for words, below in AMOUNTS.items() if share < below), "every statement")
        amount = "the only statement" if source["own_statements"] == 1 else amount
        act = "play addiction down" if not source["own_denied"] else "deny addiction"
        act = "deny addiction or play it down" if source["own_denied"] and source["own_minimised"] else act
        _, names = found.setdefault(f"{act} in {amount}", (share, []))
        names.append(source["document"])
    return [(names, phrase) for phrase, (_, names) in sorted(found.items(), key=lambda item: item[1][0])]


def joined(clauses: Sequence[tuple[Sequence[str], str]]) -> str:
    """Join what several sources do into one sentence; a source's name is left as it is written.

    Parameters
    ----------
    clauses : sequence of (names, phrase)
        The sources, and what they do in the plural.

    Examples
    --------
    >>> joined([(["a"], "deny it or play it down"), (["a", "b"], "say nothing")])
    'Source a denies it or plays it down; a and b say nothing'
    """
    words = []
    for position, (names, phrase) in enumerate(clauses):
        subject = some(names) if position else _sources(names)
        words.append(f"{subject} {_SINGULAR.sub(_singular, phrase) if len(names) == 1 else phrase}")
    return "; ".join(words)


_SINGULAR = re.compile(r"^(\w+)|(?<= or )(?=play)play")


def _singular(verb: re.Match[str]) -> str:
    word = verb[0]
    return word[:-1] + "ies" if word.endswith("ny") else word + "s"


def sure(profile: pd.DataFrame, pairs: pd.DataFrame, ranks: pd.DataFrame) -> str:
    """Say how sure the order of the sources is.

    Examples
    --------
    >>> profile = pd.DataFrame({"document": ["a", "b"], "candor": [0.1, 0.8]})
    >>> pairs = pd.DataFrame({"a": ["a"], "b": ["b"], "differs": [True]})
    >>> sure(profile, pairs, pd.DataFrame({"document": ["a", "b"], "rank": [2, 1], "kept": [0.9, 0.9]}))
    'How sure: b keeps the first rank in 90% of trials in which sentences and the weights of the score are drawn
    anew. The two sources can be told apart.'
    """
    told = int(pairs["differs"].sum())
    leaders = ranks.loc[ranks["rank"] == ranks["rank"].min(), "document"].tolist()
    kept = f"{keeps_first(ranks)} of trials in which sentences and the weights of the score are drawn anew"
    if len(pairs) == 1:
        return f"How sure: {kept}. The two sources {'can' if told else 'cannot'} be told apart."
    if told == len(pairs):
        return f"How sure: {kept}. Every source can be told from every other."
    if len(pairs) < len(profile) * (len(profile) - 1) / 2:
        which = f"Of {len(pairs)} sources compared with the next in rank, {_none(told)} can be told from it"
        return f"How sure: {kept}. {which}."
    which = f"of all {number(len(pairs))} pairs of sources, {_none(told)} can be told apart"
    with_first = pairs[(pairs["a"].isin(leaders) | pairs["b"].isin(leaders)) & ~pairs["differs"]]
    near = sorted({*with_first["a"], *with_first["b"]} - {*leaders})
    it = "It" if len(leaders) == 1 else "They"
    tied = f"{it} cannot be told apart from {listed(near)}; {which}" if near else which[0].upper() + which[1:]
    return f"How sure: {kept}. {tied}."


def keeps_first(ranks: pd.DataFrame) -> str:
    """Say how often the sources that hold the first rank keep it: one share, or from the least to the most of equals.

    Examples
    --------
    >>> keeps_first(pd.DataFrame({"document": ["a", "b"], "rank": [2, 1], "kept": [0.9, 0.784]}))
    'b keeps the first rank in 78%'
    >>> keeps_first(pd.DataFrame({"document": ["a", "b", "c"], "rank": [1, 1, 3], "kept": [0.434, 0.436, 1.0]}))
    'a and b share the first rank and keep it in 43% to 44%'
    """
    first = ranks[ranks["rank"] == ranks["rank"].min()]
    low, high = percent(first["kept"].min()), percent(first["kept"].max())
    share = low if low == high else f"{low} to {high}"
    names = some(first["document"].tolist())
    return (
        f"{names} keeps the first rank in {share}"
        if len(first) == 1
        else (f"{names} share the first rank and keep it in {share}")
    )


def _none(count: int) -> str:
    return number(count) if count else "none"


def stances(profile: Mapping[str, Any]) -> str:
    """Say what a source's statements about its own addiction do.

    Examples
    --------
    >>> stances({"own_statements": 15, "own_acknowledged": 13, "own_minimised": 0, "own_denied": 2})
    'Of its 15 statements about it, 13 acknowledge it and 2 deny it.'
    >>> stances({"own_statements": 1, "own_acknowledged": 0, "own_minimised": 1, "own_denied": 0})
    'Its one statement about it plays it down.'
    """
    verbs = {
        "own_acknowledged": ("acknowledges it", "acknowledge it"),
        "own_minimised": ("plays it down", "play it down"),
        "own_denied": ("denies it", "deny it"),
    }
    total = int(profile["own_statements"])
    found = [(int(profile[name]), *verb) for name, verb in verbs.items() if profile[name]]
    if total == 1:
        return f"Its one statement about it {found[0][1]}."
    if len(found) == 1:
        return f"All {number(total)} of its statements about it {found[0][2]}."
    return (
        f"Of its {total} statements about it, {listed([f'{n} {one if n == 1 else many}' for n, one, many in found])}."
    )


def summary(score: Mapping[str, Any], profile: Mapping[str, Any], cells: Sequence[Mapping[str, Any]]) -> str:
    """Two or three short sentences about one source."""
    focal = score["focal"]
    if not profile["own_statements"]:
        sentence = f"It says nothing of addiction to {focal} or withdrawal from it."
    else:
        sentence = stances(profile)
        said = [str(cell["label"]) for cell in cells if len(cell["acknowledges"])]
        both = [str(cell["label"]) for cell in cells if len(cell["acknowledges"]) and len(cell["denies"])]
        sentence += (
            f" Acknowledged at least once: {listed(said)}." if said else " It acknowledges none of seven things."
        )
        sentence += f" Also denied: {listed(both)}." if both else ""
        if said and not profile["own_acknowledged"]:
            sentence += " But each unit that does so stands in a list that, as a whole, does not acknowledge it."
    if score["deflection_total"]:
        elsewhere = f"{int(score['deflection_count'])} of {int(score['deflection_total'])}"
        sentence += f" {elsewhere} units about addiction or withdrawal speak only of another substance’s."
    return sentence
