"""The simulated clerk: the real review core worked key by key on composed forms whose truth is known.

``formscan bench clerk`` compares four ways to get the same forms into records.
"""

from formscan.bench.clerk.run import main

__all__ = ["main"]
