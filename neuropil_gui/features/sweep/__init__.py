"""Sweep: one cell separated over a grid of settings."""
