"""Relative fluorescence change (dF/F): its switch and the dialog of its baseline."""
