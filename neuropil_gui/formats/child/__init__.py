"""Child process that parses HDF5, MATLAB and pickled files, and what runs in it."""
