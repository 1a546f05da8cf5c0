"""Tests of judicial confirmation."""
