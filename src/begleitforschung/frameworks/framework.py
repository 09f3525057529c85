"""A KPI framework as a frozen value: what is measured, how, from what, and who says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from begleitforschung.errors import FrameworkError, UnknownCodeError
from begleitforschung.frameworks import entries as sheets
from begleitforschung.frameworks.checks import Content, check_content
from begleitforschung.frameworks.entries import SHEETS, Dimension, Info, Kpi, Target, Variable
from begleitforschung.language import Lang, Text
from begleitforschung.provenance import Provenance, Source

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Framework:
    """A catalogue of key performance indicators, checked at birth.

    Load one with `load_framework`; make a variant with `dataclasses.replace`.

    Parameters
    ----------
    info : Info
        Identifier, edition, titles, publisher, source, licence.
    kpis : tuple of Kpi
        The indicators.
    variables : tuple of Variable
        What their formulas use.
    targets : tuple of Target
        What is aimed at.
    mappings : tuple of Mapping
        Where published values stand.
    dimensions : tuple of Dimension
        The tree in which the indicators stand.

    Raises
    ------
    FrameworkError
        If the framework contradicts itself; all problems at once.
    """

    info: Info
    kpis: tuple[Kpi, ...] = field(repr=False)
    variables: tuple[Variable, ...] = field(default=(), repr=False)
    targets: tuple[Target, ...] = field(default=(), repr=False)
    mappings: tuple[sheets.Mapping, ...] = field(default=(), repr=False)
    dimensions: tuple[Dimension, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        findings = check_content(Content(**{name: getattr(self, name) for name in SHEETS}))
        problems = [item for item in findings if item.severity == "error"]
        if problems:
            raise FrameworkError(
                f"the framework '{self.info.id}' is not consistent ({len(problems)} problems):",
                findings=problems,
            )

    @property
    def id(self) -> str:
        """Identifier, e.g. ``"sdg_kommunen"``."""
        return self.info.id

    @property
    def edition(self) -> str:
        """Edition."""
        return self.info.edition

    @property
    def title(self) -> Text:
        """Title in German and English."""
        return Text(self.info.title_de, self.info.title_en)

    @cached_property
    def provenance(self) -> Provenance:
        """Where the framework comes from; its fingerprint covers the whole content."""
        content = {
            name: [row.model_dump(exclude_defaults=True) for row in getattr(self, name)]
            for name in SHEETS
        }
        digest = Provenance.of("framework", info=self.info.model_dump(), **content).fingerprint
        source = Source(
            publisher=self.info.publisher,
            title=self.info.source,
            edition=self.info.edition,
            licence=self.info.licence,
            licence_url=self.info.licence_url,
            attribution=self.info.attribution,
            url=self.info.source_url,
            sha256=digest,
            changes=self.info.note,
        )
        return Provenance.of("load_framework", source, id=self.id, content=digest)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over everything the framework says; two variants never share it."""
        return self.provenance.fingerprint

    @cached_property
    def _index(self) -> dict[str, Kpi]:
        by_code = {kpi.code: kpi for kpi in self.kpis}
        return by_code | {kpi.id: kpi for kpi in self.kpis}

    def __len__(self) -> int:
        """Return the number of indicators."""
        return len(self.kpis)

    def __iter__(self) -> Iterator[Kpi]:
        """Yield the indicators in order."""
        return iter(self.kpis)

    def __contains__(self, key: object) -> bool:
        """Tell whether there is an indicator with this id or code."""
        return key in self._index

    def __getitem__(self, key: str) -> Kpi:
        """Return an indicator by id or code.

        Parameters
        ----------
        key : str
            Its id (``"SDGK-16011"``) or code (``"16011"``).

        Returns
        -------
        Kpi
            The indicator.

        Raises
        ------
        UnknownCodeError
            If there is none; names the nearest.
        """
        if key not in self._index:
            raise UnknownCodeError(key, self._index, f"the framework '{self.id}'")
        return self._index[key]

    def targets_of(self, key: str) -> tuple[Target, ...]:
        """Return the targets of an indicator.

        Parameters
        ----------
        key : str
            Its id or code.

        Returns
        -------
        tuple of Target
            In the order of the sheet.
        """
        wanted = self[key].id
        return tuple(item for item in self.targets if item.kpi_id == wanted)

    def mappings_of(self, key: str, system: str) -> tuple[sheets.Mapping, ...]:
        """Return where published values of an indicator stand in one system.

        Parameters
        ----------
        key : str
            Its id or code.
        system : str
            The system, e.g. ``"inkar"``.

        Returns
        -------
        tuple of Mapping
            In the order of the sheet, which is the order of preference.
        """
        wanted = self[key].id
        return tuple(m for m in self.mappings if m.kpi_id == wanted and m.system == system)

    def path(self, key: str) -> tuple[Dimension, ...]:
        """Return the dimensions above an indicator.

        Parameters
        ----------
        key : str
            Its id or code.

        Returns
        -------
        tuple of Dimension
            From the top of the tree down.
        """
        nodes = {item.dimension: item for item in self.dimensions}
        node: Dimension | None = nodes[self[key].dimension]
        above: list[Dimension] = []
        while node is not None:
            above.append(node)
            node = nodes.get(node.parent)
        return tuple(reversed(above))

    def table(self, sheet: str = "kpis") -> pd.DataFrame:
        """Return one sheet as a DataFrame.

        Parameters
        ----------
        sheet : {"kpis", "variables", "targets", "mappings", "dimensions"}
            The sheet.

        Returns
        -------
        pandas.DataFrame
            One row per entry, all columns.

        Raises
        ------
        UnknownCodeError
            If there is no such sheet.
        """
        import pandas as pd

        if sheet not in SHEETS:
            raise UnknownCodeError(sheet, SHEETS, "sheets of a framework")
        rows = [item.model_dump() for item in getattr(self, sheet)]
        return pd.DataFrame(rows, columns=list(SHEETS[sheet].model_fields))

    def summary(self, lang: Lang = "de") -> pd.DataFrame:
        """Return what the framework holds, by top dimension.

        Parameters
        ----------
        lang : {"de", "en"}
            Language of the names.

        Returns
        -------
        pandas.DataFrame
            One row per top dimension: number of KPIs, of those with a formula, with official
            polarity and with a published INKAR value.
        """
        import pandas as pd

        inkar = {m.kpi_id for m in self.mappings if m.system == "inkar" and m.key}
        rows: list[dict[str, Any]] = []
        for kpi in self.kpis:
            top = self.path(kpi.id)[0]
            names = Text(top.name_de or top.name_en, top.name_en)
            row = {"dimension": top.dimension, "name": names.get(lang), "kpis": 1}
            row["with_formula"] = int(bool(kpi.formula))
            row["official_polarity"] = int(
                kpi.polarity != "none" and kpi.polarity_source == "official"
            )
            row["mapped_inkar"] = int(kpi.id in inkar)
            rows.append(row)
        columns = ["kpis", "with_formula", "official_polarity", "mapped_inkar"]
        frame = pd.DataFrame(rows, columns=["dimension", "name", *columns])
        return frame.groupby(["dimension", "name"], sort=False)[columns].sum().reset_index()
