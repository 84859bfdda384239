"""`python -m rfsn_ros` is `rfsn`."""

import sys

from rfsn_ros.cli import main

sys.exit(main())
