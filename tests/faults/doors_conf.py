"""gunicorn for ``tests.faults.dying:doors()``: all code is in memory before it forks, so who dies is soon replaced."""

import services.suite.server  # noqa: F401  # the import is the point
from deploy.gunicorn_conf import *  # noqa: F403  # gunicorn reads the names of this module
