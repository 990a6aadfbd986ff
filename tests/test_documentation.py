"""What README and CONTRIBUTING say exists, and what exists is said there; public functions are documented in full."""

import ast
import inspect
import re
import runpy
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import typer.main
from numpydoc.validate import validate
from typer.testing import CliRunner

import analysis
from analysis import coder, refit, sheets
from analysis.cli import app
from analysis.codes import CODE_COLUMNS

ROOT = Path(__file__).parent.parent
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted(path for path in [*ROOT.glob("*.md"), *ROOT.glob("data/**/*.md"), *ROOT.glob("docs/**/*.md")])
# numpydoc's checks: a summary, every parameter described by its own name, the result described.
DOCSTRING_CHECKS = ("GL08", "SS01", "PR01", "PR02", "PR03", "PR10", "RT01")


def test_readme_lists_every_notebook_in_order():
    listed = re.findall(r"^\| \[([\w-]+)\]\(notebooks/", README, re.MULTILINE)
    assert listed == sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))


def test_readme_names_every_make_target_and_no_other():
    targets = set(re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)(?=[` ]|$)", README, re.MULTILINE)) - {"and"} == targets


def test_readme_or_docs_name_every_command_of_the_shell():
    commands = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert {name for name in commands if f"candor {name}" not in text} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_files_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    broken = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert broken == []


def test_the_picture_of_the_readme_is_what_the_code_draws():
    draw = runpy.run_path(str(ROOT / "tools" / "picture.py"))["draw"]
    assert (ROOT / "docs" / "candor.svg").read_text(encoding="utf-8") == draw(), "run make notebooks"


def test_changelog_tells_of_this_version():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    first = re.search(r"^## (\S+?),? ", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert first is not None
    assert first[1] == version


def rooms() -> list[list[str]]:
    """Modules of every room in the order of the table."""
    table = CONTRIBUTING.partition("| room | modules |")[2].partition("\n\n")[0]
    return [re.findall(r"`(\w+)`", row) for row in table.splitlines() if "`" in row]


def imported_at_the_top(module: Path) -> set[str]:
    """Modules of the package that a module imports when it is loaded, or for its type hints."""
    found: set[str] = set()
    todo = list[ast.AST](ast.parse(module.read_text(encoding="utf-8")).body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.ImportFrom) and node.module == "analysis":
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("analysis."):
            found.add(str(node.module).split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {name.name.split(".")[1] for name in node.names if name.name.startswith("analysis.")}
        elif not isinstance(node, ast.FunctionDef):
            todo += ast.iter_child_nodes(node)
    return found


def test_every_module_stands_in_one_room():
    modules = {path.stem for path in (ROOT / "src" / "analysis").glob("[!_]*.py")}
    assert sorted(name for room in rooms() for name in room) == sorted(modules)


def test_no_module_imports_from_a_later_room_at_its_top():
    number = {name: place for place, room in enumerate(rooms()) for name in room}
    later = {
        f"{name} imports {other}"
        for name in number
        for other in imported_at_the_top(ROOT / "src" / "analysis" / f"{name}.py")
        if number[other] > number[name]
    }
    assert later == set()


@pytest.mark.parametrize("name", analysis.__all__)
def test_public_name_is_documented_in_full(name):
    thing = getattr(analysis, name)
    errors = validate(f"{thing.__module__}.{thing.__qualname__}")["errors"]
    assert [text for code, text in errors if code in DOCSTRING_CHECKS] == []


@pytest.mark.parametrize("name", [name for name in analysis.__all__ if not name.endswith("Error")])
def test_public_name_has_an_example_that_runs(name):
    """Examples run as doctests; here it is only asked that there is one."""
    assert ">>>" in (inspect.getdoc(getattr(analysis, name)) or "")


def commands_in(page: Path) -> list[str]:
    """Lines of a page's code blocks that call `candor`; the tests of the site run `candor report`."""
    return re.findall(r"^candor (?!report)([^#\n]+)", page.read_text(encoding="utf-8"), re.MULTILINE)


def python_in(page: Path) -> str:
    """All Python of a page's code blocks, in order."""
    return "\n".join(re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("page", [page for page in PAGES if commands_in(page)], ids=lambda page: page.stem)
def test_shell_examples_of_a_page_run_in_order(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = "Kava\n\nKava may be addictive. Buy the best kava here!\n"
    (tmp_path / "my-pages").mkdir()
    for name in ("page.txt", "my-pages/a.txt", "my-pages/b.txt"):
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "page.html").write_text(f"<!doctype html><title>Kava</title><p>{text * 5}</p>", encoding="utf-8")
    (tmp_path / "zorb.txt").write_text("Zorb may be addictive.\n", encoding="utf-8")
    (tmp_path / "names.csv").write_text("substance,name\nzorbitol,zorb\n", encoding="utf-8")
    # Fitting takes minutes and has tests of its own; here its command is only asked to work.
    none_worse = pd.DataFrame({"code": ["hedged"], "difference": [0.0]})
    monkeypatch.setattr(refit, "refit", lambda *_: refit.Refit(coder.load_model(), none_worse, 6, 0))
    for line in commands_in(page):
        run = CliRunner().invoke(app, line.split())
        assert run.exit_code == 0, f"candor {line}: {run.output} {run.exception!r}"
        if line.startswith("sample"):  # and now two people fill it in
            drawn = pd.read_excel("sheet.xlsx", dtype=str, keep_default_na=False)
            codes = dict.fromkeys(CODE_COLUMNS, "1") | {"risk": "acknowledges"}
            sheets.write_sheet(drawn.assign(**codes), "ada.xlsx")
            sheets.write_sheet(drawn.assign(**codes | {"hedged": [*"01"] * (len(drawn) // 2)}), "ben.xlsx")


@pytest.mark.parametrize("page", [page for page in PAGES if python_in(page)], ids=lambda page: page.stem)
def test_python_examples_of_a_page_run(page, monkeypatch):
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {}
    exec(python_in(page), names)  # noqa: S102 - our own pages
    assert len(names["coded"]) > 0
