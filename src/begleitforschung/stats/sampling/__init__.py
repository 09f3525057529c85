"""Numerics of sample surveys: designs, estimates and their variances; arrays only.

Every estimator takes a `Design` (Taylor linearisation over its stages) or `Replicates` (replicate
weights) and returns `Estimates`. A domain is a mask; missing values are NaN.
"""

from begleitforschung.stats.sampling.calibration import (
    Calibrated,
    CalibrationError,
    calibrate_weights,
)
from begleitforschung.stats.sampling.collapsing import collapse
from begleitforschung.stats.sampling.comparisons import difference_test, mean_test
from begleitforschung.stats.sampling.design import Design, Stage, labels_to_codes, sampling_design
from begleitforschung.stats.sampling.domains import DomainEstimates, domain_means, domain_totals
from begleitforschung.stats.sampling.effects import contrast, design_effects
from begleitforschung.stats.sampling.estimates import Estimates, critical
from begleitforschung.stats.sampling.exact import (
    clopper_pearson,
    nonresponse_bounds,
    population_count_interval,
)
from begleitforschung.stats.sampling.extrapolation import leave_one_out, ratio_total
from begleitforschung.stats.sampling.hadamard import hadamard
from begleitforschung.stats.sampling.means import covariance_of, means, ratios, totals, variances_of
from begleitforschung.stats.sampling.overlap import Change, Shared, Wave, change, wave
from begleitforschung.stats.sampling.propensity import (
    Propensity,
    propensity_classes,
    response_propensity,
)
from begleitforschung.stats.sampling.proportions import proportion_interval
from begleitforschung.stats.sampling.quantile_rules import weighted_quantiles
from begleitforschung.stats.sampling.quantiles import QuantileEstimates, quantiles
from begleitforschung.stats.sampling.raking import poststratify_weights, rake_weights
from begleitforschung.stats.sampling.ranks import rank_test, trend_test
from begleitforschung.stats.sampling.regression import RegressionError, joint_test, regression
from begleitforschung.stats.sampling.replicates import Replicates, replicate_design
from begleitforschung.stats.sampling.replication import bootstrap, half_samples, jackknife
from begleitforschung.stats.sampling.tables import independence, table
from begleitforschung.stats.sampling.testing import TestResult
from begleitforschung.stats.sampling.trimming import (
    WeightDiagnostics,
    trim_weights,
    weight_diagnostics,
)
from begleitforschung.stats.sampling.unweighted import cmh_test, fisher_test, pearson_test
from begleitforschung.stats.sampling.variance import SinglePSUError
from begleitforschung.stats.sampling.weighting import calibrate, poststratify, rake, trim

__all__ = [
    "Calibrated",
    "CalibrationError",
    "Change",
    "Design",
    "DomainEstimates",
    "Estimates",
    "Propensity",
    "QuantileEstimates",
    "RegressionError",
    "Replicates",
    "Shared",
    "SinglePSUError",
    "Stage",
    "TestResult",
    "Wave",
    "WeightDiagnostics",
    "bootstrap",
    "calibrate",
    "calibrate_weights",
    "change",
    "clopper_pearson",
    "cmh_test",
    "collapse",
    "contrast",
    "covariance_of",
    "critical",
    "design_effects",
    "difference_test",
    "domain_means",
    "domain_totals",
    "fisher_test",
    "hadamard",
    "half_samples",
    "independence",
    "jackknife",
    "joint_test",
    "labels_to_codes",
    "leave_one_out",
    "mean_test",
    "means",
    "nonresponse_bounds",
    "pearson_test",
    "population_count_interval",
    "poststratify",
    "poststratify_weights",
    "propensity_classes",
    "proportion_interval",
    "quantiles",
    "rake",
    "rake_weights",
    "rank_test",
    "ratio_total",
    "ratios",
    "regression",
    "replicate_design",
    "response_propensity",
    "sampling_design",
    "table",
    "totals",
    "trend_test",
    "trim",
    "trim_weights",
    "variances_of",
    "wave",
    "weight_diagnostics",
    "weighted_quantiles",
]
