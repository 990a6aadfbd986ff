import csv
import importlib.util
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from makers import make_docx, make_pdf, protect_pdf  # type: ignore[import-not-found]  # beside this file

from analysis import guard, readers
from analysis.errors import CandorError
from analysis.lines import to_text
from analysis.readers import Reading, decode, kind_of, parse, split_table
from analysis.units import split_units

PAGES = sorted((Path(__file__).parent / "pages").glob("*.html"))


def only(data: bytes, name: str = "page") -> Reading:
    (reading,) = parse(data, name)
    return reading


def units_of(text: str) -> list[list[str]]:
    frame = split_units(pd.DataFrame({"document": ["a"], "focal": ["kava"], "text": [text]}))
    return frame[["kind", "text"]].values.tolist()


# Which format it is


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (b"Kava is a root.", "kava.txt", "text"),
        (b"Kava is a root.", "kava", "text"),
        (b"# Kava", "kava.md", "markdown"),
        (b"<!DOCTYPE html><p>Kava", "kava.txt", "html"),
        (b"\n <!-- saved from url=(0021) --><html><p>Kava", "kava", "html"),
        (b"<?xml version='1.0'?><html xmlns='x'><p>Kava</p></html>", "kava.xml", "html"),
        (b"\xef\xbb\xbf<html><p>Kava", "kava", "html"),
        ("<html><p>Kava".encode("utf-16"), "kava", "html"),
        (b"%PDF-1.7 ...", "kava.txt", "pdf"),
        (b"\n\n%PDF-1.7 ...", "kava.doc", "pdf"),
        (make_docx([("Normal", "Kava")]), "kava.zip", "docx"),
        (b"PAR1....PAR1", "kava.csv", "parquet"),
        (b'{"text": "Kava"}\n', "kava.jsonl", "jsonl"),
        (b'{"text": "Kava"}\n', "kava", "jsonl"),
        (b'[{"text": "Kava"}]', "kava.json", "jsonl"),
        (b"id,text\n1,Kava\n", "kava", "csv"),
        (b"id;text\n1;Kava\n", "kava.csv", "csv"),
        (b"id,text\n1,Kava\n", "kava.txt", "text"),
        (b"<3 kava, honestly", "kava.txt", "text"),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related\n", "kava.mht", "mhtml"),
    ],
)
def test_the_format_is_told_by_content_first(data, name, kind):
    assert kind_of(data, name) == kind


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or password-protected Office file; save it as .docx"),
        (b"{\\rtf1\\ansi Kava}", "an RTF file"),
        (b"\x1f\x8b\x08\x00", "compressed"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"\xff\xd8\xff\xe0", "a picture"),
        (b"PK\x03\x04" + b"x" * 50 + b"xl/workbook.xml", "an Excel workbook; save the sheet as CSV"),
        (b"PK\x03\x04" + b"x" * 50, "a zip archive, or a Word file cut short"),
        (b"SQLite format 3\x00", "a database"),
    ],
)
def test_other_formats_are_named_with_the_way_out(data, what):
    with pytest.raises(CandorError, match=what):
        kind_of(data, "kava.txt")


# Encodings


@pytest.mark.parametrize(
    ("data", "text", "note"),
    [
        ("It’s naïve".encode(), "It’s naïve", ""),
        ("It’s naïve".encode("utf-8-sig"), "It’s naïve", ""),
        ("It’s naïve".encode("utf-16"), "It’s naïve", "converted from UTF-16"),
        ("It is naïve".encode("utf-16-le"), "It is naïve", "converted from UTF-16"),
        ("It is naïve".encode("utf-16-be"), "It is naïve", "converted from UTF-16"),
        ("It’s naïve".encode("utf-32"), "It’s naïve", "converted from UTF-32"),
        ("It’s naïve – very".encode("cp1252"), "It’s naïve – very", "converted from windows-1252"),
        ("naïve café".encode("latin-1"), "naïve café", "converted from windows-1252"),
        (
            "It’s naïve; cafés, “quoted”, résumé – ".encode() + "naïve".encode("cp1252"),
            "It’s naïve; cafés, “quoted”, résumé – naïve",
            "mixed encodings: 1 bytes read as windows-1252",
        ),
        (
            "It’s “naïve” and cut off…".encode()[:-1],
            "It’s “naïve” and cut off",
            "the last character is cut off: the file may be incomplete",
        ),
    ],
)
def test_what_is_not_utf8_is_converted_and_noted(data, text, note):
    assert decode(data, "page.txt") == (text, note)


