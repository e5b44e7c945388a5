"""Readers of arrays and tables whose layout no program defines."""
