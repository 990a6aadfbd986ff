"""Notebooks: execute them on a corpus, store them byte for byte the same, render them as pages.

``python -m analysis.notebooks notebooks/*.ipynb`` runs notebooks on the five documents and stores
their outputs in place, a whole file or nothing.
"""

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis import paths
from analysis.errors import CandorError

if TYPE_CHECKING:
    from nbformat import NotebookNode

SECONDS_A_CELL = 600
TUTORIAL = "05-your-own-sources"
CODEBOOK = ("../data/codebook.md", "codebook.txt")  # beside the notebooks, and beside the pages made of them
# What a kernel reports about itself differs between patch releases of Python; what a reader needs does not.
_LANGUAGE = {
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}
_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
# The user's own settings of these would change what a notebook shows.
_UNWANTED = (
    "CANDOR_CORPUS",
    "MATPLOTLIBRC",
    "MPLBACKEND",
    "PYTHONHOME",
    "PYTHONOPTIMIZE",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "PYTHONWARNINGS",
)
# Elements and attributes of an output's HTML that may reach a page; all others are taken out.
_ELEMENTS = {
    "a", "abbr", "b", "bdi", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd", "div", "dl",
    "dt", "em", "figcaption", "figure", "h2", "h3", "h4", "hr", "i", "li", "mark", "ol", "p", "pre", "q", "small",
    "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "*": ["class", "dir", "id"],
    "a": ["href"],
    "abbr": ["title"],
    "cite": ["data-document", "data-unit"],
    "td": ["colspan", "data-label", "rowspan"],
    "th": ["colspan", "rowspan", "scope"],
}


# What is longer is folded: on a phone a row of a table becomes as many lines as it has cells.
_CELLS, _QUOTES = 60, 5


def shipped_notebooks() -> list[Path]:
    """The project's notebooks about a corpus in the order of their numbers; none where only the package is installed.

    The tutorial is not among them: it has a corpus of its own, and teaches who makes a site rather than who reads it.
    """
    try:
        found = sorted(paths.shipped("notebooks").glob("[0-9][0-9]-*.ipynb"))
    except CandorError:
        return []
    return [path for path in found if path.stem != TUTORIAL]


def run_notebook(path: str | Path, corpus: str | Path | None = None) -> "NotebookNode":
    """Execute a notebook from the top in a fresh kernel.

    Parameters
    ----------
    path : path
        The notebook; its file is left as it is.
    corpus : path, optional
        The corpus that it is about, given to its kernel as ``CANDOR_CORPUS``; the five documents without it.

    Returns
    -------
    NotebookNode
        With the outputs of this run and nothing that differs between two runs.

    Raises
    ------
    CandorError
        If a cell raises an error, with the notebook's name and the error's last line.
    """
    return run_notebooks([path], corpus)[0]


def run_notebooks(notebooks: Sequence[str | Path], corpus: str | Path | None = None) -> "list[NotebookNode]":
    """Execute several notebooks, two at a time; the result is in their order. See `run_notebook`."""
    with running(notebooks, corpus) as result:
        return result()


@contextmanager
def running(
    notebooks: Sequence[str | Path], corpus: str | Path | None = None
) -> "Iterator[Callable[[], list[NotebookNode]]]":
    """Execute notebooks in the background, two at a time, while the block does something else.

    An error or an interrupt in the block stops their kernels.

    Parameters
    ----------
    notebooks : sequence of path
    corpus : path, optional
        As of `run_notebook`.

    Yields
    ------
    callable
        Waits for the executed notebooks and returns them in order.
    """
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[list[NotebookNode]]]] = Future()

    def execute() -> "list[NotebookNode]":
        with asyncio.Runner() as runner:
            loop = runner.get_loop()
            task = loop.create_task(_execute_all(notebooks, corpus))
            started.set_result((loop, task))
            return loop.run_until_complete(task)

    # In a thread of its own: the caller may have an event loop that runs already, as a notebook has.
    with ThreadPoolExecutor(1) as thread:
        executed = thread.submit(execute)
        try:
            yield executed.result
        except BaseException:
            loop, task = started.result()
            with suppress(RuntimeError):  # it came to its end meanwhile
                loop.call_soon_threadsafe(task.cancel)
            raise


