"""What the words of a unit leave no doubt of, whatever the weights say.

Few units are settled so; each rule was counted on coded text before it was let in, and speaks of what the
codebook decides in words: whose harm it is, two negations that cancel, and the main clause that decides.
"""

import re
from bisect import bisect_right

import numpy as np
import pandas as pd

from analysis.codes import CODES, STANCES
from analysis.features import tagged
from analysis.reading import STRONG, Reading
from analysis.scope import Target, rebuts_safety, safety_claims
from analysis.substances import Substances, shipped_substances
from analysis.units import cells_of


def settle(p: np.ndarray, units: pd.DataFrame, readings: list[Reading], finder: Substances | None = None) -> np.ndarray:
    """Let the words decide where they leave no doubt.

    Parameters
    ----------
    p : ndarray of shape (units, codes)
        Probabilities, in the order of `CODES`.
    units : DataFrame
        With ``document, focal, statement, lead_in, title``.
    readings : list of Reading
        Of the same units, as from `analysis.reading.read_units`.
    finder : Substances, optional
        What they were read with; the shipped names if left out.

    Returns
    -------
    ndarray of shape (units, codes)
        The same, with 1 and 0 for what is settled.
    """
    return settle_whose(settle_stance(p, units, readings), units, readings, finder or shipped_substances())


def settle_whose(p: np.ndarray, units: pd.DataFrame, readings: list[Reading], finder: Substances) -> np.ndarray:
    """Let the words decide whose addiction or harm it is where they all name another substance's.

    A unit whose addiction words all belong to another substance, and that does not name the focal
    one ("Breaking free from opioid dependence is hard" on a page about kratom), speaks of the
    other's addiction alone; so do the items of a list that such a sentence leads into. A sentence
    with another substance as its subject ("Ibuprofen can cause nausea") has no stance towards
    the focal one. What opens by pointing back to the focal one's addiction ("It can last weeks")
    speaks of it. Everything else stays as it was weighed.
    """
    leads: dict[tuple[object, object], bool] = {}
    size = units["document"].value_counts().to_dict()
    alone = [size[document] == 1 and not title for document, title in cells_of(units, "document", "title")]
    certain = []
    for (document, statement), reading in zip(cells_of(units, "document", "statement"), readings, strict=True):
        strong = [t.whose for t in reading.targets if t.cue.category in STRONG]
        named = any(kind == "own" for _, _, kind in reading.substances)
        other = bool(strong) and not named and all(whose.startswith("other") for whose in strong)
        lead = leads.setdefault((document, statement), other)
        certain.append(other or (lead and not strong and not named))
    out = p.copy()
    back = np.array([reading.refers == "own" for reading in readings], dtype=bool)
    out[back, CODES.index("addiction")] = 1.0
    addiction = np.array(certain, dtype=bool)
    out[addiction, CODES.index("addiction")] = 0.0
    out[addiction, CODES.index("other_addiction")] = 1.0
    others = [
        speaks_of_another(reading, single) and not _names_class(reading, focal, finder)
        for reading, single, (focal,) in zip(readings, alone, cells_of(units, "focal"), strict=True)
    ]
    harm = addiction | np.array(others, dtype=bool)
    out[np.ix_(harm, [CODES.index(stance) for stance in STANCES])] = 0.0
    return out


def _names_class(reading: Reading, focal: str, finder: Substances) -> bool:
    """Whether the class of the focal substance is named: what opioids do, tramadol does."""
    names = {reading.normal[start:end] for start, end, kind in reading.substances if kind == "other"}
    return any(finder.in_class_of(focal, name) for name in names)


