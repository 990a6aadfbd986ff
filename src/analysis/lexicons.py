"""Lexicons: one CSV a family, checked when loaded, compiled into one pattern each.

A term is a row ``term,category,source,note``. Terms are lower case, without hyphens (a hyphen
in the text reads as a space), their words separated by single spaces. ``*`` at the end of a
word stands for any further letters, ``#`` for a number and ``_`` for any one word.
"""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType

from analysis.errors import CandorError

FOLDER = Path(__file__).parent / "lexicons"
FAMILIES = (
    "hedges", "harms", "addiction", "minimisers", "denials", "promotion", "relations",
)  # fmt: skip
COLUMNS = ["term", "category", "source", "note"]
# So many pieces of matched text keep their term.
_MOST_MET = 50_000
# Words of these categories with so many letters are found with one slip of the keys, too ("addiciton"), but for words
# of their own that are one slip away from them.
_SLIPS = frozenset({"addiction", "dependence", "tolerance", "craving", "withdrawal", "abuse"})
_LONG = 6
_NO_SLIPS = frozenset(
    [
        "abased", "abaser", "addition", "additions", "additive", "additively", "adduct", "adducts", "adduction",
        "adductive", "carved", "carves", "carving", "carvings", "caved", "caves", "caving", "enslave", "fending",
        "finding", "hooke", "junie", "nonadditive", "withdrew",
    ]
)  # fmt: skip
_TERM = re.compile(r"[^\W_A-Z]|[#&'., _*]")
_ATOM = re.compile(r"\*|#|(?<![^ ])_(?![^ ])| |.")
_ATOM_PATTERN = {
    "*": r"\w*",
    "#": r"(?:\d+(?:[.,]\d+)*|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|half"
    r"|dozens?|hundreds?|thousands?|millions?)",
    "_": r"\w+",
    " ": " +",
}


@dataclass(frozen=True)
class Lexicon:
    """A family of terms and the pattern that finds them.

    Attributes
    ----------
    family : str
        The name of the CSV file.
    categories : mapping of str to str
        Term to category.
    pattern : re.Pattern
        Finds the longest term at each place in text from `normalise`.
    """

    family: str
    categories: MappingProxyType
    pattern: re.Pattern
    _wild: tuple
    _slips: MappingProxyType
    _met: dict[str, str] = field(default_factory=dict, repr=False)

    def term_of(self, match: str) -> str:
        """The entry of the lexicon that a piece of matched text belongs to."""
        term = self._met.get(match)
        if term is None:
            key = re.sub(" +", " ", match)
            wild = (term for term, pattern in self._wild if pattern.fullmatch(match))
            term = key if key in self.categories else self._slips.get(key) or next(wild)
            if len(self._met) >= _MOST_MET:
                self._met.clear()
            self._met[match] = term
        return term


def normalise(text: str) -> str:
    r"""Lower case, straight quotes, hyphens inside words and white space as blanks; same length.

    Examples
    --------
    >>> normalise("It’s Non-addictive,\nthey say")
    "it's non addictive, they say"
    """
    low = text.lower()
    if len(low) != len(text):  # a few letters grow when lowered, and offsets must hold
        low = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    straight = low.translate(_STRAIGHT)
    return _HYPHEN.sub(" ", straight) if any(hyphen in straight for hyphen in _HYPHENS) else straight


_BLANKS = "\t\n\r\x0b\x0c\x85\xa0\u2028\u2029\u202f"
_STRAIGHT = str.maketrans("’‘ʼ“”" + _BLANKS, "'''\"\"" + " " * len(_BLANKS))
_HYPHENS = "-\u2010\u2011"
_HYPHEN = re.compile(rf"(?<=\w)[{_HYPHENS}](?=\w)")


