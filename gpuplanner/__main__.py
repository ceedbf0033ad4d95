"""``python -m gpuplanner``."""

from __future__ import annotations

import sys

from gpuplanner.cli import main

if __name__ == "__main__":
    sys.exit(main())
