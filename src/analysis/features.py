"""Units into features: words, letters, cues, scope and context, on scikit-learn's vectorizers.

A unit's features are plain strings (``w:may``, ``t:withdrawal|own|negated``, ``prev:harms``), so that
a weight can be read. Substances are masked before words are counted (``@own``, ``@other``): a model
that learned from kratom then speaks of kava.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple, Self

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
_TOKEN = re.compile(r"@?[^\W\d_]+(?:'[^\W\d_]+)*|\d[\d.,]*|[?!:;$%\"]")


class Reading(NamedTuple):
    """What is known of one unit before any weight is applied."""

    text: str
    masked: str
    cues: list[Cue]
    targets: list[Target]
    substances: list[tuple[int, int, str]]


def read_units(units: pd.DataFrame, finder: Substances | None = None) -> list[Reading]:
    """Match, mask and resolve every unit of a frame with ``text`` and ``focal``.

    Returns
    -------
    list of Reading
        One a row.
    """
    finder = finder or Substances()
    texts = units["text"].tolist()
    cues = match_cues(texts)
    readings = []
    document: object = None
    for row, found in zip(units[["document", "focal", "kind", "text"]].itertuples(index=False), cues, strict=True):
        if row.document != document:
            document, topic, section = row.document, "own", "own"
        normal = normalise(row.text)
        mentions = finder.mentions(normal, row.focal)
        kinds = [kind for _, _, kind in mentions if kind != "drug"]
        if row.kind == "heading":
            section = topic = "own" if "own" in kinds else kinds[0] if kinds else "own"
        elif kinds:
            topic = "own" if "own" in kinds and row.kind != "item" else kinds[-1]
        readings.append(
            Reading(row.text, mask(normal, mentions), found, resolve_targets(row.text, found, mentions, topic), mentions)
        )
    return readings


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
    t = ["<", *tokens(reading.masked), ">"]
    out = [f"w:{a}" for a in t[1:-1]]
    out += [f"w:{a} {b}" for a, b in zip(t, t[1:], strict=False)]
    out += [f"w:{a} {b} {c}" for a, b, c in zip(t, t[1:], t[2:], strict=False)]
    return out


@lru_cache(maxsize=100_000)
def _letters(word: str) -> tuple[str, ...]:
    w = f"<{word}>"
    return tuple(f"l:{w[i : i + n]}" for n in (3, 4, 5) for i in range(len(w) - n + 1))


def letter_features(reading: Reading) -> list[str]:
    """Character n-grams of three to five letters inside words: they forgive a typo."""
    words = tokens(reading.masked)
    return [x for word in words if len(word) > 3 and word[0] != "@" for x in _letters(word)]


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
        state = (
            (target.negation or "plain")
            + "-small" * target.minimised
            + "-hedged" * target.hedged
        )
        whose = target.whose + "-relieved" * target.relieved
        out |= {
            f"t:{family}|{whose}",
            f"t:{category}|{whose}",
            f"t:{family}|{state}",
            f"t:{category}|{state}",
            f"t:{family}|{whose}|{state}",
        }
    strong = {target.whose for target in reading.targets if target.cue.category in STRONG}
    out.update(f"t:strong|{whose}" for whose in strong or ["none"])
    kinds = sorted({kind for _, _, kind in reading.substances})
    out.add(f"s:{'+'.join(kinds) or 'none'}")
    families = {cue.family for cue in reading.cues}
    out.update(f"f:no {family}" for family in FAMILIES if family not in families)
    out.add(f"form:length {min(len(reading.text.split()).bit_length(), 6)}")
    last = reading.text.rstrip()[-1:]
    out.add(f"form:ends {'word' if last.isalnum() else last}")
    return sorted(out)


def context_features(units: pd.DataFrame, readings: Sequence[Reading]) -> list[list[str]]:
    """What stands around each unit: kind, section, lead-in, title and neighbours' cues.

    Parameters
    ----------
    units : DataFrame
        With the context columns that `analysis.units.add_context` gives.
    readings : sequence of Reading
        One a row.

    Returns
    -------
    list of list of str
    """
    own = [_summary(reading) for reading in readings]
    documents = units["document"].tolist()
    around: dict[str, list[str]] = {}
    names = sorted({*units["section"], *units["lead_in"], *units["title"]})
    for name, cues in zip(names, match_cues(names), strict=True):
        parts = {f"f:{c.family}" for c in cues} | {f"c:{c.category}" for c in cues}
        around[name] = sorted(parts | {f"w:{word}" for word in tokens(normalise(name))})
    out = []
    columns = units[["kind", "section", "lead_in", "title"]].itertuples(index=False)
    for i, (kind, section, lead_in, title) in enumerate(columns):
        row = [f"kind:{kind}"]
        for place, name in (("section", section), ("lead", lead_in), ("title", title)):
            row += [f"{place} {part}" for part in around[name]]
        for place, j in (("before2", i - 2), ("before", i - 1), ("after", i + 1)):
            inside = 0 <= j < len(own) and documents[j] == documents[i]
            row += [f"{place} {part}" for part in own[j]] if inside else [f"{place} edge"]
        out.append(row)
    return out


def _summary(reading: Reading) -> list[str]:
    categories = {f"c:{c.category}" for c in reading.cues if c.family != "relations"}
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

    def fit(self, X, y=None) -> Self:
        """Learn which features occur often enough."""
        counts: Counter[str] = Counter()
        for blocks in self._blocks(X):
            for block in blocks:
                counts.update(set(block))
        kept = sorted(f for f, n in counts.items() if n >= self.min_df)
        self.vocabulary_ = {feature: i for i, feature in enumerate(kept)}
        return self

    def transform(self, X) -> sp.csr_matrix:
        """Give one row a unit, of shape (units, features)."""
        check_is_fitted(self)
        find = self.vocabulary_.get
        indices: list[int] = []
        data: list[float] = []
        indptr = [0]
        for blocks in self._blocks(X):
            for block, (scale, unit_length) in zip(blocks, _SCALES, strict=True):
                found = {j for feature in block if (j := find(feature)) is not None}
                value = scale / len(found) ** 0.5 if unit_length and found else scale
                indices += found
                data += [value] * len(found)
            indptr.append(len(indices))
        matrix = sp.csr_matrix((data, indices, indptr), shape=(len(indptr) - 1, len(self.vocabulary_)))
        matrix.sort_indices()
        return matrix

    def get_feature_names_out(self, input_features=None) -> np.ndarray:
        """The features in the order of the columns."""
        return np.array(list(self.vocabulary_), dtype=object)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array = True, False
        return tags

    def _blocks(self, X) -> Iterator[tuple[Sequence[str], ...]]:
        units = as_units(X)
        readings = read_units(units)
        # alone, a string has no surroundings that could tell
        context = context_features(units, readings) if hasattr(X, "columns") else [[]] * len(units)
        for reading, around in zip(readings, context, strict=True):
            yield word_features(reading), letter_features(reading), cue_features(reading), around


# How loud each block speaks, and whether it is scaled to unit length; chosen by cross-validation
# over whole pages (words, letters, cues, context).
_SCALES = ((1.0, True), (1.0, True), (0.25, False), (0.15, False))


def as_units(X) -> pd.DataFrame:
    """A frame of units from strings (each a document of its own) or from a frame.

    Raises
    ------
    ValueError
        If `X` is a single string or holds anything but strings.
    """
    if isinstance(X, pd.DataFrame):
        frame = X if "focal" in X else X.assign(focal="")
        return add_context(frame if "document" in frame else frame.assign(document=0))
    if isinstance(X, str):
        raise ValueError("expected a list of strings, got one string; put it into a list")
    texts = list(X)
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("expected strings; convert other values before")
    frame = pd.DataFrame({"document": range(len(texts)), "focal": "", "text": texts})
    return add_context(frame.astype({"text": object}))
