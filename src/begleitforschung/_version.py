"""The version of the package, written down in this one place."""

__version__ = "0.1.0.dev0"
