"""`python -m tests.press --port N [--config DIR]` serves until Ctrl-C."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path

from . import Press


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--port", type=int, default=8123)
    ask.add_argument("--config", type=Path, help="write a configuration folder for this press here")
    args = ask.parse_args()
    with Press(args.port) as press, contextlib.suppress(KeyboardInterrupt):
        if args.config:
            press.write_config(args.config)
        print(f"{press.url} plays {', '.join(source.name for source in press.sources)}. Ctrl-C ends it.", flush=True)
        press.stopping.wait()


if __name__ == "__main__":
    main()
