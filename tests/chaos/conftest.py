# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of results comes last, whatever failed."""

import signal

from chaos import report

results = []


def end(*_):
    raise KeyboardInterrupt


signal.signal(signal.SIGTERM, end)      # so that what was started and mounted is ended


def pytest_terminal_summary(terminalreporter):
    if results:
        terminalreporter.write_line("\n" + report.table(results))
