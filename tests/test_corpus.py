import hashlib
import os
from pathlib import Path

import pytest

from analysis.corpus import load_corpus, read_corpus, read_documents, readable_copy
from analysis.errors import CandorError
from analysis.gather import find_files, scan
from analysis.paths import corpus_folder, shipped

TEXT = "Kava is a root.\r\nIt may harm the liver.\n"


@pytest.fixture
def corpus(tmp_path):
    """Folder of two small sources with their manifest."""
    (tmp_path / "a.txt").write_bytes(TEXT.encode())
    (tmp_path / "b.txt").write_bytes(b"Kratom is addictive.")
    write_manifest(tmp_path, ["document,file,focal", "a,a.txt,kava", "b,b.txt,kratom"])
    return tmp_path


def write_manifest(folder: Path, lines: list[str]) -> None:
    (folder / "sources.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_the_five_documents_load_from_any_directory(tmp_path, monkeypatch):
    """Without a folder named data here, the five documents are those of the project."""
    monkeypatch.chdir(tmp_path)
    documents = load_corpus()
    assert documents["document"].tolist() == ["000", "001", "002", "003", "004"]
    assert [len(text) for text in documents["text"]] == [2703, 2539, 5317, 5063, 4225]
    assert set(documents["publisher"]) == set(documents["url"]) == {"unknown"}


def test_a_text_is_decoded_as_received(corpus):
    """Newlines, blanks and their kind are what the file holds."""
    assert load_corpus(corpus)["text"][0] == TEXT


def test_columns_that_a_manifest_lacks_are_empty_and_the_checksum_is_computed(corpus):
    row = load_corpus(corpus).iloc[1]
    assert (row["title"], row["url"], row["note"]) == ("", "", "")
    assert row["sha256"] == hashlib.sha256(b"Kratom is addictive.").hexdigest()


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["document,file,focal,tittle", "a,a.txt,kava,x"], "unknown column 'tittle'; the columns are document, file"),
        (["document,file", "a,a.txt"], "has no column 'focal'; add it"),
        (["document,file,focal,file", "a,a.txt,kava,a.txt"], "has a column twice"),
        (["document,file,focal"], "names no source"),
        (["document,file,focal", "a,a.txt,kava", "A,b.txt,kava"], "two sources are called 'A'"),
        (["document,file,focal", "a,a.txt,kava", "a,b.txt,kava"], "two sources are called 'a'"),
        (["document,file,focal", "../a,a.txt,kava"], "document id '../a'; give it a short one"),
        (["document,file,focal", ",a.txt,kava"], "document id ''"),
        (["document,file,focal", "a,,kava"], "source 'a' names no file"),
        (["document,file,focal", "a,a.txt,"], "source 'a' has no focal substance"),
        (
            ["document,file,focal", "a,a.txt,kava,more"],
            "sources.csv:2: has 4 cells, not 3; quote the cell that holds ','",
        ),
        (["document,file,focal,note", "", "a,a.txt,kava"], "sources.csv:3: has 3 cells, not 4; write the empty ones"),
        (["document,file,focal", 'a,"a.txt,kava'], "not a whole CSV table"),
        (["document,file,focal", "a,c.txt,kava"], "c.txt: no such file; check the name"),
        (["document,file,focal", "a,.,kava"], "is not a regular file"),
        (["document,file,focal", "a,../secret.txt,kava"], "lies outside"),
        (["document,file,focal", "a,/etc/hostname,kava"], "lies outside"),
        (["document,file,focal", "a,empty.txt,kava"], "empty.txt: is empty"),
        (["document,file,focal", "a,blank.txt,kava"], "blank.txt: is empty"),
        (["document,file,focal", "a,binary.txt,kava"], "binary.txt: is not text"),
        (["document,file,focal,sha256", f"a,a.txt,kava,{'0' * 64}"], "its sha256 differs"),
        (["document,file,focal", "a,table.csv,kava"], "holds 2 texts; name one with table.csv#row=1"),
        (["document,file,focal", "a,table.csv#row=3,kava"], "has 2 records, not 3"),
        (["document,file,focal", "a,link.txt,kava"], "lies outside"),
        (["document,file,focal", "a,loop.txt,kava"], "loop.txt: "),
    ],
)
def test_what_is_wrong_with_a_corpus_is_said_in_one_line(corpus, lines, message):
    """The error names the file or the source, and the mend."""
    folder = corpus / "inner"
    corpus.joinpath("secret.txt").write_text("not yours")
    folder.mkdir()
    for name, data in {
        "a.txt": TEXT.encode(),
        "b.txt": b"Kratom.",
        "empty.txt": b"",
        "blank.txt": b" \n\t\n",
        "binary.txt": b"Kava\x00\x01\x02\x03",
        "table.csv": b"text,title\nKava is safe.,A\nKratom is not.,B\n",
    }.items():
        (folder / name).write_bytes(data)
    (folder / "link.txt").symlink_to(corpus / "secret.txt")
    (folder / "loop.txt").symlink_to(folder / "loop.txt")
    write_manifest(folder, lines)
    with pytest.raises(CandorError, match=r"^[^\n]+$") as caught:
        load_corpus(folder)
    assert message in str(caught.value)


