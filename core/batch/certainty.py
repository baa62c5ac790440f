"""How sure the decisions on many rows are, and which are for a person, by the rules of `core.decision.Decision`."""

from __future__ import annotations

from typing import Final

import polars as pl

from core.decision import thin_below

certainty_schema: Final = {
    "certainty": pl.String(),
    "fold_agreement": pl.Float64(),
    "referral": pl.Int8(),
    "referral_reasons": pl.String(),
    "thin_file": pl.Int8(),
}
"""`certainty`: `sure` or `close_call`, null where it is not known; `referral` and `thin_file`: 1 or 0;
`referral_reasons`: codes (`core.decision.ReferralCode`) with a space between."""


def certainty_columns() -> dict[str, pl.Expr]:
    """The columns of `certainty_schema` from `fold_agreement`, `missing_essentials` and `information`."""
    agreement, lacking = pl.col("fold_agreement"), pl.col("missing_essentials").str.len_bytes() > 0
    is_close = (agreement < 1).fill_null(value=False)
    codes = pl.concat_str(
        [pl.when(is_close).then(pl.lit("close_call")), pl.when(lacking).then(pl.lit("missing_essentials"))],
        separator=" ",
        ignore_nulls=True,
    )
    return {
        "certainty": pl.when(agreement.is_not_null()).then(
            pl.when(is_close).then(pl.lit("close_call")).otherwise(pl.lit("sure"))
        ),
        "referral": (is_close | lacking).cast(pl.Int8),
        "referral_reasons": codes,
        "thin_file": (pl.col("information") < thin_below).cast(pl.Int8),
    }
