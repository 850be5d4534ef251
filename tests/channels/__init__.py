"""Tests of the outbox and its mails."""
