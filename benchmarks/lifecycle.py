"""One lifecycle node by node on one core against the same one on two cores, in one run.

    python benchmarks/lifecycle.py [--env smoke]

Both run in fresh projects, one after the other, with one thread per process. Beside the ratio stands the longest chain
of nodes, with the seconds that they took on one core: what is below it comes from trainings that use both cores. Any
difference between what the two have made is an error.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from quintain.models.folder import folder_digest
from quintain.runner.order import remaining_path

TARGET = 1.5
RUNNERS = {
    "on one core": ["--runner", "SequentialRunner"],
    "on two cores": ["--runner", "quintain.runner.BranchRunner", "--runner-params", "processes=2"],
}
CORES = {"on one core": 1, "on two cores": 2}
_NODE = re.compile(r"\[ *\d+/\d+\] [^:]+: (\S+) ([\d.]+) s$")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--env", default="base", help="environment; smoke is over in minutes")
    env = options.parse_args().env
    busy = os.getloadavg()[0]
    print(f"{len(os.sched_getaffinity(0))} cores, load {busy:.1f} before the start (a busy machine hides the gain)")
    with tempfile.TemporaryDirectory() as folder:
        runs = {name: lifecycle(Path(folder) / name.replace(" ", "_"), env, name) for name in RUNNERS}
        made = [models(Path(folder) / name.replace(" ", "_")) for name in RUNNERS]
        chain = longest_chain(Path(folder) / "on_one_core", env, runs["on one core"][1])
    assert made[0] == made[1], f"the two made other models: {made}"
    (alone, seconds), (both, _) = runs.values()
    for name, (wall, nodes) in runs.items():
        print(f"{name:14s} {wall:7.1f} s, nodes {sum(nodes.values()):7.1f} s")
    print(f"longest chain  {chain:7.1f} s on one core")
    print("longest nodes  " + ", ".join(f"{n} {s:.0f}" for n, s in sorted(seconds.items(), key=lambda i: -i[1])[:8]))
    print(f"ratio {alone / both:.2f} (target at least {TARGET}); {len(made[0])} models with the same digests")


def lifecycle(project: Path, env: str, name: str) -> tuple[float, dict[str, float]]:
    """Run a whole lifecycle: seconds on the wall, and seconds by node."""
    here = Path(sys.executable)
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run([here.with_name("quintain"), "new", project], check=True, capture_output=True)
    command: list[str | Path] = [here.with_name("kedro"), "run", "--env", env, *RUNNERS[name]]
    started = time.perf_counter()
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[: CORES[name]])  # a child inherits it
    done = subprocess.run(command, cwd=project, env=environment, stderr=subprocess.PIPE, text=True, check=False)
    os.sched_setaffinity(0, cores)
    wall = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(done.stderr[-4000:])
    return wall, {found[1]: float(found[2]) for line in done.stderr.splitlines() if (found := _NODE.search(line))}


def longest_chain(project: Path, env: str, seconds: dict[str, float]) -> float:
    """Seconds of the longest chain of nodes that wait for each other."""
    from kedro.framework.project import pipelines
    from kedro.framework.session import KedroSession
    from kedro.framework.startup import bootstrap_project

    bootstrap_project(project)
    session = KedroSession.create(project, env=env, save_on_close=False)
    with session:
        session.load_context()  # which tells the registry of pipelines what the environment wants
        return max(remaining_path(pipelines["__default__"], seconds).values())


def models(project: Path) -> dict[str, str]:
    """Digest of every model that a project has made, by name."""
    configs = sorted((project / "data/06_models").glob("*/config.json"))
    return {config.parent.name: folder_digest(config.parent) for config in configs}


if __name__ == "__main__":
    main()
