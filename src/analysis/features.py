"""Units into features: words, letters, cues, scope and context, on scikit-learn's vectorizers.

A unit's features are plain strings (``w:may``, ``t:withdrawal|own|negated``, ``prev:harms``), so that
a weight can be read. Substances are masked before words are counted (``@own``, ``@other``): a model
that learned from kratom then speaks of kava.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from analysis.cues import Cue, match_cues
from analysis.lexicons import FAMILIES, normalise
from analysis.scope import Target, resolve_targets
from analysis.substances import Substances
from analysis.units import add_context

# Categories whose terms always speak of addiction, whatever the page.
STRONG = frozenset({"addiction", "dependence", "tolerance", "abuse", "craving", "withdrawal", "taper"})
_TOKEN = re.compile(r"@?[^\W\d_]+(?:'[^\W\d_]+)*|\d+(?:[.,]\d+)*|[?!:;$%\"]")


class Reading(NamedTuple):
    """What is known of one unit before any weight is applied."""

    text: str
    masked: str
    words: list[str]
    cues: list[Cue]
    targets: list[Target]
    substances: list[tuple[int, int, str]]
    antecedent: str
    main: str


def read_units(units: pd.DataFrame, finder: Substances | None = None) -> list[Reading]:
    """Match, mask and resolve every unit of a frame with its context columns.

    Returns
    -------
    list of Reading
        One a row.
    """
    finder = finder or Substances()
    columns = units[["document", "focal", "title", "kind", "text"]]
    seen = [
        (document, focal, title, kind, text, normal := normalise(text), finder.mentions(normal, focal), cues)
        for (document, focal, title, kind, text), cues in zip(
            columns.itertuples(index=False), match_cues(units["text"].tolist()), strict=True
        )
    ]
    tied = {}  # document -> whose addiction it ties to a substance most often, its title thrice
    titles = units.drop_duplicates("document")[["document", "focal", "title"]]
    for (document, focal, title), cues in zip(
        titles.itertuples(index=False), match_cues(titles["title"].tolist()), strict=True
    ):
        mentions = finder.mentions(normalise(title), focal)
        topic = "own" if not mentions else mentions[0][2]
        strong = [t for t in resolve_targets(title, cues, mentions, topic) if t.cue.category in STRONG]
        tied[document] = {"own": 0, "other": 0}
        for target in strong:
            tied[document]["other" if target.whose.startswith("other") else "own"] += 3
    for document, _, _, _, text, _, mentions, cues in seen:
        for kind in _tied(resolve_targets(text, cues, mentions)):
            tied[document][kind] += 1
    readings = []
    last: object = None
    for document, _, _, kind, text, normal, mentions, cues in seen:
        if document != last:
            last, topic = document, "own"
            count = tied[document]
            main = "other" if count["other"] >= max(2, count["own"] + 1) else "own" if count["own"] else ""
            antecedent = main
        kinds = [k for _, _, k in mentions if k != "drug"]
        if kind == "heading":
            topic = "own" if "own" in kinds or not kinds else "other"
        named = add_pronouns(normal, mentions, topic)
        targets = resolve_targets(text, cues, named, topic, antecedent)
        if explicit := _tied(targets):
            antecedent = explicit[-1]
        if kind != "heading" and kinds:
            # "it" in the next unit is the focal substance, unless this one opens with another
            opens_with_other = "own" not in kinds and mentions[0][0] < _OPENING
            topic = "other" if opens_with_other else "own"
        masked = mask(normal, mentions)
        readings.append(Reading(text, masked, tokens(masked), cues, targets, named, antecedent, main))
    return readings


def add_pronouns(normal: str, mentions: Sequence[tuple[int, int, str]], topic: str) -> list[tuple[int, int, str]]:
    """Add "it" and its kin as mentions of the unit's first substance, else of the topic.

    Examples
    --------
    >>> add_pronouns("unlike beer, it is a root", [(7, 11, "other")], "own")
    [(7, 11, 'other'), (13, 15, 'own')]
    >>> add_pronouns("kava is safe, but it is costly", [(0, 4, "own")], "other")
    [(0, 4, 'own'), (18, 20, 'own')]
    """
    named = [(start, kind) for start, _, kind in mentions if kind != "drug"]
    against = _AGAINST.match(normal)
    found = [
        (*m.span(), named[0][1] if named and named[0][0] < m.start() and not against else topic)
        for m in _PRONOUN.finditer(normal)
    ]
    return sorted([*mentions, *found])


_PRONOUN = re.compile(
    r"\b(?:it|its|it's)\b|\bthis (?:substance|drug|plant|herb|product|medicine|medication|compound|supplement)\b"
)
# A mention that begins this far from the left is the subject of its unit.
_OPENING = 12
# What stands first after these is what the subject is compared with.
_AGAINST = re.compile(r"(?:unlike|compared|like|as with|instead|in contrast|rather than)\b")


def _tied(targets: Sequence[Target]) -> list[str]:
    """Whose addiction the unit's own words say, in order."""
    return [t.whose for t in targets if t.cue.category in STRONG and t.whose in ("own", "other")]


