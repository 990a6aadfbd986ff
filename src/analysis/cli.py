"""The shell command ``candor``: files in, tables and the site out.

Libraries that take long to import are imported by the command that needs them, so that
``candor --help`` answers at once.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from analysis.errors import CandorError

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer(
    name="candor",
    help="How candid is a text about the harm of what it talks about?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Sources = Annotated[
    list[str],
    typer.Argument(metavar="PATH...", help="Files, folders, patterns, or - for standard input."),
]
Focal = Annotated[str | None, typer.Option("--focal", metavar="NAME", help="The substance that the texts are about.")]
Output = Annotated[
    str | None, typer.Option("--output", "-o", metavar="FILE", help="Write to this .csv, .jsonl or .parquet.")
]
Format = Annotated[str | None, typer.Option("--format", metavar="NAME", help="csv, jsonl or parquet.")]

Model = Annotated[
    str | None, typer.Option("--model", metavar="DIR", help="Weights of one's own, as candor fit writes them.")
]

Names = Annotated[
    str | None,
    typer.Option("--substances", metavar="FILE", help="A CSV of more names of substances: substance, name."),
]

Step = Callable[[int, int], object]


@contextmanager
def progress(label: str) -> Iterator[Step | None]:
    """A bar on standard error while something long runs; None where nobody looks."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def say(line: str) -> None:
    """One line for the person at the terminal, on standard error."""
    print(line, file=sys.stderr)


def emit(
    table: "pd.DataFrame",
    output: str | None,
    fmt: str | None,
    show: "Callable[[pd.DataFrame], None]",
) -> None:
    """A table to the file named, to a pipe as CSV, or through `show` to a terminal."""
    from analysis import output as out

    if output is None and fmt is None and sys.stdout.isatty():
        show(table)
        return
    out.write_table(table, output, fmt)
    if output not in (None, "-"):
        say(f"{output}: {len(table):,} rows written")


def _check_target(output: str | None, fmt: str | None) -> None:
    """Complain of a target before the work rather than after it."""
    from analysis.output import check_target, format_of

    format_of(output, fmt)
    if output is not None and output != "-":
        check_target(output)


