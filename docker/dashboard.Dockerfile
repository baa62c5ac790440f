# syntax=docker/dockerfile:1
# The dashboard, with a model and clients of its own for when the API is away. Build from the root of the repository:
#   docker build --file docker/dashboard.Dockerfile --tag home-credit-dashboard .
# API_URL and MLFLOW_URL say where the other services are.
# DATA_URL downloads the real tables while building, as for the API: both are to have the same clients, or this one shows
# none while the API is away.
ARG PYTHON_IMAGE=python:3.12-slim

FROM ${PYTHON_IMAGE} AS base
# LightGBM's threads.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/*
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    DO_NOT_TRACK=true
WORKDIR /app

FROM base AS environment
COPY requirements/dashboard.txt /tmp/requirements.txt
RUN python -m venv /opt/venv \
    && pip install --require-hashes --no-deps --requirement /tmp/requirements.txt

FROM environment AS portfolio
ARG DATA_URL=""
ARG DATA_SHA256=""
COPY requirements/runtime.txt /tmp/runtime.txt
COPY core core
COPY runtime runtime
COPY commands commands
COPY models models
RUN if [ -n "${DATA_URL}" ]; then \
        pip install --require-hashes --no-deps --requirement /tmp/runtime.txt \
        && python -m commands data download --url "${DATA_URL}" \
        && python -m commands data portfolio --data data; \
    else \
        python -m commands data portfolio; \
    fi

FROM base
ARG VERSION=1.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="home-credit-dashboard" \
      org.opencontainers.image.description="Credit decisions explained, for relationship managers and analysts." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="MIT"
COPY --from=environment /opt/venv /opt/venv
COPY core core
COPY runtime runtime
COPY dash_app dash_app
COPY assets assets
COPY models models
COPY docs docs
COPY CHANGELOG.md CHANGELOG.md
COPY --from=portfolio /app/data/portfolio data/portfolio
RUN useradd --system --uid 10001 --no-create-home workbench \
    && install --directory --owner=workbench var \
    && python -m compileall -q core runtime dash_app
# Decisions made while the API is away, until it has them.
VOLUME /app/var
USER 10001
ENV HOST=0.0.0.0 \
    PORT=8501 \
    WEB_CONCURRENCY=1 \
    API_URL=http://localhost:8000 \
    MLFLOW_URL=http://localhost:5002
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=40s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/health', timeout=4)"]
CMD ["python", "-m", "runtime.serve", "dashboard"]
