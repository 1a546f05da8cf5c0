"""One client of ``make bench-ledger``, as a program: ``python -m benchmarks.ledger_client NAME SECONDS``.

Writes a line when it is warm, begins when it reads one, and writes how long each spending took as a list in JSON.
"""

import json
import sys

import django

django.setup()

from benchmarks.ledger_arms import spend  # noqa: E402
from benchmarks.ledger_peers import WARMING  # noqa: E402

if __name__ == "__main__":
    spend(f"{sys.argv[1]}:warm", WARMING)
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(spend(sys.argv[1], float(sys.argv[2]))), flush=True)