def test_other_alphabets_in_old_code_pages_are_guessed_and_marked():
    text = "Кава — это корень. Она может вредить печени, и об этом говорят врачи во многих странах. " * 3
    assert decode(text.encode("cp1251"), "page.txt") == (text, "converted from cp1251 (guessed)")


def test_the_encoding_that_a_page_declares_is_believed_if_it_fits():
    page = "<html><head><meta charset='iso-8859-2'><title>x</title></head><body><p>Leki na sen: działanie uboczne.</p></body></html>"
    reading = only(page.encode("iso-8859-2"))
    assert reading.text == "Leki na sen: działanie uboczne.\n"
    assert reading.note == "converted from iso-8859-2"


@pytest.mark.parametrize(
    "data",
    [
        b"Kava\x00 root",
        b"\x00" * 40 + b"a",
        b"\xfe\xff\xd8",
        bytes(range(256)) * 4,
        b"\x07\x08\x0e" * 9 + b"abc",
        b"\x81\x8d" * 20,
    ],
)
def test_what_is_no_text_is_refused(data):
    with pytest.raises(CandorError, match=r"page.txt: is (not text|damaged)"):
        decode(data, "page.txt")


# HTML


def lines_of(text: str) -> list[tuple[str, str]]:
    kinds = {"- ": "item", "# ": "heading"}
    return [
        (kinds.get(line[:2], "line"), line[2:] if line[:2] in kinds else line) for line in text.splitlines() if line
    ]


def test_the_main_text_of_saved_pages_is_found_without_menus_and_banners():
    """Of the lines of eight pages of different make, all are found, and at least 97 % of the found are wanted."""
    found = wanted = right = kinds = 0
    for path in PAGES:
        gold = [line.split(" ", 1) for line in path.with_suffix(".txt").read_text("utf-8").splitlines()]
        lines = lines_of(only(path.read_bytes(), path.name).text)
        texts = [text for _, text in gold]
        found += len(lines)
        wanted += len(gold)
        right += sum(text in texts for _, text in lines)
        kinds += sum((kind == "item") == (gold[texts.index(t)][0] == "item") for kind, t in lines if t in texts)
    assert len(PAGES) == 8
    assert (wanted, right, kinds) == (82, 82, 82)
    assert right / found > 0.97


def test_the_order_and_marks_of_a_page_are_kept():
    page = Path(__file__).parent / "pages" / "blog_post.html"
    reading = only(page.read_bytes(), page.name)
    assert reading.title == "Is Phenibut Addictive? What We Learned"
    assert reading.text.splitlines()[6:16] == [
        "Symptoms of withdrawal",
        "",
        "People who stop suddenly may notice:",
        "- Insomnia",
        "- Tremor and sweating",
        "- Panic attacks",
        "",
        "How long does it last?",
        "",
        "Most people recover in two weeks. Tapering under a doctor’s care is safer than stopping at once.",
    ]


def test_a_wrapper_that_is_called_a_menu_is_none():
    """What holds the page's heading or its main part is read, whatever its class says."""
    reading = only(
        b"<html><body><div class='content-sidebar-wrap'><main><h1>Kava</h1><p>Kava may harm the liver.</p></main>"
        b"<div class='sidebar'><p>Our ten best kava roots are here.</p></div></div></body></html>"
    )
    assert reading.text == "Kava\n\nKava may harm the liver.\n"


def test_panels_that_open_at_a_click_are_read():
    """The saved page hides them, and a reader opens them; what is hidden otherwise stays out."""
    reading = only(
        b"<html><body><main><h1>Pouches</h1><p>Pouches hold nicotine.</p><div role=tabpanel id=tab2 hidden>"
        b"<p>Nicotine is addictive.</p><ul><li>Sore gums</li></ul></div><p hidden>Only for robots to read.</p>"
        b"</main></body></html>"
    )
    assert reading.text == "Pouches\n\nPouches hold nicotine.\n\nNicotine is addictive.\n\n- Sore gums\n"


