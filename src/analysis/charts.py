"""The site's charts: each with its table and its description, as SVG to stand alone and for two widths of screen."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from analysis.report import Tables

NARROW = 3.5  # inches, the width of a phone: text has the size on it that it is drawn with

_SHARE = ("share", "low", "high")
_OF_SOURCE = ("document", "title")
#: The columns that a chart shows of a table that several charts are drawn from.
SHOWN = {
    "whose-addiction": (*_OF_SOURCE, "addiction_count", "deflection_count", "deflection_total"),
    "positions": (*_OF_SOURCE, "unit", "risk", "addiction", "commercial"),
    "hedge-targets": (
        *_OF_SOURCE,
        *(f"hedged_{kind}_{end}" for kind in ("harm", "benefit") for end in ("count", "total", *_SHARE)),
    ),
    "codes": (
        *_OF_SOURCE,
        "units",
        *(f"{code}_{end}" for code in ("hedged", "acknowledges", "commercial") for end in ("count", *_SHARE)),
    ),
}


@dataclass
class Chart:
    """A chart as the site shows it.

    Attributes
    ----------
    name : str
        Of its files.
    table : DataFrame
        What it is drawn from.
    headline, alt : str
        Its message, and what it shows in words.
    plot : callable
        Draws it.
    columns : tuple of str
        The columns of the table that the chart shows; all where none is named.
    """

    name: str
    table: pd.DataFrame
    headline: str
    alt: str
    plot: Callable[..., Any]
    columns: tuple[str, ...] = ()

    @cached_property
    def numbers(self) -> pd.DataFrame:
        """The numbers that the chart shows."""
        return self.table[list(self.columns)] if self.columns else self.table

    @cached_property
    def svg(self) -> str:
        """The chart with its headline, to stand alone."""
        return self._draw()

    @cached_property
    def wide_address(self) -> str:
        """The chart as an address within a page, which says the headline itself."""
        return _address(self._draw(title=""))

    @cached_property
    def narrow_address(self) -> str:
        """The same for a narrow screen."""
        return _address(self._draw(title="", width=NARROW))

    def _draw(self, **options: Any) -> str:
        import matplotlib.pyplot as plt

        from analysis.figures import svg_text

        svg = svg_text(self.plot(self.table, **options))
        plt.close("all")
        return str(svg)


def _address(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def draw_charts(tables: "Tables") -> list[Chart]:
    """Prepare every chart of the site.

    Parameters
    ----------
    tables : Tables
        The numbers of the site.

    Returns
    -------
    list of Chart
        In the order in which the site shows them; ranks only where there is more than one source.
    """
    from analysis import figures

    chosen: list[tuple[str, str, pd.DataFrame]] = [
        ("candor", "profile", tables.profile),
        ("checklist", "checklist", tables.checklist),
        ("whose-addiction", "whose", tables.scores),
        ("positions", "positions", tables.coded),
        ("hedge-targets", "hedge_targets", tables.scores),
        ("codes", "shares", tables.scores),
    ]
    if len(tables.scores) > 1:
        chosen.append(("ranks", "rank_acceptability", tables.ranks))
    return [
        Chart(
            name=name,
            table=table,
            headline=getattr(figures, f"headline_{kind}")(table),
            alt=getattr(figures, f"describe_{kind}")(table),
            plot=getattr(figures, f"plot_{kind}"),
            columns=SHOWN.get(name, ()),
        )
        for name, kind, table in chosen
    ]
