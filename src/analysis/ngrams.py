"""Rows of tokens into runs: which words, cues and substances stand beside each other, and the letters in words.

A run is a whole number while it is looked for and a name only where it is kept, so that the many runs of many units
cost no string each.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

# Rows, and as many columns, of what was found.
Found = tuple[np.ndarray, np.ndarray]


class TokenRows(NamedTuple):
    """Rows of tokens, end to end.

    Attributes
    ----------
    names : list of str
        Each token once.
    ids : ndarray of shape (tokens,)
        The place in `names` of every token.
    row : ndarray of shape (tokens,)
        Its row.
    """

    names: list[str]
    ids: np.ndarray
    row: np.ndarray


def token_rows(rows: Sequence[Sequence[str]]) -> TokenRows:
    """Number the tokens of rows in the order of their first use.

    Examples
    --------
    >>> token_rows([["no", "harm"], ["no"]])
    TokenRows(names=['no', 'harm'], ids=array([0, 1, 0]), row=array([0, 0, 1]))
    """
    numbers: dict[str, int] = {}
    number = numbers.setdefault
    ids = np.array([number(token, len(numbers)) for row in rows for token in row], dtype=np.int64)
    return TokenRows(list(numbers), ids, np.repeat(np.arange(len(rows)), [len(row) for row in rows]))


class Runs(NamedTuple):
    """Runs of one form.

    Attributes
    ----------
    form : str
        What their names begin with (``w:``).
    size : int
        Of how many tokens each is.
    row : ndarray of shape (runs,)
    tokens : ndarray of shape (runs, size)
        Their tokens as places in `TokenRows.names`.
    """

    form: str
    size: int
    row: np.ndarray
    tokens: np.ndarray


def word_runs(words: TokenRows) -> Iterator[Runs]:
    """Runs of one to three words, ``<`` and ``>`` for a row's edges.

    Examples
    --------
    >>> words = token_rows([["<", "no", "harm", ">"]])
    >>> [run_names(runs, words.names) for runs in word_runs(words)]
    [['w:no', 'w:harm'], ['w:< no', 'w:no harm', 'w:harm >'], ['w:< no harm', 'w:no harm >']]
    """
    edge = np.array([name in ("<", ">") for name in words.names], dtype=bool)
    for size in (1, 2, 3):
        runs = _beside("w:", words, range(size))
        yield _only(runs, ~edge[runs.tokens[:, 0]]) if size == 1 else runs


def pattern_runs(tagged: TokenRows, targets: Iterable[str]) -> Iterator[Runs]:
    """In which order words, cues (``[danger]``) and substances stand.

    ``o:`` runs of two and three with a cue among them; ``b:`` and ``a:`` a word up to six before or four after a
    target.

    Parameters
    ----------
    tagged : TokenRows
    targets : iterable of str
        The tokens that are targets.

    Examples
    --------
    >>> tagged = token_rows([["<", "@own", "[danger]", ">"]])
    >>> [run_names(runs, tagged.names) for runs in pattern_runs(tagged, ["[danger]"]) if len(runs.row)]
    ... # doctest: +NORMALIZE_WHITESPACE
    [['o:@own [danger]', 'o:[danger] >'], ['o:< @own [danger]', 'o:@own [danger] >'],
     ['b:@own [danger]'], ['b:< [danger]'], ['a:[danger] >']]
    """
    known = frozenset(targets)
    cue = np.array([name[0] == "[" for name in tagged.names], dtype=bool)
    target = np.array([name in known for name in tagged.names], dtype=bool)
    for size in (2, 3):
        runs = _beside("o:", tagged, range(size))
        yield _only(runs, cue[runs.tokens].any(axis=1))
    places = np.flatnonzero(target[tagged.ids])
    for distance in range(1, 7):
        yield _beside("b:", tagged, (0, distance), places - distance)
    for distance in range(1, 5):
        yield _beside("a:", tagged, (0, distance), places)


def _beside(form: str, rows: TokenRows, offsets: Sequence[int], places: np.ndarray | None = None) -> Runs:
    """Tokens of one row that stand at these offsets from places; from every place if none are given."""
    last = len(rows.ids) - offsets[-1]
    places = np.arange(last) if places is None else places[(places >= 0) & (places < last)]
    places = places[rows.row[places] == rows.row[places + offsets[-1]]]
    tokens = np.column_stack([rows.ids[places + offset] for offset in offsets])
    return Runs(form, len(offsets), rows.row[places], tokens)


def _only(runs: Runs, kept: np.ndarray) -> Runs:
    return runs._replace(row=runs.row[kept], tokens=runs.tokens[kept])


def run_names(runs: Runs, names: Sequence[str]) -> list[str]:
    """The names of runs."""
    return [runs.form + " ".join([names[i] for i in tokens]) for tokens in runs.tokens.tolist()]


def common_runs(every: Iterable[Runs], names: Sequence[str], least: int) -> list[str]:
    """The names of the runs that stand in at least so many rows.

    Examples
    --------
    >>> words = token_rows([["<", "no", ">"], ["<", "no", "no", ">"]])
    >>> common_runs(word_runs(words), words.names, 2)
    ['w:no', 'w:< no', 'w:no >']
    """
    alike: dict[tuple[str, int], list[Runs]] = {}
    for runs in every:
        alike.setdefault((runs.form, runs.size), []).append(runs)
    out: list[str] = []
    for (form, size), parts in alike.items():
        row, tokens = (np.concatenate([part[i] for part in parts]) for i in (2, 3))
        _, first, which = np.unique(_keys(tokens, len(names)), return_index=True, return_inverse=True)
        shape = (len(first), row.max(initial=-1) + 1)
        stands = sp.csr_matrix((np.ones(len(row)), (which, row)), shape=shape)  # doubles are summed up to one entry
        common = np.sort(first[np.diff(stands.indptr) >= least])
        out += run_names(Runs(form, size, row[common], tokens[common]), names)
    return out


def _keys(tokens: np.ndarray, base: int) -> np.ndarray:
    """One number for each run; three tokens of up to two million kinds fit into one."""
    keys = tokens[:, 0]
    for i in range(1, tokens.shape[1]):
        keys = keys * base + tokens[:, i]
    return keys


class RunTable:
    """Columns of named runs, to be looked up by their tokens.

    Parameters
    ----------
    columns : dict of str to int
        Names as from `run_names`, and their columns.
    forms : tuple of str
        The forms of the runs; other names are left out.

    Examples
    --------
    >>> words = token_rows([["<", "no", "harm", ">"], ["<", "harm", ">"]])
    >>> table = RunTable({"w:harm >": 0, "w:no": 1, "o:no [danger]": 2}, ("w:",))
    >>> [(rows.tolist(), columns.tolist()) for rows, columns in table.find(words, word_runs(words))]
    [([0], [1]), ([0, 1], [0, 0])]
    """

    def __init__(self, columns: dict[str, int], forms: tuple[str, ...]) -> None:
        parts = [(name[:2], name[2:].split(" "), column) for name, column in columns.items() if name[:2] in forms]
        self._numbers: dict[str, int] = {}
        for _, tokens, _ in parts:
            for token in tokens:
                self._numbers.setdefault(token, len(self._numbers) + 1)  # 0 is every other token
        self._tables: dict[tuple[str, int], Found] = {}
        kinds: dict[tuple[str, int], list[tuple[list[int], int]]] = {}
        for form, tokens, column in parts:
            kinds.setdefault((form, len(tokens)), []).append(([self._numbers[token] for token in tokens], column))
        for kind, rows in kinds.items():
            keys = _keys(np.array([tokens for tokens, _ in rows], dtype=np.int64), len(self._numbers) + 1)
            order = np.argsort(keys)
            self._tables[kind] = keys[order], np.array([column for _, column in rows], dtype=np.int64)[order]

    def find(self, rows: TokenRows, every: Iterable[Runs]) -> Iterator[Found]:
        """Rows and columns of the runs that have one; a run that stands twice in a row is found twice."""
        numbers = np.array([self._numbers.get(name, 0) for name in rows.names], dtype=np.int64)
        for runs in every:
            if (runs.form, runs.size) in self._tables and len(runs.row):
                keys, columns = self._tables[runs.form, runs.size]
                sought = _keys(numbers[runs.tokens], len(self._numbers) + 1)
                at = np.minimum(np.searchsorted(keys, sought), len(keys) - 1)
                hit = keys[at] == sought
                yield runs.row[hit], columns[at[hit]]


@lru_cache(maxsize=100_000)
def letters_of(word: str) -> tuple[str, ...]:
    """Runs of three to five letters of a word, its edges as ``<`` and ``>``: they forgive a typing error.

    Examples
    --------
    >>> letters_of("harm")[:4]
    ('l:<ha', 'l:har', 'l:arm', 'l:rm>')
    >>> letters_of("may"), letters_of("@other")
    ((), ())
    """
    if len(word) <= 3 or word[0] == "@":
        return ()
    w = f"<{word}>"
    return tuple(dict.fromkeys(f"l:{w[i : i + n]}" for n in (3, 4, 5) for i in range(len(w) - n + 1)))


def letter_matrix(words: TokenRows, columns: dict[str, int], shape: tuple[int, int]) -> sp.csr_matrix:
    """Which of the known runs of letters stand in which row.

    Parameters
    ----------
    words : TokenRows
    columns : dict of str to int
        Name, as from `letters_of`, to column.
    shape : tuple of int
        Rows and columns.

    Returns
    -------
    csr_matrix
        How many words of the row hold each.
    """
    each = [[columns[name] for name in letters_of(word) if name in columns] for word in words.names]
    held = np.array([column for found in each for column in found], dtype=np.int32)
    ends = np.cumsum([0, *map(len, each)])
    letters = sp.csr_matrix((np.ones(len(held)), held, ends), shape=(len(each), shape[1]))
    in_row = sp.csr_matrix((np.ones(len(words.ids)), (words.row, words.ids)), shape=(shape[0], len(each)))
    return in_row @ letters
