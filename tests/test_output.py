import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import CandorError
from analysis.output import escape_formula, format_of, read_csv, serialise, unescape_formula, whole_file, write_table

CUE = {"start": 0, "end": 3, "text": "=ma", "term": "may", "codes": ("hedged",)}
TABLE = pd.DataFrame(
    {
        "document": ["000", "=cmd()"],
        "text": ["It may, they say", "-1 + 2"],
        "share": [-0.25, np.nan],
        "units": [3, 4],
        "evidence": [(CUE,), ()],
    }
)


def test_no_text_cell_of_a_csv_begins_a_formula():
    """Cells of text get an apostrophe, cells of numbers stay as they are."""
    lines = serialise(TABLE, "csv").decode().splitlines()
    assert lines[0] == "document,text,share,units,evidence"
    assert lines[1].startswith('000,"It may, they say",-0.25,3,"[{""start"":0')
    assert lines[2] == "'=cmd(),'-1 + 2,,4,[]"


def test_reading_back_undoes_the_escapes(tmp_path):
    write_table(TABLE, tmp_path / "t.csv")
    pd.testing.assert_frame_equal(read_csv(tmp_path / "t.csv"), TABLE, check_dtype=False)


@given(st.text())
def test_escaping_is_undone_exactly(cell):
    """Any text survives, and none begins with a sign that starts a formula."""
    escaped = escape_formula(cell)
    assert unescape_formula(escaped) == cell
    assert escaped[:1] not in tuple("=+-@\t\r\n＝＋－＠") or not escaped


def test_json_lines_keep_lists_and_say_null():
    rows = [json.loads(line) for line in serialise(TABLE, "jsonl").decode().splitlines()]
    assert rows[0]["evidence"] == [CUE | {"codes": ["hedged"]}]
    assert rows[1]["share"] is None
    assert rows[1]["document"] == "=cmd()"


def test_parquet_holds_evidence_as_json(tmp_path):
    write_table(TABLE, tmp_path / "t.parquet")
    table = pd.read_parquet(tmp_path / "t.parquet")
    assert table["document"].tolist() == ["000", "=cmd()"]
    assert json.loads(table["evidence"][0])[0]["term"] == "may"


def test_the_format_is_by_name_or_ending():
    assert [format_of(*a) for a in [(None, None), ("-", None), ("x.JSONL", None), ("x.csv", "parquet")]] == [
        "csv", "csv", "jsonl", "parquet",
    ]  # fmt: skip
    with pytest.raises(CandorError, match=r"x.xls: unknown ending; take .csv, .jsonl or .parquet"):
        format_of("x.xls", None)
    with pytest.raises(CandorError, match="--format yaml: is unknown"):
        format_of(None, "yaml")


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt(), ValueError("x")])
def test_a_failed_file_leaves_what_was_there(tmp_path, failure):
    """Neither a full disk nor an interrupt leaves half a file or a temporary one."""
    target = tmp_path / "t.csv"
    target.write_text("before")

    def write() -> None:
        with whole_file(target) as file:
            file.write(b"half")
            raise failure

    with pytest.raises((CandorError, KeyboardInterrupt, ValueError)):
        write()
    assert list(tmp_path.iterdir()) == [target]
    assert target.read_text() == "before"


def test_a_full_disk_is_said_in_one_line():
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    program = "from analysis.cli import main; main()"
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", program, "--help"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "No space left on device" in done.stderr


def test_a_folder_is_no_file_to_write(tmp_path):
    with pytest.raises(CandorError, match="is a folder; name a file"):
        write_table(TABLE, tmp_path, "csv")


def test_a_link_stays_and_what_it_leads_to_is_written(tmp_path):
    """Whether the file is there already or not."""
    (tmp_path / "results").mkdir()
    for name in ("old.csv", "new.csv"):
        link = tmp_path / name
        link.symlink_to(tmp_path / "results" / name)
        if name == "old.csv":
            link.write_text("before")
        write_table(TABLE, link)
        assert link.is_symlink()
        assert (tmp_path / "results" / name).read_bytes() == serialise(TABLE, "csv")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["new.csv", "new.csv", "old.csv", "old.csv", "results"]


@pytest.mark.parametrize("kind", ["pipe", "device", "loop"])
def test_what_is_no_regular_file_is_not_written_to(tmp_path, kind):
    """A pipe, a device and a link to itself stay what they are."""
    target = tmp_path / "t.csv"
    if kind == "pipe":
        os.mkfifo(target)
    else:
        target.symlink_to(os.devnull if kind == "device" else target)
    before = target.lstat().st_mode
    with pytest.raises(CandorError, match="t.csv: is not a regular file; name one, or write to standard output"):
        write_table(TABLE, target)
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]
    assert target.lstat().st_mode == before


def test_files_get_the_usual_rights(tmp_path):
    write_table(TABLE, tmp_path / "t.csv")
    umask = os.umask(0)
    os.umask(umask)
    assert (tmp_path / "t.csv").stat().st_mode & 0o777 == 0o666 & ~umask