def mask(normal: str, mentions: Sequence[tuple[int, int, str]]) -> str:
    """Put ``@own``, ``@other`` or ``@drug`` where a substance is named."""
    pieces, last = [], 0
    for start, end, kind in mentions:
        pieces += [normal[last:start], "@", kind]
        last = end
    return "".join([*pieces, normal[last:]])


def tokens(masked: str) -> list[str]:
    """Words, numbers (as ``#``) and telling signs of masked text.

    Examples
    --------
    >>> tokens("it isn't @own, take 2.5 grams?")
    ['it', "isn't", '@own', 'take', '#', 'grams', '?']
    """
    return ["#" if t[0].isdigit() else t for t in _TOKEN.findall(masked)]


def word_features(reading: Reading) -> list[str]:
    """Word n-grams of one to three words, ``<`` and ``>`` for the unit's edges."""
    t = ["<", *reading.words, ">"]
    out = [f"w:{a}" for a in t[1:-1]]
    out += [f"w:{a} {b}" for a, b in pairwise(t)]
    out += [f"w:{a} {b} {c}" for a, b, c in zip(t, t[1:], t[2:], strict=False)]
    return out


def scope_features(reading: Reading) -> list[str]:
    """The few features that carry most: whose addiction, whether asserted, and hedged how."""
    page, back = reading.main or "none", reading.antecedent or "none"
    out = {f"page:{page}", f"back:{back}"}
    strong = [t for t in reading.targets if t.cue.category in STRONG]
    out.update(f"t:strong|{t.whose}" for t in strong)
    out.update(f"page:{page}|{t.whose}" for t in strong)
    out.update(f"t:strong|{t.whose}|{t.negation or 'plain'}" for t in strong)
    if not strong:
        out.add("t:strong|none")
    for t in reading.targets:
        if t.cue.family == "harms" and not t.relieved:
            out.add(f"t:harm|{t.whose.rstrip('~')}|{t.negation or 'plain'}{'|small' * t.minimised}")
    out.update(f"h:{c.category}" for c in reading.cues if c.family == "hedges")
    out.update(f"d:{c.category}" for c in reading.cues if c.family in ("denials", "minimisers"))
    return sorted(out)


@lru_cache(maxsize=100_000)
def _letters(word: str) -> tuple[str, ...]:
    w = f"<{word}>"
    return tuple(f"l:{w[i : i + n]}" for n in (3, 4, 5) for i in range(len(w) - n + 1))


def letter_features(reading: Reading) -> list[str]:
    """Character n-grams of three to five letters inside words: they forgive a typo."""
    return [feature for word in _long_words(reading) for feature in _letters(word)]


def _long_words(reading: Reading) -> set[str]:
    return {word for word in reading.words if len(word) > 3 and word[0] != "@"}


