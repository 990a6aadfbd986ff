"""Cues into modifiers on targets: negated, made small, hedged, and whose harm it is.

Targets are the cues of the families *harms* and *addiction*. A modifier reaches forward to the
targets of its own clause; "but" and its kin end a clause, a comma list does not. The rules follow
ConText (Chapman et al. 2007) and add what it lacks: two negations that cancel, the substance that a
target belongs to, and relief of a harm told from the harm itself.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from analysis.cues import Cue

TARGET_FAMILIES = ("harms", "addiction")
# A modifier's reach in characters: nine words or so, the window that ConText's successors use.
_REACH = 60
_CLAUSE = re.compile(r"[;:!?()\[\]]|\.(?!\d)| - | – | — |—")
_OF = re.compile(r"[\w' ]{0,24}?\b(?:to|on|from|of|for|with|by|between)(?: the| a| an| any| using| taking)? $")
_RELIEF_HEADS = ("relieves",)


class Target(NamedTuple):
    """A harm or addiction cue with what acts on it.

    Attributes
    ----------
    cue : Cue
    whose : str
        own, other or drug; own~ or other~ where the unit names no substance.
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
    bounds.update(
        c.start
        for c in cues
        if c.category == "contrast" and text[c.start : c.end].lower() not in _NO_BREAK
    )
    return sorted(bounds)


# Words of contrast that stay inside their clause ("less addictive than", "even at high doses").
_NO_BREAK = frozenset(
    "than compared to,compared with,versus,vs,not only,also,even,even if,even when,still,yet,instead,rather than,unlike".split(",")
)  # fmt: skip


def resolve_targets(
    text: str,
    cues: Sequence[Cue],
    substances: Sequence[tuple[int, int, str]],
    topic: str = "own",
) -> list[Target]:
    """Decide for each target of one unit what acts on it.

    Parameters
    ----------
    text : str
        The unit's text.
    cues : sequence of Cue
        Its cues, in order.
    substances : sequence of (start, end, kind)
        Its mentions of substances, in order; kind is own (the focal substance), other, or drug
        (a word that may mean either: "the drug", "supplements").
    topic : {"own", "other"}
        The substance that the text was speaking of when the unit began.

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
    bounds = clause_bounds(text, cues)
    modifiers = [c for c in cues if c.family not in TARGET_FAMILIES]
    return [
        Target(
            target,
            _whose(text, target, substances, topic, bounds),
            *_modified(target, modifiers, bounds),
        )
        for target in targets
    ]


def _modified(target: Cue, modifiers: Sequence[Cue], bounds: list[int]):
    """(negation, minimised, hedged, relieved) of a target."""
    clause = bisect_left(bounds, target.start + 1)
    low = bounds[clause - 1]
    high = bounds[clause] if clause < len(bounds) else 1 << 30
    negations, double, minimised, hedged, relieved = 0, False, False, False, False
    for cue in modifiers:
        before = low <= cue.start <= target.start and target.start - cue.end <= _REACH
        near = before or (target.end <= cue.start < high and cue.start - target.end <= _REACH // 2)
        over = cue.start <= target.start and target.end <= cue.end
        if cue.family == "denials":
            if cue.category == "double_negative":
                double = double or before or over
            elif before or over:
                negations += 1
        elif cue.family == "minimisers":
            minimised = minimised or near or over
        elif cue.family == "hedges" and cue.category != "booster":
            hedged = hedged or before or over
        elif cue.category in _RELIEF_HEADS:
            relieved = relieved or (before and target.start - cue.end <= _REACH // 2)
    if double or (negations and negations % 2 == 0):
        return "double", minimised, hedged, relieved
    return ("negated" if negations else ""), minimised, hedged, relieved


def _whose(
    text: str, target: Cue, substances: Sequence[tuple[int, int, str]], topic: str, bounds: list[int]
) -> str:
    """Whose harm, from the closest tie to the loosest.

    The substance inside the target ("opioid use disorder"), the one right before it ("kratom
    addiction"), the one that a preposition joins to it ("withdrawal from alcohol"), the one named
    last before it in its clause, the first of the unit (its subject); else what the text is speaking of (marked ``~``).
    """
    for start, end, kind in substances:
        if start < target.end and target.start < end:
            return kind
    for start, end, kind in reversed(substances):
        if end <= target.start and _ADJACENT.fullmatch(text[end : target.start]):
            return kind
    for start, _, kind in substances:
        if 0 <= start - target.end <= 40 and _OF.match(text[target.end : start]):
            return kind
    named = [(end, kind) for _, end, kind in substances if kind != "drug"]
    kinds = {kind for _, kind in named}
    if len(kinds) == 2:
        clause = bounds[bisect_left(bounds, target.start + 1) - 1]
        before = [kind for end, kind in named if clause < end <= target.start]
        return before[-1] if before else named[0][1]
    return kinds.pop() if kinds else f"{topic}~"


# Up to two plain words may stand between a substance and its harm ("kratom's physical dependence").
_ADJACENT = re.compile(
    r"(?:['’]s?)?[ -]{0,3}(?!(?:is|are|was|were|for|to|and|or|can|may|has|have|with|as|in|of|on|than|that|which|"
    r"helps?|eases?|causes?|leads?|products?|users?)\b)(?:[\w-]+ ){0,2}"
)
