"""`IndexSpec`: the whole construction of a composite index as one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from begleitforschung.errors import Finding, SpecificationError, UnknownCodeError
from begleitforschung.frameworks.index_checks import check_index
from begleitforschung.frameworks.index_entries import (
    IndicatorSpec,
    NodeSpec,
    Purpose,
    as_text,
    elements_of,
    text_content,
)
from begleitforschung.frameworks.index_method import DEFAULT_STEPS, Step, Years
from begleitforschung.frameworks.index_types import as_entries
from begleitforschung.frameworks.index_variants import Variants
from begleitforschung.language import Lang, Text
from begleitforschung.provenance import Provenance

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from begleitforschung.frameworks.framework import Framework
    from begleitforschung.frameworks.index_tree import Tree


@dataclass(frozen=True, kw_only=True)
class IndexSpec(Variants):
    """A composite index: its indicators in a tree, and the steps that lead to the scores.

    The specification checks itself; `begleitforschung.compose` applies it to figures. Variants
    are made by `replace` and its short paths.

    Parameters
    ----------
    id : str
        Identifier.
    title : str or Text
        Title; the identifier by default.
    indicators : tuple of IndicatorSpec
        Leaves of the tree.
    nodes : tuple of NodeSpec
        Inner nodes; exactly one has no parent, the index itself.
    steps : tuple of Step
        What is done, in order; kinds may repeat. By default min-max from 0 to 100, then the
        weighted arithmetic mean.
    years : "each", "pooled" or int
        Where reference values (minimum, mean, ranks, weights from data …) come from: each year
        for itself, all years together, or one base year, which makes scores comparable over time.
    purpose : Purpose, optional
        What the index is for; required before a report is made from it.
    findings : tuple of Finding
        What was remarked when it was made, e.g. KPIs of a framework that are not scored.

    Raises
    ------
    SpecificationError
        If it contradicts itself or the catalogue of methods; all problems at once.

    Examples
    --------
    >>> spec = IndexSpec(
    ...     id="teilhabe",
    ...     indicators=(
    ...         IndicatorSpec(id="breitband", parent="teilhabe"),
    ...         IndicatorSpec(id="wegezeit", parent="teilhabe", direction="lower"),
    ...     ),
    ...     nodes=(NodeSpec(id="teilhabe"),),
    ... )
    >>> spec.replace(aggregate="minimum").step("aggregate").chosen
    Method('minimum')
    """

    id: str
    title: Text | str = ""
    indicators: tuple[IndicatorSpec, ...] = field(repr=False)
    nodes: tuple[NodeSpec, ...] = field(repr=False)
    steps: tuple[Step, ...] = field(default=DEFAULT_STEPS, repr=False)
    years: Years = "each"
    purpose: Purpose | None = field(default=None, repr=False)
    findings: tuple[Finding, ...] = field(default=(), repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", as_text(self.title or self.id))
        for name in ("indicators", "nodes", "steps"):
            object.__setattr__(self, name, as_entries(getattr(self, name)))
        problems = check_index(self.indicators, self.nodes, self.steps, self.years)
        if problems:
            raise SpecificationError(
                f"the index '{self.id}' is not consistent ({len(problems)} problems):",
                findings=problems,
            )

    @classmethod
    def of_framework(cls, framework: Framework, **options: Any) -> IndexSpec:
        """Make the specification of an index from a KPI framework.

        Parameters
        ----------
        framework : Framework
            Its dimensions become the nodes, its KPIs the indicators, with their weights,
            polarities, goalposts and normalisations.
        **options
            Those of `begleitforschung.frameworks.index_framework.fields_of_framework`:
            ``kpis, accept_polarity, id, title, steps, years, purpose``.

        Returns
        -------
        IndexSpec
            The specification; its findings name the KPIs that are not scored, and why.

        Raises
        ------
        SpecificationError
            If no KPI may be scored.
        UnknownCodeError
            If a KPI named does not exist.
        FrameworkError
            If an acceptance of a polarity can have no effect.
        """
        from begleitforschung.frameworks.index_framework import fields_of_framework

        return cls(**fields_of_framework(framework, **options))

    @classmethod
    def of(cls, given: IndexSpec | Framework) -> IndexSpec:
        """Return a specification, or make that of a framework as it stands.

        Parameters
        ----------
        given : IndexSpec or Framework
            A framework is taken by `of_framework` without options.

        Returns
        -------
        IndexSpec
            The specification.

        Raises
        ------
        SpecificationError
            If no KPI of the framework may be scored, or what is given is neither.
        """
        from begleitforschung.frameworks.framework import Framework

        if isinstance(given, IndexSpec):
            return given
        if not isinstance(given, Framework):
            raise SpecificationError(
                "the specification of an index is an IndexSpec or a Framework, not "
                f"{type(given).__name__}; read one from its file by load_index_spec(path) or make "
                "it by IndexSpec(id=…, indicators=…, nodes=…)"
            )
        return cls.of_framework(given)

    @cached_property
    def tree(self) -> Tree:
        """The tree as arrays, indicators first, then nodes from the bottom up."""
        from begleitforschung.frameworks.index_tree import build_tree

        return build_tree(self.indicators, self.nodes)

    @property
    def root(self) -> str:
        """Identifier of the index itself."""
        return next(node.id for node in self.nodes if not node.parent)

    @cached_property
    def elements(self) -> Mapping[str, IndicatorSpec | NodeSpec]:
        """All indicators and nodes by identifier."""
        return {item.id: item for item in elements_of(self.indicators, self.nodes)}

    def element(self, name: str) -> IndicatorSpec | NodeSpec:
        """Return one indicator or node.

        Parameters
        ----------
        name : str
            Its identifier.

        Returns
        -------
        IndicatorSpec or NodeSpec
            What the specification says about it.

        Raises
        ------
        UnknownCodeError
            If there is none; names the nearest.
        """
        if name not in self.elements:
            raise UnknownCodeError(name, self.elements, f"the index '{self.id}'")
        return self.elements[name]

    def title_of(self, name: str) -> Text:
        """Return the title of one indicator or node.

        Parameters
        ----------
        name : str
            Its identifier.

        Returns
        -------
        Text
            The title; a root without a title of its own is called as the index is.

        Raises
        ------
        UnknownCodeError
            If there is no such element.
        """
        title = as_text(self.element(name).title)
        return as_text(self.title) if name == self.root and title == Text(name) else title

    @cached_property
    def stages(self) -> tuple[str, ...]:
        """Names of the steps: as given, else the kind, with a number where it repeats."""
        names: list[str] = []
        for step in self.steps:
            count = sum(item.kind == step.kind for item in self.steps[: len(names)])
            names.append(step.name or (step.kind if not count else f"{step.kind}_{count + 1}"))
        return tuple(names)

    def step(self, name: str) -> Step:
        """Return one step.

        Parameters
        ----------
        name : str
            Name of the stage, see `stages`.

        Returns
        -------
        Step
            The step.

        Raises
        ------
        UnknownCodeError
            If there is none.
        """
        if name not in self.stages:
            raise UnknownCodeError(name, self.stages, f"steps of the index '{self.id}'")
        return self.steps[self.stages.index(name)]

    def content(self) -> dict[str, Any]:
        """Return everything the specification says, as JSON-like content.

        Returns
        -------
        dict
            Functions of the user stand by name and source; findings are left out.
        """
        return dict(self._content)

    @cached_property
    def _content(self) -> dict[str, Any]:
        years = self.years if isinstance(self.years, str) else int(self.years)
        return {
            "id": self.id,
            "title": text_content(self.title),
            "years": years,
            **({"purpose": self.purpose.content()} if self.purpose else {}),
            "steps": [step.content() for step in self.steps],
            "nodes": [node.content() for node in self.nodes],
            "indicators": [item.content() for item in self.indicators],
        }

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the content; two variants never share it."""
        return Provenance.of("index_spec", **self.content()).fingerprint

    def to_yaml(self, path: Path | None = None) -> str:
        """Write the specification as YAML that `load_index_spec` reads.

        Parameters
        ----------
        path : pathlib.Path, optional
            File to write.

        Returns
        -------
        str
            The YAML.

        Raises
        ------
        SpecificationError
            If it holds a function, which no file can hold.
        """
        from begleitforschung.frameworks.index_writing import write_index_content

        return write_index_content(self.content(), path)

    def describe(self, lang: Lang = "de") -> pd.DataFrame:
        """Return the tree as a table for people.

        Parameters
        ----------
        lang : {"de", "en"}
            Language.

        Returns
        -------
        pandas.DataFrame
            One row per element from the root down: title, level, weight, effective weight,
            direction, denominator, methods in words.
        """
        from begleitforschung.frameworks.index_describe import describe_elements

        return describe_elements(self, lang)

    def describe_steps(self, lang: Lang = "de") -> pd.DataFrame:
        """Return the steps as a table for people.

        Parameters
        ----------
        lang : {"de", "en"}
            Language.

        Returns
        -------
        pandas.DataFrame
            One row per step and method used: what it does, its parameters, formula, reference.
        """
        from begleitforschung.frameworks.index_describe import describe_steps

        return describe_steps(self, lang)