def cue_features(reading: Reading) -> list[str]:
    """Families, categories and scope of the cues of one unit, and the unit's form."""
    normal = normalise(reading.text)
    out = set()
    for cue in reading.cues:
        out |= {f"f:{cue.family}", f"c:{cue.category}", f"c:{normal[cue.start : cue.end]}"}
    categories = sorted({cue.category for cue in reading.cues if cue.family != "relations"})
    out.update(f"c:{a}&{b}" for i, a in enumerate(categories) for b in categories[i + 1 :])
    for target in reading.targets:
        family, category = target.cue.family, target.cue.category
        state = (target.negation or "plain") + "-small" * target.minimised + "-hedged" * target.hedged
        whose = target.whose + "-relieved" * target.relieved
        out |= {
            f"t:{family}|{whose}",
            f"t:{category}|{whose}",
            f"t:{family}|{state}",
            f"t:{category}|{state}",
            f"t:{family}|{whose}|{state}",
        }
    kinds = sorted({kind for _, _, kind in reading.substances})
    out.add(f"s:{'+'.join(kinds) or 'none'}")
    families = {cue.family for cue in reading.cues}
    out.update(f"f:no {family}" for family in FAMILIES if family not in families)
    out.add(f"form:length {min(len(reading.text.split()).bit_length(), 6)}")
    last = reading.text.rstrip()[-1:]
    out.add(f"form:ends {'word' if last.isalnum() else last}")
    return sorted(out)


def context_features(
    units: pd.DataFrame, readings: Sequence[Reading], finder: Substances | None = None
) -> list[list[str]]:
    """What stands around each unit: kind, section, lead-in, title and neighbours' cues.

    Parameters
    ----------
    units : DataFrame
        With the context columns that `analysis.units.add_context` gives.
    readings : sequence of Reading
        One a row.
    finder : Substances, optional
        Finds names in sections, lead-ins and titles.

    Returns
    -------
    list of list of str
    """
    own = [_summary(reading) for reading in readings]
    documents = units["document"].tolist()
    around = _read_names(units, finder)
    out = []
    columns = units[["focal", "kind", "section", "lead_in", "title"]].itertuples(index=False)
    for i, (focal, kind, section, lead_in, title) in enumerate(columns):
        row = [f"kind:{kind}"]
        for place, name in (("section", section), ("lead", lead_in), ("title", title)):
            row += [f"{place} {part}" for part in around[focal, name]]
        listed = around[focal, lead_in] if lead_in else around[focal, section]
        row += [f"list {part}" for part in listed if part.startswith("t:strong")]
        for place, j in (("before2", i - 2), ("before", i - 1), ("after", i + 1)):
            inside = 0 <= j < len(own) and documents[j] == documents[i]
            row += [f"{place} {part}" for part in own[j]] if inside else [f"{place} edge"]
        out.append(row)
    return out


def _read_names(units: pd.DataFrame, finder: Substances | None = None) -> dict[tuple[str, str], list[str]]:
    """Cues, targets and masked words of every section, lead-in and title, by focal substance."""
    pairs = {
        pair for column in ("section", "lead_in", "title") for pair in zip(units["focal"], units[column], strict=True)
    }
    names = pd.DataFrame(sorted(pairs), columns=["focal", "text"])
    names = names.assign(document=range(len(names)), kind="prose", title="")
    return {
        (focal, text): _summary(reading) + sorted({f"w:{word}" for word in reading.words})
        for focal, text, reading in zip(names["focal"], names["text"], read_units(names, finder), strict=True)
    }


def _summary(reading: Reading) -> list[str]:
    categories = {f"c:{c.category}" for c in reading.cues if c.family != "relations"}
    categories |= {f"f:{c.family}" for c in reading.cues if c.family != "relations"}
    categories |= {f"t:strong|{t.whose}" for t in reading.targets if t.cue.category in STRONG}
    return sorted(categories | {f"t:{t.cue.family}|{t.whose}" for t in reading.targets})


