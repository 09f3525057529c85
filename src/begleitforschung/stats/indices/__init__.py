"""Numbers of composite indicators as pure array functions: columns are indicators, rows units.

Every function takes float64 arrays in which NaN is missing. Import from the submodules: nothing is
loaded here, so that a program which needs no index does not pay for one.
"""
