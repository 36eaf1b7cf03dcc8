"""Untrusted files: what can be read is read right, what cannot is refused with its place, and nothing crashes."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from engine.records.transfer.source import SourceTable, read_table
from metadata.findings import Refused


def read(tmp_path: Path, name: str, data: bytes, sheet: str = "") -> SourceTable:
    path = tmp_path / name
    path.write_bytes(data)
    return read_table(path, tmp_path / "out.jsonl", sheet=sheet, name=name)


def refusal(tmp_path: Path, name: str, data: bytes) -> tuple[str, str]:
    with pytest.raises(Refused) as error:
        read(tmp_path, name, data)
    (finding,) = error.value.findings
    for language in ("zh-CN", "en"):
        assert "{" not in finding.text(language)
    return finding.code, finding.place


@pytest.mark.parametrize(
    "data",
    [
        "名称,金额\n华为,1\n".encode(),
        b"\xef\xbb\xbf" + "名称;金额\r\n华为;1\r\n".encode(),
        "名称\t金额\n华为\t1\n".encode("gb18030"),
        "名称|金额\n华为|1\n".encode("utf-16"),
    ],
)
def test_encodings_and_separators_of_the_trade(tmp_path: Path, data: bytes) -> None:
    table = read(tmp_path, "a.csv", data)
    assert table.columns == ("名称", "金额")
    assert list(table.walk()) == [(1, ["华为", "1"])]


def test_headings_always_name_one_column(tmp_path: Path) -> None:
    table = read(tmp_path, "a.csv", b"a,,a,a \n1,2,3,4\n")
    assert table.columns == ("a", "列 2", "a (2)", "a (3)")


def test_a_walk_begins_where_an_earlier_one_stopped(tmp_path: Path) -> None:
    table = read(tmp_path, "a.csv", b"a\n1\n2\n3\n")
    assert [number for number, _ in table.walk(1)] == [2, 3]


def test_workbook_cells_become_what_a_person_would_write(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"})
    book.add_worksheet("empty")
    sheet = book.add_worksheet("data")
    sheet.write_row(0, 0, ["text", "whole", "part", "yes"])
    sheet.write_row(1, 0, ["a b", 3.0, 0.25, True])
    book.close()
    table = read_table(path, tmp_path / "out.jsonl", sheet="data")
    assert table.sheets == ("empty", "data")
    assert list(table.walk()) == [(1, ["a b", "3", "0.25", "TRUE"])]


def far_cell(address: str) -> bytes:
    """A workbook of a few kilobytes whose one cell lies far away."""
    row = address.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    sheet = (
        '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1" t="n"><v>1</v></c></row>'
        f'<row r="{row}"><c r="{address}" t="n"><v>1</v></c></row></sheetData></worksheet>'
    )
    return sheet.encode()


def with_sheet(tmp_path: Path, sheet: bytes) -> bytes:
    path = tmp_path / "base.xlsx"
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet().write(0, 0, 1)
    book.close()
    out = tmp_path / "far.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else old.read(name))
    return out.read_bytes()


def test_a_far_cell_is_refused_by_its_address_before_it_is_decoded(tmp_path: Path) -> None:
    data = with_sheet(tmp_path, far_cell("XFD1048576"))
    assert len(data) < 6_000
    assert refusal(tmp_path, "far.xlsx", data) == ("I103", "/file")


def test_a_cell_that_only_wastes_memory_is_refused_too(tmp_path: Path) -> None:
    assert refusal(tmp_path, "wide.xlsx", with_sheet(tmp_path, far_cell("AAA999999")))[0] == "I103"


def test_an_archive_out_of_proportion_is_refused(tmp_path: Path) -> None:
    bomb = with_sheet(tmp_path, b"<a>" + b" " * (1 << 20) + b"</a>")
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(bomb)
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("xl/media/big.bin", "w", force_zip64=True) as out,
    ):
        for _ in range(1_100):
            out.write(b"\0" * (1 << 20))
    assert refusal(tmp_path, "bomb.xlsx", path.read_bytes())[0] == "I104"


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("empty.csv", b"", "I102"),
        ("only.csv", b"a,b\n", "I102"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "I101"),
        ("cut.xlsx", b"PK\x03\x04 not a zip at all", "I102"),
        ("other.xlsx", b"", "I102"),
    ],
)
def test_what_is_no_table_is_said_to_be_none(tmp_path: Path, name: str, data: bytes, code: str) -> None:
    assert refusal(tmp_path, name, data)[0] in (code, "I101", "I105")


def test_a_zip_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "docs.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "hello")
    assert refusal(tmp_path, "docs.xlsx", path.read_bytes())[0] == "I101"
