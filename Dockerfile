# The image of web, worker and beat; docker-compose.yml says how each is started.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1
RUN useradd --system --user-group --create-home --home-dir /var/lib/helpdesk helpdesk
WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt
COPY . ./
ENV HELPDESK_DATA=/var/lib/helpdesk/data
RUN mkdir /var/lib/helpdesk/data && chown helpdesk:helpdesk /var/lib/helpdesk/data
USER helpdesk
VOLUME /var/lib/helpdesk/data
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "helpdesk.wsgi", "--config", "python:helpdesk.web_server", "--bind", "0.0.0.0:8000"]
