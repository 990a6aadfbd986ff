"""Every notebook is stored as one clean run gives it, and whoever changes a stored output is found out.

nbval runs the notebooks and compares each output (notebooks/conftest.py). It passes a cleared notebook and a changed PNG, which is why
there are checks of our own beside it.
"""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode, v4

from analysis.notebooks import TUTORIAL, run_notebook, shipped_notebooks, store_notebook

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SHOWING = re.compile(r"^(print|display|show|plot_\w+)$")
SETTING = re.compile(r"^(set_\w+|use_\w+|use|seed)$")


def called(node: ast.AST) -> str:
    """Name of the function that a call calls, without what it is an attribute of."""
    function = node.func if isinstance(node, ast.Call) else node
    return getattr(function, "id", getattr(function, "attr", ""))


def must_show(source: str) -> bool:
    """Whether a code cell shows something: it ends in a value, or calls what prints, displays or plots."""
    tree = ast.parse(TransformerManager().transform_cell(source))
    if any(isinstance(node, ast.Call) and SHOWING.match(called(node)) for node in ast.walk(tree)):
        return True
    last = tree.body[-1] if tree.body else None
    return isinstance(last, ast.Expr) and not (
        SETTING.match(called(last.value)) or called(last.value) == "run_line_magic"
    )


