"""What tests and regressions share: the inference that allows them, and errors in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from begleitforschung.errors import ValidationError
from begleitforschung.estimation.figures import single_strata
from begleitforschung.stats import sampling
from begleitforschung.stats.sampling.design import Mask
from begleitforschung.surveys import Design, Survey

_REMEDY = (
    "if the question is about the process behind the data, say so: "
    'survey.with_design(bf.design(survey, …, inference="analytic"))'
)


def analytic_design(survey: Survey, what: str) -> Design:
    """Return the design of a survey whose figures are about a superpopulation.

    Parameters
    ----------
    survey : Survey
        The survey.
    what : str
        What is asked for, for the message.

    Returns
    -------
    Design
        Its design.

    Raises
    ------
    ValidationError
        If there is no design, or its inference is descriptive.
    """
    design = survey.design
    if design is None:
        raise ValidationError(f"{what} need a design with analytic inference; {_REMEDY}")
    if design.inference == "analytic":
        return design
    if design.complete:
        why = (
            f"all {design.population:.0f} units of the population answered, so that a difference "
            "between groups is a fact and not a matter of chance"
        )
    else:
        why = (
            "this design describes a finite population, in which groups always differ a little, "
            "so that nothing is left to test; compare estimates with their intervals instead"
        )
    raise ValidationError(f"{what} exist only with analytic inference: {why}; {_REMEDY}")


@contextmanager
def in_words(design: Design, kept: Mask, what: str) -> Iterator[None]:
    """Say what the numerics refuse in words of the survey.

    Parameters
    ----------
    design : Design
        How the cases came about.
    kept : numpy.ndarray of bool, shape (n,)
        Cases of the sample.
    what : str
        Columns of the answers that the figures are about.

    Yields
    ------
    None
        Nothing.

    Raises
    ------
    ValidationError
        If a stratum has one answer and the rule is to fail, or the figures do not exist.
    """
    try:
        yield
    except sampling.SinglePSUError as error:
        raise single_strata(design, kept, what, error) from error
    except ValueError as error:
        raise ValidationError(f"{what}: {error}") from error
