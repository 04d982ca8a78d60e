# The whole lifecycle on the embedded world, in a container:
#
#   docker build -t quintain . && docker run --rm quintain
#
# What it makes stays with `docker run -v quintain-data:/home/quintain/project/data quintain`; the pages of MLflow and
# Kedro-Viz: docker run --rm -p 5000:5000 -p 4141:4141 quintain make run ui UI="--host 0.0.0.0"
FROM python:3.11-slim
RUN apt-get update && apt-get install --yes --no-install-recommends git make && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home quintain
USER quintain
WORKDIR /home/quintain/project
# CPU builds of PyTorch; leave it empty on a machine with a GPU: --build-arg PIP_EXTRA_INDEX_URL=
ARG PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu
# Versions change more seldom than code, so the packages stay in a layer of their own.
COPY --chown=quintain Makefile pyproject.toml constraints.txt README.md LICENSE ./
COPY --chown=quintain conf conf
COPY --chown=quintain .env .gitignore .dvcignore .telemetry ./
COPY --chown=quintain src src
RUN make .venv/.installed
COPY --chown=quintain . .
RUN touch .venv/.installed
CMD ["make", "run"]
