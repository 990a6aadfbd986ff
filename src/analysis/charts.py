"""The site's charts: each as SVG for a wide and a narrow screen, with its table and its description."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from analysis.report import Tables

NARROW = 4.2  # inches, about the width of a phone


@dataclass(frozen=True)
class Chart:
    """A chart as the site shows it.

    Attributes
    ----------
    name : str
        Of its files.
    svg : str
        The chart with its headline, to stand alone.
    wide, narrow : str
        The chart for a page, which says the headline itself, on a wide and on a narrow screen.
    alt : str
        What it shows, in words.
    headline : str
        Its message.
    table : DataFrame
        The numbers behind it.
    """

    name: str
    svg: str
    wide: str
    narrow: str
    alt: str
    headline: str
    table: pd.DataFrame

    @property
    def wide_address(self) -> str:
        """The chart as an address within the page."""
        return _address(self.wide)

    @property
    def narrow_address(self) -> str:
        """The same for a narrow screen."""
        return _address(self.narrow)


def _address(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def draw_charts(tables: "Tables") -> list[Chart]:
    """Draw every chart of the site.

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

    several = len(tables.scores) > 1
    chosen: list[tuple[str, str, pd.DataFrame]] = [
        ("candor", "profile", tables.profile),
        ("checklist", "checklist", tables.checklist),
        ("whose-addiction", "whose", tables.scores),
        ("positions", "positions", tables.coded),
        ("hedge-targets", "hedge_targets", tables.scores),
        ("codes", "shares", tables.scores),
        *([("ranks", "rank_acceptability", tables.ranks)] if several else []),
    ]
    return [_draw(figures, name, kind, table) for name, kind, table in chosen]


def _draw(figures: Any, name: str, kind: str, table: pd.DataFrame) -> Chart:
    plot: Callable[..., Any] = getattr(figures, f"plot_{kind}")
    return Chart(
        name=name,
        svg=_svg(figures, plot, table),
        wide=_svg(figures, plot, table, title=""),
        narrow=_svg(figures, plot, table, title="", width=NARROW),
        alt=getattr(figures, f"describe_{kind}")(table),
        headline=getattr(figures, f"headline_{kind}")(table),
        table=table,
    )


def _svg(figures: Any, plot: Callable[..., Any], table: pd.DataFrame, **options: Any) -> str:
    """Draw a chart and give its SVG."""
    import matplotlib.pyplot as plt

    svg = figures.svg_text(plot(table, **options))
    plt.close("all")
    return str(svg)
