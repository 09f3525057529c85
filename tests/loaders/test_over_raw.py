"""A raw file is never written over; an earlier state of the same table is."""

import pandas as pd
import pytest

from begleitforschung.errors import SourceFileError
from begleitforschung.loaders import read_indicators, write_indicators
from begleitforschung.provenance import Source
from begleitforschung.tables import indicators

FRAME = pd.DataFrame({"unit": ["01001"], "year": 2021, "a": [1.0]})
BBSR = Source(publisher="BBSR", title="INKAR")


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
def test_a_file_without_our_description_is_spared(tmp_path, suffix):
    path = tmp_path / f"roh{suffix}"
    path.write_bytes(b"raw")
    with pytest.raises(SourceFileError, match="raw files are never overwritten"):
        write_indicators(FRAME, path)
    assert path.read_bytes() == b"raw"
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


def test_a_raw_file_of_another_publisher_is_spared(tmp_path):
    path = write_indicators(indicators(FRAME, source=BBSR), tmp_path / "kreise.csv")
    before = path.read_bytes()
    with pytest.raises(SourceFileError, match=r"kreise\.csv exists"):
        write_indicators(FRAME, path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_an_earlier_state_is_replaced(tmp_path, suffix):
    path = tmp_path / f"kreise{suffix}"
    write_indicators(indicators(FRAME, source=BBSR), path)
    write_indicators(indicators(FRAME.assign(a=2.0), source=BBSR), path)
    assert read_indicators(path).to_frame()["value"].to_list() == [2.0]
