"""The accepted clients most like an application."""

from __future__ import annotations

from pydantic import Field

from core.contract.answer import Answer, Warnings


class NearestVariable(Answer):
    """Something that clients are compared in, and what the application has there."""

    name: str
    label: str
    value_text: str
    is_compared: bool = Field(description="False where the application has no value: nobody is compared in it.")


class NearestValue(Answer):
    """What a client has there."""

    name: str
    value_text: str
    apart: float | None = Field(
        description="0 to 1: of a number, the share of the clients who lie between the two values, those at either"
        " counting half; of a category, 1 where it is another; 1 where the client has no value; null where it is not"
        " compared."
    )


class NearestClient(Answer):
    """One of the clients."""

    client_id: int
    probability: float = Field(ge=0, le=1)
    distance: float = Field(description="Gower's: the mean of `apart` over what is compared.")
    values: list[NearestValue]
    differences: list[str] = Field(description="Names of what differs most, the most first; none where little does.")


class NearestAccepted(Answer):
    """The clients nearest to an application among those whom the model accepts, the nearest first."""

    client_id: int | None
    threshold: float = Field(description="At which the clients on hand are accepted.")
    accepted: int = Field(description="How many clients are accepted, the one whom the application is of not counted.")
    variables: list[NearestVariable]
    clients: list[NearestClient] = Field(
        description="Fewer than asked for where fewer are accepted; none where the application has nothing to compare."
    )
    warnings: Warnings