def speaks_of_another(reading: Reading, alone: bool = False) -> bool:
    """Whether a sentence's subject is another substance, whose harm alone it can state.

    It begins with the other's name, names and points to nothing else, and compares and mixes nothing. A sentence
    that stands alone, with no page around it that could be meant, need only name and point to nothing else.

    Examples
    --------
    >>> from analysis.reading import read_units
    >>> from analysis.units import add_context
    >>> texts = ["Ibuprofen can cause nausea.", "Beer makes it more dangerous."]
    >>> units = add_context(pd.DataFrame({"document": [0, 1], "focal": "kava", "text": texts}))
    >>> [speaks_of_another(reading) for reading in read_units(units)]
    [True, False]
    """
    if (reading.kind != "prose" and not alone) or not reading.targets:
        return False
    named = [mention for mention in reading.substances if mention[2] != "medicine"]
    if not named or any(kind != "other" for _, _, kind in named):
        return False
    if any(target.relieved for target in reading.targets):
        return False
    if alone:  # nothing was spoken of before that a "~" could go back to
        return all(target.whose != "own" for target in reading.targets) and not _ADDS.search(reading.normal)
    if not all(target.whose.startswith("other") for target in reading.targets):
        return False
    start, end, _ = named[0]
    subject = len(reading.normal[:start].split()) <= 1 and not _USE.search(reading.normal, start, end)
    doubted = any(cue.category == "contrast" or cue.family == "denials" for cue in reading.cues)
    relates = _RELATES.search(reading.normal) or _ADDS.search(reading.normal)
    return subject and not doubted and not relates


# These name people and their habits, who may be those of any substance: "regular drinkers" of coffee.
_USE = re.compile(r"drink|drunk|smok")
# What makes a harm of something else worse, or points to a product without its name.
_ADDS = re.compile(
    r"\b(?:rais\w+|increas\w+|rises?|worsen\w*|avoid\w*|alongside|turn\w*|dose"
    r"|the (?:powder|product|leaf|leaves|pills?|capsules?|drops))\b"
)
# What ties a sentence to something outside it, or the subject to another substance.
_RELATES = re.compile(
    r"\b(?:as|like|same|similar\w*|other|both|either|also|too|together|with|add\w*|mix\w*|combin\w*|interact\w*|cross"
    r"|this|these|they|them|their|he|she|it|its)\b"
)


def settle_stance(p: np.ndarray, units: pd.DataFrame, readings: list[Reading]) -> np.ndarray:
    """What surely admits a harm (`surely_admits`) acknowledges it, what denies it on a condition makes it small.

    A heading that only names a topic, an item of a list of uses, and what names only an ailment that the page's
    substance is taken for, have no stance. Others stay as weighed.
    """
    out = p.copy()
    lists = cells_of(units, "lead_in")
    used = [bool(_USED_FOR.search(lead_in)) and not _WARNS.search(lead_in) for (lead_in,) in lists]
    settled = {
        "none": [
            (use and len(reading.words) <= _AILMENT) or treated or names_a_topic(reading)
            for use, treated, reading in zip(used, names_what_is_treated(units, readings), readings, strict=True)
        ],
        "acknowledges": [surely_admits(reading) for reading in readings],
        "minimises": [denies_on_condition(reading) for reading in readings],
    }
    for stance, sure in settled.items():
        mask = np.array(sure, dtype=bool)
        for other in STANCES:
            out[mask, CODES.index(other)] = float(other == stance)
    return out


# More words than name an ailment say something of their own.
_AILMENT = 6
# What leads into a list of uses: "is prescribed for:", "Farmers chew it against:", "It helps with:".
_THINGS = r"(?: (?:these|the following|conditions?|symptoms?|people with|such as|like))*"
_AGAINST = r"(?:for|against|to (?:treat|relieve|ease|manage|help with))"
_USED_FOR = re.compile(
    rf"\b(?:is|are|was|were|been) (?:\w+ )?(?:used|taken|prescribed|approved|licen[cs]ed|indicated|recommended)"
    rf"(?: \w+){{0,5}}? {_AGAINST}{_THINGS} ?:\s*$"
    rf"|\b(?:use|take|drink|chew|smoke|prescribe|recommend)s?(?: \w+){{1,3}}? {_AGAINST}{_THINGS} ?:\s*$"
    rf"|\b(?:treats?|relieves?|eases?|helps? with|helps? against){_THINGS} ?:\s*$",
    re.IGNORECASE,
)
_WARNS = re.compile(
    r"\b(?:not|never|stop\w*|avoid|watch|seek|call|warn\w*|monitor\w*|caution\w*|careful|risk\w*|danger\w*"
    r"|side effects?|reactions?|harm\w*|withdraw\w*|hospital\w*|overdos\w*|naloxone|check\w*|screen\w*|odds|look out"
    r"|if|when)\b",
    re.IGNORECASE,
)