def load_lexicon(path: str | Path) -> Lexicon:
    """Read one family from its CSV.

    Parameters
    ----------
    path : path to a CSV with the columns ``term, category, source, note``

    Returns
    -------
    Lexicon

    Raises
    ------
    CandorError
        For a file that cannot be read, other columns, an empty or badly written term, a term
        listed twice, or a row without a category or a source; the message names the line.
    """
    path = Path(path)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            header, rows = reader.fieldnames, list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CandorError(f"{path}: cannot be read as a lexicon ({error}); restore it") from error
    if header != COLUMNS:
        raise CandorError(f"{path}: has the columns {header}; write {COLUMNS}")
    categories: dict[str, str] = {}
    for line, row in enumerate(rows, 2):
        term = row["term"] or ""
        if None in row or None in row.values():
            raise CandorError(f"{path}:{line}: has not {len(COLUMNS)} cells; quote commas in terms")
        if not term or term != " ".join(term.split()) or not all(map(_TERM.fullmatch, term)):
            raise CandorError(f"{path}:{line}: the term {term!r} must be lower case, without hyphens")
        if term in categories:
            raise CandorError(f"{path}:{line}: the term {term!r} stands twice; keep one row")
        for column in ("category", "source"):
            if not row[column].strip():
                raise CandorError(f"{path}:{line}: the term {term!r} lacks a {column}; name it")
        categories[term] = row["category"]
    if not categories:
        raise CandorError(f"{path}: holds no term; add one or remove the file")
    long = [t for t, category in categories.items() if category in _SLIPS and len(t) >= _LONG and t.isalpha()]
    slips = {slip: term for term in long for slip in slips_of(term) if slip not in categories}
    return Lexicon(
        path.stem,
        MappingProxyType(categories),
        compile_terms([*categories, *slips]),
        tuple((t, re.compile(_pattern_of(t))) for t in categories if _is_wild(t)),
        MappingProxyType(slips),
    )


def slips_of(word: str) -> list[str]:
    """The word with a letter left out, doubled or swapped with the next, or a vowel put in or taken for another.

    The first letter stays. Words that English has are left out.

    Examples
    --------
    >>> [slip for slip in slips_of("addiction") if slip in ("addiciton", "adiction", "addection", "addition")]
    ['addection', 'addiciton', 'adiction']
    """
    out = set()
    for i in range(1, len(word)):
        before, letter, after = word[:i], word[i], word[i + 1 :]
        out |= {before + after, before + 2 * letter + after, before + after[:1] + letter + after[1:]}
        out |= {before + vowel + letter + after for vowel in "aeiou"}
        if letter in "aeiou":
            out |= {before + vowel + after for vowel in "aeiou"}
    return sorted(out - _NO_SLIPS - {word})


def _is_wild(term: str) -> bool:
    return any(atom in "*#_" for atom in _ATOM.findall(term))


def _pattern_of(term: str) -> str:
    return "".join(_ATOM_PATTERN.get(atom, re.escape(atom)) for atom in _ATOM.findall(term))


def compile_terms(terms: Iterable[str]) -> re.Pattern:
    """One pattern for many terms, as a trie: linear in the text, longest term first.

    Examples
    --------
    >>> found = compile_terms(["may", "may cause", "addict*"])
    >>> found.findall("it may cause addiction, dismay or may not")
    ['may cause', 'addiction', 'may']
    """
    trie: dict = {}
    for term in terms:
        node = trie
        for atom in _ATOM.findall(term):
            node = node.setdefault(atom, {})
        node[""] = {}

    def emit(node: dict) -> str:
        # letters before wildcards and going on before stopping: the longest term wins
        branches = sorted(
            (atom in "*#_", _ATOM_PATTERN.get(atom, re.escape(atom)) + emit(child))
            for atom, child in node.items()
            if atom
        )
        if not branches:
            return ""
        body = "|".join(branch for _, branch in branches)
        if "" in node:
            return f"(?:{body})?"
        return body if len(branches) == 1 else f"(?:{body})"

    return re.compile(rf"(?<![\w'])(?:{emit(trie) or '(?!)'})(?!\w)")


@cache
def load_lexicons(folder: Path = FOLDER) -> MappingProxyType:
    """All families of the package and the exceptions, by name (read once)."""
    return MappingProxyType({family: load_lexicon(folder / f"{family}.csv") for family in (*FAMILIES, "exceptions")})
