"""Cues into modifiers on targets: negated, made small, hedged, and whose harm it is.

Targets are the cues of the families *harms* and *addiction*. A modifier reaches forward to the
targets of its own clause; "but" and its kin end a clause, a comma list does not. The rules follow
ConText (Chapman et al. 2007) and add what it lacks: two negations that cancel, the substance that a
target belongs to, and relief of a harm told from the harm itself.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from operator import itemgetter
from typing import Any, NamedTuple

from analysis.cues import Cue

TARGET_FAMILIES = ("harms", "addiction")
# A modifier's reach in characters: nine words or so, the window that ConText's successors use.
_REACH = 60
# Bare, these point back to what was spoken of ("during withdrawal"); "dependence" or "addictive" do not.
_ANAPHORIC = frozenset({"withdrawal", "craving", "stopping"})
_CLAUSE = re.compile(
    r"[;:!?()\[\]]|\.(?!\d)| - | – | — |—|,(?= (?:it|its|they|this|these|there|he|she|we|you|users|people)\b)"
)
_OF = re.compile(
    r"[\w' ]{0,24}?\b(?:to|on|off|from|of|for|with|by|between|against|about)(?: the| a| an| any| using| taking)? $"
)


class Target(NamedTuple):
    """A harm or addiction cue with what acts on it.

    Attributes
    ----------
    cue : Cue
    whose : str
        own, other or drug (a word that may mean either); with a ``~`` where not the unit's own
        words but what was spoken of before decides.
    negation : str
        "", negated or double (two negations that cancel).
    minimised, hedged, relieved : bool
        Made small, held back from, or being treated rather than caused.
    """

    cue: Cue
    whose: str
    negation: str
    minimised: bool
    hedged: bool
    relieved: bool


def clause_bounds(text: str, cues: Sequence[Cue]) -> list[int]:
    """Where the clauses of a unit begin, as sorted character offsets, 0 first."""
    bounds = {0, *(m.end() for m in _CLAUSE.finditer(text))}
    bounds.update(c.start for c in cues if c.category == "contrast" and text[c.start : c.end].lower() not in _NO_BREAK)
    return sorted(bounds)


# Words of contrast that stay inside their clause ("less addictive than", "even at high doses").
_NO_BREAK = frozenset(
    [
        "than", "compared to", "compared with", "versus", "vs", "not only", "also",
        "even", "even if", "even when", "still", "yet", "instead",
        "rather than", "unlike",
    ]
)  # fmt: skip


def resolve_targets(
    text: str,
    cues: Sequence[Cue],
    substances: Sequence[tuple[int, int, str]],
    topic: str = "own",
    antecedent: str = "",
    bounds: list[int] | None = None,
) -> list[Target]:
    """Decide for each target of one unit what acts on it.

    Parameters
    ----------
    text : str
        The unit's text.
    cues : sequence of Cue
        Its cues, in order.
    substances : sequence of (start, end, kind)
        Its mentions of substances, in order; kind is own (the focal substance), other, drug (a word
        that may mean either: "the drug", "supplements") or medicine (taken against an addiction,
        so never the one whose addiction it is).
    topic : {"own", "other"}
        The substance that the text was speaking of when the unit began.
    antecedent : {"", "own", "other"}
        Whose addiction or withdrawal the text spoke of last: a bare "withdrawal" points back to it.
    bounds : list of int, optional
        As from `clause_bounds`, where it is at hand.

    Returns
    -------
    list of Target

    Examples
    --------
    >>> from analysis.cues import match_cues
    >>> text = "Kava eases opioid withdrawal but is not without risk."
    >>> [(text[t.cue.start:t.cue.end], t.whose, t.negation, t.relieved)
    ...  for t in resolve_targets(text, match_cues([text])[0], [(0, 4, "own"), (11, 17, "other")])]
    [('withdrawal', 'other', '', True), ('not without', 'own', 'double', False), ('risk', 'own', 'double', False)]
    """
    targets = [c for c in cues if c.family in TARGET_FAMILIES]
    if not targets:
        return []
    substances = [mention for mention in substances if mention[2] != "medicine"]
    bounds = clause_bounds(text, cues) if bounds is None else bounds
    symptoms = [c for c in targets if c.category == "symptom"]
    modifiers = [c for c in cues if _modifies(c) and not (symptoms and _within(symptoms, c))]
    return [
        Target(target, *_modified(text, target, modifiers, substances, bounds, topic, antecedent)) for target in targets
    ]


def _modifies(cue: Cue) -> bool:
    """Whether a cue can act on a harm."""
    if cue.family == "relations":
        return cue.category in ("relieves", "causes")
    return cue.family in ("denials", "minimisers") or (cue.family == "hedges" and cue.category != "booster")


def _within(symptoms: Sequence[Cue], cue: Cue) -> bool:
    """Whether a cue is part of a symptom's name: the "no" of "no appetite" denies nothing."""
    i = bisect_left(symptoms, cue.start + 1, key=itemgetter(0)) - 1
    return i >= 0 and cue.end <= symptoms[i].end