async def _execute_all(notebooks: Sequence[str | Path], corpus: str | Path | None) -> "list[NotebookNode]":
    gate = asyncio.Semaphore(2)

    async def execute(path: str | Path) -> "NotebookNode":
        async with gate:
            return await _execute(Path(path).resolve(), corpus)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(execute(path)) for path in notebooks]
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return [task.result() for task in tasks]


async def _execute(path: Path, corpus: str | Path | None) -> "NotebookNode":
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    notebook = nbformat.read(path, as_version=4)
    environment = {name: value for name, value in os.environ.items() if name not in _UNWANTED}
    # The default is a frozen-modules warning of the debugger, and two notebooks at a time share the cores.
    environment |= {"PYDEVD_DISABLE_FILE_VALIDATION": "1", "OPENBLAS_NUM_THREADS": "1"}
    if corpus is not None:
        environment["CANDOR_CORPUS"] = str(Path(corpus).resolve())
    with tempfile.TemporaryDirectory(prefix="candor-ipython-") as profile:  # no start-up files of the user
        environment["IPYTHONDIR"] = profile
        client = NotebookClient(
            notebook,
            timeout=SECONDS_A_CELL,
            kernel_name=_KERNEL["name"],
            kernel_manager_class=_this_interpreter(),
            record_timing=False,
            shutdown_kernel="immediate",  # asked to, a kernel may take seconds to end, and it has nothing to save
            resources={"metadata": {"path": str(path.parent)}},
            extra_arguments=["--HistoryManager.enabled=False"],
        )
        try:
            await client.async_execute(env=environment)
        except CellExecutionError as error:
            raise CandorError(f"{path.name}: stopped at an error ({error.ename}: {error.evalue})") from error
        except (CellTimeoutError, DeadKernelError) as error:
            raise CandorError(f"{path.name}: did not come to its end ({error})") from error
    return settled(notebook)


def _this_interpreter() -> type:
    """Give the class of kernels that are this interpreter, whatever else is installed under the kernel's name."""
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from traitlets import default

    class ThisInterpreter(AsyncKernelManager):
        @default("kernel_spec_manager")
        def _no_other_kernels(self) -> KernelSpecManager:
            return KernelSpecManager(kernel_dirs=[])

        @default("transport_encryption")
        def _encrypted_where_possible(self) -> str:
            return "auto"

    return ThisInterpreter


def settled(notebook: "NotebookNode") -> "NotebookNode":
    """Take out of a notebook what would differ in another run or editor; outputs stay as they are."""
    import nbformat

    notebook.metadata = nbformat.from_dict({"kernelspec": _KERNEL, "language_info": _LANGUAGE})
    for cell in notebook.cells:
        kept = {name: value for name, value in cell.metadata.items() if name == "tags"}
        cell.metadata = nbformat.from_dict(kept)
        outputs: list[Any] = []
        for output in cell.get("outputs", []):
            # A stream arrives in pieces that depend on timing.
            last = outputs[-1] if outputs else None
            if last is not None and output.output_type == "stream" == last.output_type and output.name == last.name:
                last.text += output.text
            else:
                outputs.append(output)
        if cell.cell_type == "code":
            cell.outputs = outputs
    return notebook


def store_notebook(path: str | Path, notebook: "NotebookNode") -> None:
    """Write a notebook to its file, byte for byte the same for the same content."""
    import nbformat

    from analysis.output import whole_file

    with whole_file(path) as file:
        file.write((nbformat.writes(notebook).rstrip("\n") + "\n").encode())


def title_of(notebook: "NotebookNode") -> str:
    r"""The first Markdown heading of a notebook.

    Examples
    --------
    >>> import nbformat.v4 as v4
    >>> title_of(v4.new_notebook(cells=[v4.new_markdown_cell("# How many?\n\nTwo.")]))
    'How many?'
    """
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and (found := re.match(r"#[ \t]+(.+)", cell.source)):
            return found[1].strip()
    return "Notebook"


