"""Parts that any view uses: style, icons, dialogs, the window of a tool; `widgets` and `plots`."""
