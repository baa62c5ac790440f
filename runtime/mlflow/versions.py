"""The versions of the model in MLflow, and the aliases that lead to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from core.model.training.fitting import model_name
from runtime.mlflow.errors import errors_named

champion: Final = "champion"
challenger: Final = "challenger"


@dataclass(frozen=True, slots=True)
class RegisteredVersion:
    """A version of the model.

    Attributes:
        name: of the run that registered it, which has the version that predictions name.
        auc: as that run measured it; None where it is not known.
    """

    number: int
    aliases: tuple[str, ...]
    name: str
    auc: float | None


def champion_number(tracking_uri: str) -> int | None:
    """The version that the alias `champion` leads to; None where it leads nowhere. Raises `TrackingError`."""
    with errors_named("answer"):
        client = MlflowClient(tracking_uri)
        try:
            return int(client.get_model_version_by_alias(model_name, champion).version)
        except MlflowException as error:
            if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
                return None
            raise


def registered_versions(tracking_uri: str) -> tuple[RegisteredVersion, ...]:
    """All versions, the newest first. Raises `TrackingError`."""
    with errors_named("answer"):
        client = MlflowClient(tracking_uri)
        found = client.search_model_versions(f"name = '{model_name}'")
        if not found:
            return ()
        # A search leaves aliases out.
        led_to = client.get_registered_model(model_name).aliases
        versions = []
        for version in sorted(found, key=lambda each: -int(each.version)):
            aliases = tuple(sorted(name for name, number in led_to.items() if int(number) == int(version.version)))
            run = client.get_run(version.run_id) if version.run_id else None
            name = str(run.info.run_name or "") if run else ""
            versions.append(
                RegisteredVersion(int(version.version), aliases, name, run.data.metrics.get("auc") if run else None)
            )
        return tuple(versions)


def promote(number: int, tracking_uri: str) -> None:
    """Has the alias `champion` lead to a version. Raises `TrackingError`; it then leads where it did."""
    with errors_named("move the alias"):
        MlflowClient(tracking_uri).set_registered_model_alias(model_name, champion, str(number))
