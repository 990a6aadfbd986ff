"""Coded units for the eye: tables on a terminal, a source with its codes and cues in JupyterLab.

Whatever a source holds, nothing of it is executed or obeyed here: control characters and escape
sequences never reach the terminal, markup never reaches the page unescaped.
"""

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

MAX_ROWS = 500
CODE_LETTERS = {"hedged": "H", "addiction": "K", "other_addiction": "O", "commercial": "C"}
RISK_LETTERS = {"acknowledges": "A", "minimises": "M", "denies": "D"}


def letters(unit: Any) -> str:
    """The codes of one unit as letters: A, M or D for the stance, then K, O, C and H.

    Examples
    --------
    >>> letters({"risk": "denies", "hedged": 0, "addiction": 1, "other_addiction": 0, "commercial": 1})
    'DKC'
    """
    stance = RISK_LETTERS.get(unit["risk"], "")
    return stance + "".join(
        CODE_LETTERS[c] for c in ("addiction", "other_addiction", "commercial", "hedged") if unit[c]
    )


def printable(text: object) -> str:
    """Text without the characters that a terminal obeys or that reorder a line."""
    return "".join(c if c.isprintable() else " " for c in str(text))


def print_coded(coded: "pd.DataFrame") -> None:
    """Coded units as a table on the terminal, cues underlined."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("document", "unit", "codes", "text", box=None, pad_edge=False, header_style="bold")
    for unit in coded.head(MAX_ROWS).to_dict("records"):
        text = Text(printable(unit["text"]))
        for cue in unit.get("evidence", ()):
            text.stylize("underline", cue["start"], cue["end"])
        table.add_row(Text(printable(unit["document"])), str(unit["unit"]), letters(unit), text)
    Console().print(table)
    print(
        "A acknowledges, M minimises, D denies a harm; K own addiction, O another's; C commercial; H hedged",
        file=sys.stderr,
    )
    _rest(len(coded))


def print_scores(table: "pd.DataFrame") -> None:
    """Scores as a table on the terminal: shares in per cent with their 95 % intervals."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from analysis.findings import percent, percents

    shares = [c for c in ("acknowledges", "minimises", "denies", "hedged", "commercial") if f"{c}_share" in table]
    console = Console()
    titles = console.width >= 120
    head = ["document", *(["title"] if titles else []), "units", *shares, "candor"]
    grid = Table(*head, box=None, pad_edge=False, header_style="bold")
    for row in table.head(MAX_ROWS).to_dict("records"):
        cells = [f"{percent(row[f'{c}_share'])}\n{percents(row[f'{c}_low'], row[f'{c}_high'])}" for c in shares]
        title = printable(row.get("title", ""))
        title = title if len(title) <= 40 else title[:39] + "…"
        named = [Text(printable(row["document"])), *([Text(title)] if titles else [])]
        grid.add_row(*named, str(row["units"]), *cells, f"{row['candor']:.2f}")
    console.print(grid)
    print("Share of units with 95% interval; candor from 0 to 1.", file=sys.stderr)
    _rest(len(table))


