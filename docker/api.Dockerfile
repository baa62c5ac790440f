# syntax=docker/dockerfile:1
# The scoring API with its model and a portfolio of clients. Build from the root of the repository:
#   docker build --file docker/api.Dockerfile --tag home-credit-api .
# PYTHON_IMAGE may name a digest (python:3.12-slim@sha256:...), as the pipeline does.
# DATA_URL downloads the real tables while building; without it the clients are synthetic.
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
COPY requirements/api.txt /tmp/requirements.txt
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

# Scheduler, workers and commands of a Dask cluster (profile `cluster` of compose.yaml): --target cluster builds it, and
# nothing of it is in the API.
FROM base AS cluster
COPY requirements/cluster.txt /tmp/requirements.txt
RUN python -m venv /opt/venv \
    && pip install --require-hashes --no-deps --requirement /tmp/requirements.txt
COPY core core
COPY runtime runtime
COPY commands commands
COPY models models
RUN useradd --system --uid 10001 --no-create-home workbench \
    && python -m compileall -q core runtime commands
USER 10001
# Dask's own commands do not look where they are started.
ENV PYTHONPATH=/app
CMD ["dask", "scheduler", "--no-dashboard"]

FROM base
ARG VERSION=1.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="home-credit-api" \
      org.opencontainers.image.description="Scores credit applications, and explains each decision." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="MIT"
COPY --from=environment /opt/venv /opt/venv
COPY core core
COPY runtime runtime
COPY commands commands
COPY api api
COPY models models
COPY docs/model-card.md docs/model-card.md
COPY --from=portfolio /app/data/portfolio data/portfolio
RUN useradd --system --uid 10001 --no-create-home workbench \
    && install --directory --owner=workbench var \
    && python -m compileall -q core runtime commands api
USER 10001
# Reports beside the record, in the volume: the folder of the data is nobody's to write.
ENV HOST=0.0.0.0 \
    PORT=8000 \
    WEB_CONCURRENCY=1 \
    DRIFT_DIR=/app/var/drift
EXPOSE 8000
VOLUME /app/var
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/health', timeout=4)"]
CMD ["python", "-m", "runtime.serve", "api"]
