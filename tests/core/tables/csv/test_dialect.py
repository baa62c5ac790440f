"""How a CSV file is written is seen from its first lines."""

import pytest

from core.settings import Settings
from core.tables.csv.dialect import Dialect, recognise
from core.tables.errors import UnusableFile
from core.tables.limits import FileLimits

limits = FileLimits.of(Settings())
names = ["SK_ID_CURR", "AMT_CREDIT", "EXT_SOURCE_2", "NAME_INCOME_TYPE"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_what_makes_names_of_the_catalogue(separator: str) -> None:
    dialect, header, length = recognise((separator.join(names) + "\n1" + separator * 3 + "\n").encode(), limits)
    assert dialect.separator == separator
    assert header == names
    assert length == len(separator.join(names)) + 1


def test_commas_in_a_quoted_name_are_no_separators() -> None:
    dialect, header, _ = recognise(b'AMT_CREDIT;"a,b,c,d,e";EXT_SOURCE_1\n1;2;3\n', limits)
    assert (dialect.separator, header) == (";", ["AMT_CREDIT", "a,b,c,d,e", "EXT_SOURCE_1"])


@pytest.mark.parametrize(
    ("separator", "cell", "decimal"),
    [(";", "1234,5", ","), (";", "1234.5", "."), (";", "1234", "."), ("\t", "0,25", ","), (",", "0.25", ".")],
)
def test_the_decimal_mark(separator: str, cell: str, decimal: str) -> None:
    text = f"{separator.join(names)}\n1{separator}{cell}{separator}{separator}Working\n"
    assert recognise(text.encode(), limits)[0].decimal == decimal


def test_a_point_anywhere_makes_the_comma_no_decimal_mark() -> None:
    text = ";".join(names) + "\n1;1,234;0.5;Working\n"
    assert recognise(text.encode(), limits)[0].decimal == "."


def test_a_comma_in_a_text_is_no_decimal_mark() -> None:
    assert recognise(b"AMT_CREDIT;NAME_INCOME_TYPE;remarks\n1;2,5;3,5\n", limits)[0].decimal == "."


def test_encodings() -> None:
    text = "AMT_CREDIT,ville\n1,Orléans\n"
    assert recognise(text.encode(), limits)[0] == Dialect("utf-8")
    assert recognise(text.encode("latin-1"), limits)[0] == Dialect("latin-1")
    marked, header, length = recognise(text.encode("utf-8-sig"), limits)
    assert (marked, header, length) == (Dialect("utf-8", marked=True), ["AMT_CREDIT", "ville"], 3 + 17)


def test_a_character_that_the_end_of_the_head_cuts_is_no_reason_against_utf_8() -> None:
    assert recognise("AMT_CREDIT,ville\n1,Orl\n2,é".encode()[:-1], limits)[0].encoding == "utf-8"


def test_a_last_line_that_is_no_utf_8_does_not_matter() -> None:
    assert recognise(b"a title\n\xe2\x82", limits)[1] == ["a title"]


@pytest.mark.parametrize(
    ("head", "key"),
    [
        (b"", "file_empty"),
        (b"\n\n", "file_empty"),
        (b"\xef\xbb\xbf", "file_empty"),
        ("AMT_CREDIT\n1\n".encode("utf-16"), "file_not_text"),
        (b"AMT_CREDIT\n\x00\x00\n", "file_not_text"),
        (b"x" * 1_000_000, "file_header_too_long"),
    ],
)
def test_what_is_no_csv_is_refused(head: bytes, key: str) -> None:
    with pytest.raises(UnusableFile) as refused:
        recognise(head, limits)
    assert refused.value.key == key
    assert refused.value.sentence("fr") != refused.value.sentence("en")