def test_marks_of_an_encyclopedia_are_left_out():
    reading = only(
        b"<html><body><h1>Kanna</h1><p>Kanna is a plant.<sup class=reference><a>[1]</a></sup> It is old.</p>"
        b"<h2>Risks<span class=mw-editsection>[<a>edit</a>]</span></h2><p>None is known so far.</p></body></html>"
    )
    assert reading.text == "Kanna\n\nKanna is a plant. It is old.\n\nRisks\n\nNone is known so far.\n"


def test_a_page_without_text_is_an_error():
    with pytest.raises(CandorError, match="page: holds no main text"):
        only(b"<html><body><nav><a href=x>Home</a></nav><script>var a = 'Kava is safe.'</script></body></html>")


def test_a_page_that_stops_is_noted():
    reading = only(b"<html><body><h1>Kava</h1><p>Kava is a root of the Pacific islands. It may harm the li")
    assert reading.note == "cut short: the page does not end"


def test_a_web_archive_holds_a_page():
    data = (
        b"From: <Saved by Blink>\nMIME-Version: 1.0\nContent-Type: multipart/related; boundary=XX\n\n--XX\n"
        b"Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
        b"<html><body><h1>Kava</h1><p>Kava isn=E2=80=99t addictive, they say.</p></body></html>\n\n--XX--\n"
    )
    assert only(data, "kava.mhtml").text == "Kava\n\nKava isn’t addictive, they say.\n"


# Markdown


def test_markdown_loses_its_marks_and_keeps_its_structure():
    data = b"""---
title: "Kanna notes"
---
# Is kanna addictive.

Kanna is a **succulent**. It [may](http://x.example) help
mood. <!-- hidden -->

Risks
-----
They are:

* nausea
  1. *headache*

<script>
alert(1)
</script>

> No more.
"""
    reading = only(data, "kanna.md")
    assert reading.title == "Kanna notes"
    assert reading.text.splitlines() == [
        "# Is kanna addictive.", "", "Kanna is a succulent. It may help mood.", "", "Risks", "",
        "They are:", "- nausea", "- headache", "", "No more.",
    ]  # fmt: skip


# PDF

LEAFLET = [
    [
        (20, "Coming off tramadol"),
        (11, "Clinic notes, page 3"),
        (11, "Tramadol is an opioid. People who take it every day for more than a few weeks be-"),
        (11, "come dependent on it, and stopping at once brings withdrawal that can last for long."),
        (14, "Symptoms of withdrawal"),
        (11, "They can include:"),
        (11, "• Sweating and chills that come in waves through the whole night and through the day"),
        (11, "and restless legs"),
        (11, "• Anxiety"),
        (9, "17"),
    ],
    [(11, "Clinic notes, page 4"), (11, "Ask your doctor.")],
    [(11, "Clinic notes, page 5"), (11, "Go slowly.")],
]


@pytest.mark.parametrize("compress", [False, True])
def test_a_pdf_gives_paragraphs_headings_and_items(compress):
    """Wrapped lines are joined, hyphens at line ends undone, running heads and page numbers left out."""
    reading = only(make_pdf(LEAFLET, "A leaflet", compress), "leaflet.pdf")
    assert reading.title == "A leaflet"
    assert reading.note == ""
    assert reading.text.splitlines() == [
        "Coming off tramadol", "",
        "Tramadol is an opioid. People who take it every day for more than a few weeks become dependent on it,"
        " and stopping at once brings withdrawal that can last for long.", "",
        "Symptoms of withdrawal", "", "They can include:",
        "- Sweating and chills that come in waves through the whole night and through the day and restless legs",
        "- Anxiety", "", "Ask your doctor.", "", "Go slowly.",
    ]  # fmt: skip


def test_a_scanned_pdf_says_so():
    with pytest.raises(CandorError, match=r"scan.pdf: holds pictures of text, no text \(scanned\?\); run text recog"):
        only(make_pdf([None, None]), "scan.pdf")


def test_a_partly_scanned_pdf_notes_how_many_pages_lack_text():
    assert only(make_pdf([LEAFLET[1], None]), "half.pdf").note == "1 of 2 pages hold no text (scanned?)"


def test_a_pdf_behind_a_password_says_so():
    with pytest.raises(CandorError, match=r"secret.pdf: is protected by a password; save a copy without"):
        only(protect_pdf(make_pdf(LEAFLET), "secret"), "secret.pdf")


