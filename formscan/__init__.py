"""FormScan: a scanned form goes in, a reviewed and structured EMR entry comes out."""

from __future__ import annotations

__all__ = ["__version__"]

__version__: str


def __getattr__(name: str) -> str:
    """The installed version, looked up when it is asked for: that takes a window's tenth of a second.

    Raises:
        AttributeError: If there is no such name.
    """
    if name != "__version__":
        raise AttributeError(name)
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("formscan")
    except PackageNotFoundError:  # run from a tree that was never installed
        return "0.0.0"
