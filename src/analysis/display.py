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

    shares = [c for c in ("acknowledges", "minimises", "denies", "hedged", "commercial") if f"{c}_share" in table]
    grid = Table("document", "title", "units", *shares, "candor", box=None, pad_edge=False, header_style="bold")
    for row in table.head(MAX_ROWS).to_dict("records"):
        cells = [f"{row[f'{c}_share']:.0%} ({row[f'{c}_low']:.0%}-{row[f'{c}_high']:.0%})" for c in shares]
        title = printable(row.get("title", ""))
        grid.add_row(
            Text(printable(row["document"])),
            Text(title if len(title) <= 40 else title[:39] + "…"),
            str(row["units"]),
            *cells,
            f"{row['candor']:.2f}",
        )
    Console().print(grid)
    print("Share of units with 95 % interval; candor from 0 to 1.", file=sys.stderr)
    _rest(len(table))


def _rest(rows: int) -> None:
    if rows > MAX_ROWS:
        print(f"{rows - MAX_ROWS:,} more rows: -o FILE.csv writes all", file=sys.stderr)