def print_tables(tables: "dict[str, pd.DataFrame]") -> None:
    """Tables on the terminal, each under its name, numbers with two decimals."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    for name, table in tables.items():
        console.print(Text(name, style="bold"))
        grid = Table(*map(str, table.columns), box=None, pad_edge=False, header_style="bold")
        for row in table.head(MAX_ROWS).itertuples(index=False):
            grid.add_row(*(Text(f"{v:.2f}" if isinstance(v, float) else printable(v)) for v in row))
        console.print(grid)
        _rest(len(table))


def _rest(rows: int) -> None:
    if rows > MAX_ROWS:
        print(f"{rows - MAX_ROWS:,} more rows: -o FILE.csv writes all", file=sys.stderr)


class Shown:
    """HTML that JupyterLab shows; everything in it that came from a source is escaped."""

    def __init__(self, html: str, plain: str) -> None:
        self._html, self._plain = html, plain

    def _repr_html_(self) -> str:
        return self._html

    def __repr__(self) -> str:
        return self._plain


_STYLE = {
    "unit": "margin:.2em 0;padding-left:.6em;border-left:.3em solid #c9ced4",
    "cue": "background:none;color:inherit;text-decoration:underline;text-decoration-thickness:.12em",
    "codes": "font-weight:bold;font-size:80%;margin-left:.6em",
}


def show_source(coded: "pd.DataFrame", document: str) -> Shown:
    """Show one source in JupyterLab: its units in order, their codes as letters, their cues underlined.

    Parameters
    ----------
    coded : DataFrame
        As from `code_units`.
    document : str
        Which source.

    Returns
    -------
    Shown
        Displayed by being the last line of a cell. Nothing that the source holds is executed, in a browser's
        eyes it is text.

    Raises
    ------
    CandorError
        If there is no such source.

    Examples
    --------
    >>> import pandas as pd
    >>> coded = pd.DataFrame({"document": ["a"], "unit": [0], "kind": ["prose"], "text": ["<b>It may harm.</b>"],
    ...     "hedged": [1], "risk": ["acknowledges"], "addiction": [0], "other_addiction": [0], "commercial": [0]})
    >>> show_source(coded, "a")
    0 <b>It may harm.</b> [AH]
    >>> "<b>" in show_source(coded, "a")._repr_html_()
    False
    """
    from analysis.errors import CandorError
    from analysis.markup import mark_cues, visible, visible_text

    units = coded[coded["document"] == document]
    if units.empty:
        known = ", ".join(printable(d) for d in coded["document"].drop_duplicates().head(8))
        raise CandorError(f"no source is called {printable(document)!r}; there are {known}")
    pieces, plain = [], []
    for unit in units.to_dict("records"):
        codes = letters(unit)
        text = mark_cues(unit["text"], unit.get("evidence", ())).replace(
            '<mark class="cue', f'<mark style="{_STYLE["cue"]}" class="cue'
        )
        weight = ";font-weight:bold" if unit.get("kind") == "heading" else ""
        indent = ";margin-left:1.5em" if unit.get("kind") == "item" else ""
        pieces.append(
            f'<p dir="auto" style="{_STYLE["unit"]}{weight}{indent}">{text}'
            + (f'<span style="{_STYLE["codes"]}">[{visible(codes)}]</span>' if codes else "")
            + "</p>"
        )
        plain.append(f"{unit['unit']} {visible_text(unit['text'])}" + (f" [{codes}]" if codes else ""))
    legend = "A acknowledges, M minimises, D denies a harm; K own addiction, O another’s; C commercial; H hedged"
    html = f'<div style="max-width:50em"><p><small>{legend}</small></p>{"".join(pieces)}</div>'
    return Shown(html, "\n".join(plain))


def kwic(coded: "pd.DataFrame", pattern: str, width: int = 40) -> "pd.DataFrame":
    """Key word in context: every occurrence with what stands before and after it in its unit.

    Parameters
    ----------
    coded : DataFrame
        Units or coded units.
    pattern : str
        The name of a category, family or term of the evidence ("withdrawal", "hedges"), or any words to find
        as they are, whatever their case.
    width : int
        How many characters to show on each side.

    Returns
    -------
    DataFrame
        ``document, unit, before, match, after, category``, one row an occurrence.

    Examples
    --------
    >>> import pandas as pd
    >>> units = pd.DataFrame({"document": ["a"], "unit": [0], "text": ["Kava may harm, and may not."]})
    >>> kwic(units, "may", width=8).values.tolist()
    [['a', 0, 'Kava ', 'may', ' harm, a', ''], ['a', 0, 'rm, and ', 'may', ' not.', '']]
    """
    import re

    import pandas as pd

    words = re.compile(rf"(?<!\w){re.escape(pattern)}(?!\w)", re.IGNORECASE)
    key = pattern.lower()
    evidence = coded["evidence"] if "evidence" in coded else [()] * len(coded)
    named = any(key in (cue["category"], cue["family"]) for cues in evidence for cue in cues)
    rows = []
    for document, unit, text, cues in zip(coded["document"], coded["unit"], coded["text"], evidence, strict=True):
        spans = [
            (cue["start"], cue["end"], cue["category"])
            for cue in cues
            if key in (cue["category"], cue["family"], cue["term"])
        ]
        if not named and not spans:
            spans = [(m.start(), m.end(), "") for m in words.finditer(text)]
        rows += [
            (document, unit, text[max(0, a - width) : a], text[a:b], text[b : b + width], category)
            for a, b, category in spans
        ]
    return pd.DataFrame(rows, columns=["document", "unit", "before", "match", "after", "category"])
