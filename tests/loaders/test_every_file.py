"""Every file at hand is in the table of the documentation, and gives what stands there."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from begleitforschung import read_crosswalk, read_indicators, read_territorial_changes
from begleitforschung.errors import BegleitforschungError
from begleitforschung.loaders import read_inkar_catalogue

DOCUMENT = Path(__file__).parents[2] / "docs/reference/formats.md"
HEADING = "### What the files at hand give"


@dataclass(frozen=True)
class Stated:
    """A row of the table."""

    file: str
    option: str
    reader: str
    figures: tuple[str, ...]

    @property
    def words(self):
        """Words of the message of a file that is refused."""
        return self.figures[0].removeprefix("refused: ")

    @property
    def refused(self):
        return self.figures[0].startswith("refused: ")

    def is_one(self):
        return "*" not in self.file and self.reader != "–"


def stated():
    text = DOCUMENT.read_text("utf-8").partition(HEADING)[2].partition("\n### ")[0]
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| `")]
    cells = [[cell.strip().strip("`") for cell in row] for row in rows]
    return [Stated(file, option, reader, tuple(rest)) for file, option, reader, *rest in cells]


TABLE = stated()
ONE = [row for row in TABLE if row.is_one()]


def figures_of(table):
    value = table.data["value"]
    first, last = table.years[0], table.years[-1]
    years = str(first) if first == last else f"{first}–{last}"
    sizes = len(table), len(table.units), len(table.indicators)
    return [*sizes, years, float(value.sum()), int(value.isna().sum())]


def of_crosswalk(changes):
    shares = [step.data["share_population"] for step in changes]
    keys = {key for step in changes for key in step.old}
    known = sum(float(share.sum()) for share in shares)
    unknown = sum(int(share.isna().sum()) for share in shares)
    return [sum(map(len, changes)), len(keys), len(changes), None, known, unknown]


def of_changes(changes):
    people = changes.data["population"]
    keys = changes.data.loc[changes.data["ags_old"] != "", "ags_old"].nunique()
    return [len(changes), keys, None, None, float(people.sum()), int(people.isna().sum())]


def of_catalogue(catalogue):
    ids = {item.m_id for item in catalogue.entries}
    return [len(catalogue.entries), None, len(ids), None, None, None]


def read(path, row):
    match row.reader.split(",")[0]:
        case "read_crosswalk":
            return of_crosswalk(read_crosswalk(path))
        case "read_territorial_changes":
            return of_changes(read_territorial_changes(path))
        case "read_inkar_catalogue":
            return of_catalogue(read_inkar_catalogue(path))
    table = read_indicators(path, sheet=row.option or None)
    (source,) = table.provenance.sources()
    assert source.licence
    assert source.attribution
    return figures_of(table)


def same(found, row):
    for value, wanted in zip(found, row.figures, strict=True):
        if isinstance(value, str) or value is None:
            assert (value or "–") == wanted
        else:
            assert value == pytest.approx(float(wanted.replace(",", "")), rel=1e-12, abs=0.006)


def test_every_file_is_in_the_table_and_every_row_has_a_file(shared):
    folder = shared / "data"
    survey = folder / "survey"
    there = {path for path in folder.rglob("*") if path.is_file() and survey not in path.parents}
    listed = [set(folder.glob(row.file)) for row in TABLE]
    assert [row.file for row, files in zip(TABLE, listed, strict=True) if not files] == []
    assert sorted(map(str, there - set().union(*listed))) == []


def test_the_table_agrees_with_the_manifest(shared):
    lines = (shared / "data/MANIFEST.tsv").read_text("utf-8").splitlines()[1:]
    names = [line.split("\t")[0] for line in lines if not line.startswith("survey/")]
    files = {row.file for row in TABLE}
    missing = [name for name in names if name not in files and "konstanz" not in name]
    assert missing == []


@pytest.mark.parametrize("row", ONE, ids=lambda row: f"{row.file} {row.option}".strip())
def test_a_file_gives_what_the_table_says_or_is_refused(shared, row):
    path = shared / "data" / row.file
    if row.refused:
        with pytest.raises(BegleitforschungError) as caught:
            read_indicators(path, sheet=row.option or None)
        assert row.words in str(caught.value)
        assert path.name in str(caught.value)
    else:
        same(read(path, row), row)


def test_open_data_of_one_city_give_what_the_table_says(shared):
    (row,) = [row for row in TABLE if row.file.endswith("**/*.csv")]
    unit = row.option.split('"')[1]
    tables = [read_indicators(path, unit=unit) for path in sorted((shared / "data").glob(row.file))]
    assert f"{len(tables)} files" in row.reader
    columns = list(zip(*map(figures_of, tables), strict=True))
    years = [year for table in tables for year in table.years]
    units = {key for table in tables for key in table.units}
    sums = [None if isinstance(column[0], str) else sum(column) for column in columns]
    same([sums[0], len(units), sums[2], f"{min(years)}–{max(years)}", *sums[4:]], row)
