"""Substances and their names: whose harm a text speaks of begins with who is named.

The table ships as ``lexicons/substances.csv`` (``substance, name, class, source``). A corpus may
bring names of its own in a ``substances.csv`` beside its manifest. A name that no table knows
works too: it is then its own only synonym.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import paths
from analysis.errors import CandorError
from analysis.lexicons import FOLDER, compile_terms, normalise
from analysis.readers import read_table, shown

# Words so broad that they may mean the focal substance or any other.
BROAD = frozenset({"other drugs", "supplements", "prescription drugs", "over the counter drugs"})
# Taken against an addiction, and nobody's addiction: "naltrexone reduces craving" is not of naltrexone's.
MEDICINES = "addiction medicines"
# No substance has a longer name; a pattern cannot hold one of thousands of letters.
_LONGEST = 100
# So many focal substances keep the kinds of all names, some 13 kB each.
_KEPT = 500
_BLANKS = re.compile(" +")
COLUMNS = ["substance", "name", "class", "source"]


def _read(path: Path) -> pd.DataFrame:
    name = shown(path)
    header, rows = read_table(path)
    missing = {"substance", "name"} - set(header)
    unknown = set(header) - set(COLUMNS)
    if missing or unknown:
        raise CandorError(
            f"{name}: needs the columns substance and name, may have class and source, and has "
            f"{shown(', '.join(header))[:200]}; name its columns so"
        )
    if len(set(header)) < len(header):
        raise CandorError(f"{name}: has a column twice; keep one of each")
    table = pd.DataFrame([row + [""] * (len(header) - len(row)) for _, row in rows], columns=header, dtype=str)
    for column in ("substance", "name"):
        empty = np.flatnonzero(table[column].str.strip() == "")
        if len(empty):
            raise CandorError(f"{name}:{rows[empty[0]][0]}: the {column} is empty; fill it in")
    return table.reindex(columns=COLUMNS, fill_value="")


@cache
def _shipped() -> pd.DataFrame:
    return _read(FOLDER / paths.SUBSTANCES)


def own_tables(folders: Iterable[str | Path]) -> list[Path]:
    """The ``substances.csv`` of those folders that have one.

    Examples
    --------
    >>> own_tables(["data"])
    []
    """
    files = (Path(folder) / paths.SUBSTANCES for folder in folders)
    return [file for file in files if file.is_file()]


def load_substances(extra: str | Path | Iterable[str | Path] | None = None) -> pd.DataFrame:
    """Read the table of substances.

    Parameters
    ----------
    extra : path or paths, optional
        CSV files of one's own with the columns ``substance, name`` (and ``class``); their rows
        are added, and a name that stands in two, in whatever letter case and with or without
        hyphens, belongs to the substance that the last names.

    Returns
    -------
    DataFrame
        One row a name: ``substance, name, class, source``.

    Raises
    ------
    CandorError
        If a file cannot be read, or has other columns, an empty cell or one too many.

    Examples
    --------
    >>> table = load_substances()
    >>> table.loc[table["name"] == "xanax", ["substance", "class"]].values.tolist()
    [['benzodiazepines', 'sedatives']]
    """
    files = [extra] if isinstance(extra, str | Path) else extra or ()
    table = pd.concat([_shipped(), *(_read(Path(path)) for path in files)])
    return table[~table["name"].map(_term).duplicated(keep="last")].reset_index(drop=True)


class Substances:
    """Find the names of the focal substance and of others in normalised text.

    Parameters
    ----------
    table : DataFrame, optional
        As from `load_substances`.
    """

    def __init__(self, table: pd.DataFrame | None = None) -> None:
        table = load_substances() if table is None else table
        self._of: dict[str, str] = {}
        self._members: dict[str, set[str]] = {}
        self._class: dict[str, str] = {}
        for substance, name, kind in table[["substance", "name", "class"]].itertuples(index=False):
            name, substance, kind = (_term(x) for x in (name, substance, kind))
            if not name:
                continue
            self._of[name] = substance
            self._class[substance] = kind
            self._members.setdefault(substance, set()).update({name, substance})
            if kind:
                self._members.setdefault(kind, set()).add(name)
        self._medicines = self._members.get(MEDICINES, set())
        self._broad = {name for name, substance in self._of.items() if substance in BROAD}
        self._kinds = {n: "drug" if s in BROAD else "other" for n, s in self._of.items()}
        self._kinds |= dict.fromkeys(self._medicines, "medicine")
        self._pattern = compile_terms(sorted(self._kinds))
        self._own: dict[str, tuple[re.Pattern | None, dict[str, str]]] = {}

    def names(self, focal: str) -> set[str]:
        """The focal substance's names, lower case and without hyphens.

        Examples
        --------
        >>> sorted(Substances().names("tianeptine"))[:3]
        ['coaxil', 'gas station heroin', "neptune's fix"]
        >>> sorted(Substances().names("Zorbitol (Zorb)"))
        ['zorb', 'zorbitol']
        """
        own: set[str] = set()
        for part in re.split(r"[/,;()|]|\band\b|\bor\b", focal.lower()):
            name = _term(part[:_LONGEST])
            if not name:
                continue
            for form in (name, name.removesuffix("s"), name + "s"):
                own |= self._members.get(self._of.get(form, form), set())
            own.add(name)
        return own

    def mentions(self, normal: str, focal: str) -> list[tuple[int, int, str]]:
        """Where normalised text names a substance: (start, end, own | other | drug | medicine).

        Examples
        --------
        >>> Substances().mentions("kava or beer, unlike other drugs", "kava")
        [(0, 4, 'own'), (8, 12, 'other'), (27, 32, 'drug')]
        >>> Substances().mentions("an opioid like withdrawal; an opioid like tramadol", "kratom")
        [(30, 36, 'other'), (42, 50, 'other')]
        """
        if focal not in self._own:
            own = self.names(focal)
            own |= {name + "s" for name in own if not name.endswith("s")}
            if own & self._broad:  # on a page about "drugs", every drug is what it speaks of
                own = own | self._kinds.keys()
            lacking = sorted(own - self._kinds.keys())  # names and plurals that the table has not
            kinds = {**self._kinds, **dict.fromkeys(own, "own")}
            if len(self._own) >= _KEPT:
                self._own.clear()
            self._own[focal] = compile_terms(lacking) if lacking else None, kinds
        pattern, kinds = self._own[focal]
        spans = [m.span() for m in self._pattern.finditer(normal)]
        if pattern and (beyond := [m.span() for m in pattern.finditer(normal)]):
            spans = _longest([*spans, *beyond])
        if " like " in normal:
            spans = [(start, end) for start, end in spans if not _RESEMBLED.match(normal, end)]
        return [(start, end, kinds[_BLANKS.sub(" ", normal[start:end])]) for start, end in spans]

    def in_class_of(self, focal: str, name: str) -> bool:
        """Whether a name stands for the class that the focal substance belongs to, and so may mean it, too.

        Examples
        --------
        >>> finder = Substances()
        >>> finder.in_class_of("tramadol", "opioids"), finder.in_class_of("kratom", "opioids")
        (True, False)
        """
        own = {self._class.get(self._of[other], "") for other in self.names(focal) if other in self._of}
        return self.substance(name) in own

    def substance(self, name: str) -> str:
        """The substance that a name stands for (itself where no table knows it)."""
        return self._of.get(name, name)


# What is like a substance's is not the substance's: "opioid-like withdrawal" of kratom.
_RESEMBLED = re.compile(
    r" like (?:withdrawals?|dependenc[ey]|addictions?|tolerance|cravings?|symptoms?|(?:side )?effects?|properties"
    r"|qualities|actions?|activity|potential|high|euphoria|sedation|intoxication|syndrome|toxicity)\b"
)


def _longest(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of spans that overlap the one that begins first, and of those the longest."""
    kept: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


