"""The limit of the public pages: finished answers from a dictionary, on the portal's own server options.

    python -m tests.bench.bare PORT      with BENCH_ANSWERS: a JSON file {path: [status, headers, body]}
"""  # fmt: skip

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from granian import Granian

ANSWERS = {
    path: (status, [(name, value) for name, value in headers], [base64.b64decode(body)] if body else [])
    for path, (status, headers, body) in json.loads(Path(os.environ["BENCH_ANSWERS"]).read_bytes()).items()
}


def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    status, headers, body = ANSWERS[environ["PATH_INFO"]]
    start(status, headers)
    return body


if __name__ == "__main__":
    from portal.server import serving

    def bare_server(_app: str, **options: Any) -> Any:
        """The portal's server with every option it is given, but another app."""
        return Granian("tests.bench.bare:app", **options)

    vars(serving)["Granian"] = bare_server
    serving.run("127.0.0.1", int(sys.argv[1]), workers=1, threads=8)
