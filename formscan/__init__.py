"""FormScan: a scanned form goes in, a reviewed and structured EMR entry comes out."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("formscan")
except PackageNotFoundError:  # run from a tree that was never installed
    __version__ = "0.0.0"

__all__ = ["__version__"]
