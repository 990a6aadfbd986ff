"""What a notebook shows: findings, figures, tables and the sentences behind a number.

Each function displays something and returns nothing, so a cell is one call. The HTML is made of escaped
text only: a source may hold any mark-up, and a notebook's output is shown as it is by JupyterLab.
"""

import os
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.findings import percent, percents
from analysis.markup import mark_cues, visible, visible_text

_SHORT = 28  # characters

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def this_corpus() -> str:
    """Name the corpus that the notebook is about: the folder in ``CANDOR_CORPUS``, or the five documents."""
    return os.environ.get("CANDOR_CORPUS") or "data"


def finding(sentence: str) -> None:
    """Show a sentence as the title of a section.

    Examples
    --------
    >>> finding("Two of five sources deny it.")
    Two of five sources deny it.
    """
    _display(f'<h2 dir="auto">{visible(sentence)}</h2>', visible_text(sentence))


def text(*sentences: str) -> None:
    """Show sentences as a paragraph.

    Examples
    --------
    >>> text("One.", "Two.")
    One. Two.
    """
    joined = " ".join(sentences)
    _display(f'<p dir="auto">{visible(joined)}</p>', visible_text(joined))


def figure(axes: "Axes | np.ndarray", alt: str) -> None:
    """Show a chart as SVG together with its description, and close it.

    Parameters
    ----------
    axes : Axes or array of them
        What the chart was drawn on.
    alt : str
        What the chart shows, for a reader who does not see it.
    """
    import matplotlib.pyplot as plt
    from IPython.display import display

    from analysis.figures import svg_text

    svg = svg_text(axes)
    plt.close(np.ravel(axes)[0].figure)  # type: ignore[arg-type]
    alt = visible_text(alt)
    display({"image/svg+xml": svg, "text/plain": alt}, metadata={"image/svg+xml": {"alt": alt}}, raw=True)


def table(frame: pd.DataFrame, caption: str, *, names: Mapping[str, str] | None = None) -> None:
    """Show a table with a caption, its first column as the head of each row.

    Parameters
    ----------
    frame : DataFrame
        Its index is not shown. Floats are written with two decimals, nothing as a dash.
    caption : str
        What the table says.
    names : mapping, optional
        From column to heading; only these columns are shown, in this order.

    Examples
    --------
    >>> frame = pd.DataFrame({"document": ["000"], "share": [0.5]})
    >>> table(frame, "Shares", names={"document": "Source", "share": "Share"})
    Shares
    Source  Share
    000      0.50
    """
    if names is not None:
        frame = frame[list(names)].rename(columns=dict(names))
    cells = frame.map(_cell) if len(frame.columns) else frame
    numeric = [frame[column].dtype.kind in "iuf" for column in frame.columns]
    head = "".join(
        f'<th scope="col"{" class=n" if number else ""}>{visible(str(name))}</th>'
        for name, number in zip(frame.columns, numeric, strict=True)
    )
    heads = [str(name) for name in frame.columns]
    rows = "".join(f"<tr>{_row(row, heads, numeric)}</tr>" for row in cells.itertuples(index=False, name=None))
    top = f"<caption>{visible(caption)}</caption><thead><tr>{head}</tr></thead>"
    html = f'<table class="stack">{top}<tbody>{rows}</tbody></table>'
    plain = _plain_table(
        [[visible_text(str(c)) for c in frame.columns], *map(list, cells.map(visible_text).to_numpy())], numeric
    )
    _display(html, f"{visible_text(caption)}\n{plain}")


