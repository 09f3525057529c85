"""Loaders: raw file and sidecar -> validated `IndicatorTable`; the only readers of data files."""

from begleitforschung.loaders.coin_tool import read_coin_tool
from begleitforschung.loaders.coinr import read_coinr
from begleitforschung.loaders.convert import Conversion, convert_inkar
from begleitforschung.loaders.converted import read_converted
from begleitforschung.loaders.gebietsaenderungen import read_territorial_changes
from begleitforschung.loaders.gemeindeverzeichnis import (
    read_gemeindeverzeichnis,
    read_municipalities,
)
from begleitforschung.loaders.guessing import sniff_layout
from begleitforschung.loaders.index_tables import IndexTables
from begleitforschung.loaders.inkar_overview import InkarCatalogue, read_inkar_catalogue
from begleitforschung.loaders.reading import read_indicators
from begleitforschung.loaders.sidecar import Sidecar, SidecarSource, read_sidecar
from begleitforschung.loaders.umsteigeschluessel import read_crosswalk
from begleitforschung.loaders.writing import write_indicators

__all__ = [
    "Conversion",
    "IndexTables",
    "InkarCatalogue",
    "Sidecar",
    "SidecarSource",
    "convert_inkar",
    "read_coin_tool",
    "read_coinr",
    "read_converted",
    "read_crosswalk",
    "read_gemeindeverzeichnis",
    "read_indicators",
    "read_inkar_catalogue",
    "read_municipalities",
    "read_sidecar",
    "read_territorial_changes",
    "sniff_layout",
    "write_indicators",
]
