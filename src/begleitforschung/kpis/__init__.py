"""KPI values: a framework applied to a table of figures."""

from begleitforschung.kpis.compute import compute_kpis

__all__ = ["compute_kpis"]
