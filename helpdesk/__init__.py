"""The project: settings, URLs, Celery and the commands that start the helpdesk."""
