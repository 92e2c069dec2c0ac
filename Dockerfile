# Build: every file that is installed is checked against a hash in one of the two locks.
FROM python:3.12-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
COPY requirements.lock requirements-run.lock ./
# setuptools builds our wheel and the SDK of the log service; the image itself has no use for it.
RUN python -m venv /opt/logmigrate \
 && sed -n '/^setuptools==/,/[^\\]$/p' requirements.lock > build.lock \
 && /opt/logmigrate/bin/pip install --require-hashes -r build.lock \
 && /opt/logmigrate/bin/pip install --require-hashes --no-build-isolation -r requirements-run.lock
COPY pyproject.toml LICENSE ./
COPY workflows workflows
COPY handlers handlers
COPY bot bot
RUN /opt/logmigrate/bin/pip install --no-deps --no-build-isolation . \
 && /opt/logmigrate/bin/pip uninstall --yes setuptools pip

FROM python:3.12-slim
COPY --from=build /opt/logmigrate /opt/logmigrate
# A numeric user, so that Kubernetes' runAsNonRoot can tell that it is none of root's.
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin logmigrate
USER 10001:10001
WORKDIR /home/logmigrate
ENV PATH=/opt/logmigrate/bin:$PATH \
    LOGMIGRATE_CONFIG=/etc/logmigrate/config.toml \
    LOGMIGRATE_ALIVE=/tmp/alive
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=2 CMD ["logmigrate", "health"]
ENTRYPOINT ["logmigrate"]
CMD ["--help"]
