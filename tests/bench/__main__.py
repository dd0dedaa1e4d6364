"""`./run bench [NAME…]`: each bench is a file beside this one with a `main()` that prints its figures and says whether they hold."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BENCHES = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))


def main(names: list[str]) -> int:
    """Runs these benches, or all; 1 where a figure does not hold, 2 for a name that is none."""
    for name in names:
        if name not in BENCHES:
            print(f"run bench: unknown bench {name!r}; one of {', '.join(BENCHES)}", file=sys.stderr)
            return 2
    failed = []
    for name in names or BENCHES:
        print(f"── {name}", flush=True)
        if subprocess.run([sys.executable, "-c", f"from tests.bench.{name} import main; raise SystemExit(main())"]).returncode:
            failed.append(name)  # in a process of its own: the memory of one is not the next one's
    print(f"bench: {', '.join(failed)} below what is wanted" if failed else "bench: all figures hold", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