class UnitVectorizer(TransformerMixin, BaseEstimator):
    """Turn units into one sparse row each: words, letters, cues with scope, context.

    Each block is a `CountVectorizer` over the feature strings above. Words and letters are scaled
    to unit length, so that a long sentence has no more say than a short one.

    Parameters
    ----------
    min_df : int, default 2
        Features in fewer units are left out.

    Attributes
    ----------
    vocabulary_ : dict of str to int
        Feature to column.

    Examples
    --------
    >>> vectorizer = UnitVectorizer(min_df=1).fit(["It may harm.", "No harm at all."])
    >>> "t:harms|plain-hedged" in vectorizer.vocabulary_
    True
    """

    def __init__(self, min_df: int = 2) -> None:
        self.min_df = min_df

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn which features occur often enough."""
        counts: Counter[str] = Counter()
        units = as_units(X)
        for blocks in self._blocks(units, read_units(units), isinstance(X, pd.DataFrame), letters=True):
            for block in blocks:
                counts.update(set(block))
        kept = sorted(f for f, n in counts.items() if n >= self.min_df)
        self.vocabulary_ = {feature: i for i, feature in enumerate(kept)}
        return self

    def transform(self, X: Any) -> sp.csr_matrix:
        """Give one row a unit, of shape (units, features)."""
        check_is_fitted(self)
        units = as_units(X)
        return self.weigh(units, read_units(units), context=isinstance(X, pd.DataFrame))

    def weigh(
        self,
        units: pd.DataFrame,
        readings: Sequence[Reading],
        finder: Substances | None = None,
        *,
        context: bool = True,
    ) -> sp.csr_matrix:
        """`transform` for units that were read already, by `finder` where names were added."""
        find = self.vocabulary_.get
        indices: list[int] = []
        data: list[float] = []
        indptr = [0]
        letters: dict[str, set[int]] = {}  # the columns of a word's letters, found once
        for reading, blocks in zip(readings, self._blocks(units, readings, context, finder), strict=True):
            for i, (scale, unit_length) in enumerate(_SCALES):
                if i == _LETTERS:
                    words = _long_words(reading)
                    for word in words - letters.keys():
                        letters[word] = {j for f in _letters(word) if (j := find(f)) is not None}
                    found = set().union(*(letters[word] for word in words))
                else:
                    found = {j for feature in blocks[i] if (j := find(feature)) is not None}
                value = scale / len(found) ** 0.5 if unit_length and found else scale
                indices += found
                data += [value] * len(found)
            indptr.append(len(indices))
        shape = (len(indptr) - 1, len(self.vocabulary_))
        matrix = sp.csr_matrix((data, indices, indptr), shape=shape)
        matrix.sort_indices()
        return matrix

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """The features in the order of the columns."""
        check_is_fitted(self)
        return np.array(list(self.vocabulary_), dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array = True, False
        return tags

    def _blocks(
        self,
        units: pd.DataFrame,
        readings: Sequence[Reading],
        context: bool,
        finder: Substances | None = None,
        *,
        letters: bool = False,
    ) -> Iterator[tuple[Sequence[str], ...]]:
        # alone, a string has no surroundings that could tell
        rows = context_features(units, readings, finder) if context else [[]] * len(units)
        for reading, around in zip(readings, rows, strict=True):
            # whose addiction the list or section speaks of is scope, the rest of it context
            yield (
                word_features(reading),
                letter_features(reading) if letters else [],
                cue_features(reading),
                [*scope_features(reading), *(f for f in around if f.startswith("list "))],
                [f for f in around if not f.startswith("list ")],
            )


# How loud each block speaks, and whether it is scaled to unit length; chosen by cross-validation
# over whole pages (words, letters, cues, scope, context).
_LETTERS = 1
_SCALES = ((1.0, True), (1.0, True), (0.25, False), (0.5, False), (0.15, False))


def as_units(X: Any) -> pd.DataFrame:
    """A frame of units from strings (each a document of its own) or from a frame.

    Raises
    ------
    ValueError
        If `X` is a single string or holds anything but strings.
    """
    if isinstance(X, pd.DataFrame):
        if "text" not in X:
            raise ValueError("the frame of units lacks the column text; add it")
        frame = X if "focal" in X else X.assign(focal="")
        return add_context(frame if "document" in frame else frame.assign(document=0))
    if isinstance(X, str):
        raise ValueError("expected a list of strings, got one string; put it into a list")
    if not isinstance(X, Iterable):
        raise ValueError("expected a list of strings or a frame of units")
    texts = list(X)
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("expected strings; convert other values before")
    frame = pd.DataFrame({"document": range(len(texts)), "focal": "", "text": texts})
    return add_context(frame.astype({"text": object}))
