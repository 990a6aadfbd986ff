"""Readings into features: words, letters, cues, scope, patterns and context, as one sparse row a unit.

A unit's features are plain strings (``w:may``, ``t:withdrawal|own|negated``, ``o:no [withdrawal]``), so that
a weight can be read.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import chain, repeat
from operator import itemgetter
from typing import Any, Self

import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from analysis.lexicons import FAMILIES, load_lexicons
from analysis.ngrams import (
    Found,
    RunTable,
    TokenRows,
    common_runs,
    letter_matrix,
    letters_of,
    pattern_runs,
    token_rows,
    word_runs,
)
from analysis.reading import STRONG, TOKEN, Reading, read_units
from analysis.scope import TARGET_FAMILIES, safety_claims
from analysis.substances import Substances
from analysis.units import add_context, cells_of


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
    out.update(
        f"t:safe|{negation or 'plain'}" for negation in safety_claims(reading.normal, reading.cues, reading.bounds)
    )
    out.update(f"h:{c.category}" for c in reading.cues if c.family == "hedges")
    out.update(f"d:{c.category}" for c in reading.cues if c.family in ("denials", "minimisers"))
    return sorted(out)


def cue_features(reading: Reading) -> list[tuple[str, ...]]:
    """Families, categories and scope of the cues of one unit, and the unit's form; a group of names a cue.

    A heading or a short item says a thing otherwise than a sentence does ("Risks" names a topic), so that the form
    stands beside each cue, too.
    """
    form = reading.kind + "-short" * (len(reading.words) <= _SHORT)
    normal = reading.normal
    out = [_cue_names(form, cue.family, cue.category, normal[cue.start : cue.end]) for cue in reading.cues]
    families = {cue.family for cue in reading.cues}
    out.append(_pair_names(tuple(sorted({cue.category for cue in reading.cues if cue.family != "relations"}))))
    for target in reading.targets:
        state = (target.negation or "plain") + "-small" * target.minimised + "-hedged" * target.hedged
        whose = target.whose + "-relieved" * target.relieved
        simple = f"{target.whose.rstrip('~')}|{target.negation or 'plain'}"
        out.append(_target_names(form, target.cue.family, target.cue.category, whose, state, simple))
    kinds = sorted({kind for _, _, kind in reading.substances})
    last = reading.text.rstrip()[-1:]
    whole = [f"f:no {family}" for family in FAMILIES if family not in families]
    whole += [f"s:{'+'.join(kinds) or 'none'}", f"form:length {min(len(reading.text.split()).bit_length(), 6)}"]
    return [*out, (*whole, f"form:ends {'word' if last.isalnum() else last}")]


@lru_cache(maxsize=20_000)
def _pair_names(categories: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"c:{a}&{b}" for i, a in enumerate(categories) for b in categories[i + 1 :])


@lru_cache(maxsize=50_000)
def _cue_names(form: str, family: str, category: str, text: str) -> tuple[str, ...]:
    names = (f"f:{family}", f"c:{category}", f"c:{text}")
    return names if family == "relations" else (*names, f"k:{form}|{family}", f"k:{_kind(form)}|{category}")


@lru_cache(maxsize=50_000)
def _target_names(form: str, family: str, category: str, whose: str, state: str, simple: str) -> tuple[str, ...]:
    return (
        f"t:{family}|{whose}",
        f"t:{category}|{whose}",
        f"t:{family}|{state}",
        f"t:{category}|{state}",
        f"t:{family}|{whose}|{state}",
        f"k:{form}|{category}",
        f"k:{form}|{family}|{simple}",
    )


def _kind(form: str) -> str:
    return form.removesuffix("-short")


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
    normal = reading.normal.replace("[", " ")  # a bracket of the text is no cue's
    spans = [(start - end, start, end, f" @{kind} ") for start, end, kind in reading.substances]
    spans += [(start - end, start, end, f" [{category}] ") for start, end, _, category in reading.cues]
    spans.sort(key=itemgetter(0, 1))
    taken = bytearray(len(normal))
    kept = []
    for _, start, end, tag in spans:
        if taken.find(1, start, end) < 0:
            taken[start:end] = b"\1" * (end - start)
            kept.append((start, end, tag))
    pieces, last = [], 0
    for start, end, tag in sorted(kept):
        pieces += [normal[last:start], tag]
        last = end
    pieces.append(normal[last:])
    return ["<", *("#" if token[0].isdigit() else token for token in _TAG_OR_TOKEN.findall("".join(pieces))), ">"]


_TAG_OR_TOKEN = re.compile(rf"\[\w+\]|{TOKEN.pattern}")


def context_features(
    units: pd.DataFrame, readings: Sequence[Reading], finder: Substances | None = None
) -> list[list[tuple[str, ...]]]:
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
    list of list of tuple of str
        One list a unit: what the list or section that the unit stands in speaks of, then a tuple a place. Units
        that stand in one section, list or page share its tuple.
    """
    own = [_summary(reading) for reading in readings]
    documents = units["document"].tolist()
    sizes = Counter(documents)
    names = _read_names(units, finder)

    @cache
    def beside(place: str, parts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(f"{place} {part}" for part in parts)

    @cache
    def around(focal: str, kind: str, section: str, lead_in: str, title: str) -> tuple[tuple[str, ...], ...]:
        listed = tuple(part for part in names[focal, lead_in or section] if part.startswith("t:strong"))
        places = (("section", section), ("lead", lead_in), ("title", title))
        return beside("list", listed), (f"kind:{kind}",), *(beside(place, names[focal, text]) for place, text in places)

    out = []
    for i, cells in enumerate(cells_of(units, "focal", "kind", "section", "lead_in", "title")):
        row = list(around(*cells))
        places = (("before2", i - 2), ("before", i - 1), ("after", i + 1))
        for place, j in places if sizes[documents[i]] > 1 else ():  # a unit alone stands at no edge
            inside = 0 <= j < len(own) and documents[j] == documents[i]
            row.append(beside(place, own[j] if inside else ("edge",)))
        out.append(row)
    return out


def _read_names(units: pd.DataFrame, finder: Substances | None = None) -> dict[tuple[str, str], tuple[str, ...]]:
    """Cues, targets and masked words of every section, lead-in and title, by focal substance."""
    pairs = {pair for column in ("section", "lead_in", "title") for pair in cells_of(units, "focal", column)}
    names = pd.DataFrame(sorted(pairs), columns=["focal", "text"])
    names = names.assign(document=range(len(names)), kind="prose", title="")
    return {
        name: _summary(reading) + tuple(sorted({f"w:{word}" for word in reading.words}))
        for name, reading in zip(cells_of(names, "focal", "text"), read_units(names, finder), strict=True)
    }


def _summary(reading: Reading) -> tuple[str, ...]:
    categories = {f"c:{c.category}" for c in reading.cues if c.family != "relations"}
    categories |= {f"f:{c.family}" for c in reading.cues if c.family != "relations"}
    categories |= {f"t:strong|{t.whose}" for t in reading.targets if t.cue.category in STRONG}
    return tuple(sorted(categories | {f"t:{t.cue.family}|{t.whose}" for t in reading.targets}))


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
        for blocks in _named_features(units, readings, context):
            for block in blocks:
                counts.update(set(chain.from_iterable(block)))
        for reading in readings:
            counts.update(set(chain.from_iterable(map(letters_of, set(reading.words)))))
        names = [name for name, rows in counts.items() if rows >= self.min_df]
        words, patterns = word_rows(readings), pattern_rows(readings)
        names += common_runs(word_runs(words), words.names, self.min_df)
        names += common_runs(pattern_runs(patterns, _targets()), patterns.names, 2 * self.min_df)
        return self.learn_names(sorted(names))

    def learn_names(self, names: Sequence[str]) -> Self:
        """Take features as they are named, in the order of their columns, in place of learning them."""
        self.vocabulary_ = {name: column for column, name in enumerate(names)}
        self._words, self._patterns = (RunTable(self.vocabulary_, forms) for forms in (("w:",), PATTERNS))
        self._letters = {name: column for name, column in self.vocabulary_.items() if name.startswith("l:")}
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
        shape = (len(readings), len(self.vocabulary_))
        words, patterns = word_rows(readings), pattern_rows(readings)
        cues, scope, around = _known(_named_features(units, readings, context, finder), self.vocabulary_, shape)
        runs = _stacked(self._words.find(words, word_runs(words)), shape)
        orders = _stacked(self._patterns.find(patterns, pattern_runs(patterns, _targets())), shape)
        # How loud each block speaks, and whether it is scaled to unit length; chosen by leaving out whole pages.
        blocks = (
            (runs, 1.0, True),
            (letter_matrix(words, self._letters, shape), 1.0, True),
            (cues, 0.25, False),
            (scope, 0.5, False),
            (orders, self.pattern_scale, True),
            (around, 0.15, False),
        )
        matrix = sp.csr_matrix(shape)
        for block, scale, unit_length in blocks:
            size = np.diff(block.indptr)
            length = np.sqrt(np.maximum(size, 1)) if unit_length else np.ones(len(size))
            block.data = np.repeat(scale / length, size)
            block.sort_indices()
            matrix += block
        return matrix

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """The features in the order of the columns."""
        check_is_fitted(self)
        return np.array(list(self.vocabulary_), dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array = True, False
        return tags


PATTERNS = ("o:", "b:", "a:")


def word_rows(readings: Sequence[Reading]) -> TokenRows:
    """The words of units, ``<`` and ``>`` for a unit's edges."""
    return token_rows([["<", *reading.words, ">"] for reading in readings])


def pattern_rows(readings: Sequence[Reading]) -> TokenRows:
    """The words of units as from `tagged`; none of a unit without a cue."""
    return token_rows([tagged(reading) if reading.cues else [] for reading in readings])


@cache
def _targets() -> frozenset[str]:
    """What stands in `tagged` for a harm or for addiction."""
    lexicons = load_lexicons()
    return frozenset(f"[{category}]" for f in TARGET_FAMILIES for category in lexicons[f].categories.values())


# What a unit's features are named by, a group of names a place: cues, scope, what stands around.
Named = tuple[Sequence[Sequence[str]], Sequence[Sequence[str]], Sequence[Sequence[str]]]


def _named_features(
    units: pd.DataFrame, readings: Sequence[Reading], context: bool, finder: Substances | None = None
) -> Iterator[Named]:
    # alone, a string has no surroundings that could tell
    alone: list[list[tuple[str, ...]]] = [[()]] * len(units)
    rows = context_features(units, readings, finder) if context else alone
    for reading, (listed, *around) in zip(readings, rows, strict=True):
        # whose addiction the list or section speaks of is scope, the rest of it context
        yield cue_features(reading), [scope_features(reading), listed], around


def _known(rows: Iterable[Named], columns: dict[str, int], shape: tuple[int, int]) -> list[sp.csr_matrix]:
    """Which of the known names each unit has, one matrix for each of the three."""
    find, unknown = columns.get, repeat(-1)
    recurring: dict[Sequence[str], set[int]] = {}  # columns of what many units have: a section, a title
    found: tuple[list[int], ...] = ([], [], [])
    ends: tuple[list[int], ...] = ([0], [0], [0])
    for blocks in rows:
        for block, place, end in zip(blocks, found, ends, strict=True):
            held: set[int] = set()
            for names in block:
                if isinstance(names, list):
                    held.update(map(find, names, unknown))
                    continue
                if names not in recurring:
                    recurring[names] = set(map(find, names, unknown))
                held |= recurring[names]
            held.discard(-1)
            place.extend(held)
            end.append(len(place))
    return [
        sp.csr_matrix((np.ones(len(place)), np.array(place, dtype=np.int32), end), shape=shape)
        for place, end in zip(found, ends, strict=True)
    ]


def _stacked(parts: Iterable[Found], shape: tuple[int, int]) -> sp.csr_matrix:
    """Rows and columns of what was found as a matrix, each pair once."""
    none = np.zeros(0, dtype=np.int64)
    rows, columns = (np.concatenate(ends) for ends in zip((none, none), *parts, strict=True))
    return sp.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=shape)


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