def read_sources(sources: list[str], focal: str | None, extra: str | None) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Documents and the names of substances that hold for them, with a bar for long work.

    What is left out, and the note of each document (its focal substance guessed, its encoding converted), is said
    on standard error: the tables that follow have no room for it.
    """
    from analysis import corpus
    from analysis.readers import shown

    substances = corpus.named_substances(sources, extra)
    lines: list[str] = []
    with progress("reading") as step:
        documents = corpus.read_documents(sources, focal, step, substances, lines.append)
    for line in lines:
        say(f"left out: {line}")
    for row in documents[documents["note"] != ""].itertuples():
        say(shown(f"{row.document} ({row.focal}): {row.note}"))
    return documents, substances


def code_documents(documents: "pd.DataFrame", substances: "pd.DataFrame", model: str | None = None) -> "pd.DataFrame":
    """Units of the documents, coded, with a bar for long work."""
    from analysis import units

    return _code(units.split_units(documents), substances, model)


def split_lines(documents: "pd.DataFrame") -> "pd.DataFrame":
    """Every line of every document as one unit, blank lines too, so that rows and lines match."""
    import pandas as pd

    rows = [
        (row.document, number, line, row.focal, row.title)
        for row in documents.itertuples()
        for number, line in enumerate(row.text.removesuffix("\n").replace("\r\n", "\n").split("\n"))
    ]
    return pd.DataFrame(rows, columns=["document", "unit", "text", "focal", "title"])


def _code(frame: "pd.DataFrame", substances: "pd.DataFrame", model: str | None) -> "pd.DataFrame":
    import pandas as pd

    from analysis import coder

    weights = coder.load_model(model) if model else None

    if frame.empty:
        raise CandorError("the input holds no sentence; name a file with text")
    # Whole documents at a time: a unit is read in the context of its document.
    sizes = frame.groupby("document", sort=False).size().cumsum() // 5_000
    chunk = frame["document"].map(sizes)
    parts = []
    with progress("coding") as step:
        for number, (_, part) in enumerate(frame.groupby(chunk, sort=True)):
            if step:
                step(number, chunk.nunique())
            parts.append(coder.code_units(part, model=weights, substances=substances))
    return pd.concat(parts)


@app.command()
def code(
    sources: Sources,
    focal: Focal = None,
    lines: Annotated[bool, typer.Option("--lines", help="Every line of the input is one unit.")] = False,
    substances: Names = None,
    model: Model = None,
    output: Output = None,
    fmt: Format = None,
) -> None:
    """Code every unit: one row a sentence, heading or list item, with its evidence.

    What was guessed or converted to get at a text is said on standard error.
    """
    from analysis import display

    _check_target(output, fmt)
    documents, names = read_sources(sources, focal, substances)
    coded = _code(split_lines(documents), names, model) if lines else code_documents(documents, names, model)
    emit(coded, output, fmt, display.print_coded)


@app.command()
def score(
    sources: Sources,
    focal: Focal = None,
    substances: Names = None,
    model: Model = None,
    output: Output = None,
    fmt: Format = None,
) -> None:
    """Score every source: one row a source, with 95 % intervals and its candor profile.

    What was guessed or converted to get at a text is said on standard error.
    """
    from analysis import candor, display, scores

    _check_target(output, fmt)
    coded = code_documents(*read_sources(sources, focal, substances), model)
    table = scores.score_sources(coded)
    profile = candor.candor_profile(coded)
    fresh = [c for c in profile if c == "document" or c not in table]
    emit(table.merge(profile[fresh], on="document"), output, fmt, display.print_scores)


@app.command()
def report(
    source: Annotated[str, typer.Argument(metavar="[CORPUS]", help="A corpus or a folder of sources.")] = "data",
    output: Annotated[str, typer.Option("--output", "-o", metavar="DIR", help="The folder of the site.")] = "site",
    focal: Focal = None,
    substances: Names = None,
    model: Model = None,
) -> None:
    """Build the site: the notebooks and a page for each source, to be read offline."""
    from analysis import corpus
    from analysis import report as site

    with (
        progress("reading") as step,
        _chosen(model),
        corpus.readable_copy(source, focal, step, substances) as (folder, problems),
    ):
        for _, line in problems:
            say(f"left out: {line}")
        with progress("building the site") as step:
            site.build_site(folder, output, progress=step)
    say(f"{Path(output) / 'index.html'}")
    if problems:
        raise typer.Exit(1)


@contextmanager
def _chosen(model: str | None) -> Iterator[None]:
    """Let everything that codes use a model, the kernels of notebooks too."""
    if model is None:
        yield
        return
    from analysis import coder

    coder.load_model(model)  # complain now rather than from within a notebook
    before = os.environ.get("CANDOR_MODEL")
    os.environ["CANDOR_MODEL"] = str(Path(model).resolve())
    try:
        yield
    finally:
        if before is None:
            del os.environ["CANDOR_MODEL"]
        else:
            os.environ["CANDOR_MODEL"] = before


@app.command()
def init(
    folder: Annotated[str, typer.Argument(metavar="FOLDER", help="A folder with files of a supported format.")],
    focal: Focal = None,
    substances: Names = None,
    replace: Annotated[bool, typer.Option("--replace", help="Write over a sources.csv that is there.")] = False,
) -> None:
    """Write sources.csv for the files of a folder: titles, checksums, guessed focal substances."""
    import pandas as pd

    from analysis import corpus, gather, paths
    from analysis.readers import shown

    target = Path(folder) / paths.MANIFEST
    if not Path(folder).is_dir():
        raise CandorError(f"{shown(folder)}: no such folder; name one with your files")
    if target.exists() and not replace:
        raise CandorError(f"{shown(target)}: is there already; keep it, or write over it with --replace")
    with progress("reading") as step:
        rows, problems = gather.scan(folder, focal or "", step, corpus.named_substances(folder, substances))
    for _, line in problems:
        say(f"left out: {line}")
    if not rows:
        raise CandorError(f"{shown(folder)}: holds no file that can be read; put some in")
    listed = pd.DataFrame(rows, columns=gather.DOCUMENT_COLUMNS)
    corpus.write_manifest(listed, folder)
    open_ = int((listed["focal"] == "").sum())
    guessed = listed[listed["note"].str.contains(gather.GUESSED, regex=False)]
    say(f"{shown(target)}: {len(listed):,} sources listed")
    if len(guessed):
        say(f"focal substance guessed for {len(guessed):,}, which you check in that file: {_tally(guessed)}")
    if open_:
        say(f"{open_:,} sources name no known substance: fill in their focal, then run candor check {shown(folder)}")
    if problems:
        raise typer.Exit(1)


def _tally(listed: "pd.DataFrame") -> str:
    """Focal substances with their counts, the sources named where they are few.

    >>> import pandas as pd
    >>> _tally(pd.DataFrame({"document": list("abcdef"), "focal": ["kava"] * 5 + ["alcohol"]}))
    'kava (5), alcohol (f)'
    """
    from analysis.readers import shown

    groups = listed.groupby("focal", sort=False)["document"].agg(list)
    groups = groups[groups.map(len).sort_values(ascending=False, kind="stable").index]
    named = (f"{focal} ({len(of) if len(of) > 3 else ', '.join(of)})" for focal, of in list(groups.items())[:12])
    return shown(", ".join(named) + (" …" if len(groups) > 12 else ""))


@app.command()
def check(folder: Annotated[str, typer.Argument(metavar="FOLDER", help="A folder with sources.csv.")]) -> None:
    """Verify every source of a corpus (there, whole, unchanged and readable) and its names of substances."""
    from analysis import corpus

    with progress("checking") as step:
        documents, problems = corpus.read_corpus(folder, step)
    lines = [line for _, line in problems]
    try:
        corpus.named_substances(folder)
    except CandorError as error:
        lines.append(str(error))
    for line in lines:
        print(line)
    print(f"{len(documents):,} of {len(documents) + len(problems):,} sources are as the manifest says")
    if lines:
        raise typer.Exit(2)


@app.command()
def sample(
    sources: Sources,
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="The sheet, .xlsx or .csv.")],
    size: Annotated[int, typer.Option("--size", metavar="N", min=1, help="How many units to draw.")] = 100,
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, help="The same seed draws the same units.")] = 0,
    focal: Focal = None,
    substances: Names = None,
    model: Model = None,
) -> None:
    """Draw a coding sheet for people: units with their context, spread over codes and sources."""
    from analysis import sheets
    from analysis.output import check_target
    from analysis.readers import shown

    if Path(output).suffix.lower() not in (".csv", ".xlsx"):
        raise CandorError(f"{shown(output)}: unknown ending; take .csv or .xlsx")
    if Path(output).exists():
        raise CandorError(f"{shown(output)}: is there already, perhaps filled in; name another file")
    check_target(output)
    coded = code_documents(*read_sources(sources, focal, substances), model)
    sheet = sheets.draw_sheet(coded, size, seed)
    sheets.write_sheet(sheet, output)
    say(f"{shown(output)}: {len(sheet):,} units to code; give each coder a copy of their own")


@app.command()
def agree(
    sheet: Annotated[list[str], typer.Argument(metavar="SHEET...", help="Filled sheets, one a coder.")],
    corpus: Annotated[
        str | None, typer.Option("--corpus", metavar="PATH", help="Compare with the machine on this corpus, too.")
    ] = None,
    table: Annotated[
        str | None, typer.Option("--table", metavar="NAME", help="agreement, machine, confusion or differences.")
    ] = None,
    focal: Focal = None,
    substances: Names = None,
    model: Model = None,
    output: Output = None,
    fmt: Format = None,
) -> None:
    """Compare filled sheets with each other and with the machine: alpha, F1, and where they differ."""
    from analysis import display, sheets

    names = ("agreement", "machine", "confusion", "differences")
    if table is not None and table not in names:
        raise CandorError(f"--table {table}: is unknown; take one of {', '.join(names)}")
    _check_target(output, fmt)
    filled = sheets.read_sheets(sheet)
    coded = code_documents(*read_sources([corpus], focal, substances), model) if corpus else None
    with progress("comparing"):
        result = sheets.compare_sheets(filled, coded)
    frames = {name: getattr(result, name) for name in names}
    if table is None and output is None and fmt is None and sys.stdout.isatty():
        display.print_tables({name: frame for name, frame in frames.items() if not frame.empty})
        return
    chosen = table or ("agreement" if len(filled) > 1 else "machine")
    emit(frames[chosen], output, fmt, lambda frame: display.print_tables({chosen: frame}))


@app.command()
def fit(
    sheet: Annotated[list[str], typer.Argument(metavar="SHEET...", help="Filled sheets, one a coder.")],
    output: Annotated[str, typer.Option("--output", "-o", metavar="DIR", help="The folder of the model.")],
) -> None:
    """Learn from people's codes as well as from the shipped examples; compare with the shipped model."""
    from analysis import display, refit, sheets
    from analysis.output import write_table
    from analysis.readers import shown

    refit.check_target(output)
    filled = sheets.read_sheets(sheet)
    with progress("fitting") as step:
        result = refit.refit(filled, step)
    refit.save(result.model, output)
    if sys.stdout.isatty():
        display.print_tables({"F1 on the units that people coded": result.comparison})
    else:
        write_table(result.comparison)
    worse = refit.names_of_worse(result.comparison)
    say(f"{shown(output)}: fitted with {result.units:,} units coded by people, {result.dropped:,} left out")
    if worse:
        say(f"worse than the shipped model on these units: {', '.join(worse)}")


