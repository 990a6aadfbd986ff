"""Readings into features: words, letters, cues, scope, patterns and context, as one sparse row a unit.

A unit's features are plain strings (``w:may``, ``t:withdrawal|own|negated``, ``o:no [withdrawal]``), so that
a weight can be read.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, pairwise, repeat
from typing import Any, Self

import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from analysis.lexicons import FAMILIES
from analysis.reading import STRONG, Reading, read_units, tokens
from analysis.substances import Substances
from analysis.units import add_context


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


def letter_features(reading: Reading) -> list[tuple[str, ...]]:
    """Character n-grams of three to five letters inside words, one tuple a word: they forgive a typo."""
    return [_letters(word) for word in {word for word in reading.words if len(word) > 3 and word[0] != "@"}]


def cue_features(reading: Reading) -> list[str]:
    """Families, categories and scope of the cues of one unit, and the unit's form.

    A heading or a short item says a thing otherwise than a sentence does ("Risks" names a topic), so that the form
    stands beside each cue, too.
    """
    form = reading.kind + "-short" * (len(reading.words) <= _SHORT)
    out = set()
    for cue in reading.cues:
        out |= {f"f:{cue.family}", f"c:{cue.category}", f"c:{reading.normal[cue.start : cue.end]}"}
        if cue.family != "relations":
            out |= {f"k:{form}|{cue.family}", f"k:{reading.kind}|{cue.category}"}
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
            f"k:{form}|{category}",
            f"k:{form}|{family}|{target.whose.rstrip('~')}|{target.negation or 'plain'}",
        }
    kinds = sorted({kind for _, _, kind in reading.substances})
    out.add(f"s:{'+'.join(kinds) or 'none'}")
    families = {cue.family for cue in reading.cues}
    out.update(f"f:no {family}" for family in FAMILIES if family not in families)
    out.add(f"form:length {min(len(reading.text.split()).bit_length(), 6)}")
    last = reading.text.rstrip()[-1:]
    out.add(f"form:ends {'word' if last.isalnum() else last}")
    return sorted(out)


# A unit of so few words is a label rather than a sentence.
_SHORT = 6


def tagged(reading: Reading) -> list[str]:
    """The unit's words, each cue put as its category and each substance as its kind.

    Of spans that overlap the longest is put.

    Examples
    --------
    >>> frame = pd.DataFrame({"document": 0, "focal": "kava", "text": ["No risk of kava addiction?"]})
    >>> tagged(*read_units(add_context(frame)))
    ['<', '[no_evidence]', '@own', '[addiction]', '?', '>']
    """
    normal = reading.normal
    spans = [(start, end, f"@{kind}") for start, end, kind in reading.substances]
    spans += [(cue.start, cue.end, f"[{cue.category}]") for cue in reading.cues]
    taken = bytearray(len(normal))
    kept = []
    for start, end, tag in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
        if taken.find(1, start, end) < 0:
            taken[start:end] = b"\1" * (end - start)
            kept.append((start, end, tag))
    row, last = ["<"], 0
    for start, end, tag in sorted(kept):
        row += [*tokens(normal[last:start]), tag]
        last = end
    return [*row, *tokens(normal[last:]), ">"]


def pattern_features(reading: Reading) -> list[str]:
    """In which order words, cues and substances stand.

    ``o:`` runs of two and three words with a cue among them; ``b:`` and ``a:`` a word up to six before or four after
    a target.

    Examples
    --------
    >>> frame = pd.DataFrame({"document": 0, "focal": "kava", "text": ["Kava hurts."]})
    >>> pattern_features(*read_units(add_context(frame)))
    ... # doctest: +NORMALIZE_WHITESPACE
    ['o:@own [danger]', 'o:[danger] >', 'o:< @own [danger]', 'o:@own [danger] >',
     'b:< [danger]', 'b:@own [danger]', 'a:[danger] >']
    """
    if not reading.cues:
        return []
    row = tagged(reading)
    targets = {f"[{target.cue.category}]" for target in reading.targets}
    out = [f"o:{a} {b}" for a, b in pairwise(row) if a[0] == "[" or b[0] == "["]
    out += [f"o:{a} {b} {c}" for a, b, c in zip(row, row[1:], row[2:], strict=False) if "[" in (a[0], b[0], c[0])]
    for i, word in enumerate(row):
        if word in targets:
            out += [f"b:{other} {word}" for other in row[max(0, i - 6) : i]]
            out += [f"a:{word} {other}" for other in row[i + 1 : i + 5]]
    return out


def context_features(
    units: pd.DataFrame, readings: Sequence[Reading], finder: Substances | None = None
) -> list[list[Sequence[str]]]:
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
    list of list of sequence of str
        One list a unit: what the list or section that the unit stands in speaks of, then a sequence a place. Units
        that stand in one section, list or page share its tuple.
    """
    own = [_summary(reading) for reading in readings]
    documents = units["document"].tolist()
    sizes = Counter(documents)
    around = _read_names(units, finder)
    shared: dict[tuple[str, str, str], tuple[str, ...]] = {}

    def placed(place: str, focal: str, name: str) -> tuple[str, ...]:
        if (place, focal, name) not in shared:
            parts = around[focal, name]
            if place == "list":
                parts = [part for part in parts if part.startswith("t:strong")]
            shared[place, focal, name] = tuple(f"{place} {part}" for part in parts)
        return shared[place, focal, name]

    out = []
    columns = units[["focal", "kind", "section", "lead_in", "title"]].itertuples(index=False)
    for i, (focal, kind, section, lead_in, title) in enumerate(columns):
        row: list[Sequence[str]] = [placed("list", focal, lead_in or section), [f"kind:{kind}"]]
        row += [placed("section", focal, section), placed("lead", focal, lead_in), placed("title", focal, title)]
        places = (("before2", i - 2), ("before", i - 1), ("after", i + 1))
        for place, j in places if sizes[documents[i]] > 1 else ():  # a unit alone stands at no edge
            inside = 0 <= j < len(own) and documents[j] == documents[i]
            row.append([f"{place} {part}" for part in own[j]] if inside else [f"{place} edge"])
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
    """Turn units into one sparse row each: words, letters, cues, scope, patterns, context.

    Words, letters and patterns are scaled to unit length, so that a long sentence has no more say than a short one.

    Parameters
    ----------
    min_df : int, default 2
        Features in fewer units are left out; patterns, of which there are many, in fewer than twice as many.
    pattern_scale : float, default 1.2
        How loud the patterns speak beside words and letters, which have 1. The default measured best on units of web
        pages, codes of the codebook, whole pages left out.

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

    def __init__(self, min_df: int = 2, pattern_scale: float = 1.2) -> None:
        self.min_df = min_df
        self.pattern_scale = pattern_scale

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn which features occur often enough."""
        units = as_units(X)
        return self._learn(units, read_units(units), isinstance(X, pd.DataFrame))

    def fit_transform(self, X: Any, y: Any = None) -> sp.csr_matrix:
        """`fit`, then `transform`, with every unit read once."""
        units, context = as_units(X), isinstance(X, pd.DataFrame)
        readings = read_units(units)
        return self._learn(units, readings, context).weigh(units, readings, context=context)

    def _learn(self, units: pd.DataFrame, readings: Sequence[Reading], context: bool) -> Self:
        counts: Counter[str] = Counter()
        for blocks in self._blocks(units, readings, context):
            for block in blocks:
                counts.update(set(chain.from_iterable(block)))
        kept = sorted(f for f, n in counts.items() if n >= self.min_df * (2 if f.startswith(PATTERNS) else 1))
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
        find, unknown = self.vocabulary_.get, repeat(-1)
        words, letters, cues, scope, context_scale = _SCALES
        scales = (words, letters, cues, scope, (self.pattern_scale, True), context_scale)
        indices, data, indptr = array("i"), array("d"), array("i", [0])
        columns: dict[Sequence[str], set[int]] = {}  # of what recurs: a word's letters, a section, a title
        for blocks in self._blocks(units, readings, context, finder):
            for block, (scale, unit_length) in zip(blocks, scales, strict=True):
                found: set[int] = set()
                for group in block:
                    if isinstance(group, list):
                        found.update(map(find, group, unknown))
                        continue
                    if group not in columns:
                        columns[group] = set(map(find, group, unknown))
                    found |= columns[group]
                found.discard(-1)
                value = scale / len(found) ** 0.5 if unit_length and found else scale
                indices.extend(found)
                data.extend([value] * len(found))
            indptr.append(len(indices))
        shape = (len(indptr) - 1, len(self.vocabulary_))
        matrix = sp.csr_matrix((np.array(data), np.array(indices), np.array(indptr)), shape=shape)
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
    ) -> Iterator[tuple[Sequence[Sequence[str]], ...]]:
        # alone, a string has no surroundings that could tell
        rows = context_features(units, readings, finder) if context else [[[]]] * len(units)
        for reading, (listed, *around) in zip(readings, rows, strict=True):
            # whose addiction the list or section speaks of is scope, the rest of it context
            yield (
                [word_features(reading)],
                letter_features(reading),
                [cue_features(reading)],
                [scope_features(reading), listed],
                [pattern_features(reading)],
                around,
            )


# How loud each block speaks, and whether it is scaled to unit length; chosen by cross-validation
# over whole pages (words, letters, cues, scope, context).
_SCALES = ((1.0, True), (1.0, True), (0.25, False), (0.5, False), (0.15, False))
PATTERNS = ("o:", "b:", "a:")


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