def names_what_is_treated(units: pd.DataFrame, readings: list[Reading]) -> list[bool]:
    """Whether the only harms that a unit names are ailments that its document says are relieved.

    "Attacks fell by half" is no harm of a drug that "is taken against attacks", unless the unit says that something
    causes them.

    Examples
    --------
    >>> from analysis.reading import read_units
    >>> from analysis.units import add_context
    >>> texts = ["Kava helps with insomnia.", "Of the women 12 had insomnia.", "Kava can cause insomnia."]
    >>> units = add_context(pd.DataFrame({"document": 0, "focal": "kava", "text": texts}))
    >>> names_what_is_treated(units, read_units(units))
    [False, True, False]
    """
    documents = units["document"].tolist()
    relieved: set[tuple[object, str]] = set()
    for document, reading in zip(documents, readings, strict=True):
        relieved |= {(document, _head_of(reading, t)) for t in reading.targets if t.relieved and _is_ailment(t)}
    out = []
    for document, reading in zip(documents, readings, strict=True):
        harms = [t for t in reading.targets if not t.relieved and t.cue.category != "at_risk"]
        out.append(
            bool(harms)
            and reading.kind != "item"  # what a list is of, its lead-in says
            and all(_is_ailment(t) and (document, _head_of(reading, t)) in relieved for t in harms)
            and not any(t.cue.family == "addiction" for t in reading.targets)
            and not _CAUSED.search(reading.normal)
        )
    return out


def _is_ailment(target: Target) -> bool:
    return target.cue.category in ("symptom", "organ")


def _head_of(reading: Reading, target: Target) -> str:
    """The last word of a harm without its ending: "seizure" of "epileptic seizures"."""
    return _ENDING.sub("", reading.normal[target.cue.start : target.cue.end].rpartition(" ")[2])


_ENDING = re.compile(r"(?<=....)(?:ing|ed|es?|s)$")
_CAUSED = re.compile(
    r"\b(?:caus\w+|leads? to|leading to|side effects?|rebound|induc\w+|result(?:s|ed|ing)? in|worsen\w*|trigger\w*"
    r"|risks?|stop\w*|increas\w+|experienc\w+|suffer\w*|complain\w*|gave|gives?|giving|made|makes?|got|gets?|felt"
    r"|feel\w*|worse|(?:high|higher|large|larger|big|bigger|heavy) (?:doses?|amounts?|use)|too much|overdos\w*"
    r"|reports?|develop\w*|onset|common (?:among|in|with|after))\b"
)


def names_a_topic(reading: Reading) -> bool:
    """Whether a heading sets a harm beside the substance or its benefits, and says nothing of either.

    The codebook names two: "Kratom and Addiction" and "Potential Benefits and Side Effects".

    Examples
    --------
    >>> from analysis.reading import read_units
    >>> from analysis.units import add_context
    >>> texts = ["Kava and Addiction", "Benefits and Side Effects of Kava", "Kava Addiction"]
    >>> units = add_context(pd.DataFrame({"document": range(3), "focal": "kava", "kind": "heading", "text": texts}))
    >>> [names_a_topic(reading) for reading in read_units(units)]
    [True, True, False]
    """
    return reading.kind == "heading" and bool(_TOPIC.fullmatch(" ".join(tagged(reading))))