def problems(notebook: NotebookNode) -> list[str]:
    """Everything about a stored notebook that one clean run from the top would not leave behind."""
    found = []
    if "version" in notebook.metadata.get("language_info", {}):
        found.append("stores the version of Python")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if [cell.execution_count for cell in code] != list(range(1, len(code) + 1)):
        found.append("is not stored as one run from the top")
    for number, cell in enumerate(code, start=1):
        if set(cell.metadata) - {"tags"}:
            found.append(f"cell {number} stores {', '.join(sorted(set(cell.metadata) - {'tags'}))}")
        if "NBVAL" in cell.source or any(
            "nbval" in tag or tag == "raises-exception" for tag in cell.metadata.get("tags", [])
        ):
            found.append(f"cell {number} is kept from being compared")
        if must_show(cell.source) and not cell.outputs:
            found.append(f"cell {number} has lost its output")
        for output in cell.outputs:
            if output.output_type == "error" or output.get("name") == "stderr":
                found.append(f"cell {number} stores an error or a warning")
            data = output.get("data", {})
            found += [
                f"cell {number} stores {kind}, which nobody compares"
                for kind in data
                if re.match(r"image/(?!svg)", kind)
            ]
            text = output.get("text", "") + "".join(str(data[kind]) for kind in data if not kind.startswith("image/"))
            if address := re.search(r"\b0x[0-9a-f]{6,}\b", text):
                found.append(f"cell {number} prints the memory address {address[0]}")
            if place := re.search(r"(?<![\w.:/-])/(home|root|Users|work|tmp)/\w+", text):
                found.append(f"cell {number} prints the machine's path {place[0]}")
    return found


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stored run of a small notebook with a printed number, a value and a figure."""
    sources = [
        "%matplotlib inline\n"
        "import matplotlib.pyplot as plt\n"
        "from matplotlib_inline.backend_inline import set_matplotlib_formats\n"
        "plt.rcParams['svg.hashsalt'] = 'sample'\n"
        "set_matplotlib_formats('svg', metadata={'Date': None, 'Creator': None}, bbox_inches=None)",
        "print('units:', 181)",
        "{'share': 1 / 4}",
        "display(plt.plot([0, 1])[0].figure)\nplt.close()",
    ]
    cells = [v4.new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(sources)]
    path = tmp_path_factory.mktemp("sample") / "sample.ipynb"
    store_notebook(path, v4.new_notebook(cells=cells))
    store_notebook(path, run_notebook(path))
    return path


def test_a_site_shows_every_notebook_but_the_tutorial():
    """The tutorial is about a corpus of its own."""
    assert [path.stem for path in NOTEBOOKS] == sorted([*(path.stem for path in shipped_notebooks()), TUTORIAL])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_stored_as_one_clean_run(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert problems(notebook) == []


def test_sample_runs_to_the_same_bytes_whatever_the_user_has_set(sample, tmp_path, monkeypatch):
    """Another kernel under the same name, another Matplotlib, another backend and another style of figures."""
    kernel = tmp_path / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    kernel.write_text(
        json.dumps({"argv": ["false", "{connection_file}"], "display_name": "Mine", "language": "python"})
    )
    (tmp_path / "matplotlib.py").write_text("raise ImportError('not the locked Matplotlib')")
    (tmp_path / "matplotlibrc").write_text("figure.figsize: 1, 1")
    for name in ("JUPYTER_PATH", "PYTHONPATH", "MATPLOTLIBRC"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("MPLBACKEND", "agg")
    assert problems(nbformat.read(sample, as_version=4)) == []
    store_notebook(tmp_path / "again.ipynb", run_notebook(sample))
    assert (tmp_path / "again.ipynb").read_bytes() == sample.read_bytes()


def test_nbval_finds_a_changed_digit_and_a_changed_figure(sample, tmp_path):
    stored = sample.read_text(encoding="utf-8")
    for old, new in (
        ("units: 181\\n", "units: 182\\n"),
        ('0.25}"\n', '0.26}"\n'),
        ("stroke: #1f77b4", "stroke: #1f77b5"),
    ):
        assert stored.count(old) >= 1
        stored = stored.replace(old, new)
    (tmp_path / "tampered.ipynb").write_text(stored, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-rA",
        "-p",
        "no:cacheprovider",
        f"--rootdir={tmp_path}",
        "tampered.ipynb",
    ]
    run = subprocess.run(
        [*command, "-c", ROOT / "pyproject.toml"], cwd=tmp_path, check=False, capture_output=True, text=True
    )
    outcomes = dict(
        reversed(found) for found in re.findall(r"^(PASSED|FAILED) .*::(Cell \d)", run.stdout, re.MULTILINE)
    )
    assert outcomes == {"Cell 0": "PASSED", "Cell 1": "FAILED", "Cell 2": "FAILED", "Cell 3": "FAILED"}, run.stdout


def test_a_cleared_notebook_is_found(sample):
    notebook = nbformat.read(sample, as_version=4)
    for cell in notebook.cells:
        cell.outputs, cell.execution_count = [], None
    assert problems(notebook) == [
        "is not stored as one run from the top",
        "cell 2 has lost its output",
        "cell 3 has lost its output",
        "cell 4 has lost its output",
    ]


@pytest.mark.parametrize(
    ("output", "problem"),
    [
        (v4.new_output("stream", name="stderr", text="UserWarning"), "cell 2 stores an error or a warning"),
        (v4.new_output("error", ename="ValueError", evalue="", traceback=[]), "cell 2 stores an error or a warning"),
        (v4.new_output("display_data", {"image/png": "iVBORw0="}), "cell 2 stores image/png, which nobody compares"),
        (v4.new_output("stream", text="<object at 0x7f3a2b1c>"), "cell 2 prints the memory address 0x7f3a2b1c"),
        (v4.new_output("stream", text="read /home/ann/data"), "cell 2 prints the machine's path /home/ann"),
    ],
)
def test_what_no_clean_run_leaves_is_found(sample, output, problem):
    notebook = nbformat.read(sample, as_version=4)
    notebook.cells[1].outputs.append(output)
    assert problems(notebook) == [problem]


def test_cells_out_of_order_times_and_versions_are_found(sample):
    notebook = nbformat.read(sample, as_version=4)
    notebook.metadata.language_info.version = "3.11.7"
    notebook.cells[1].execution_count = 7
    notebook.cells[2].metadata = {"execution": {}}
    notebook.cells[3].metadata = {"tags": ["nbval-skip"]}
    assert problems(notebook) == [
        "stores the version of Python",
        "is not stored as one run from the top",
        "cell 3 stores execution",
        "cell 4 is kept from being compared",
    ]
