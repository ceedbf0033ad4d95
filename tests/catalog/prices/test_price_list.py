"""Price lists of every kind of quality, and what becomes of them."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from gpuplanner import cli, paths
from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.prices import sheet
from gpuplanner.catalog.prices.book import PriceBook, guessed, head_row, read_book
from gpuplanner.catalog.prices.cells import amount_of, date_of, tax_of
from gpuplanner.catalog.prices.items import Items
from gpuplanner.catalog.prices.store import save_prices
from gpuplanner.errors import InputError

CATALOG = load_catalog(user_dir=Path("/nonexistent"))
ITEMS = Items(CATALOG)
TODAY = date(2026, 11, 21)
H100 = "nvidia-h100-sxm5-80gb"


def book(path: Path, currency: str | None = None) -> PriceBook:
    rows = sheet.read_sheet(path)
    head = head_row(rows)
    return read_book(rows, ITEMS, guessed(rows[head]), head, currency, TODAY)


def written(folder: Path, words: str, name: str = "list.csv", coding: str = "utf-8") -> Path:
    file = folder / name
    file.write_bytes(words.encode(coding))
    return file


def test_a_list_as_a_dealer_sends_it(tmp_path: Path) -> None:
    words = "供应商报价,,,\n型号,单价,币种,报价日期\n"
    words += 'NVIDIA H100 SXM5 80GB,"195,000",CNY,2026年10月\nNVIDIA L20,2.9万,,2026/9/5\n'
    found = book(written(tmp_path, words, coding="gb18030"), "CNY")
    assert found.error_count == 0
    first, second = found.rows
    assert (first.item.id, first.amount, first.currency, first.date, first.row) == (H100, 195_000, "CNY", "2026-10", 3)
    assert (second.item.name, second.amount, second.date) == ("NVIDIA L20", 29_000, "2026-09-05")


def test_tax_is_taken_off(tmp_path: Path) -> None:
    found = book(written(tmp_path, f"item;price;currency;tax\n{H100};22600;USD;13%\n"))
    assert found.rows[0].amount == pytest.approx(20_000)


def test_errors_name_row_and_column(tmp_path: Path) -> None:
    words = (
        "Item,Price,Currency\n"
        f"{H100},about 200k,USD\n"
        f"{H100},=2*100000,USD\n"
        f"{H100},$25000,CNY\n"
        f"{H100},25000,GBP\n"
        f"{H100},-5,USD\n"
        "warp drive,1,USD\n"
        "H100,25000,USD\n"
        f"{H100},25000,\n"
        f"{H100},25000,USD\n"
        f"{H100},26000,USD\n"
    )
    found = book(written(tmp_path, words))
    codes = [(error.row, error.column, error.message.code) for error in found.errors]
    assert codes == [
        (2, "Price", "prices.cell.no_number"),
        (3, "Price", "prices.cell.formula"),
        (4, "Price", "prices.cell.two_currencies"),
        (5, "Currency", "prices.cell.no_currency"),
        (6, "Price", "prices.cell.not_positive"),
        (7, "Item", "prices.item.unknown"),
        (8, "Item", "prices.item.several"),
        (9, "Price", "prices.cell.which_currency"),
        (11, "Price", "prices.row.twice"),
    ]
    assert [row.row for row in found.rows] == [10]
    for error in found.errors:
        assert error.message.sentence("en")
        assert error.message.sentence("zh")


def test_a_workbook_with_values_dates_and_a_formula(tmp_path: Path) -> None:
    file = tmp_path / "list.xlsx"
    workbook = xlsxwriter.Workbook(str(file))
    page = workbook.add_worksheet()
    page.write_row(0, 0, ["Product", "List price", "Currency", "Date"])
    page.write_row(2, 0, [H100, 30_000.5, "USD"])
    page.write_datetime(2, 3, __import__("datetime").datetime(2026, 10, 5), workbook.add_format({"num_format": "yyyy-mm-dd"}))
    page.write_row(3, 0, ["NVIDIA L4"])
    page.write_formula(3, 1, "=B3*0.1", value=3000)
    page.write(3, 2, "USD")
    workbook.close()
    found = book(file)
    assert [(row.row, row.amount, row.date) for row in found.rows] == [(3, 30_000.5, "2026-10-05")]
    assert [(error.row, error.message.code) for error in found.errors] == [(4, "prices.cell.formula")]


@pytest.mark.parametrize(
    ("cell", "value", "currency"),
    [
        ("¥ 128,000", 128_000, "CNY"), ("12.8万", 128_000, None), ("$2,500.00", 2_500, "USD"), ("1 234,50 EUR", 1_234.5, "EUR"),
        ("1.234,50", 1_234.5, None), ("1.234.567", 1_234_567, None), ("2.5k", 2_500, None), ("25000元", 25_000, "CNY"),
        ("0,5", 0.5, None),
    ],
)  # fmt: skip
def test_amounts_as_people_write_them(cell: str, value: float, currency: str | None) -> None:
    assert amount_of(cell) == (pytest.approx(value), currency)


@pytest.mark.parametrize("cell", ["", "n/a", "1e5x", "12,34,5", "1.2.3", "--5", "NaN", "inf", "1/2"])
def test_no_amounts(cell: str) -> None:
    with pytest.raises(InputError):
        amount_of(cell)


def test_dates_and_tax() -> None:
    assert date_of("46300") == "2026-10-05"
    assert date_of("2026") == "2026"
    assert tax_of("incl. 13 %") == pytest.approx(0.13)
    assert tax_of("不含税") == 0
    for bad in ("2026-13", "yesterday"):
        with pytest.raises(InputError):
            date_of(bad)
    with pytest.raises(InputError):
        tax_of("含税")


def test_too_many_rows_are_told_by_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MAX_ROWS", 100)
    with pytest.raises(InputError) as caught:
        sheet.read_sheet(written(tmp_path, "item,price\n" + "x,1\n" * 1_000))
    assert caught.value.code == "prices.file.too_many_rows"
    assert caught.value.params["row"] == 101


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"PK\x03\x04 broken", b"\x89PNG\r\n\x1a\n\0\0\0", b'item,price\n"open,1\n', b"a,b\n1,2\n"],
)
def test_no_price_list_is_a_sentence(tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(content)
    assert cli.main(["prices", "check", str(file)]) == 2
    told = capsys.readouterr()
    assert "Traceback" not in told.out + told.err


def test_a_zip_that_is_no_workbook(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("hello.txt", "hi")
    file = tmp_path / "x.xlsx"
    file.write_bytes(content.getvalue())
    with pytest.raises(InputError) as caught:
        sheet.read_sheet(file)
    assert caught.value.code == "prices.file.no_table"


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_list_or_a_sentence(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any.csv"
    file.write_bytes(content)
    try:
        book(file, "CNY")
    except InputError as error:
        assert error.sentence("en")  # noqa: PT017
        assert error.sentence("zh")  # noqa: PT017


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=20))
def test_any_cell_is_an_amount_or_a_sentence(cell: str) -> None:
    try:
        value, _ = amount_of(cell)
    except InputError as error:
        assert error.sentence("en")  # noqa: PT017
    else:
        assert 0 < value <= 1e9


def test_the_own_list_goes_before_ours_and_the_last_good_one_stays(tmp_path: Path) -> None:
    found = book(written(tmp_path, f"item,price,currency\n{H100},123456,CNY\nNVIDIA DGX H200,2000000,CNY\n"))
    own = tmp_path / "own"
    save_prices(found.rows, CATALOG, own)
    after = load_catalog(user_dir=own)
    assert not after.warnings
    price = after.gpus[H100].best_price("CNY")
    assert price is not None
    assert (price.kind, price.amount) == ("own", 123_456)
    assert len(after.gpus[H100].prices) == len(CATALOG.gpus[H100].prices) + 1
    again = book(written(tmp_path, f"item,price,currency\n{H100},99999,CNY\n"))
    save_prices(again.rows, after, own)
    last = load_catalog(user_dir=own)
    price = last.gpus[H100].best_price("CNY")
    assert price is not None
    assert price.amount == 99_999
    assert len(last.gpus[H100].prices) == len(CATALOG.gpus[H100].prices) + 1
    assert json.loads((own / "servers" / "price-list.json").read_text())["records"] == []


def test_an_entry_elsewhere_is_not_overwritten(tmp_path: Path) -> None:
    own = tmp_path / "own"
    (own / "gpus").mkdir(parents=True)
    (own / "gpus" / "mine.json").write_text(json.dumps({"records": [{"id": H100, "change": {"memory_gb": 81}}]}))
    found = book(written(tmp_path, f"item,price,currency\n{H100},123456,CNY\n"))
    with pytest.raises(InputError) as caught:
        save_prices(found.rows, load_catalog(user_dir=own), own)
    assert caught.value.code == "prices.item.yours"
    assert not (own / "gpus" / "price-list.json").exists()


def test_the_command_checks_and_imports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths.set_home(tmp_path / "home")
    good = written(tmp_path, f"item,price,currency\n{H100},123456,CNY\n")
    bad = written(tmp_path, f"item,price,currency\n{H100},many,CNY\n", "bad.csv")
    assert cli.main(["prices", "check", str(bad)]) == 2
    assert "Row 2, price: “many” is no amount" in capsys.readouterr().out
    assert cli.main(["prices", "import", str(bad)]) == 2
    assert H100 not in {entry.partition(":")[2] for entry in load_catalog().yours}
    assert cli.main(["prices", "import", str(good)]) == 0
    assert f"gpu:{H100}" in load_catalog().yours
    assert cli.main(["prices", "clear"]) == 0
    assert f"gpu:{H100}" not in load_catalog().yours
