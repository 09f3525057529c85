"""How estimates are laid out: nothing is said twice, and a single figure has a row per group."""

from __future__ import annotations

import pytest

import begleitforschung as bf
from begleitforschung.results.estimate_display import part_words
from begleitforschung.results.estimate_words import number_decimals, unit_noun
from begleitforschung.results.variable_words import variable_words


@pytest.fixture(scope="module")
def project(repo):
    return bf.read_project(repo)


@pytest.fixture(scope="module")
def projekte(project):
    return project.survey("projekte")


@pytest.fixture(scope="module")
def kommunen(project):
    return project.survey("kommunen")


def labels(model):
    return [column.label for column in model.columns]


def estimate(survey, *arguments, **options):
    return bf.estimate(survey, *arguments, allow_unprotected=True, **options)


def test_a_single_figure_has_a_row_for_each_group(kommunen):
    model = estimate(kommunen, "stellen", by="groessenklasse", statistic="median").display()
    assert labels(model) == ["Gruppe", "Median", "95-%-Intervall", "n"]
    assert model.columns[1].unit == "VZÄ"
    assert [row[0].partition(" ")[0] for row in model.rows] == [
        "Insgesamt",
        "Landstadt",
        "Kleinstadt",
        "Mittelstadt",
        "Großstadt",
    ]


def test_groups_crossed_with_answers_are_columns(kommunen):
    model = estimate(kommunen, "plattform", by="groessenklasse").display()
    assert labels(model)[:2] == ["Antwort", "Insgesamt"]
    assert [row[0] for row in model.rows][-1] == "n"


def test_boxes_of_a_battery_name_the_rows_and_say_once_what_is_counted(projekte):
    model = estimate(projekte, "hemmnis", statistic="top2").display()
    assert labels(model)[0] == "Frage"
    assert "Antwort" not in labels(model)
    assert model.rows[0][0] == "fehlendes Personal"
    assert "Gezählt: die beiden obersten Antworten (stark, sehr stark)." in model.notes
    english = estimate(projekte, "hemmnis", statistic="top2").display("en")
    assert any(note.startswith("Counted: ") for note in english.notes)


def test_boxes_of_different_scales_keep_their_answers(projekte):
    model = estimate(projekte, ["hemmnis_a", "begleitung"], statistic="top2").display()
    assert labels(model)[:2] == ["Frage", "Antwort"]
    assert not any(note.startswith("Gezählt") for note in model.notes)
    assert model.rows[0][0].endswith("[fehlendes Personal]")


def test_ranks_are_called_by_their_number(projekte):
    item = projekte.codebook.item("erfolg")
    assert part_words(item, "erfolg_2").en == "Rank 2"
    assert part_words(projekte.codebook.item("stand"), "stand").de == ""
    figure = estimate(projekte, "erfolg").figure()
    shown = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert [text.partition(" (")[0] for text in shown] == ["Rang 1", "Rang 2", "Rang 3"]


def test_scales_are_drawn_from_light_to_dark_and_other_answers_are_not(projekte):
    def first(question):
        axes = estimate(projekte, question, by="staffel").figure(kind="stacked").axes[0]
        return axes.patches[0].get_facecolor()[:3]

    assert sum(first("stand")) > 2.4 > sum(first("verstetigung"))


def test_shares_are_of_projects_where_projects_answer(projekte, kommunen):
    assert unit_noun(estimate(projekte, "stand")).de == "Projekte"
    assert unit_noun(estimate(kommunen, "plattform")).de == "Kommunen"
    residents = estimate(kommunen, "plattform", weight_by="einwohner")
    assert unit_noun(residents).de == "Einwohner (der Kommunen)"
    # A protected result holds no answers any more, and says the same.
    safe = bf.protect(bf.estimate(projekte, "stand"))
    assert "Anteil der Projekte" in labels(safe.display())


def test_variables_of_the_frame_have_names(kommunen, projekte):
    balance = bf.respondents_against_frame(kommunen, ["groessenklasse", "einwohner"]).display()
    assert [row[0] for row in balance.rows if row[0]] == ["Größenklasse", "Einwohner"]
    assert [str(row[1]).partition(" ")[0] for row in balance.rows][:2] == [
        "Landstadt",
        "Kleinstadt",
    ]
    assert variable_words("staffel").en == "Round"
    report = bf.weight_report(kommunen).display()
    assert report.rows[-1][1] == "Land, Größenklasse"


def test_response_rates_stand_in_the_order_of_their_classes(project, kommunen):
    asked = bf.design(kommunen, kind="invitation", frame=project.invited("kommunen"))
    survey = kommunen.with_design(asked)
    rates = bf.response_rates(survey, by="groessenklasse", dispositions="disposition").table
    order = [group.partition(" ")[0] for group in rates["group"]]
    assert order == ["", "Landstadt", "Kleinstadt", "Mittelstadt", "Großstadt"]
    by_land = bf.response_rates(survey, by="bundesland").table["group"].tolist()
    assert by_land[1:3] == ["Schleswig-Holstein", "Hamburg"]


@pytest.mark.parametrize(
    ("estimate", "se", "n", "decimals"),
    [(14.7, 0.49, 600, 2), (14.7, 4.9, 600, 1), (1171, 85.0, 600, 0), (5.0, float("nan"), 100, 2)],
)
def test_numbers_have_two_digits_of_their_standard_error(estimate, se, n, decimals):
    assert number_decimals({"estimate": estimate, "se": se, "n": n}) == decimals
