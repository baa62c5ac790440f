"""The settings: every environment variable that the services read, typed, in one place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import (
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.access.sites import host_entries

root = Path(__file__).resolve().parent.parent


# What a demonstration that anybody on the internet may use has at most, whatever else is set: enough to try everything.
demo_limits: Final[Mapping[str, float]] = {
    "max_body_bytes": 1_000_000,
    "max_upload_bytes": 5_000_000,
    "max_file_rows": 10_000,
    "max_unpacked_bytes": 50_000_000,
    "jobs_max_open": 10,
    "jobs_max_rows": 50_000,
    "jobs_max_bytes": 100_000_000,
    "jobs_retention_hours": 1.0,
    "drift_max_bytes": 50_000_000,
    "spool_max_rows": 1_000,
    "spool_max_bytes": 10_000_000,
}
demo_rate_limit: Final = "240/minute;5000/hour"
# Visitors say themselves who they are: all who come from one address, such as that of the dashboard, have together so
# many times what one of them has.
demo_visitors_of_address: Final = 10

# A model that is registered in MLflow.
_registered: Final = r"^models:/[A-Za-z0-9_.-]+(@[A-Za-z0-9_-]+|/[1-9][0-9]{0,8})$"


class Settings(BaseSettings):
    """The configuration of a process, read from the environment once.

    Field names in upper case are the environment variables (`API_URL`, `DATA_DIR`, ...); a `.env` file is not read, so
    that what runs is what the environment says. Raises `pydantic.ValidationError` naming the variable that is wrong.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    # Where things are.
    models_dir: Path = root / "models"
    data_dir: Path = root / "data"
    mlruns_dir: Path = root / "mlruns"

    # Where `data download` finds the public tables, and what it is to find there (by default: anything that is a zip).
    data_url: str = (
        "https://s3-eu-west-1.amazonaws.com/static.oc-static.com/prod/courses/files/Parcours_data_scientist/"
        "Projet+-+Impl%C3%A9menter+un+mod%C3%A8le+de+scoring/Projet+Mise+en+prod+-+home-credit-default-risk.zip"
    )
    data_sha256: str | None = Field(
        default=None, pattern="^[0-9a-fA-F]{64}$", description="of the archive, in hexadecimal"
    )

    # Which model: that in MODELS_DIR, or one that is registered in MLflow.
    model_uri: str | None = Field(
        default=None,
        pattern=_registered,
        description="models:/NAME@ALIAS or models:/NAME/VERSION",
    )
    # A model that is asked of each application beside the one that decides, and told to nobody but the record.
    challenger_uri: str | None = Field(
        default=None,
        min_length=1,
        description="models:/NAME@ALIAS, models:/NAME/VERSION, or a folder",
    )
    model_cache_dir: Path = root / "var" / "models"
    model_refresh_seconds: PositiveFloat = Field(default=60.0, description="how often an alias is looked up again")

    # Of the model in use: after how many months somebody is to look at it anew (`core.audit.approvals`).
    model_review_months: PositiveInt = Field(default=12, le=1200, description="from one review to the next")

    replacement_seconds: NonNegativeFloat = Field(
        default=5.0, description="how long model and portfolio answer on from memory while their files are replaced"
    )

    # Under which names a service answers (`core.access.sites`), beside this machine's own.
    allowed_hosts: str = Field(
        default="", description="names such as bank.example, or .bank.example for all below it, separated by commas"
    )
    host: str | None = Field(default=None, description="where a service listens; it answers under that name too")
    render_external_hostname: str | None = Field(default=None, description="set by Render: the name of the service")

    # How the services reach each other.
    api_url: str = "http://127.0.0.1:8000"
    mlflow_url: str = "http://127.0.0.1:5002"
    mlflow_tracking_uri: str | None = None
    mlflow_read_only: bool = Field(default=False, description="MLflow shows what it has, and takes nothing")
    # Where a browser finds what the services find under API_URL and MLFLOW_URL; by default there.
    public_api_url: str | None = Field(
        default=None, pattern="^(https?://[^/]+.*|off)$", description="of the API, for links; off: no link"
    )
    public_mlflow_url: str | None = Field(
        default=None, pattern="^(https?://[^/]+.*|off)$", description="of MLflow, for links; off: no link"
    )
    api_key: SecretStr | None = Field(
        default=None, description="what the dashboard shows the API where it asks for keys"
    )
    api_timeout: PositiveFloat = Field(default=5.0, description="seconds the dashboard waits for the API")

    # What an error costs the bank: granting a credit that defaults, refusing one that would have been repaid.
    cost_fn: PositiveFloat = 10.0
    cost_fp: PositiveFloat = 1.0

    # Who may ask the API for what (`api.access.roles`). Without keys anybody may, and only this machine can.
    api_keys: SecretStr | None = Field(default=None, description="NAME:ROLE:SHA256 of each key, separated by commas")
    api_keys_file: Path | None = Field(default=None, description="the same, one a line")
    allow_anonymous: bool = Field(default=False, description="serve other machines without keys")
    rate_limit: str | None = Field(default=None, description="such as 600/minute, a caller; off: no limit")
    delegating_keys: str = Field(
        default="dashboard",
        description="names of keys whose callers ask for several people, each with what is theirs, separated by commas",
    )
    redis_url: str | None = None
    cors_origins: str = Field(default="", description="origins of pages that may call the API, separated by commas")
    trusted_proxies: NonNegativeInt = Field(default=0, description="proxies in front that set X-Forwarded-For")

    # Who may open the dashboard (`dash_app.access`): with an issuer, who signs in there. And under which path it is.
    oidc_issuer: str | None = Field(
        default=None, pattern="^https?://", description="of OpenID Connect; its metadata is at /.well-known/"
    )
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_scope: str = "openid profile email"
    oidc_required_claim: str | None = Field(
        default=None, pattern="^[^=]+=.+$", description="NAME=VALUE that the identity must have, such as groups=credit"
    )
    oidc_session_hours: PositiveFloat = Field(default=8.0, description="until one has to sign in again")
    secret_key: SecretStr | None = Field(
        default=None,
        min_length=32,
        description="signs the session, and for the API who is signed in; the same for all workers, instances and both",
    )
    dash_url_base_pathname: str = Field(
        default="/", pattern="^/([A-Za-z0-9_.~-]+/)*$", description="such as /credit/ behind a proxy"
    )

    # Where predictions and officers' decisions are kept (`core.audit`).
    database_url: SecretStr | None = Field(
        default=None, description="postgresql://USER:PASSWORD@HOST/NAME or sqlite:///FILE; without it: AUDIT_FILE"
    )
    audit_file: Path = root / "var" / "audit.db"
    audit_required: bool = Field(default=True, description="no prediction without its row; else with a warning")
    audit_retention_days: PositiveInt | None = Field(default=None, description="without it: kept for ever")
    audit_keep_gender: bool = Field(default=True, description="beside an officer's decision, where it stays")

    # What the dashboard decides while the API is away, until it is on record there (`dash_app.service.away.spool`).
    spool_dir: Path = root / "var" / "spool"
    spool_max_rows: PositiveInt = Field(default=10_000, description="decisions that wait")
    spool_max_bytes: PositiveInt = Field(default=100_000_000, description="of all that wait")

    # Files that are scored in the background (`core.jobs`): where they are kept, how long, and how large they may be.
    jobs_dir: Path = root / "var" / "jobs"
    jobs_retention_hours: PositiveFloat = Field(default=168.0, description="after the end of a job")
    max_upload_bytes: PositiveInt = Field(default=2_000_000_000, description="of a file, as sent")
    # Of one owner (`core.jobs.quotas`), and what all of them leave on the disks (`core.jobs.running.disk_space`).
    jobs_max_open: PositiveInt = Field(default=100, description="files that wait or are scored")
    jobs_max_rows: PositiveInt = Field(default=20_000_000, description="of these that are not scored yet")
    jobs_max_bytes: PositiveInt = Field(default=20_000_000_000, description="of all files and results")
    jobs_reserve_bytes: NonNegativeInt = Field(default=200_000_000, description="that stay free on the disk")

    # Where `run.py export` writes by default, a folder a format, and `GET /model/export` reads.
    exports_dir: Path = root / "var" / "exports"

    # How large a file of applications may be, whichever way it comes (`core.tables.limits`).
    max_file_rows: PositiveInt = 10_000_000
    max_file_columns: PositiveInt = Field(default=5_000, description="used or not")
    max_header_bytes: PositiveInt = Field(default=500_000, lt=1_000_000, description="of the names of all columns")
    max_cell_bytes: PositiveInt = Field(default=1_000, description="of a value in a column that is used")
    max_unpacked_bytes: PositiveInt = Field(default=8_000_000_000, description="of a file, decompressed")
    max_unpacked_ratio: PositiveInt = Field(default=200, description="how many times its size a file may unpack to")

    # Where drift reports, files that are sent to be compared, and the test set that goes with the portfolio are kept;
    # by default beside the data, which an image may hold where nobody can write.
    drift_dir: Path = Field(default_factory=lambda values: values["data_dir"] / "drift")
    drift_max_bytes: PositiveInt = Field(default=2_000_000_000, description="of one owner's files, and of reports")

    # Who is told of drift alerts (`runtime.webhook`).
    drift_webhook_url: SecretStr | None = Field(default=None, description="http or https; gets a POST of JSON")

    # Who does the work of `score` and `train` (`core.cluster`): this machine, or the workers of a Dask scheduler.
    dask_scheduler_address: str | None = Field(
        default=None, pattern=r"^(tcp|tls)://\S+:[0-9]+$", description="such as tcp://10.0.0.5:8786"
    )

    # A demonstration that anybody may use: small, forgetful (`api.operations.retention`) and without names
    # (`api.access.public_demo`).
    public_demo: bool = Field(default=False, description="lowers the limits, keeps an hour, takes no names")

    # The record is a year that was played (`run.py demo`).
    demonstration: bool = Field(default=False, description="the dashboard says that all of it was made up")

    # Limits.
    # A batch of 1,000 applications with every column and history feature.
    max_body_bytes: PositiveInt = 8_000_000
    portfolio_clients: PositiveInt = 10_000

    # How things are shown and logged.
    currency: str = Field(default="EUR", pattern="^[A-Z]{3}$", description="ISO 4217 code of the amounts")
    log_level: str = "INFO"
    log_format: Literal["json", "console"] | None = Field(
        default=None, description="of the log of API and worker; by default console on a terminal, else json"
    )

    @field_validator("allowed_hosts")
    @classmethod
    def _names(cls, hosts: str) -> str:
        host_entries(hosts)
        return hosts

    @field_validator("challenger_uri")
    @classmethod
    def _registered_or_folder(cls, uri: str | None) -> str | None:
        if uri is not None and not uri.strip():
            raise ValueError("expected models:/NAME@ALIAS, models:/NAME/VERSION, or a folder")
        if uri is not None and uri.startswith("models:") and not re.fullmatch(_registered, uri):
            raise ValueError("expected models:/NAME@ALIAS, models:/NAME/VERSION, or a folder")
        return uri

    @model_validator(mode="after")
    def _as_public_demo(self) -> Self:
        if self.public_demo:
            # Before anybody has seen them: from here on they are as frozen as the rest.
            for name, most in demo_limits.items():
                self.__dict__[name] = min(getattr(self, name), most)
            if self.rate_limit is None or self.rate_limit.strip().lower() == "off":
                self.__dict__["rate_limit"] = demo_rate_limit
        return self

    @property
    def retention(self) -> timedelta | None:
        """How long predictions are kept; None: for ever."""
        if self.public_demo:
            return timedelta(hours=self.jobs_retention_hours)
        return None if self.audit_retention_days is None else timedelta(days=self.audit_retention_days)

    @property
    def missing_for_login(self) -> tuple[str, ...]:
        """The variables that a login needs beside its issuer, and that are not set; none without an issuer."""
        needed = {
            "OIDC_CLIENT_ID": self.oidc_client_id,
            "OIDC_CLIENT_SECRET": self.oidc_client_secret,
            "SECRET_KEY": self.secret_key,
        }
        return tuple(name for name, value in needed.items() if self.oidc_issuer is not None and not value)

    @property
    def api_link(self) -> str | None:
        """Where a browser finds the API, without a slash at the end; None where it is not to be sent there."""
        return _link(self.public_api_url or self.api_url)

    @property
    def mlflow_link(self) -> str | None:
        """Where a browser finds MLflow, as `api_link`."""
        return _link(self.public_mlflow_url or self.mlflow_url)

    @property
    def portfolio_dir(self) -> Path:
        """Where the clients on hand are stored."""
        return self.data_dir / "portfolio"


def _link(address: str) -> str | None:
    return None if address == "off" else address.rstrip("/")


@cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings()
