"""What a notebook shows: findings, figures, tables and the sentences behind a number.

Each function displays something and returns nothing, so a cell is one call. The HTML is made of escaped
text only: a source may hold any mark-up, and a notebook's output is shown as it is by JupyterLab.
"""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.findings import percent
from analysis.markup import mark_cues, visible, visible_text

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


def figure(axes: "Axes", alt: str) -> None:
    """Show a chart as SVG together with its description, and close it.

    Parameters
    ----------
    axes : Axes
        Any of the chart's axes.
    alt : str
        What the chart shows, for a reader who does not see it.
    """
    import matplotlib.pyplot as plt
    from IPython.display import display

    from analysis.figures import svg_text

    svg = svg_text(axes)
    plt.close(axes.figure)  # type: ignore[arg-type]  # a chart is never drawn into part of a figure here
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
    numeric = [pd.api.types.is_numeric_dtype(frame[column]) for column in frame.columns]
    head = "".join(
        f'<th scope="col"{" class=n" if number else ""}>{visible(str(name))}</th>'
        for name, number in zip(frame.columns, numeric, strict=True)
    )
    rows = "".join(f"<tr>{_row(row, numeric)}</tr>" for row in cells.itertuples(index=False, name=None))
    html = f"<table><caption>{visible(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
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
    [{'Source': 'a', 'Hedged': '1 of 4: 25% (5–70%)'}]
    """
    columns: dict[str, Any] = {"Source": scores["document"]}
    for code, heading in codes.items():
        total = scores[f"{code}_total"] if f"{code}_total" in scores else scores["units"]
        columns[heading] = [
            f"{n} of {of}: {percent(share)} ({percent(low)[:-1]}–{percent(high)})" if of else "0 of 0"
            for n, of, share, low, high in zip(
                scores[f"{code}_count"], total, *(scores[f"{code}_{x}"] for x in ("share", "low", "high")), strict=True
            )
        ]
    return pd.DataFrame(columns)


def _row(row: Sequence[str], numeric: Sequence[bool]) -> str:
    first, *others = row
    return f'<th scope="row" dir="auto">{visible(first)}</th>' + "".join(
        f"<td{' class=n' if number else ' dir=auto'}>{visible(cell)}</td>"
        for cell, number in zip(others, numeric[1:], strict=True)
    )


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return "–" if pd.isna(value) else f"{value:.2f}"
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
      000, unit 3: It may harm.
    """
    shown = units.head(limit)
    evidence = shown["evidence"] if "evidence" in shown else [()] * len(shown)
    items, lines = [], [visible_text(caption)]
    for document, unit, sentence, cues in zip(shown["document"], shown["unit"], shown["text"], evidence, strict=True):
        place = f"{visible(document)}, unit {unit}"
        items.append(
            f'<li><cite data-document="{visible(document)}" data-unit="{unit}">{place}</cite> '
            f'<q dir="auto">{mark_cues(sentence, cues)}</q></li>'
        )
        lines.append(f"  {visible_text(document)}, unit {unit}: {visible_text(sentence)}")
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
