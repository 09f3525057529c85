"""Numerics of sample surveys: designs, estimates and their variances; arrays only.

Every estimator takes a `Design` (Taylor linearisation over its stages) or `Replicates` (replicate
weights) and returns `Estimates`. A domain is a mask; missing values are NaN.
"""

from begleitforschung.stats.sampling.design import Design, Stage, labels_to_codes, sampling_design
from begleitforschung.stats.sampling.effects import (
    WeightDiagnostics,
    contrast,
    design_effects,
    weight_diagnostics,
)
from begleitforschung.stats.sampling.estimates import Estimates, critical
from begleitforschung.stats.sampling.exact import (
    clopper_pearson,
    nonresponse_bounds,
    population_count_interval,
)
from begleitforschung.stats.sampling.means import (
    covariance_of,
    means,
    ratios,
    totals,
    variances_of,
)
from begleitforschung.stats.sampling.proportions import proportion_interval
from begleitforschung.stats.sampling.quantile_rules import weighted_quantiles
from begleitforschung.stats.sampling.quantiles import QuantileEstimates, quantiles
from begleitforschung.stats.sampling.replicates import Replicates, replicate_design
from begleitforschung.stats.sampling.variance import SinglePSUError

__all__ = [
    "Design",
    "Estimates",
    "QuantileEstimates",
    "Replicates",
    "SinglePSUError",
    "Stage",
    "WeightDiagnostics",
    "clopper_pearson",
    "contrast",
    "covariance_of",
    "critical",
    "design_effects",
    "labels_to_codes",
    "means",
    "nonresponse_bounds",
    "population_count_interval",
    "proportion_interval",
    "quantiles",
    "ratios",
    "replicate_design",
    "sampling_design",
    "totals",
    "variances_of",
    "weight_diagnostics",
    "weighted_quantiles",
]
