"""`typology`: cases with like answers as types, their sizes and profiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.spatial.distance import pdist, squareform

from begleitforschung.errors import Finding, UnknownCodeError, ValidationError
from begleitforschung.estimation.batteries import cases_that_count, columns_of, short_labels
from begleitforschung.estimation.estimate import filtered
from begleitforschung.language import Text
from begleitforschung.results.typology import TypologyResult
from begleitforschung.stats.clustering import (
    average_linkage,
    gower_distances,
    k_means,
    same_partition,
    silhouette,
)
from begleitforschung.stats.groups import Floats, Ints
from begleitforschung.surveys import Survey

Way = Literal["auto", "k_means", "gower"]
WAYS: tuple[Way, ...] = get_args(Way)
_NO_STRUCTURE = 0.25  # Kaufman & Rousseeuw 1990, Finding Groups in Data
_MOST = 6
_LARGEST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answers:
    """Answers of the complete cases: numbers, categories as codes, and both as columns to print."""

    numbers: Floats
    categories: Ints
    printed: Floats
    labels: dict[tuple[str, str], Text]
    weights: Floats
    cases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Space:
    """Where cases lie: points for k-means, distances for the silhouette and for linkage."""

    points: Floats
    distances: Floats
    method: str

    def parted(self, k: int, seed: int, starts: int = 20) -> Ints:
        """Return the types."""
        if self.method == "k_means":
            return k_means(self.points, k, seed=seed, starts=starts)
        return average_linkage(self.distances, k)

    def drawn(self, rows: Ints) -> _Space:
        """Return the space of some cases, distances only where they part them."""
        linked = self.method == "gower"
        distances = self.distances[np.ix_(rows, rows)] if linked else np.empty((0, 0))
        return _Space(points=self.points[rows], distances=distances, method=self.method)


def typology(
    survey: Survey,
    items: str | Sequence[str],
    *,
    k: int | None = None,
    method: Way = "auto",
    where: str | ArrayLike | None = None,
    seed: int = 0,
    draws: int = 50,
    min_n: int = 10,
    allow_unprotected: bool = False,
) -> TypologyResult:
    """Group cases with like answers to types.

    Types are made of the cases that answered all items, without weights; sizes and profiles are
    weighted by the design. They are numbered by size. Who belongs to which type is not returned.

    Parameters
    ----------
    survey : Survey
        The survey.
    items : str or sequence of str
        Items or columns: scales, numbers, multiple and single choices.
    k : int, optional
        Number of types; by default the one from 2 to 6 with the largest silhouette.
    method : {"auto", "k_means", "gower"}
        k-means of standardised scores, or average linkage on Gower's distances, which takes
        single choices too; by default the former unless there is a single choice.
    where : str or array_like of bool, optional
        Cases that count, as a filter.
    seed : int
        Seed of all random numbers.
    draws : int
        Bootstrap samples for stability.
    min_n : int
        Types with fewer cases are named, their profile is not shown.
    allow_unprotected : bool
        Whether a confidential result may be shown although no cells are suppressed.

    Returns
    -------
    TypologyResult
        Sizes and profiles, and how far apart and stable the types are.

    Raises
    ------
    UnknownCodeError
        If there is no such item or method.
    ValidationError
        If an item has texts or dates, or no scores under k-means, too few cases are complete, or
        there are not enough different answers for the types.

    Examples
    --------
    With a survey of your own::

        bf.typology(survey, "q3", k=3).sizes
    """
    if method not in WAYS:
        raise UnknownCodeError(method, WAYS, "methods of a typology")
    columns = columns_of(survey, items)
    answers = _answers(survey, columns, where, min_n)
    space = _space(answers, method, columns)
    candidates = [k] if k is not None else range(2, _most(len(answers.weights), min_n) + 1)
    selection, labels = _chosen(space, candidates, seed)
    apart = float(selection["silhouette"].max())
    specification = {
        "items": list(columns),
        "k": k,
        "method": space.method,
        "where": where if isinstance(where, str) or where is None else "mask",
        "seed": seed,
        "draws": draws,
        "min_n": min_n,
        "weighted": survey.design is not None,
        "missing": "listwise",
    }
    sizes = _sizes(labels, answers.weights, min_n)
    node = survey.traced([*columns, *filtered(where)])
    return TypologyResult(
        table=_profiles(answers, labels),
        specification=specification,
        provenance=node.then("typology", **specification, allow_unprotected=allow_unprotected),
        findings=tuple(_remarks(apart, sizes, min_n)),
        labels=answers.labels,
        sizes=sizes,
        selection=selection,
        silhouette=apart,
        stability=_stability(space, labels, draws, seed),
        n=len(answers.weights),
        cases=answers.cases,
        survey=survey,
        allow_unprotected=allow_unprotected,
    )


def _answers(
    survey: Survey, columns: Sequence[str], where: str | ArrayLike | None, min_n: int
) -> _Answers:
    inside, weights = cases_that_count(survey, where)
    answered = np.column_stack([survey.answered(column) for column in columns])
    complete = inside & answered.all(axis=1)
    n = int(complete.sum())
    if n < max(2 * min_n, 4):
        raise ValidationError(
            f"{n} cases answered all {len(columns)} questions; types need at least "
            f"{max(2 * min_n, 4)} (twice min_n=)"
        )
    if n > _LARGEST:
        raise ValidationError(
            f"{n} cases are too many to compare each with each other ({_LARGEST} at most); choose "
            "some with where="
        )
    numbers, categories, printed = [], [], []
    labels: dict[tuple[str, str], Text] = {}
    for column, text in zip(columns, short_labels(survey, columns), strict=True):
        item = survey.codebook.item(column)
        if item.cell_kind == "single" or item.kind == "ranking":
            codes = survey.responses[column].cat.codes.to_numpy()[complete].astype(np.int64)
            categories.append(codes)
            for at in np.unique(codes):
                answer = item.answers[at]
                labels[column, answer.code] = _both(text, answer.label.text)
                printed.append((codes == at).astype(np.float64))
            continue
        scores = survey.scores(column)[complete, 0]
        if item.cell_kind not in ("scale", "number", "multiple") or np.isnan(scores).any():
            raise ValidationError(
                f"{column!r} has no scores: types are made of scales, numbers, multiple and single "
                "choices; give codes that are no numbers a 'value' in the codebook"
            )
        labels[column, ""] = text
        numbers.append(scores)
        printed.append(scores)
    return _Answers(
        numbers=np.array(numbers, dtype=np.float64).reshape(-1, n).T,
        categories=np.array(categories, dtype=np.int64).reshape(-1, n).T,
        printed=np.column_stack(printed),
        labels=labels,
        weights=weights[complete],
        cases=int(inside.sum()),
    )


def _both(question: Text, answer: Text) -> Text:
    return Text(*(f"{question.get(lang)}: {answer.get(lang)}" for lang in ("de", "en")))


def _space(answers: _Answers, method: Way, columns: Sequence[str]) -> _Space:
    mixed = answers.categories.shape[1] > 0
    if method == "k_means" and mixed:
        raise ValidationError("k-means needs scores; single choices go with method='gower'")
    spread = answers.numbers.std(axis=0)
    if (spread == 0).any():
        names = [column for column in columns if (column, "") in answers.labels]
        flat = ", ".join(np.array(names)[spread == 0])
        raise ValidationError(f"questions without any variation among the complete cases: {flat}")
    points = (answers.numbers - answers.numbers.mean(axis=0)) / spread
    if method == "gower" or mixed:
        distances = gower_distances(answers.numbers, answers.categories)
        return _Space(points=points, distances=distances, method="gower")
    return _Space(points=points, distances=squareform(pdist(points)), method="k_means")


def _most(n: int, min_n: int) -> int:
    """Return the largest number of types that is tried: each could have `min_n` cases."""
    return max(2, min(_MOST, n // max(min_n, 1)))


def _chosen(space: _Space, candidates: Sequence[int], seed: int) -> tuple[pd.DataFrame, Ints]:
    """Try numbers of types; return their silhouettes and the types of the best."""
    rows: list[tuple[int, float]] = []
    parts: list[Ints] = []
    for k in candidates:
        try:
            labels = space.parted(k, seed)
        except ValueError as error:
            if not rows:
                raise ValidationError(f"no typology: {error}") from None
            break
        rows.append((k, silhouette(space.distances, labels)))
        parts.append(labels)
    selection = pd.DataFrame(rows, columns=["k", "silhouette"])
    return selection, parts[int(selection["silhouette"].to_numpy().argmax())]


def _stability(space: _Space, labels: Ints, draws: int, seed: int) -> float:
    """Return how well types of bootstrap samples agree with the types, over the cases in both."""
    random = np.random.default_rng(seed)
    k, n, found = int(labels.max()) + 1, len(labels), []
    for draw in range(draws):
        rows = np.sort(random.integers(0, n, n))
        try:
            again = space.drawn(rows).parted(k, seed + draw + 1, starts=5)
        except ValueError:
            continue
        _, first = np.unique(rows, return_index=True)
        found.append(same_partition(labels[rows[first]], again[first]))
    return float(np.mean(found)) if found else float("nan")


def _sizes(labels: Ints, weights: Floats, min_n: int) -> pd.DataFrame:
    n = np.bincount(labels)
    return pd.DataFrame(
        {
            "type": np.arange(1, len(n) + 1),
            "n": n.astype(np.int64),
            "share": np.bincount(labels, weights) / weights.sum(),
            "small": n < min_n,
        }
    )


def _profiles(answers: _Answers, labels: Ints) -> pd.DataFrame:
    x, w = answers.printed, answers.weights
    centre = w @ x / w.sum()
    spread = np.sqrt(w @ (x - centre) ** 2 / w.sum())
    spread[spread == 0] = np.nan
    columns, categories = zip(*answers.labels, strict=True)
    parts = []
    for number in range(int(labels.max()) + 1):
        own = labels == number
        value = w[own] @ x[own] / w[own].sum()
        parts.append(
            pd.DataFrame(
                {
                    "type": number + 1,
                    "column": pd.Series(columns, dtype="str"),
                    "category": pd.Series(categories, dtype="str"),
                    "value": value,
                    "standardised": (value - centre) / spread,
                    "n": int(own.sum()),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _remarks(apart: float, sizes: pd.DataFrame, min_n: int) -> list[Finding]:
    found = []
    if apart <= _NO_STRUCTURE:
        text = Text(
            "Die Typen sind kaum getrennt: keine Typologie ohne inhaltliche Begründung.",
            "The types are hardly apart: no typology without reasons of content.",
        )
        found.append(Finding(rule="typology.no_structure", severity="warning", text=text))
    small = sizes.loc[sizes["small"], "type"].tolist()
    if small:
        named = ", ".join(map(str, small))
        text = Text(
            f"Weniger als {min_n} Fälle: Typ {named}; das Profil wird nicht gezeigt.",
            f"Fewer than {min_n} cases: type {named}; the profile is not shown.",
        )
        found.append(Finding(rule="typology.small", severity="warning", text=text, n=len(small)))
    return found
