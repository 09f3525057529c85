"""Text behind a closing quote is refused: it would be read into the number."""

import pytest

from begleitforschung.errors import SourceFileError
from begleitforschung.loaders import read_indicators

HEAD = '"unit";"year";"indicator";"value"\n'


@pytest.mark.parametrize("cell", ['"9,0"1', '"9"5"', '"9"x'])
def test_text_behind_a_closing_quote_names_its_row(put, cell):
    path = put(HEAD + f'"08421";"2021";"pkw";"8,0"\n"08425";"2021";"pkw";{cell}\n')
    with pytest.raises(SourceFileError) as caught:
        read_indicators(path)
    (found,) = caught.value.findings
    assert (found.rule, found.row, found.file) == ("loader.quotes", 3, "daten.csv")


@pytest.mark.parametrize("name", ['"12"" Rohr"', '12" Rohr', '"a;""b"" c"', '"a""\nb"'])
def test_quotes_within_texts_are_no_fault(put, name):
    path = put(f"unit;year;indicator;value;note\n08421;2021;pkw;8,5;{name}\n")
    assert read_indicators(path).data["value"].tolist() == [8.5]


def test_an_indicator_without_letters_or_number_has_no_code(put):
    path = put("Kennziffer;Raumeinheit;Aggregat;-\n;;;2016\n01001;A;B;1,0\n")
    with pytest.raises(SourceFileError) as caught:
        read_indicators(path)
    assert [(item.rule, item.column) for item in caught.value.findings] == [("inkar.year", "-")]
