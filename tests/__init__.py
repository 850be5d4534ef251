"""Tests of the helpdesk; they mirror the apps."""
