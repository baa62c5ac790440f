"""Referral: how sure a decision is, and why a person is to look at an application, in words."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from core import catalogue
from core.text.formats import format_share
from core.text.messages import message

if TYPE_CHECKING:
    from core.catalogue import Language
    from core.decision import Decision, ReferralCode


def certainty_sentence(decision: Decision, lang: Language) -> str | None:
    """How sure the decision is, and whether its file is thin, in a line; None where neither is known."""
    if decision.certainty is None and not decision.is_thin_file:
        return None
    return _certainty_sentence(decision.agreement, decision.information if decision.is_thin_file else None, lang)


def referral_sentences(decision: Decision, lang: Language) -> tuple[tuple[ReferralCode, str], ...]:
    """Why a person is to look at the application: each reason as a code, and as a sentence for whoever decides."""
    codes = decision.referral_codes
    return _referral_sentences(codes, decision.agreement, decision.missing_essentials, lang) if codes else ()


# Kept: a batch says the same of many rows.
@lru_cache(maxsize=256)
def _certainty_sentence(agreement: float | None, information: float | None, lang: Language) -> str:
    parts = []
    if agreement is not None:
        key = "certainty_sure" if agreement == 1 else "certainty_close_call"
        parts.append(message(key, lang, share=format_share(agreement, lang)))
    if information is not None:
        parts.append(message("thin_file", lang, share=format_share(information, lang)))
    return " ".join(parts)


@lru_cache(maxsize=256)
def _referral_sentences(
    codes: tuple[ReferralCode, ...], agreement: float | None, missing: tuple[str, ...], lang: Language
) -> tuple[tuple[ReferralCode, str], ...]:
    columns = ", ".join(catalogue.column(name).label(lang) for name in missing)
    share = "" if agreement is None else format_share(agreement, lang)
    return tuple((code, message(f"referral_{code}", lang, share=share, columns=columns)) for code in codes)
