#!/usr/bin/env python
"""The command line of the helpdesk: `.venv/bin/python manage.py up` starts everything."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
    from helpdesk.command_line import run

    run(sys.argv)