@cache
def shipped_substances() -> Substances:
    """The finder over the shipped table, made once: what it compiles for a focal substance is kept."""
    return Substances()


def _term(name: str) -> str:
    return re.sub(r"[^\w',.&]+", " ", normalise(str(name))).replace("*", "").strip(" ,.")


def guess_focal(text: str, title: str = "", finder: Substances | None = None) -> str:
    """The substance that a text names most, its title counting five times; "" if none.

    Classes so broad that every page names them ("drugs", "supplements") lose against any other;
    of two named equally often, the one named first is taken. The names are those of `finder`, or of the shipped table.

    Examples
    --------
    >>> guess_focal("Kava tea relaxes. Unlike alcohol, kava is a root.")
    'kava'
    >>> guess_focal("Kava is less addictive than alcohol.")
    'kava'
    """
    finder = finder or shipped_substances()
    counts: dict[str, float] = {}
    for weight, piece in ((5, title), (1, text)):
        normal = normalise(piece)
        for start, end, kind in finder.mentions(normal, ""):
            substance = finder.substance(_BLANKS.sub(" ", normal[start:end]))
            counts[substance] = counts.get(substance, 0) + weight * (0.01 if kind == "drug" else 1)
    return max(counts, key=counts.__getitem__) if counts else ""  # the first of several
