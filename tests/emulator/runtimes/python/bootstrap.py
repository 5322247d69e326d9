"""The managed Python runtime's second stage: the search path, then the real runtime client."""

import os
import sys

if "PYTHONPATH" not in os.environ:
    # Only then do layers count, as on Lambda: whoever sets PYTHONPATH must name them.
    site = f"/opt/python/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    sys.path[:0] = ["/opt/python", site]
    os.environ["PYTHONPATH"] = os.environ["LAMBDA_RUNTIME_DIR"]
sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])

from awslambdaric.__main__ import main

main([sys.argv[0], os.environ["_HANDLER"]])
