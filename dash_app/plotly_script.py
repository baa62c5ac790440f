"""The address of the script that draws figures: it changes with the script, so browsers may keep what they compiled.

Dash would load it from an address without a version, and have it checked with every page; a browser then compiles its
4.8 MB anew each time. From the address here (`assets/js/figures.js` puts it in place) Dash serves it for a year.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final

from dash.fingerprint import build_fingerprint
from plotly.offline import get_plotlyjs_version

_folder: Final = "/_dash-component-suites/plotly"
_script: Final = "package_data/plotly.min.js"


@cache
def path() -> str:
    """Its path within the dashboard, which names its version and the digest of its content."""
    digest = sha256(files("plotly").joinpath(_script).read_bytes()).hexdigest()
    fingerprinted = build_fingerprint(_script, get_plotlyjs_version(), digest[:16])  # type: ignore[no-untyped-call]
    return f"{_folder}/{fingerprinted}"