def test_a_pdf_that_only_forbids_changes_is_read():
    assert only(protect_pdf(make_pdf(LEAFLET), ""), "owner.pdf").text.startswith("Coming off tramadol")


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_truncated_pdf_is_an_error_or_noted(part):
    data = make_pdf(LEAFLET)
    with pytest.raises(CandorError, match=r"cut.pdf: is damaged or cut short"):
        only(data[: int(len(data) * part)], "cut.pdf")


# DOCX


def test_a_word_document_gives_headings_and_items():
    data = make_docx(
        [
            ("Title", "Kava and the liver"),
            ("Normal", "Kava may harm the liver. It is not addictive."),
            ("Heading 2", "Risks."),
            ("Normal", "They are:"),
            ("List Bullet", "Nausea"),
            ("List Number", "Rash"),
        ],
        "Kava, the book",
    )
    reading = only(data, "kava.docx")
    assert reading.title == "Kava, the book"
    assert reading.text.splitlines() == [
        "Kava and the liver", "", "Kava may harm the liver. It is not addictive.", "", "# Risks.", "",
        "They are:", "- Nausea", "- Rash",
    ]  # fmt: skip


def test_inserted_text_counts_and_struck_text_does_not():
    """A document under review reads as if all its changes were accepted."""
    data = edit_docx(
        make_docx([("Normal", "Kava is safe.")]),
        lambda xml: xml.replace(
            b"<w:r><w:t>Kava is safe.</w:t></w:r>",
            b"<w:r><w:t>Kava is </w:t></w:r><w:del><w:r><w:delText>safe</w:delText></w:r></w:del>"
            b"<w:ins><w:r><w:t>addictive</w:t></w:r></w:ins><w:r><w:t>.</w:t></w:r>",
        ),
    )
    assert only(data, "kava.docx").text == "Kava is addictive.\n"