def notebook_body(
    notebook: "NotebookNode",
    pages: Mapping[str, str] | None = None,
    narrow: Mapping[str, str] | None = None,
    keep: Callable[[str], str] | None = None,
) -> str:
    """Render an executed notebook as the body of a page: code folded away, nothing that runs.

    Parameters
    ----------
    notebook : NotebookNode
    pages : mapping, optional
        From document to the address of its page; quoted units then link to their place there.
    narrow : mapping, optional
        From the description of a chart to its address for a narrow screen.
    keep : callable, optional
        Keeps the SVG of a chart that has none, and gives the address to see it at; the page then links there.

    Returns
    -------
    str
        HTML without script, style or address beyond the site.

    Raises
    ------
    CandorError
        If an image has no description of its own.
    """
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(
        template_name="notebook",
        extra_template_basedirs=[str(paths.TEMPLATES)],
        filters={
            "harmless": lambda html: harmless(html, pages),
            "narrow": lambda alt: (narrow or {}).get(alt, ""),
            "kept": keep or (lambda svg: ""),
        },
        exclude_anchor_links=True,
        exclude_output_prompt=True,
    )
    body, _ = exporter.from_notebook_node(notebook)
    if "No description has been provided for this image" in body:
        raise CandorError(f"{title_of(notebook)}: a figure has no alt text; give its description when it is shown")
    return str(body)


def harmless(html: str, pages: Mapping[str, str] | None = None) -> str:
    """Keep of an HTML fragment what is text, table, list or link within the site.

    Examples
    --------
    >>> harmless('<p onclick="x()">a<script>alert(1)</script><img src=x> <a href="javascript:x()">b</a></p>')
    '<p>a <a>b</a></p>'
    >>> harmless('<cite data-document="000" data-unit="3">unit 3</cite>', {"000": "source-000.html"})
    '<cite><a href="source-000.html#u3">unit 3</a></cite>'
    """
    import bleach
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(html, "html.parser")
    for element in soup(["script", "style", "template", "noscript", "iframe", "object", "svg", "math", "title", "h1"]):
        element.decompose()
    clean = bleach.clean(
        str(soup), tags=_ELEMENTS, attributes=_ATTRIBUTES, protocols={"https", "http"}, strip=True, strip_comments=True
    )
    soup = BeautifulSoup(clean, "html.parser")
    for cite in soup("cite"):
        page = (pages or {}).get(str(cite.attrs.pop("data-document", "")))
        unit = str(cite.attrs.pop("data-unit", ""))
        if page is not None:
            link = soup.new_tag("a", href=f"{page}#u{unit}" if unit.isdigit() else page)
            link.extend(list(cite.contents))
            cite.append(link)
    for link in soup("a", href=CODEBOOK[0]):
        link["href"] = CODEBOOK[1]
    for table in soup("table"):
        table.attrs.pop("border", None)
        for corner in table("th"):
            if not corner.get_text(strip=True):
                corner.name = "td"  # an empty header heads nothing
                corner.attrs = {}
        for head in table.select("thead th"):
            head["scope"] = "col"
        if not table.find("caption") and (heading := table.find_previous(["h2", "h3", "h4"])):
            name = soup.new_tag("caption", attrs={"class": "vh"})
            name.string = heading.get_text(" ", strip=True)
            table.insert(0, name)
        frame = soup.new_tag("div", attrs={"class": "scroll", "tabindex": "0", "role": "group"})
        caption = table.find("caption")
        frame["aria-label"] = caption.get_text(" ", strip=True) if caption else "Table"
        table.wrap(frame)
        rows = table.select("tbody tr")
        if sum(len(row.find_all(["th", "td"])) for row in rows) > _CELLS and caption:
            caption["class"] = "vh"  # the line that unfolds it says the same
            _fold(soup, frame, f"{frame['aria-label']} ({len(rows)} rows)")
    for quotes in soup.select(".quotes"):
        said, heading = quotes.select("li:has(cite)"), quotes.find("p")
        if len(said) > _QUOTES and heading:
            heading.extract()
            _fold(soup, quotes, f"{heading.get_text()} ({len(said)} shown)")
    return str(soup)


def _fold(soup: Any, element: Any, summary: str) -> None:
    """Fold an element away under a line that says what it is; no script is needed to unfold it."""
    details, line = soup.new_tag("details", attrs={"class": "fold"}), soup.new_tag("summary")
    line.string = summary
    element.wrap(details)
    details.insert(0, line)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the named notebooks on the five documents and store their outputs in place."""
    names = list(sys.argv[1:] if arguments is None else arguments) or [str(path) for path in shipped_notebooks()]
    for name in names:
        try:
            store_notebook(name, run_notebook(name))
        except CandorError as error:
            sys.stderr.write(f"{error}\n")
            return 2
        sys.stdout.write(f"{name}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