def test_a_folder_without_a_manifest_says_how_to_write_one(tmp_path):
    with pytest.raises(CandorError, match=r"sources.csv: is missing; write it with: candor init"):
        load_corpus(tmp_path)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(CandorError, match=r"nowhere: no such folder"):
        load_corpus(tmp_path / "nowhere")


def test_several_problems_are_counted_and_all_listed(corpus):
    write_manifest(corpus, ["document,file,focal", "a,a.txt,kava", "c,c.txt,kava", "d,d.txt,kava"])
    with pytest.raises(CandorError, match=r"c.txt: no such file.*\(and 1 more: see candor check\)"):
        load_corpus(corpus)
    documents, problems = read_corpus(corpus)
    assert documents["document"].tolist() == ["a"]
    assert [document for document, _ in problems] == ["c", "d"]


def test_a_manifest_from_a_spreadsheet_reads_the_same(corpus):
    """Semicolons, a byte order mark, quotes, blank rows and an escaped formula are understood."""
    lines = ["\ufeffdocument;file;focal;note", 'a;a.txt;kava;"\'=1+1; twice"', ";;;"]
    write_manifest(corpus, lines)
    documents = load_corpus(corpus)
    assert documents["note"].tolist() == ["=1+1; twice"]


def test_a_manifest_with_line_ends_of_an_old_mac_reads_the_same(corpus):
    """Lines that end in a carriage return alone are lines."""
    (corpus / "sources.csv").write_bytes(b"document,file,focal\ra,a.txt,kava\rb,b.txt,kratom\r")
    assert load_corpus(corpus)["focal"].tolist() == ["kava", "kratom"]


def test_rows_of_a_table_are_sources(tmp_path):
    (tmp_path / "pages.csv").write_text('text,title\n"Kava is safe, they say.",A\nKratom is not.,B\n')
    write_manifest(
        tmp_path, ["document,file,focal,title", "x,pages.csv#row=2,kratom,", "y,pages.csv#row=1,kava,Own title"]
    )
    documents = load_corpus(tmp_path)
    assert documents["text"].tolist() == ["Kratom is not.", "Kava is safe, they say."]
    assert documents["title"].tolist() == ["B", "Own title"]


def test_a_file_may_be_named_like_a_row(tmp_path):
    (tmp_path / "odd#row=1").write_text("Kava is a root.")
    write_manifest(tmp_path, ["document,file,focal", "x,odd#row=1,kava"])
    assert load_corpus(tmp_path)["text"].tolist() == ["Kava is a root."]


def test_the_text_is_of_the_bytes_that_were_verified(corpus, monkeypatch):
    """A file that changes after it was read for its checksum cannot slip in another text."""
    from analysis import readers

    reads = []
    original = readers.read_bytes

    def once(path, *args):
        data = original(path, *args)
        if str(path).endswith("a.txt"):
            reads.append(path)
            (corpus / "a.txt").write_text("changed")
        return data

    monkeypatch.setattr(readers, "read_bytes", once)
    assert load_corpus(corpus)["text"][0] == TEXT
    assert len(reads) == 1


def test_loose_files_get_ids_focal_substances_and_a_note_of_the_guess(tmp_path):
    (tmp_path / "page.txt").write_text("Kava is a root. Kava relaxes.")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "page.txt").write_text("Phenibut is sold online.")
    documents = read_documents(tmp_path)
    assert documents["document"].tolist() == ["page", "page-2"]
    assert documents["focal"].tolist() == ["kava", "phenibut"]
    assert set(documents["note"]) == {"focal substance guessed"}


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Kava: what to know\n\nKava is a root.", "Kava: what to know"),
        ("# Kava\nKava is a root.", "Kava"),
        ("Kava is a root.\nIt may harm.", ""),
        ("- Kava\n- Beer", ""),
        ("Kava", ""),
        ("kava " * 40 + "\nmore", ""),
    ],
)
def test_a_source_without_a_title_takes_it_from_its_first_line(tmp_path, text, title):
    """Where that line is short and no sentence, and said in the note."""
    (tmp_path / "a.txt").write_text(text)
    row = read_documents(tmp_path / "a.txt").iloc[0]
    assert row["title"] == title
    assert ("title from the first line" in row["note"]) is bool(title)


def test_a_focal_substance_that_is_given_is_not_guessed(tmp_path):
    (tmp_path / "page.txt").write_text("Kava is a root.")
    row = read_documents(tmp_path / "page.txt", focal="Zorbitol").iloc[0]
    assert (row["focal"], row["note"]) == ("Zorbitol", "")


