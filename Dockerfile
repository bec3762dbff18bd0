# docker build -t stackmend . && docker run --rm -v "$PWD:/work" stackmend lint
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE __init__.py __main__.py py.typed ./
COPY linter linter
COPY fixers fixers
COPY schemas schemas
RUN python -m pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .
RUN python -m venv /opt/stackmend && /opt/stackmend/bin/python -m pip install --no-cache-dir /wheels/*.whl

FROM python:${PYTHON}-slim
COPY --from=build /opt/stackmend /opt/stackmend
# Who runs it with --user has no home folder; --fix remembers there what `undo` puts back.
ENV PATH=/opt/stackmend/bin:$PATH PYTHONDONTWRITEBYTECODE=1 XDG_STATE_HOME=/tmp
RUN useradd --create-home --uid 1000 stackmend
USER stackmend
WORKDIR /work
ENTRYPOINT ["stackmend"]
CMD ["--help"]
