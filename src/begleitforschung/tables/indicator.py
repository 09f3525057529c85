"""What an indicator means: its unit of measure, its direction and how it may be aggregated."""

from __future__ import annotations

from typing import Literal

import pydantic

from begleitforschung.catalogue import Entry, Label

Direction = Literal["higher", "lower", "target", "none", "unknown"]
Aggregation = Literal["sum", "mean", "none", "unknown"]
HarmoniseBy = Literal["population", "area", "employment"]


class Break(Entry):
    """A year from which on the figures of a series are counted differently.

    Parameters
    ----------
    year : int
        First year of the new way to count.
    label : Label
        What changed, e.g. the census that the figures rest on.
    """

    year: int
    label: Label


class Indicator(Entry):
    """Meaning of one indicator.

    Parameters
    ----------
    id : str
        Identifier, unique within a table.
    title : Label
        Title in German and English.
    unit_of_measure : str
        Unit as it is printed, e.g. ``"%"`` or ``"1.000 € je Einwohner"``; empty where unknown.
    definition : Label, optional
        What is counted, and by what it is divided.
    direction : {"higher", "lower", "target", "none", "unknown"}
        Which direction is better.
    aggregation : {"sum", "mean", "none", "unknown"}
        How values of several units become one: added up, averaged with `weight`, not at all,
        or nobody said.
    weight : str, optional
        Indicator whose values are the weights of the mean; required for ``"mean"``.
    valid_min, valid_max : float, optional
        Range of possible values, both inclusive.
    decimals : int
        Decimal places in print.
    exposure : str, optional
        Indicator that holds the size behind a rate, usually the population.
    min_exposure : float, optional
        Exposure below which a value is neither ranked nor coloured.
    harmonise_by : {"population", "area", "employment"}, optional
        Shares by which counts pass from one territorial state to another; population where
        nothing is said.
    breaks : tuple of Break
        Years in which the series breaks; converting territories does not mend them.
    note : str
        What a reader must know.
    """

    id: str = pydantic.Field(min_length=1)
    title: Label
    unit_of_measure: str = ""
    definition: Label | None = None
    direction: Direction = "unknown"
    aggregation: Aggregation = "unknown"
    weight: str | None = None
    valid_min: float | None = None
    valid_max: float | None = None
    decimals: int = pydantic.Field(default=1, ge=0, le=6)
    exposure: str | None = None
    min_exposure: float | None = None
    harmonise_by: HarmoniseBy | None = None
    breaks: tuple[Break, ...] = ()
    note: str = ""

    @pydantic.field_validator("title", "definition", mode="before")
    @classmethod
    def _label(cls, value: object) -> object:
        return {"de": value} if isinstance(value, str) else value

    @pydantic.model_validator(mode="after")
    def _consistent(self) -> Indicator:
        if self.aggregation == "mean" and not self.weight:
            raise ValueError("a mean needs the indicator that holds its weights ('weight')")
        low, high = self.valid_min, self.valid_max
        if low is not None and high is not None and low > high:
            raise ValueError("valid_min is greater than valid_max")
        return self
