"""What `make lab` opens: a reader runs a notebook in a real JupyterLab and meets no error."""

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from waiting import until  # type: ignore[import-not-found]  # beside this file

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "notebooks" / "03-candor.ipynb"
START_SECONDS = 60
RUN_SECONDS = 120


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a JupyterLab with settings of its own, on a cleared copy of the notebook."""
    home = tmp_path_factory.mktemp("lab")
    for folder in ("work", "runtime", "settings"):
        (home / folder).mkdir()
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(notebook, home / "work" / NOTEBOOK.name)
    overrides = home / "app" / "settings"
    overrides.mkdir(parents=True)
    (overrides / "overrides.json").write_text(
        json.dumps(
            {
                "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
                "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
            }
        ),
        encoding="utf-8",
    )
    installed = Path(sys.prefix, "share", "jupyter", "lab")
    for part in ("static", "schemas", "themes"):
        (home / "app" / part).symlink_to(installed / part)
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--app-dir={home / 'app'}"),
            *(f"--ServerApp.root_dir={home / 'work'}", "--ServerApp.port=0", "--IdentityProvider.token="),
        ],
        env=os.environ
        | {
            "JUPYTER_CONFIG_DIR": str(home / "settings"),
            "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(home / "settings"),
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            "IPYTHONDIR": str(home / "ipython"),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        info = until(lambda: next((home / "runtime").glob("jpserver-*.json"), None), START_SECONDS)
        yield until(lambda: json.loads(info.read_text() or "{}").get("url"), START_SECONDS)
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(home, ignore_errors=True)


def kernel_is_ready(lab: str) -> bool:
    """Whether the notebook's kernel is idle and connected, as the server sees it."""
    with urllib.request.urlopen(f"{lab}api/sessions") as answer:  # noqa: S310 - on this machine
        kernels = [session["kernel"] for session in json.load(answer)]
    return any(kernel["execution_state"] == "idle" and kernel["connections"] > 0 for kernel in kernels)


@pytest.mark.browser
def test_running_all_cells_in_jupyterlab_meets_no_error(page, traffic, lab):
    page.goto(f"{lab}lab/tree/{NOTEBOOK.name}?reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=START_SECONDS * 1000)
    until(lambda: kernel_is_ready(lab), START_SECONDS)
    page.get_by_text("Run", exact=True).first.click()
    page.get_by_text("Run All Cells", exact=True).click()
    cells = sum(cell.cell_type == "code" for cell in nbformat.read(NOTEBOOK, as_version=4).cells)
    prompts = page.locator(".jp-CodeCell .jp-InputPrompt")
    until(lambda: f"[{cells}]:" in prompts.all_inner_texts(), RUN_SECONDS)
    until(lambda: kernel_is_ready(lab), RUN_SECONDS)
    assert prompts.all_inner_texts() == [f"[{number}]:" for number in range(1, cells + 1)]
    troubled = page.locator(
        '.jp-OutputArea-output[data-mime-type$="stderr"], .jp-OutputArea-output[data-mime-type$="error"]'
    )
    assert troubled.all_inner_texts() == []
    assert page.locator(".jp-OutputArea-output").count() > 0
    assert [address for address in traffic.requests if not address.startswith((lab, lab.replace("http", "ws")))] == []