def _modified(
    text: str,
    target: Cue,
    modifiers: Sequence[Cue],
    substances: Sequence[tuple[int, int, str]],
    bounds: list[int],
    topic: str,
    antecedent: str,
) -> tuple[str, str, bool, bool, bool]:
    """(whose, negation, minimised, hedged, relieved) of a target."""
    clause = bisect_left(bounds, target.start + 1)
    low = bounds[clause - 1]
    high = bounds[clause] if clause < len(bounds) else len(text) + 1
    negators: list[Cue] = []
    rebuttals: list[Cue] = []
    double, minimised, hedged = False, False, False
    relieves = causes = -1  # where the last such word before the target stands
    for cue in _near(modifiers, target.start - 2 * _REACH, target.end + _REACH):
        before = low <= cue.start <= target.start and target.start - cue.end <= _REACH
        over = cue.start <= target.start and target.end <= cue.end
        if cue.family == "denials":
            if cue.category == "double_negative":
                double = double or before or over
            elif cue.category == "rebuttal":
                if _rebuts(text, cue, target, low, high):
                    rebuttals.append(cue)
            elif before or over:
                negators.append(cue)
        elif cue.family == "minimisers":
            after = target.end <= cue.start < high and cue.start - target.end <= _REACH // 2
            minimised = minimised or before or over or after
        elif cue.family == "hedges":
            hedged = hedged or before or over
        elif before and not over and cue.category == "relieves":
            relieves = cue.start
        elif before and not over and cue.category == "causes":
            causes = cue.start
    double = double or any(
        _CLOSE.fullmatch(gap := text[a.end : b.start])
        and (_CANCELS.match(text[b.start : b.end].lower()) or " that " in gap)
        for a, b in pairwise(negators)
    )
    # "it is a myth that it never harms"; "to say that it has no dangers is a lie"
    double = double or any(
        rebuttal.end <= n.start or (target.end <= rebuttal.start and " and " not in text[n.end : rebuttal.start])
        for rebuttal in rebuttals
        for n in negators
    )
    negation = "double" if double else "negated" if negators or rebuttals else ""
    relieved = relieves > causes
    bare = target.family == "addiction"
    spoken_of = topic
    if bare:
        spoken_of = antecedent if antecedent and target.category in _ANAPHORIC else "own"
    around = _near(substances, target.start - 4 * _REACH, target.end + _REACH)
    first = substances[0][2] if substances and substances[0][2] != "drug" else ""
    whose = _whose(text, target, around, first, low, relieves, causes, spoken_of, bare)
    return whose, negation, minimised, hedged, relieved


