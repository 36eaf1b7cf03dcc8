"""What is exported to a workbook and imported again is the same value, for every type a workbook can hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.records.transfer.exporter import write_cell
from engine.records.transfer.reader import workbook_rows
from tests.contracts.field_values import FIELDS, Case

HELD = [case for case in FIELDS if case.type.storage != "children" and case.type.discloses]
"""All but sub-tables, whose rows are imported as records of their own, and secrets, which are exported as dots."""


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("case", HELD, ids=str)
def test_a_value_comes_back_from_aworkbook_rows(case: Case, locale: str, tmp_path: Path) -> None:
    path = tmp_path / "values.xlsx"

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(case.values, min_size=1, max_size=8))
    def law(values: list[Any]) -> None:
        book = xlsxwriter.Workbook(
            str(path), {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        )
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_string(0, 0, "No")
        sheet.write_string(0, 1, "Value")
        for row, value in enumerate(values, 1):
            sheet.write_string(row, 0, str(row))
            text = case.type.format(case.field, value, locale)
            if text:
                write_cell(sheet, row, 1, case.field, value, text, day)
        book.close()
        _, rows = workbook_rows(path, "")
        read = [[*one, ""][1] for one in list(rows)][-len(values) :]
        assert [case.type.parse(case.field, text, locale) for text in read] == values

    law()
