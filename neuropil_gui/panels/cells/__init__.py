"""Panel of the cells: table, filter, frame rate, and progress of "separate all"."""
