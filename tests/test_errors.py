"""Errors name place, problem and remedy, and lose nothing."""

from begleitforschung.errors import Finding, UnknownCodeError, ValidationError, findings_frame
from begleitforschung.language import Text


def finding(row, **more):
    return Finding(
        rule="r", severity="error", text=Text("doppelt", "twice"), file="a.csv", row=row, **more
    )


def test_message_lists_problems_and_each_remedy_once():
    hint = Text("Zeile löschen.", "Delete the row.")
    error = ValidationError(
        "a.csv is wrong:", findings=[finding(3, hint=hint), finding(7, hint=hint)]
    )
    assert "a.csv, row 3: twice" in str(error)
    assert "row 7" in str(error)
    assert str(error).count("Delete the row.") == 1


def test_many_problems_are_shortened_but_none_is_lost():
    error = ValidationError("wrong:", findings=[finding(row) for row in range(50)])
    assert "and 30 more" in str(error)
    assert len(error.failures) == 50
    assert list(error.failures["row"]) == list(range(50))


def test_line_tells_place_value_and_number_in_both_languages():
    item = finding(3, column="value", key="08421 / 2021", value="abc", n=4)
    assert (
        item.line("de") == "a.csv, Zeile 3, Spalte 'value', 08421 / 2021: doppelt, 'abc' [4 Fälle]"
    )
    assert item.line("en").endswith("twice, 'abc' [4 cases]")


def test_frame_of_no_findings_has_the_columns():
    frame = findings_frame([])
    assert list(frame.columns[:4]) == ["severity", "rule", "file", "row"]
    assert frame.empty


def test_unknown_code_offers_the_nearest():
    assert "Did you mean 'breitband'?" in str(
        UnknownCodeError("breitbnd", ["breitband", "pkw"], "x")
    )


def test_unknown_code_lists_all_when_few_and_none_is_near():
    assert "Known are: a, b." in str(UnknownCodeError("zzz", ["a", "b"], "x"))