def safety_claims(normal: str, cues: Sequence[Cue], bounds: Sequence[int]) -> list[str]:
    """Each claim that something is safe: "" as it stands, negated where a denial before it takes it back.

    Then "doubted", once for each place that holds back from safety ("its safety has not been studied").
    What "and" or a comma parts from a denial stands for itself ("it is not dear and is safe").

    Examples
    --------
    >>> from analysis.cues import match_cues
    >>> text = "tea is harmless, but nobody has shown that it is safe"
    >>> cues = match_cues([text])[0]
    >>> safety_claims(text, cues, clause_bounds(text, cues))
    ['', '', 'negated']
    """
    denials = [
        cue for cue in cues if cue.family == "denials" and cue.category in ("negator", "no_evidence", "rebuttal")
    ]
    out = []
    for cue in cues:
        assures = cue.family in ("minimisers", "denials") and cue.category != "double_negative"
        if assures and _SAFE.search(normal, cue.start, cue.end):
            low = bounds[bisect_left(bounds, cue.start + 1) - 1]
            before = _near(denials, cue.start - 2 * _REACH, cue.start)
            taken_back = any(
                low <= d.start and cue.start - d.end <= _REACH and not _JOINS.search(normal, d.end, cue.start)
                for d in before
            )
            out.append("negated" if taken_back else "")
    return out + ["doubted"] * len(_DOUBTED.findall(normal)) if "safety" in normal else out


def rebuts_safety(normal: str, cues: Sequence[Cue], bounds: Sequence[int]) -> bool:
    """Whether the one rebuttal of a unit speaks of a claim of safety: "it is a myth that the leaf is safe".

    Examples
    --------
    >>> from analysis.cues import match_cues
    >>> text = "the misconception that the leaf is harmless"
    >>> cues = match_cues([text])[0]
    >>> rebuts_safety(text, cues, clause_bounds(text, cues))
    True
    """
    rebuttals = [cue for cue in cues if cue.category == "rebuttal"]
    if len(rebuttals) != 1:
        return False
    if not _THAT.match(normal, rebuttals[0].end) and not _MISTAKES.match(normal, rebuttals[0].start):
        return False
    begin = rebuttals[0].end
    clause = bisect_left(bounds, begin + 1)
    end = min(bounds[clause] if clause < len(bounds) else len(normal), begin + _REACH)
    safe = _IS_SAFE.match(normal[begin:end])
    if not safe:
        return False
    # "the myth that it is not safe" and "no myth that it is safe" say otherwise
    denials = [cue for cue in cues if cue.family == "denials" and cue.category not in ("rebuttal", "not_harmful")]
    return not any(cue.start < begin + safe.end() for cue in denials)


_JOINS = re.compile(r",|\b(?:and|so|because)\b")
# Safety as what is said of something, not "a safe product", "safe to say" or "only drugs are safe".
_IS_SAFE = re.compile(
    r"(?!.*\b(?:less|only|anything|hard|impossible)\b).*\b(?:is|are|was|were)(?: \w+){0,2} (?:safe|harmless)\b"
    r"(?! (?:to|use|way|only)\b)"
)
_DOUBTED = re.compile(
    r"\bsafety\b[^.;:]{0,60}?\b(?:not|never|yet|unknown|unclear|unproven|uncertain|lacking|doubts?|doubtful|questioned)\b"
    r"|\b(?:no|not|never|cannot|can't|lack|little|insufficient|limited|doubts?|questions?)\b[^.;:,]{0,40}?\bsafety\b"
    r"(?! (?:concerns?|issues?|problems?|signals?|risks?|warnings?|margin))"
)
_SAFE = re.compile(r"\b(?:safe|safely|harmless)\b")


