"""Fetching: tables from the publishers' interfaces, each file with its sidecar."""

from begleitforschung.loaders.fetching.delivery import Fetched
from begleitforschung.loaders.fetching.genesis import fetch_genesis
from begleitforschung.loaders.fetching.inkar import fetch_inkar
from begleitforschung.loaders.fetching.wegweiser import fetch_wegweiser

__all__ = ["Fetched", "fetch_genesis", "fetch_inkar", "fetch_wegweiser"]
