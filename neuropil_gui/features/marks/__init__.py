"""Marks and notes on cells."""
