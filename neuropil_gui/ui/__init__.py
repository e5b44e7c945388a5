"""Widgets, plots, style, icons, dialogs and the tool window that every view may use."""
