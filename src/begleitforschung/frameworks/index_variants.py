"""Variants of a specification, and the short paths to the usual ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self, cast

from begleitforschung.errors import UnknownCodeError
from begleitforschung.frameworks.index_catalogue import KINDS
from begleitforschung.frameworks.index_entries import IndicatorSpec, NodeSpec, elements_of
from begleitforschung.frameworks.index_method import Method, Step

if TYPE_CHECKING:
    from begleitforschung.frameworks.index_spec import IndexSpec


class Variants:
    """What `IndexSpec` offers to make variants of itself; each one checks itself anew."""

    def replace(self, **changes: Any) -> Self:
        """Return a variant.

        Parameters
        ----------
        **changes
            Fields (``id, title, indicators, nodes, steps, years, purpose``); kinds of steps
            (``treat="none"``: method of the steps of that kind); ``coverage``: threshold of all
            nodes.

        Returns
        -------
        IndexSpec
            The variant.

        Raises
        ------
        UnknownCodeError
            If there is no such field, or no step of that kind.
        SpecificationError
            If the variant is not consistent.
        """
        spec = _spec(self)
        names = [item.name for item in dataclasses.fields(spec)]
        for name in changes:
            if name not in (*names, *KINDS, "coverage"):
                raise UnknownCodeError(name, [*names, *KINDS, "coverage"], "fields of an index")
        fields = {name: value for name, value in changes.items() if name in names}
        steps = fields.get("steps", spec.steps)
        for kind in changes.keys() & set(KINDS):
            if all(step.kind != kind for step in steps):
                raise UnknownCodeError(kind, [step.kind for step in steps], "steps of the index")
            method = Method.of(changes[kind])
            steps = tuple(
                dataclasses.replace(step, method=method) if step.kind == kind else step
                for step in steps
            )
            fields["steps"] = steps
        if "coverage" in changes:
            least = changes["coverage"]
            nodes = fields.get("nodes", spec.nodes)
            fields["nodes"] = tuple(dataclasses.replace(node, coverage=least) for node in nodes)
        return cast("Self", dataclasses.replace(spec, **fields))

    def with_step(
        self,
        name: str,
        method: Method | str | Callable[..., Any] | None = None,
        **parameters: Any,
    ) -> Self:
        """Return a variant with one step changed.

        Parameters
        ----------
        name : str
            Name of the stage, e.g. ``"treat"`` or ``"normalise_2"``.
        method : Method, str or callable, optional
            Another method; the parameters are then its own.
        **parameters
            Parameters to change.

        Returns
        -------
        IndexSpec
            The variant.

        Raises
        ------
        UnknownCodeError
            If there is no such step.
        SpecificationError
            If the variant is not consistent.

        Examples
        --------
        ``spec.with_step("treat", winmax=3)``
        """
        spec = _spec(self)
        old = spec.step(name)
        chosen = (old.chosen if method is None else Method.of(method)).with_parameters(**parameters)
        place = spec.stages.index(name)
        steps = list(spec.steps)
        steps[place] = dataclasses.replace(old, method=chosen)
        return self.replace(steps=tuple(steps))

    def before(self, name: str, *steps: Step) -> Self:
        """Return a variant with further steps.

        Parameters
        ----------
        name : str
            Name of the stage that they come before.
        *steps : Step
            The steps.

        Returns
        -------
        IndexSpec
            The variant.

        Raises
        ------
        UnknownCodeError
            If there is no such step.
        SpecificationError
            If the variant is not consistent.
        """
        spec = _spec(self)
        spec.step(name)
        place = spec.stages.index(name)
        return self.replace(steps=(*spec.steps[:place], *steps, *spec.steps[place:]))

    def without_step(self, *names: str) -> Self:
        """Return a variant without some steps.

        Parameters
        ----------
        *names : str
            Names of stages.

        Returns
        -------
        IndexSpec
            The variant.

        Raises
        ------
        UnknownCodeError
            If there is no such step.
        SpecificationError
            If the variant is not consistent.
        """
        spec = _spec(self)
        for name in names:
            spec.step(name)
        kept = [s for s, name in zip(spec.steps, spec.stages, strict=True) if name not in names]
        return self.replace(steps=tuple(kept))

    def without(self, *elements: str) -> Self:
        """Return a variant without some indicators or nodes.

        Parameters
        ----------
        *elements : str
            Identifiers; what stands below a node goes with it, and so do nodes that are left
            without parts.

        Returns
        -------
        IndexSpec
            The variant.

        Raises
        ------
        UnknownCodeError
            If there is no such element.
        SpecificationError
            If nothing is left.
        """
        spec = _spec(self)
        gone = {spec.element(name).id for name in elements}
        parents = {item.id: item.parent for item in elements_of(spec.indicators, spec.nodes)}

        def dropped(name: str) -> bool:
            return name in gone or bool(parents[name] and dropped(parents[name]))

        indicators = tuple(item for item in spec.indicators if not dropped(item.id))
        used: set[str] = set()
        for item in indicators:
            name = item.parent
            while name and name not in used:
                used.add(name)
                name = parents[name]
        nodes = tuple(node for node in spec.nodes if node.id in used)
        return self.replace(indicators=indicators, nodes=nodes)

    def with_weights(self, weights: Mapping[str, float]) -> Self:
        """Return a variant with other weights.

        Parameters
        ----------
        weights : mapping of str to float
            Indicator or node to its weight among the parts of its node; the others keep theirs.

        Returns
        -------
        IndexSpec
            The variant.

        Raises
        ------
        UnknownCodeError
            If there is no such element.
        SpecificationError
            If a weight is negative, or all parts of a node have the weight zero.
        """
        return self._changed({name: {"weight": float(w)} for name, w in weights.items()})

    def with_element(self, name: str, **changes: Any) -> Self:
        """Return a variant with one indicator or node changed.

        Parameters
        ----------
        name : str
            Its identifier.
        **changes
            Fields of `IndicatorSpec` or `NodeSpec`.

        Returns
        -------
        IndexSpec
            The variant.

        Raises
        ------
        UnknownCodeError
            If there is no such element or field.
        SpecificationError
            If the variant is not consistent.

        Examples
        --------
        ``spec.with_element("umwelt", aggregate="geometric", coverage=0.75)``
        """
        return self._changed({name: changes})

    def _changed(self, changes: Mapping[str, Mapping[str, Any]]) -> Self:
        spec = _spec(self)
        for name, new in changes.items():
            known = [item.name for item in dataclasses.fields(spec.element(name))]
            for field in new:
                if field not in known:
                    raise UnknownCodeError(field, known, f"fields of {name!r}")

        def turned(item: Any) -> Any:
            return dataclasses.replace(item, **changes[item.id]) if item.id in changes else item

        indicators: tuple[IndicatorSpec, ...] = tuple(map(turned, spec.indicators))
        nodes: tuple[NodeSpec, ...] = tuple(map(turned, spec.nodes))
        return self.replace(indicators=indicators, nodes=nodes)


def _spec(given: Variants) -> IndexSpec:
    return cast("IndexSpec", given)