def test_a_text_that_names_no_substance_needs_one(tmp_path):
    (tmp_path / "page.txt").write_text("The weather is fine.")
    with pytest.raises(CandorError, match=r"page.txt: no known substance is named in it; say which with --focal NAME"):
        read_documents(tmp_path)


def test_a_file_named_twice_is_read_once(tmp_path, monkeypatch):
    (tmp_path / "page.txt").write_text("Kava is a root.")
    monkeypatch.chdir(tmp_path)
    assert len(read_documents(["page.txt", "./page.txt", "*.txt", str(tmp_path / "page.txt")])) == 1


def test_a_pattern_that_finds_nothing_is_an_error(tmp_path):
    with pytest.raises(CandorError, match="no file has such a name"):
        read_documents(str(tmp_path / "*.html"))


def test_a_corpus_and_a_loose_file_can_be_read_together(corpus):
    (corpus.parent / "a.txt").write_text("Kanna is a succulent.")
    documents = read_documents([corpus, corpus.parent / "a.txt"])
    assert documents["document"].tolist() == ["a", "b", "a-2"]


def test_files_that_are_not_sources_are_passed_over(corpus):
    """Hidden files, office locks, the manifest, saved page folders and other formats are no sources."""
    for name in (".hidden.txt", "~$report.docx", "photo.png", "notes.bak"):
        (corpus / name).write_text("Kava")
    (corpus / "page_files").mkdir()
    (corpus / "page_files" / "ad.html").write_text("<p>Buy")
    found, problems = find_files(corpus)
    assert [path.name for path in found] == ["a.txt", "b.txt"]
    assert problems == []


def test_links_out_of_a_folder_and_names_on_two_lines_are_reported(corpus):
    (corpus.parent / "outside.txt").write_text("Kava")
    (corpus / "out.txt").symlink_to(corpus.parent / "outside.txt")
    (corpus / "two\nlines.txt").write_text("Kava")
    _, problems = find_files(corpus)
    assert [line.rpartition("/")[2] for _, line in problems] == [
        "out.txt: is a link out of the folder; copy the file itself in",
        "two\\nlines.txt: has a name that a table cannot hold; rename it",
    ]


def test_what_is_left_out_of_a_folder_is_told(tmp_path):
    """To whom asks for it; a folder of which nothing is left says why."""
    (tmp_path / "outside.txt").write_text("Kava")
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    with pytest.raises(CandorError, match="link.txt: is a link out of the folder; copy the file itself in"):
        read_documents(folder)
    (folder / "a.txt").write_text("Kava is a root.")
    lines: list[str] = []
    assert read_documents(folder, left_out=lines.append)["document"].tolist() == ["a"]
    assert [line.rpartition("/")[2] for line in lines] == [
        "link.txt: is a link out of the folder; copy the file itself in"
    ]


@pytest.mark.skipif(os.name == "nt", reason="Windows names are Unicode")
def test_a_name_that_is_not_unicode_is_reported(corpus):
    (corpus / os.fsdecode(b"caf\xe9.txt")).write_text("Kava")
    assert "caf\\xe9.txt: has a name that a table cannot hold" in find_files(corpus)[1][0][1]


def test_scanning_keeps_what_can_be_read(corpus):
    (corpus / "broken.pdf").write_bytes(b"%PDF-1.4 nothing more")
    rows, problems = scan(corpus)
    assert [row["file"] for row in rows] == ["a.txt", "b.txt"]
    assert len(problems) == 1
    assert "broken.pdf: is damaged or cut short" in problems[0][1]


def test_a_readable_copy_leaves_out_what_fails(corpus):
    """The rest of a corpus with a broken source is a whole corpus for as long as it is needed."""
    write_manifest(corpus, ["document,file,focal", "a,a.txt,kava", "c,c.txt,kava"])
    with readable_copy(corpus) as (folder, problems):
        assert [document for document, _ in problems] == ["c"]
        documents = load_corpus(folder)
        assert documents[["document", "focal", "text"]].values.tolist() == [["a", "kava", TEXT]]
        assert documents["note"].tolist() == ["read from a.txt"]
    assert not folder.exists()


def test_a_sound_corpus_of_plain_text_is_not_copied(corpus):
    with readable_copy(corpus) as (folder, problems):
        assert (folder, problems) == (corpus, [])


def test_ten_thousand_sources_load_in_seconds(tmp_path):
    """Reading is linear in the number of sources."""
    lines = ["document,file,focal"]
    lines += [f"s{number},t{number % 50}.txt,kava" for number in range(10_000)]
    for number in range(50):
        (tmp_path / f"t{number}.txt").write_text("Kava is a root.")
    write_manifest(tmp_path, lines)
    assert len(load_corpus(tmp_path)) == 10_000


def test_paths_are_those_of_the_checkout():
    assert shipped("data/codebook.md").is_file()
    assert corpus_folder("elsewhere").name == "elsewhere"
    with pytest.raises(CandorError, match="does not come with this installation"):
        shipped("data/nothing.here")
