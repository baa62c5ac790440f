"""Time windows of the features of the last year and of the last half-year, in days before the application.

A window is whole days, and no conversion: `core.catalogue.ages.days_per_year` turns days into years.
"""

from __future__ import annotations

from typing import Final

last_year: Final = -365
last_half_year: Final = -180
