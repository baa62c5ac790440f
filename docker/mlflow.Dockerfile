# syntax=docker/dockerfile:1
# MLflow on the runs and the registry that the repository ships. Build from the root of the repository:
#   docker build --file docker/mlflow.Dockerfile --tag home-credit-mlflow .
# One process, so that it fits 512 MB. What is logged to it lives as long as the container, unless
# MLFLOW_BACKEND_STORE_URI and MLFLOW_ARTIFACTS_DESTINATION lead elsewhere.
ARG PYTHON_IMAGE=python:3.12-slim

FROM ${PYTHON_IMAGE} AS environment
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements/mlflow.txt /tmp/requirements.txt
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --require-hashes --no-deps --requirement /tmp/requirements.txt

FROM ${PYTHON_IMAGE}
ARG VERSION=1.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="home-credit-mlflow" \
      org.opencontainers.image.description="The tracked runs of the model, and its registry." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="MIT"
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DO_NOT_TRACK=true \
    HOST=0.0.0.0 \
    PORT=5000
WORKDIR /app
COPY --from=environment /opt/venv /opt/venv
COPY core core
COPY runtime runtime
RUN useradd --system --uid 10001 --no-create-home workbench \
    && python -m compileall -q core runtime
COPY --chown=10001 mlruns mlruns
USER 10001
EXPOSE 5000
VOLUME /app/mlruns
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/health', timeout=4)"]
CMD ["python", "-m", "runtime.serve", "mlflow"]
