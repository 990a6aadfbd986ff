import io
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from analysis import cli
from analysis.output import read_csv

ROOT = Path(__file__).parent.parent
PROGRAM = [sys.executable, "-c", "from analysis.cli import main; main()"]
PAGE = "Kava is a root.\nDaily use can lead to dependence.\n=1+1 may be a formula\n"


@pytest.fixture
def run(monkeypatch, capfdbinary):
    """Run a command in this process: exit code, standard output, standard error."""

    def call(*args: object, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["candor", *map(str, args)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capfdbinary.readouterr()
        status = cli._run()
        out, err = capfdbinary.readouterr()
        return status, out.decode(), err.decode()

    return call


@pytest.fixture
def page(tmp_path):
    (tmp_path / "page.txt").write_text(PAGE)
    return tmp_path / "page.txt"


# What it prints


def test_code_gives_one_row_a_unit_as_csv(run, page, tmp_path):
    status, out, err = run("code", page, "--focal", "kava")
    assert (status, err) == (0, "")
    (tmp_path / "out.csv").write_text(out)
    table = read_csv(tmp_path / "out.csv")
    assert table["text"].tolist() == PAGE.splitlines()
    assert set(table["document"]) == {"page"}
    assert isinstance(table["evidence"][0], tuple)
    assert "\n=1+1" not in out
    assert ",=1+1" not in out


def test_every_line_is_a_unit_if_so_wished(run):
    """Blank lines count, and two sentences on a line stay together, so that rows and lines match."""
    status, out, _ = run("code", "--lines", "-", "--focal", "kava", "--format", "jsonl", stdin=b"One. Two.\n\nThree\n")
    rows = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert [(row["unit"], row["text"]) for row in rows] == [(0, "One. Two."), (1, ""), (2, "Three")]


def test_score_gives_one_row_a_source_with_its_profile(run):
    status, out, _ = run("score", "data")
    table = pd.read_csv(io.StringIO(out), dtype={"document": str})
    assert status == 0
    assert table["document"].tolist() == ["000", "001", "002", "003", "004"]
    assert table[["candor", "disclosure", "hedged_share"]].notna().all(axis=None)
    assert not [name for name in table if name.endswith(("_x", "_y"))]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_the_ending_of_the_file_chooses_the_format(run, page, tmp_path, ending):
    target = tmp_path / f"out.{ending}"
    status, out, err = run("score", page, "--focal", "kava", "-o", target)
    assert (status, out) == (0, "")
    assert err == f"{target}: 1 rows written\n"
    assert target.stat().st_size > 100


def test_the_focal_substance_can_be_given(run, page):
    _, out, _ = run("code", page, "--focal", "Zorbitol", "--format", "jsonl")
    assert {json.loads(line)["focal"] for line in out.splitlines()} == {"Zorbitol"}


@pytest.mark.parametrize("command", ["code", "score"])
def test_what_was_guessed_converted_or_left_out_is_said_beside_the_table(run, tmp_path, command):
    """One line a document on standard error; the table has its rows alone."""
    folder = tmp_path / "pages"
    folder.mkdir()
    (tmp_path / "outside.txt").write_text("Kava may harm.")
    (folder / "a.txt").write_bytes("Kava isn’t addictive.".encode("cp1252"))
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    status, out, err = run(command, folder)
    assert (status, out.count("\n")) == (0, 2)
    assert err.splitlines() == [
        f"left out: {folder / 'link.txt'}: is a link out of the folder; copy the file itself in",
        "a (kava): converted from windows-1252; focal substance guessed",
    ]
    (folder / "a.txt").unlink()
    assert run(command, folder) == (2, "", err.splitlines()[0].replace("left out", "candor") + "\n")


def test_help_is_quick_and_names_every_command():
    """The help of the command line imports neither pandas nor scikit-learn."""
    program = "import sys\nfrom analysis import cli\nsys.argv = ['candor', '--help']\ncli._run()\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    help_, modules = done.stdout.rstrip().rsplit("\n", 1)
    assert not {"pandas", "numpy", "sklearn", "matplotlib"} & set(modules.split())
    for name in ("code", "score", "report", "init", "check", "sample", "agree", "fit"):
        assert f" {name} " in help_


def test_a_terminal_gets_a_table(run, monkeypatch):
    """On a terminal the table is drawn for the eye, the hint goes to standard error."""
    main, side = pty.openpty()
    with open(side, "w", encoding="utf-8") as terminal:  # noqa: PTH123 - a descriptor, not a path
        monkeypatch.setattr(sys, "stdout", terminal)
        status, _, err = run("score", "data")
        terminal.flush()
        out = os.read(main, 1 << 16)
    os.close(main)
    assert status == 0
    assert b"candor" in out
    assert b"000" in out
    assert b"," not in out
    assert "Share of units with 95% interval" in err


# What goes wrong


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["code", "nowhere.txt"], "candor: nowhere.txt: no such file; check the name"),
        (["score", "nowhere/*.txt"], "candor: nowhere/*.txt: no file has such a name; check the pattern"),
        (["code", "empty.txt"], "candor: empty.txt: is empty; put its text in or take it out"),
        (["code", "binary.txt"], "candor: binary.txt: is not text"),
        (["code", "page.txt", "-o", "out.xls"], "candor: out.xls: unknown ending; take .csv, .jsonl or .parquet"),
        (["code", "page.txt", "--format", "xml"], "candor: --format xml: is unknown; take one of csv, jsonl, parquet"),
        (["code", "page.txt", "-o", "no/out.csv"], "candor: no: no such folder; make it first"),
        (["code", "symbols.txt", "--focal", "kava"], "candor: the input holds no sentence"),
        (["score", "two\nlines.txt"], "candor: two\\nlines.txt: no such file"),
        (["score", "plain.txt"], "candor: plain.txt: no known substance is named in it; say which with --focal NAME"),
        (["check", "nowhere"], "candor: nowhere: no such folder"),
        (["check", "."], "candor: sources.csv: is missing; write it with: candor init ."),
        (["init", "nowhere"], "candor: nowhere: no such folder"),
        (["report", "nowhere"], "candor: nowhere: no such file"),
        (["sample", "page.txt", "-o", "s.ods"], "candor: s.ods: unknown ending; take .csv or .xlsx"),
        (["sample", "page.txt", "-o", "page.csv"], "candor: page.csv: is there already"),
        (["sample", "nowhere.txt", "-o", "no/s.csv"], "candor: no: no such folder; make it first"),
        (["score", "nowhere.txt", "-o", "/dev/null", "--format", "csv"], "candor: /dev/null: is not a regular file"),
        (["agree", "page.txt"], "candor: page.txt: is no coding sheet"),
        (["agree", "page.csv", "--table", "x"], "candor: --table x: is unknown"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(run, tmp_path, monkeypatch, args, message):
    """The line names the file and the mend; nothing is written."""
    monkeypatch.chdir(tmp_path)
    for name, data in {
        "page.txt": PAGE.encode(), "page.csv": b"text\n", "empty.txt": b"", "binary.txt": b"Kava\x00\x01",
        "symbols.txt": b"---\n***\n", "plain.txt": b"The weather is fine.",
    }.items():  # fmt: skip
        Path(name).write_bytes(data)
    before = sorted(Path().iterdir())
    status, out, err = run(*args)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert err.startswith(message)
    assert sorted(Path().iterdir()) == before


def test_a_wrong_option_is_usage_and_exit_code_2(run):
    status, _, err = run("code", "--nothing")
    assert status == 2
    assert "No such option" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(("option", "value"), [("--seed", -1), ("--size", 0)])
def test_a_seed_or_size_that_is_too_small_is_usage(run, page, tmp_path, option, value):
    status, _, err = run("sample", page, "-o", tmp_path / "s.csv", option, value)
    assert status == 2
    assert f"Invalid value for '{option}'" in err


@pytest.mark.parametrize("argument", ["page.txt", "nowhere.txt"])
def test_with_standard_error_closed_nothing_is_said_and_nothing_else_changes(page, argument):
    """Neither the notes nor an error end up in the table."""
    done = subprocess.run(
        ["bash", "-c", f"'{sys.executable}' -c '{PROGRAM[2]}' score {argument} 2>&-"],
        capture_output=True, text=True, cwd=page.parent, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout.count("\n")) == ((0, 2) if argument == page.name else (2, 0))


def test_what_nobody_foresaw_is_one_line_too(run, page, monkeypatch):
    monkeypatch.setattr(cli, "code_documents", lambda *_: 1 / 0)
    status, out, err = run("code", page, "--focal", "kava")
    assert (status, out) == (1, "")
    assert err == (
        "candor: failed unexpectedly (ZeroDivisionError: division by zero); CANDOR_TRACEBACK=1 shows where\n"
    )


def test_a_reader_that_has_enough_is_no_error(tmp_path):
    """The pipe to head closes; nothing is said of it, neither then nor when the interpreter ends."""
    rows = "".join(f"{number},{'a' * 200}.txt,kava\n" for number in range(500))  # more lines than a pipe holds
    (tmp_path / "sources.csv").write_text("document,file,focal\n" + rows)
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; '{sys.executable}' -c '{PROGRAM[2]}' check . | head -c 5"],
        capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    assert done.stdout == "aaaaa"


# A shell that starts the tests in the background may have them ignore interrupts, and they their commands.
INTERRUPTIBLE = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
# Stay where all is written and only the name is missing.
STAY_IN_FSYNC = """
import os, time
def stay(descriptor):
    print("writing", flush=True)
    while True:
        time.sleep(0.01)
os.fsync = stay
"""
ENDS = [(signal.SIGINT, 130, "candor: interrupted; nothing was written\n"), (signal.SIGTERM, 143, "")]


def start(folder, program, *arguments):
    """Start a command in a folder, after a few lines of program."""
    return subprocess.Popen(
        [sys.executable, "-c", f"{INTERRUPTIBLE}\n{program}\n{PROGRAM[2]}", *arguments],
        cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def ended_by(number, running):
    """Send a signal to a process: its exit code and what it printed."""
    running.send_signal(number)
    out, err = running.communicate(timeout=60)
    return running.returncode, out, err


@pytest.mark.parametrize(("number", "status", "said"), ENDS, ids=["interrupt", "end"])
def test_an_interrupt_while_reading_leaves_nothing(tmp_path, number, status, said):
    """Whether at the terminal or by the system: no output, no temporary file, no traceback."""
    (tmp_path / "page.html").write_text(f"<html><body><h1>Kava</h1><p>{'Kava may harm. ' * 20}</p></body></html>")
    running = start(tmp_path, "", "code", "page.html", "-", "-o", "out.csv")
    running.stdin.write("Kava may harm. " * 100_000)  # more than a pipe holds, so it is being read when this returns
    running.stdin.flush()
    assert running.poll() is None
    assert ended_by(number, running) == (status, "", said)
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


@pytest.mark.parametrize(("number", "status", "said"), ENDS, ids=["interrupt", "end"])
def test_an_interrupt_while_writing_leaves_nothing(page, tmp_path, number, status, said):
    """Not even the temporary file, which is there when the signal comes."""
    running = start(tmp_path, STAY_IN_FSYNC, "init", ".")
    assert running.stdout.readline() == "writing\n"
    assert len(list(tmp_path.glob(".sources.csv.*.part"))) == 1
    assert ended_by(number, running) == (status, "", said)
    assert [path.name for path in tmp_path.iterdir()] == ["page.txt"]


# A corpus of one's own


def test_a_corpus_is_made_checked_and_sampled(run, tmp_path):
    """From a folder of files to a manifest, its verification and a coding sheet."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "a.txt").write_text("Kava is a root. It may harm the liver.")
    (folder / "b.html").write_text(
        "<html><head><title>On phenibut</title></head><body><p>Phenibut is addictive.</p></body></html>"
    )
    (folder / "broken.pdf").write_text("%PDF-1.4")
    status, _, err = run("init", folder)
    assert status == 1
    assert err.splitlines()[0].startswith(f"left out: {folder / 'broken.pdf'}: is damaged or cut short")
    assert err.endswith(
        "sources.csv: 2 sources listed\n"
        "focal substance guessed for 2, which you check in that file: kava (a), phenibut (b)\n"
    )
    manifest = pd.read_csv(folder / "sources.csv", dtype=str, keep_default_na=False)
    assert manifest[["document", "file", "title", "focal", "note"]].values.tolist() == [
        ["a", "a.txt", "", "kava", "focal substance guessed"],
        ["b", "b.html", "On phenibut", "phenibut", "focal substance guessed"],
    ]
    assert run("check", folder) == (0, "2 of 2 sources are as the manifest says\n", "")
    (folder / "substances.csv").write_text("substance,name\nkava,awa, ava\n")
    status, out, err = run("check", folder)
    assert (status, err) == (2, "")
    assert out.startswith(f"{folder / 'substances.csv'}:2: has 3 cells, not 2; quote the cell that holds ','\n2 of 2")
    (folder / "substances.csv").unlink()
    assert run("init", folder)[0] == 2
    assert run("init", folder, "--replace", "--focal", "kava")[0] == 1
    (folder / "a.txt").write_text("Kava is safe.")
    status, out, _ = run("check", folder)
    assert status == 2
    assert "a.txt: is not the file that" in out
    assert "1 of 2 sources" in out


def test_people_code_a_sheet_and_are_compared(run, page, tmp_path):
    sheet = tmp_path / "sheet.csv"
    assert run("sample", page, "-o", sheet, "--size", 3)[0] == 0
    table = pd.read_csv(sheet, dtype=str, keep_default_na=False)
    for coder, hedged in (("ada", ["0", "0", "1"]), ("ben", ["0", "1", "1"])):
        codes = {"hedged": hedged, "risk": "none", "addiction": "0", "other_addiction": "0", "commercial": "0"}
        table.assign(**codes).to_csv(tmp_path / f"{coder}.csv", index=False)
    status, out, _ = run("agree", tmp_path / "ada.csv", tmp_path / "ben.csv")
    alpha = pd.read_csv(io.StringIO(out)).set_index("code")
    assert status == 0
    assert alpha.loc["hedged", "observed"] == pytest.approx(2 / 3, abs=1e-5)
    status, out, _ = run("agree", tmp_path / "ada.csv", "--corpus", page)
    assert set(pd.read_csv(io.StringIO(out))["coder"]) == {"ada"}
    _, out, _ = run("agree", tmp_path / "ada.csv", tmp_path / "ben.csv", "--table", "differences")
    assert pd.read_csv(io.StringIO(out))["code"].tolist() == ["hedged"]


# How long it takes


def test_scoring_the_five_documents_takes_less_than_three_imports():
    """Less processor time than three times that of a process that imports pandas and a linear model."""
    program = (
        "import sys, time, pandas, sklearn.linear_model\n"
        "base = time.process_time()\n"
        "from analysis import cli\n"
        "sys.argv = ['candor', 'score', 'data']\n"
        "status = cli._run()\n"
        "print(status, base, time.process_time(), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    status, base, total = map(float, done.stderr.splitlines()[-1].split())
    assert status == 0
    assert total < 3 * base
