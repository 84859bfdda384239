# Two images from one file:
#   docker build -t rfsn:demo .                                 with simulation and plots
#   docker build -t rfsn:robot --build-arg REQUIREMENTS=robot .   what a robot needs
# REQUIREMENTS names a file in requirements/. The base's Python must be 3.11, as Debian 12's is.
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      binutils ca-certificates cmake g++ make python3 python3-dev python3-venv util-linux \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/rfsn
ARG REQUIREMENTS=demo
COPY requirements requirements
COPY tools tools
COPY CMakeLists.txt package.xml ./
COPY cmake cmake
COPY msg msg
COPY srv srv
COPY urdf urdf
COPY config config
COPY launch launch
COPY rfsn_ros rfsn_ros
RUN RFSN_PYTHON=/usr/bin/python3 RFSN_REQUIREMENTS="${REQUIREMENTS}" bash tools/setup.sh \
 && bash tools/slim.sh

FROM ${BASE}
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 libgomp1 tini \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* \
 && useradd --create-home --uid 1000 rfsn \
 && install -d -o rfsn -g rfsn /data /data/checkpoints /data/runs /data/log
COPY --from=build /opt/rfsn/.venv /opt/rfsn/.venv
USER rfsn
WORKDIR /data
ENV PATH=/opt/rfsn/.venv/bin:$PATH \
    ROS_LOG_DIR=/data/log \
    ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST \
    NUMBA_CACHE_DIR=/tmp/numba \
    PYTHONUNBUFFERED=1
VOLUME ["/data/checkpoints", "/data/runs", "/data/log"]
HEALTHCHECK --interval=15s --timeout=8s --start-period=90s --retries=3 \
  CMD ["rfsn", "health", "--node", "bandit_node"]
ENTRYPOINT ["tini", "--", "rfsn"]
CMD ["nav", "--help"]
