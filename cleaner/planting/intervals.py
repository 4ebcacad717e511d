"""How sure a share is that was counted."""

from __future__ import annotations

from math import sqrt

_Z = 1.96  # 95 %


def wilson(hits: float, total: float) -> tuple[float, float]:
    """Return the Wilson 95 % interval of the share of `hits` among `total` independent observations."""
    share = hits / total
    middle = share + _Z * _Z / (2 * total)
    half = _Z * sqrt(share * (1 - share) / total + _Z * _Z / (4 * total * total))
    low, high = ((middle + sign * half) / (1 + _Z * _Z / total) for sign in (-1, 1))
    return max(0.0, low), min(1.0, high)


def share(hits: int, total: int, *, observations: float = 1.0) -> str:
    """Return a share with its interval as text; each case counts as so many independent observations.

    >>> share(9, 10)
    '0.900 (9 of 10; 0.596 to 0.982)'
    """
    if not total:
        return "none"
    low, high = wilson(hits * observations, total * observations)
    return f"{hits / total:.3f} ({hits:,} of {total:,}; {low:.3f} to {high:.3f})"
