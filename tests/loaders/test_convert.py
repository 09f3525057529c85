"""A converted INKAR file gives the same figures as the CSV, whole or not at all."""

import json
import random

import pandas as pd
import pytest
from click.testing import CliRunner

from begleitforschung import cli
from begleitforschung.errors import SourceFileError, UnknownCodeError, ValidationError
from begleitforschung.loaders import convert, convert_inkar, read_converted, read_indicators

HEAD = "Bereich;ID;Kuerzel;Indikator;Raumbezug;Kennziffer;Name;Zeitbezug;Wert\n"
UNITS = (("Kreise", "08421"), ("Kreise", "09761"), ("Gemeinden", "08421000"), ("Bund", "0"))


def lines():
    for bereich in ("LRB", "SDG"):
        for number in range(1, 8):
            for level, key in (*UNITS, ("NUTS2", "0801")):
                for year in range(2015, 2023):
                    value = f"{number * year % 97},{len(key)}" if year != 2018 else "."
                    yield (
                        f"{bereich};{number};q_{number};Quote {number};{level};{key};N;"
                        f"{year};{value}\n"
                    )


@pytest.fixture
def csv(put):
    return put(HEAD + "".join(lines()), "inkar.csv")


def figures(table):
    kept = ["unit", "year", "indicator", "value", "status", "row"]
    data = table.data[kept].astype({"unit": str, "indicator": str, "status": str, "row": int})
    return data.sort_values(kept[:3]).reset_index(drop=True)


@pytest.mark.parametrize("mixed", [False, True])
@pytest.mark.parametrize("held", [10, 4_000_000])
def test_the_same_figures_come_back_in_any_order_and_with_any_memory(
    put, tmp_path, monkeypatch, mixed, held
):
    rows = list(lines())
    if mixed:
        random.Random(7).shuffle(rows)
    csv = put("\ufeff" + HEAD + "".join(rows), "inkar.csv")
    monkeypatch.setattr(convert, "_HELD", held)
    monkeypatch.setattr(convert, "_BLOCK", 4096)
    done = convert_inkar(csv, tmp_path / "inkar")
    assert (done.rows, done.indicators) == (len(rows), 7)
    assert (done.parts > 7) == (held == 10)
    whole = read_converted(tmp_path / "inkar")
    pd.testing.assert_frame_equal(figures(whole), figures(read_indicators(csv)))
    assert dict(whole.indicators)["3"].title.de == "Quote 3"
    merged = [item for item in whole.findings if item.rule == "inkar.bereich_merged"]
    assert merged[0].n == 7 * 4 * 8


def test_a_selection_is_read_without_the_rest(csv, tmp_path):
    folder = convert_inkar(csv, tmp_path / "inkar").folder
    for path in folder.glob("indicator=[4-7]/*"):
        path.unlink()
    table = read_converted(folder, indicators=["2", "3"], level="kreis", years=[2020, 2018])
    assert (table.units, table.years) == (("08421", "09761"), (2018, 2020))
    assert len(table) == 2 * 2 * 2
    assert read_converted(folder, indicators="2", units="DG", years=2020).units == ("DG",)
    with pytest.raises(UnknownCodeError):
        read_converted(folder, indicators="99")
    with pytest.raises(ValidationError, match="no figure fits"):
        read_converted(folder, indicators="2", years=1990)
    with pytest.raises(SourceFileError, match="Convert the file again"):
        read_converted(folder, indicators="4")


def test_source_and_selection_stand_in_the_provenance(csv, put, tmp_path):
    put(
        "source: {publisher: BBSR, title: INKAR, edition: 2025-07}\ngebietsstand: '2023-12-31'\n",
        "inkar.csv.meta.yaml",
    )
    folder = convert_inkar(csv, tmp_path / "inkar").folder
    table = read_converted(folder, indicators="2")
    (source,) = table.provenance.sources()
    assert (source.edition, source.file, table.gebietsstand) == (
        "2025-07", "inkar.csv", "2023-12-31"
    )  # fmt: skip
    assert source.sha256 == read_indicators(csv).provenance.sources()[0].sha256
    assert "loader.no_sidecar" not in [item.rule for item in table.findings]
    other = read_converted(folder, indicators="3")
    assert other.provenance.fingerprint != table.provenance.fingerprint


def test_a_file_that_its_sidecar_does_not_describe_is_refused(csv, put, tmp_path):
    put(f"source: {{publisher: BBSR, title: INKAR, sha256: '{'0' * 64}'}}\n", "inkar.csv.meta.yaml")
    with pytest.raises(SourceFileError, match="is not the file that"):
        convert_inkar(csv, tmp_path / "inkar")
    assert not (tmp_path / "inkar").exists()


