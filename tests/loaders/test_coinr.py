"""COINr's own input tables become data and a specification."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from begleitforschung.errors import SourceFileError, SpecificationError, ValidationError
from begleitforschung.loaders.coinr import read_coinr
from begleitforschung.loaders.index_tables import IndexTables

META = """Level,iCode,iName,Direction,Weight,Unit,Target,Denominator,Parent,Type
1,a,Ärzte,1,1,je 1000,3.5,pop,P,Indicator
1,b,Wege,-1,2,km,,,P,Indicator
2,P,Index,1,1,,,,,Aggregate
,pop,Einwohner,,,,,,,Denominator
,g,Gruppe,,,,,,,Group
"""
DATA = "uCode,uName,a,b,pop,g\nX,Xdorf,1.5,NA,100,L\nY,Ystadt,2,-3,200,S\n"


@pytest.fixture
def write(tmp_path: Path):
    def written(data: str = DATA, meta: str = META) -> tuple[Path, Path]:
        for name, text in (("iData.csv", data), ("iMeta.csv", meta)):
            (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / "iData.csv", tmp_path / "iMeta.csv"

    return written


@pytest.fixture(scope="module")
def asem(shared: Path) -> IndexTables:
    folder = shared / "reference/composite/ref/asem"
    return read_coinr(folder / "input_iData.csv", folder / "input_iMeta.csv", id="asem")


def test_asem_comes_whole(asem: IndexTables, shared: Path) -> None:
    assert asem.data.shape == (51, 49 + 4)
    assert asem.data.index.name == "unit"
    raw = pd.read_csv(
        shared / "reference/composite/ref/asem/input_iData.csv", keep_default_na=True
    ).set_index("uCode")
    assert np.array_equal(asem.data.to_numpy(), raw[asem.data.columns].to_numpy(float), True)
    assert asem.names["DEU"] == "Germany"
    assert list(asem.groups) == ["GDP_group", "GDPpc_group", "Pop_group", "EurAsia_group"]
    assert asem.groups.loc["CHN", "EurAsia_group"] == "Asia"


def test_the_tree_of_asem_is_that_of_imeta(asem: IndexTables) -> None:
    spec = asem.spec
    assert (len(spec.indicators), len(spec.nodes), spec.root) == (49, 11, "Index")
    assert {item.id for item in spec.indicators if item.direction == "lower"} >= {"NEET", "CO2"}
    assert spec.element("Flights").denominator == "Population"
    assert spec.element("P2P").title.de == "People to People"
    assert spec.stages[0] == "denominate"


def test_fields_of_an_indicator(write) -> None:
    found = read_coinr(*write())
    first, second = found.spec.indicators
    assert (first.title.de, first.unit, first.target, first.denominator) == (
        "Ärzte",
        "je 1000",
        3.5,
        "pop",
    )
    assert (second.direction, second.weight) == ("lower", 2.0)
    assert found.data.loc["Y"].tolist() == [2, -3, 200]
    assert np.isnan(found.data.loc["X", "b"])
    assert {source.file for source in found.provenance.sources()} == {"iData.csv", "iMeta.csv"}


def test_years_become_part_of_the_index(write) -> None:
    data = "uCode,Time,a,b,pop,g\nX,2019,1,1,1,L\nX,2020,2,2,1,L\n"
    found = read_coinr(*write(data))
    assert found.data.index.names == ["unit", "year"]
    assert found.data.loc[("X", 2020), "a"] == 2


def test_a_workbook_is_read_as_well(write, tmp_path: Path) -> None:
    _, meta = write()
    book = tmp_path / "iData.xlsx"
    pd.DataFrame({"uCode": ["X"], "a": [1.25], "b": [2], "pop": [3], "g": ["L"]}).to_excel(
        book, index=False
    )
    assert read_coinr(book, meta).data.loc["X"].tolist() == [1.25, 2, 3]


def test_all_unreadable_cells_are_told_at_once(write) -> None:
    data = DATA.replace("-3", "drei").replace("Y,", "X,")
    meta = META.replace("b,Wege,-1,2", "b,Wege,down,").replace("Group", "Grupp")
    with pytest.raises(ValidationError) as caught:
        read_coinr(*write(data, meta))
    found = {(item.rule, item.file, item.row, item.column) for item in caught.value.findings}
    assert found == {
        ("coinr.number", "iData.csv", 3, "b"),
        ("coinr.unit", "iData.csv", 3, "uCode"),
        ("coinr.direction", "iMeta.csv", 3, "Direction"),
        ("coinr.weight", "iMeta.csv", 3, "Weight"),
        ("coinr.type", "iMeta.csv", 6, "Type"),
    }


def test_a_column_that_is_missing_is_named(write) -> None:
    with pytest.raises(ValidationError) as caught:
        read_coinr(*write(DATA.replace("pop", "people")))
    assert "pop" in caught.value.findings[0].text.en


def test_a_table_that_is_no_imeta_is_refused(write) -> None:
    with pytest.raises(SourceFileError, match="has no column 'Level'"):
        read_coinr(*write(meta="x,y\n1,2\n"))


def test_a_parent_that_does_not_exist_is_refused(write) -> None:
    with pytest.raises(SpecificationError, match="consistent"):
        read_coinr(*write(meta=META.replace(",P,Indicator", ",Q,Indicator", 1)))
