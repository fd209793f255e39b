"""Assemble an application and describe it once; ``generation`` runs this in a process of its own.

``python -m benchmarks.generate_once host|openapi FILE`` prints the seconds that describing takes, by the clock and of the
processor, and the peak memory of the process before and after, in MB. The times do not include assembling.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from litestar.serialization import encode_json

from host.common.files import write
from host.common.settings import load_settings
from host.lifecycle.generation import booted, generate_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from litestar import Litestar

    from host.lifecycle.boot import Boot


def by_host(boot: Boot, app: Litestar, path: Path) -> None:
    """Write the whole file, as ``host generate-config`` does."""
    generated = generate_for(boot, app)
    if generated.warnings:
        raise SystemExit("\n".join(generated.warnings))
    write(path, generated.text)


def by_litestar(_boot: Boot, app: Litestar, path: Path) -> None:
    """Create Litestar's OpenAPI document and write it as JSON."""
    path.write_bytes(encode_json(app.openapi_schema.to_schema()))


def peak() -> float:
    """Return the peak memory of this process so far in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Describe the application with the side that the first argument names."""
    side, path = sys.argv[1], Path(sys.argv[2]).resolve()
    describe: Callable[[Boot, Litestar, Path], None] = {"host": by_host, "openapi": by_litestar}[side]
    boot, app = booted(load_settings(Path.cwd()))
    gc.collect()
    before, clock, processor = peak(), time.perf_counter(), time.process_time()
    describe(boot, app, path)
    took, used = time.perf_counter() - clock, time.process_time() - processor
    print(json.dumps({"seconds": took, "processor": used, "before": before, "after": peak()}))


if __name__ == "__main__":
    main()
