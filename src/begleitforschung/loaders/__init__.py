"""Loaders: raw file and sidecar -> validated `IndicatorTable`; the only readers of data files."""

from begleitforschung.loaders.reading import read_indicators
from begleitforschung.loaders.sidecar import Sidecar, SidecarSource, read_sidecar
from begleitforschung.loaders.writing import write_indicators

__all__ = ["Sidecar", "SidecarSource", "read_indicators", "read_sidecar", "write_indicators"]