def _rebuts(text: str, cue: Cue, target: Cue, low: int, high: int) -> bool:
    """Whether a rebuttal speaks of the target: "a myth that ...", "Myth: ...", "... is a myth", and not of safety."""
    if cue.end <= target.start:
        between = text[cue.end : target.start]
        opens = low <= cue.start and (_THAT.match(between) or _MISTAKES.match(text, cue.start))
        labels = cue.end <= low and _LABEL.fullmatch(text[cue.end : low])
        return bool(opens or labels) and len(between) <= _REACH and not _SAFE.search(between.lower())
    if not target.end <= cue.start < high or cue.start - target.end > _REACH:
        return False
    words = set(text[target.end : cue.end].lower().split())
    return bool(words & _IS) and not words & _ELSEWHERE


_THAT = re.compile(r" that\b", re.IGNORECASE)
# After these "that" may be left out: "they wrongly believe it is not addictive".
_MISTAKES = re.compile(r"wrong|falsely|mistaken(?:ly| to)", re.IGNORECASE)
# "The harm is a myth", "... are simply false": no other clause between, and no "is not a myth".
_IS = frozenset(["is", "are", "was", "were"])
_ELSEWHERE = frozenset(
    ["and", "or", "but", "because", "that", "which", "who", "whatever", "not", "no", "never", "hardly"]
)
# What stands between "Myth" and what is said to be one.
_LABEL = re.compile(r"(?: ?#?\d{1,2})?[:?!] ?")
# "not without", "never free of": the second negation takes the first one back; a list of them
# ("no nausea, no headache") does not.
_CANCELS = re.compile(r"without|devoid|free (?:of|from)|lack|absen|harmless|risk free|zero")
_CLOSE = re.compile(r"[\w' ]{0,24}")


def _near(spans: Sequence[Any], low: int, high: int) -> Sequence[Any]:
    """The spans, sorted by their start, that start between two places: a long text stays linear."""
    return spans[bisect_left(spans, low, key=itemgetter(0)) : bisect_left(spans, high, key=itemgetter(0))]


def _whose(
    text: str,
    target: Cue,
    substances: Sequence[tuple[int, int, str]],
    first: str,
    low: int,
    relieves: int,
    causes: int,
    before: str,
    bare: bool,
) -> str:
    """Whose harm, from the closest tie to the loosest.

    1. The substance inside the target ("opioid use disorder"), right before it ("kratom
       addiction"), or joined to it by a preposition ("withdrawal from alcohol").
    2. In the target's clause, the substance named last before it: what causes a harm has it, what
       relieves it does not ("kratom helps with withdrawal").
    3. What is caused or tapered without a name is the page's own; any other bare addiction word
       takes its substance from the addiction spoken of before.
    4. The first substance of the unit, else what the text speaks of.
    """
    for start, end, kind in substances:
        if start < target.end and target.start < end:
            return kind
    for _, end, kind in reversed(substances):
        if end <= target.start and _ADJACENT.fullmatch(text[end : target.start]):
            return kind
    for start, _, kind in substances:
        if 0 <= start - target.end <= 40 and _OF.match(text[target.end : start]):
            return kind
    named = [(start, kind) for start, _, kind in substances if kind != "drug"]
    inside = [(start, kind) for start, kind in named if low <= start < target.start]
    if inside and target.family == "addiction" and relieves > causes and relieves > inside[-1][0]:
        return f"{before}~" if bare else "other~" if inside[-1][1] == "own" else "own~"
    if not inside and target.family == "addiction" and (causes >= 0 or target.category == "taper"):
        return "own~"  # "long-term use can lead to dependence": of what the page is about
    if inside and (target.category not in _ANAPHORIC or causes > inside[-1][0]):
        return inside[-1][1]
    if bare:
        return f"{before}~"
    return first or (named[0][1] if named else f"{before}~")


# Up to two plain words may stand between a substance and its harm ("kratom's physical dependence").
_ADJACENT = re.compile(
    r"(?:['’]s?)?[ -]{0,3}(?!(?:is|are|was|were|for|to|and|or|can|may|has|have|with|as|in|of|on|than|that|which|"
    r"helps?|eases?|causes?|leads?|products?|users?)\b)(?:[\w-]+ ){0,2}"
)