_TOPIC = re.compile(
    r"< (?:\[likelihood\] )?(?:@own|\[benefit\]|uses) and (?:the )?(?:\[likelihood\] )?\[\w+\](?: of @own)? >"
    r"|< (?:the )?(?:\[likelihood\] )?\[\w+\] and (?:the )?(?:\[likelihood\] )?(?:@own|\[benefit\](?: of @own)?) >"
)


def denies_on_condition(reading: Reading) -> bool:
    """Whether a harm is denied, or safety claimed, of those who use the substance rightly alone.

    "It is safe if taken as directed" makes the harm small, says the codebook: the user is at fault.

    Examples
    --------
    >>> from analysis.reading import read_units
    >>> from analysis.units import add_context
    >>> texts = ["Kava is not addictive if used in moderation.", "Kava is not addictive."]
    >>> units = add_context(pd.DataFrame({"document": [0, 1], "focal": "kava", "text": texts}))
    >>> [denies_on_condition(reading) for reading in read_units(units)]
    [True, False]
    """
    families = {cue.family for cue in reading.cues}
    if not families & {"denials", "minimisers"} or not _CONDITION.search(reading.normal):
        return False
    if any(kind in ("other", "medicine") for _, _, kind in reading.substances):
        return False
    if any(cue.category in ("contrast", "double_negative", "rebuttal") for cue in reading.cues):
        return False
    claims = safety_claims(reading.normal, reading.cues, reading.bounds)
    if "negated" in claims or _NO_DENIAL.search(reading.normal):
        return False
    negated = any(t.whose.startswith("own") and t.negation == "negated" and not t.relieved for t in reading.targets)
    return negated or "" in claims


# Questions, orders, what is not known, and what does not protect from a harm deny none.
_NO_DENIAL = re.compile(
    r"\?\W*$|\b(?:safe to (?:say|assume)|not known|unknown|unclear|no longer|not been"
    r"|(?:do not|don't|never|should not|must not)"
    r" (?:take|use|drink|drive|mix|stop)|eliminat\w*|protect\w*|prevent\w*|reduc\w*|eas(?:e|es|ing)|reliev\w*)\b"
)


_RIGHTLY = r"properly|responsibly|sensibly|correctly|carefully|wisely|mindfully|appropriately"
_CONDITION = re.compile(
    rf"\b(?<!unclear )(?<!know )(?<!sure )(?<!ask )(?:if|when|as long as|so long as|provided(?: that)?)\b[^.;]{{0,25}}"
    rf"\b(?:{_RIGHTLY}|moderat\w+|as (?:directed|prescribed|instructed)|(?:follow|stick|respect)\w*)\b"
    rf"|\b(?:used|taken|consumed) (?:{_RIGHTLY})\b|\bin moderation\b"
)


def surely_admits(reading: Reading) -> bool:
    """Whether a unit's words leave no doubt that it admits a harm of the focal substance.

    It ends with a harm whose two negations cancel ("While less addictive, it is not without its own risks"), calls
    a claim of safety a myth, or takes back in its last clause what was made small, or said to be denied, before.
    What goes on after the harm ("it is not harmless, but far from dangerous"), or is denied or made small besides,
    leaves doubt.
    """
    if not any(cue.family in ("denials", "minimisers") for cue in reading.cues):
        return False
    names_another = any(kind == "other" for _, _, kind in reading.substances)
    unsafe = rebuts_safety(reading.normal, reading.cues, reading.bounds) and not names_another
    return unsafe or _ends_with_cancelled_denial(reading) or _takes_back(reading)


