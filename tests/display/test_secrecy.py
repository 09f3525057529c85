"""How it is shown that something is kept secret, or is not protected."""

from __future__ import annotations

from begleitforschung.display.figures import bars, dot_interval
from begleitforschung.display.likert import answer_bars
from begleitforschung.display.secrecy import UNPROTECTED, is_stamped, stamp
from begleitforschung.display.style import figure_bytes
from begleitforschung.display.tables import Cell, Column, TableModel

COLUMNS = [Column(key="g", label="G"), Column(key="v", label="V", decimals=1)]


def test_a_secret_cell_is_no_number_and_keeps_its_column_right_aligned() -> None:
    secret = Cell(value=None, secret=True, mark="a")
    model = TableModel(columns=COLUMNS, rows=[("A", secret), ("B", Cell(value=2.5, secret=True))])
    assert [row[1] for row in model.formatted()] == [".", "2,5 [.]"]
    assert [row[1] for row in model.spoken()] == ["geheim gehalten", "2,5 [geheim gehalten]"]
    assert model.alignments()[1] == "right"
    assert model.to_frame()["v"].isna().tolist() == [True, False]
    assert "<sup>a</sup>" in model.to_html()
    only = TableModel(columns=[COLUMNS[0], Column(key="v", label="V")], rows=[("A", secret)])
    assert only.alignments()[1] == "right"


def test_an_unprotected_table_says_so_above_and_below_once() -> None:
    model = TableModel(columns=COLUMNS, rows=[("A", 1.0)], notes=["m"], lang="en")
    marked = model.as_unprotected().as_unprotected()
    word = UNPROTECTED.en
    assert marked.to_html("Title").count(f"<caption><strong>{word}</strong>: Title</caption>") == 1
    assert f"<caption><strong>{word}</strong></caption>" in marked.to_html()
    lines = marked.to_text().splitlines()
    assert lines[0] == word
    assert lines[-2].startswith(f"Note: {word}: confidential")
    assert marked.notes[1:] == ("m",)


def test_pictures_are_stamped_once_and_tall_ones_in_every_part() -> None:
    few, many = (bars([str(k) for k in range(n)], [1.0] * n, axis="x") for n in (2, 60))
    clean = figure_bytes(few, "svg")
    assert not is_stamped(few)
    assert b"unprotected" not in clean
    counts = []
    for figure in (few, many):
        stamp(stamp(figure, "de"), "de")
        assert is_stamped(figure)
        assert {text.get_text() for text in figure.texts} == {UNPROTECTED.de}
        counts.append(len(figure.texts))
    assert counts[0] == 1
    assert counts[1] >= 5
    assert b'id="bf-unprotected-1"' in figure_bytes(few, "svg")


def test_a_stamp_lies_within_the_picture() -> None:
    figure = stamp(bars(["A", "B"], [1.0, 2.0], axis="x"), "de")
    figure.draw_without_rendering()
    (box,) = [text.get_window_extent() for text in figure.texts]
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.width


def test_what_is_secret_is_not_drawn_even_if_it_is_given() -> None:
    drawn = []
    for hidden in (10.0, 25.0):
        parts = {"a": [hidden, 40.0], "b": [60.0 - hidden, 60.0]}
        figure = answer_bars(["A", "B"], parts, axis="x", ordered=True, secret=[True, False])
        drawn.append(figure_bytes(figure, "svg"))
    assert drawn[0] == drawn[1]


def test_a_hidden_interval_is_named_beside_its_point() -> None:
    nothing = float("nan")
    figure = dot_interval(
        ["A", "B"], [1.0, nothing], [nothing] * 2, [nothing] * 2,
        axis="x", n=[20, 20], min_n=10, secret=[True, True], lang="en",
    )  # fmt: skip
    assert [text.get_text() for text in figure.axes[0].texts] == ["1.0 [.]", ". (kept secret)"]
