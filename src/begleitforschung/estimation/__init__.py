"""Estimates from a survey and its design: shares, means, totals, weights, response rates."""