def _takes_back(reading: Reading) -> bool:
    """Whether the last clause states a harm plainly, or contradicts, what the first made small or reported as denied.

    "Kava is milder than gin, but it can harm the liver": the main clause decides, says the codebook.
    """
    normal, denials = reading.normal, [cue for cue in reading.cues if cue.family == "denials"]
    small = [cue for cue in reading.cues if cue.family == "minimisers"]
    if not denials and not small:
        return False
    said = _SAID.search(normal)
    reported = [cue for cue in denials if said and said.start() < cue.start and cue.category != "double_negative"]
    if said and any(cue.start < said.start() for cue in denials):
        reported = []  # "no one claims that it is harmless"
    if len(reported) == len(denials) == 1 and _CONTRADICTS.search(normal, reported[0].end):
        own = (t for t in reading.targets if t.whose.startswith("own") and not t.relieved)
        if any(t.negation == "negated" for t in own) or "" in safety_claims(normal, reading.cues, reading.bounds):
            return True
    split = _last_clause(normal)
    if not split or _SAID.search(normal, split):
        return False
    conceded = [*reported, *small]
    if not any(cue.start < split for cue in conceded) or any(cue.start >= split for cue in (*conceded, *denials)):
        return False
    last = [target for target in reading.targets if target.cue.start >= split]
    return bool(last) and all(target.whose.startswith("own") and not target.relieved for target in last)


def _last_clause(normal: str) -> int:
    """Where the clause begins that a contrast sets against what stands before it; 0 if there is none."""
    turns = [turn.end() for turn in _BUT.finditer(normal)]
    if turns:
        return turns[-1]
    concedes = _ALTHOUGH.match(normal)
    return normal.find(", ", concedes.end()) + 1 if concedes else 0


_BUT = re.compile(
    r"[,;.:] (?:but|yet|however|nevertheless|nonetheless|even so|still|that said|all the same|in (?:truth|fact))\b|; "
)
_ALTHOUGH = re.compile(r"(?:although|though|even though|even if|while|despite|in spite of|however \w+)\b")
# Somebody else's words or thoughts.
_SAID = re.compile(
    r"\b(?:says?|said|claim\w*|insist\w*|maintain\w*|swears?|swore|assur\w+|advertis\w+|market(?:s|ed)|tout\w*|promis\w+"
    r"|testif\w+|tells?|told|believe\w*|thinks?|thought|argue\w*|calls?|called|den(?:y|ies|ied)|according to)\b"
)
_CONTRADICTS = re.compile(
    r"\b(?:says?|tells?|shows?|suggests?|proves?|proved) (?:us )?otherwise\b"
    r"|\b(?:which|that|this) (?:is|was|turned out to be) (?:simply )?(?:false|untrue|wrong|nonsense|a lie)\b"
    r"|\b(?:but|yet|though|[;:.]) (?:it|they) (?:is|are|was|were|do|does)[.!]?$"
)


def _ends_with_cancelled_denial(reading: Reading) -> bool:
    harms = [
        target
        for target in reading.targets
        if target.negation == "double"
        and target.whose.startswith("own")
        and not target.relieved
        # "not without irony": the words say that something is there, and only what follows says what
        and not reading.normal.startswith("not without", target.cue.start)
    ]
    denials = [cue for cue in reading.cues if cue.family == "denials"]
    plain = [cue for cue in denials if cue.category != "rebuttal"]
    if not harms or not plain:
        return False
    rebutted = len(plain) < len(denials)  # "it is a myth that it never harms": one denial, called a myth
    if rebutted and (len(denials) != 2 or plain[0].category == "double_negative"):
        return False
    begin, end = denials[0].start, harms[-1].cue.end
    goes_on = any(cue.start >= end and cue.category == "contrast" for cue in reading.cues)
    if goes_on or plain[-1].start >= harms[0].cue.end:
        return False
    starts = [cue.start for cue in denials]
    for cue in reading.cues:
        made_small = cue.family == "minimisers" and cue.start >= begin
        # the "harmless" of "not harmless" makes nothing small
        if made_small and cue.end > denials[bisect_right(starts, cue.start) - 1].end:
            return False
    last = len(reading.text.rstrip(" .!?…)[]0123456789\"'”’"))
    return not any(end < bound < last for bound in reading.bounds)