def shares(scores: pd.DataFrame, codes: Mapping[str, str]) -> pd.DataFrame:
    """Write shares so that count, denominator and interval travel together.

    Parameters
    ----------
    scores : DataFrame
        Of `score_sources`.
    codes : mapping
        From the name of a share to its heading.

    Returns
    -------
    DataFrame
        One row a source: ``Source`` and a column of text a share.

    Examples
    --------
    >>> scores = pd.DataFrame({"document": ["a"], "units": 4, "hedged_count": 1, "hedged_share": 0.25,
    ...     "hedged_low": 0.05, "hedged_high": 0.7})
    >>> shares(scores, {"hedged": "Hedged"}).to_dict("records")
    [{'Source': 'a', 'Hedged': '1 of 4: 25% (5 to 70%)'}]
    """
    columns: dict[str, Any] = {"Source": scores["document"]}
    for code, heading in codes.items():
        total = scores[f"{code}_total"] if f"{code}_total" in scores else scores["units"]
        columns[heading] = [
            f"{n} of {of}: {percent(share)} ({percents(low, high)})" if of else "0 of 0"
            for n, of, share, low, high in zip(
                scores[f"{code}_count"], total, *(scores[f"{code}_{x}"] for x in ("share", "low", "high")), strict=True
            )
        ]
    return pd.DataFrame(columns)


def _row(row: Sequence[str], names: Sequence[str], numeric: Sequence[bool]) -> str:
    first, *others = row
    return f'<th scope="row" dir="auto">{visible(first)}</th>' + "".join(
        f'<td data-label="{escape(visible_text(name))}" {_look(cell, number)}>{visible(cell)}</td>'
        for cell, name, number in zip(others, names[1:], numeric[1:], strict=True)
    )


def _look(cell: str, number: bool) -> str:
    """Attributes of a cell: numbers stand right, short texts do not break."""
    return 'class="n"' if number else f'class="{"s" if len(cell) <= _SHORT else ""}" dir="auto"'


def _cell(value: Any) -> str:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float):
        if pd.isna(value):
            return "–"
        return f"{'below ' if value > 0 else 'above -'}0.01" if 0 < abs(value) < 0.005 else f"{value:.2f}"
    return "–" if value is None or value is pd.NA else str(value)


def _plain_table(rows: Sequence[Sequence[str]], numeric: Sequence[bool]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(numeric))]
    lines = (
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, widths, numeric, strict=True)
        ).rstrip()
        for row in rows
    )
    return "\n".join(lines)


def quotes(units: pd.DataFrame, caption: str, limit: int = 12) -> None:
    """Show the sentences behind a number, each with its source and place, its cues marked.

    Parameters
    ----------
    units : DataFrame
        Coded units: ``document, unit, text`` and, if there, ``evidence``.
    caption : str
        What the sentences have in common.
    limit : int
        How many to show; the rest is counted.

    Examples
    --------
    >>> quotes(pd.DataFrame({"document": ["000"], "unit": [3], "text": ["It may harm."]}), "Hedged")
    Hedged
      source 000, unit 3: It may harm.
    """
    shown = units.head(limit)
    evidence = shown["evidence"] if "evidence" in shown else [()] * len(shown)
    items, lines = [], [visible_text(caption)]
    for document, unit, sentence, cues in zip(shown["document"], shown["unit"], shown["text"], evidence, strict=True):
        place = f"source {visible(document)}, unit {unit}"
        items.append(
            f'<li><cite data-document="{visible(document)}" data-unit="{unit}">{place}</cite> '
            f'<q dir="auto">{mark_cues(sentence, cues)}</q></li>'
        )
        lines.append(f"  source {visible_text(document)}, unit {unit}: {visible_text(sentence)}")
    if rest := len(units) - len(shown):
        items.append(f"<li>and {rest} more</li>")
        lines.append(f"  and {rest} more")
    if not len(units):
        items.append("<li>none</li>")
        lines.append("  none")
    _display(f'<div class="quotes"><p>{visible(caption)}</p><ul>{"".join(items)}</ul></div>', "\n".join(lines))


def _display(html: str, plain: str) -> None:
    """Show HTML, and plain text where there is no notebook to show it in."""
    from IPython import get_ipython
    from IPython.display import display

    if get_ipython() is None:
        print(plain)
    else:
        display({"text/html": html, "text/plain": plain}, raw=True)