@pytest.mark.parametrize(
    ("old", "new", "row", "words"),
    [
        ("2016;46,5", "2016;46.5", 3, "neither a number nor a sign"),
        ("2016;46,5", "2016;4,6,5", 3, "neither a number nor a sign"),
        ("2016;46,5", "2016;inf", 3, "neither a number nor a sign"),
        ("2016;46,5", "2016", 3, "8 cells instead of 9"),
    ],
)
def test_broken_rows_are_named_and_nothing_is_left(put, tmp_path, old, new, row, words):
    first = "LRB;1;q_1;Quote 1;Kreise;08421;N;2015;45,5\n"
    second = "LRB;1;q_1;Quote 1;Kreise;08421;N;2016;46,5\n"
    csv = put((HEAD + first + second + first.replace("2015", "2017")).replace(old, new))
    before = sorted(tmp_path.iterdir())
    with pytest.raises((ValidationError, SourceFileError)) as error:
        convert_inkar(csv, tmp_path / "inkar")
    (finding,) = error.value.findings
    assert (finding.row, finding.file) == (row, "daten.csv")
    assert words in finding.text.en
    assert sorted(tmp_path.iterdir()) == before


def test_empty_lines_are_passed_over_and_rows_still_count_as_in_the_file(put, tmp_path):
    row = "LRB;1;q_1;Quote 1;Kreise;08421;N;{};45,5\n"
    csv = put(HEAD + row.format(2015) + "\n" + row.format(2016) + "\n\n")
    folder = convert_inkar(csv, tmp_path / "inkar").folder
    assert read_converted(folder).data["row"].tolist() == [2, 4]


def test_another_file_an_existing_folder_and_no_rows_are_refused(put, tidy_text, csv, tmp_path):
    with pytest.raises(SourceFileError, match="no long CSV of INKAR"):
        convert_inkar(put(tidy_text), tmp_path / "a")
    with pytest.raises(SourceFileError, match="exists; name a folder"):
        convert_inkar(csv, tmp_path)
    with pytest.raises(SourceFileError, match="create it first"):
        convert_inkar(csv, tmp_path / "a/b")
    with pytest.raises(SourceFileError, match="can't be converted"):
        convert_inkar(tmp_path / "fehlt.csv", tmp_path / "a")
    with pytest.raises(SourceFileError, match="no rows"):
        convert_inkar(put(HEAD, "leer.csv"), tmp_path / "a")


def test_changed_files_are_never_read(csv, tmp_path):
    folder = convert_inkar(csv, tmp_path / "inkar").folder
    part = folder / "indicator=2" / "part-0.parquet"
    part.write_bytes(part.read_bytes()[:-1] + b"x")
    with pytest.raises(SourceFileError, match="was changed"):
        read_converted(folder, indicators="2")
    meta = folder / "converted.json"
    meta.write_text(meta.read_text("utf-8")[:-20], "utf-8")
    with pytest.raises(SourceFileError, match="is damaged"):
        read_converted(folder)
    with pytest.raises(SourceFileError, match="no converted INKAR file"):
        read_converted(tmp_path)


def test_figures_that_differ_between_bereiche_ask_for_one(put, tmp_path):
    row = "{};1;q_1;Quote 1;Kreise;08421;N;2015;{}\n"
    csv = put(HEAD + row.format("LRB", "1,5") + row.format("SDG", "2,5"))
    folder = convert_inkar(csv, tmp_path / "inkar").folder
    with pytest.raises(ValidationError, match="different things"):
        read_converted(folder)
    assert read_converted(folder, bereich="SDG").data["value"].tolist() == [2.5]


def test_a_file_too_large_to_be_read_at_once_is_pointed_to_conversion(csv, monkeypatch):
    monkeypatch.setattr("begleitforschung.loaders.files._LARGEST", 1000)
    with pytest.raises(SourceFileError, match="begleitforschung convert FILE"):
        read_indicators(csv)


def test_the_command(csv, tmp_path):
    done = CliRunner().invoke(cli.cli, ["convert", str(csv), "--to", str(tmp_path / "i"), "--json"])
    assert done.exit_code == 0
    assert json.loads(done.output) == {"folder": str(tmp_path / "i"), "rows": 560, "indicators": 7}
    again = CliRunner().invoke(cli.cli, ["convert", str(csv), "--to", str(tmp_path / "i")])
    assert again.exit_code != 0
    assert "exists; name a folder" in again.output