def _stop(signum: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + signum)  # unlike the signal itself, this runs the cleaning up


def main() -> None:
    """Run the command line: errors as one line on standard error, never a traceback."""
    import warnings

    if sys.stderr is None:  # closed by the caller, who wants to hear nothing
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open to the end
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    signal.signal(signal.SIGTERM, _stop)
    sys.exit(_run())


def _run() -> int:
    from analysis.readers import shown

    try:
        result = app(standalone_mode=False)
        if result == 130:  # typer takes an interrupt for itself, and says nothing
            raise KeyboardInterrupt
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except CandorError as error:
        say(f"candor: {shown(error)}")
        return 2
    except (KeyboardInterrupt, typer.Abort):
        say("candor: interrupted; nothing was written")
        return 130
    except BrokenPipeError:
        # Whoever read our output has enough.
        _drop_output()
        return 141
    except OSError as error:
        _drop_output()
        say(f"candor: {shown(error)}; check the disk and the rights of the folder")
        return 2
    except Exception as error:
        return _unexpected(error)


def _drop_output() -> None:
    """Keep the interpreter from writing at its end what could not be written before."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _unexpected(error: Exception) -> int:
    if hasattr(error, "show") and hasattr(error, "exit_code"):  # the usage errors of typer
        shower: Any = error
        shower.show()
        return int(shower.exit_code)
    if os.environ.get("CANDOR_TRACEBACK"):
        raise error
    say(f"candor: failed unexpectedly ({type(error).__name__}: {error}); CANDOR_TRACEBACK=1 shows where")
    return 1