def edit_docx(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Rewrite the main part of a Word document."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            body = old.read(entry)
            new.writestr(entry, change(body) if entry.filename == "word/document.xml" else body)
    return out.getvalue()


def test_a_word_document_cut_short_is_an_error():
    data = make_docx([("Normal", "Kava")])
    with pytest.raises(CandorError, match=r"kava.docx: is (cut short|a zip archive, or a Word file cut short)"):
        only(data[: len(data) // 2], "kava.docx")


# Tables of texts


def test_the_records_of_a_csv_are_sources_with_what_it_says_of_them():
    data = 'ID;Headline;Text;URL\r\nx;On kava;Kava is safe;https://a.example\r\ny;;"Kratom;\nnot safe";\r\n'
    readings = parse(data.encode(), "pages.csv")
    assert [(r.row, r.title, r.text) for r in readings] == [
        (1, "On kava", "Kava is safe"),
        (2, "", "Kratom;\nnot safe"),
    ]
    assert [r.fields for r in readings] == [{"document": "x", "url": "https://a.example"}, {"document": "y"}]


def test_a_table_is_split_whatever_ends_its_lines_and_parts_its_cells():
    """Each row knows its line, blank rows do not count, and a cell may hold 240 kB."""
    long = "Kava is a root. " * 15_000
    for mark in ",;\t|":
        text = f'a{mark} b \r\r1{mark}"x\ny"\r\n\n2{mark}{long}\n {mark}\n3'
        assert split_table(text, "t.csv") == (["a", "b"], [(3, ["1", "x\ny"]), (6, ["2", long]), (8, ["3"])])
    assert csv.field_size_limit() == 131_072


def test_json_lines_and_a_json_list_read_the_same():
    records = [{"text": "Kava is safe.", "title": "A", "id": 1}, {"text": "Kratom is not."}]
    lines = "\n".join(map(json.dumps, records)).encode()
    assert parse(lines, "p.jsonl") == parse(json.dumps(records).encode(), "p.json")
    assert parse(lines, "p.jsonl")[0].fields == {"document": "1"}


def test_the_records_of_a_parquet_file_are_sources():
    buffer = io.BytesIO()
    pd.DataFrame({"text": ["Kava is safe."], "title": ["A"], "score": [1.5]}).to_parquet(buffer)
    (reading,) = parse(buffer.getvalue(), "p.parquet")
    assert (reading.text, reading.title, reading.row) == ("Kava is safe.", "A", 1)


@pytest.mark.parametrize(
    ("data", "name", "message"),
    [
        (b"a,b\n1,2\n", "p.csv", "has no column named text (it has: a, b); rename the column"),
        (b"id,text\n1,Kava\n2,\n", "p.csv", "record 2 has no text; fill it in"),
        (b"id,text\n", "p.csv", "holds no record"),
        (b'id,text\n1,Kava\n\n2,"Kava\n3,Kava\n', "p.csv", "p.csv:4: is not a whole CSV table"),
        (b"id,text\n1,Kava,3,4\n", "p.csv", "p.csv:2: has 4 cells, not 2; quote the cell that holds ','"),
        (b'{"text": "Kava"}\n{"text": \n', "p.jsonl", "record 2 is not JSON"),
        (b'{"text": "Kava"}\n["Kava"]\n', "p.jsonl", "record 2 is not an object with a text"),
        (b'{"text": 5}\n', "p.jsonl", "record 1 has no text"),
        (b'{"body_": "x"}\n', "p.jsonl", "has no column named text (it has: body_)"),
        (b"[" * 100_000, "p.json", "is not JSON (nested too deeply)"),
        (b"PAR1 nothing PAR1", "p.parquet", "is damaged or cut short"),
    ],
)
def test_a_table_that_cannot_be_read_names_the_record_and_the_mend(data, name, message):
    with pytest.raises(CandorError) as caught:
        parse(data, name)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


# What readers write, units read


def test_headings_and_items_come_back_from_the_units():
    """Every heading and item that a reader writes is a unit of that kind, whatever its words."""
    lines = [
        ("heading", "Kratom & You!"), ("prose", "It is a leaf. Some say:"), ("item", "It may calm. It may not."),
        ("heading", "what is it"), ("prose", "A tree."), ("heading", "Is it safe?"), ("prose", "No."),
        ("heading", "Symptoms of Withdrawal"), ("item", "anxiety"),
    ]  # fmt: skip
    assert units_of(to_text(iter(lines))) == [
        ["heading", "Kratom & You!"], ["prose", "It is a leaf."], ["prose", "Some say:"], ["item", "It may calm."],
        ["item", "It may not."], ["heading", "what is it"], ["prose", "A tree."], ["heading", "Is it safe?"],
        ["prose", "No."], ["heading", "Symptoms of Withdrawal"], ["item", "anxiety"],
    ]  # fmt: skip


# The second process


@pytest.mark.parametrize(
    ("kind", "extra"), [("html", "html"), ("pdf", "pdf"), ("docx", "docx"), ("parquet", "parquet"), ("mhtml", "html")]
)
def test_a_missing_library_names_the_extra(monkeypatch, kind, extra):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(CandorError, match=rf'pip install "\.\[{extra}\]" in the checkout'):
        guard.convert(kind, b"x", "page")


def test_a_reader_that_takes_too_long_is_stopped(monkeypatch):
    """After the limit the file is given up, and the next one is read as ever."""
    monkeypatch.setattr(guard, "SECONDS", 0.0)
    with pytest.raises(CandorError, match=r"page.html: took longer than 0 s to read"):
        guard.convert("html", b"<p>Kava is a root.</p>" * 20_000, "page.html")
    monkeypatch.undo()
    assert only(b"<html><p>Kava is a root, they say.</p></html>").text == "Kava is a root, they say.\n"


def test_the_reading_process_opens_no_connection(monkeypatch):
    """A library that tried to fetch something would fail."""
    program = guard._PROGRAM.replace(
        "serve(int(sys.argv[2]))",
        "import analysis.formats as f; f._confine(3 << 30); import urllib.request; urllib.request.urlopen('http://example.org')",
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program, str(Path(guard.__file__).parent.parent)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "a reader opens no connection" in done.stderr


def test_what_is_no_file_is_said_once():
    with pytest.raises(CandorError) as caught:
        readers.read_bytes(os.devnull)
    assert str(caught.value) == f"{os.devnull}: is not a regular file; name a file with text"


def test_standard_input_is_read_within_bounds(monkeypatch):
    class Endless(io.BytesIO):
        def read(self, size=-1):
            assert size == readers.MAX_BYTES + 1
            return b"a" * size

    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(Endless()))
    with pytest.raises(CandorError, match="standard input: is larger than 64 MB"):
        readers.read_stdin()
