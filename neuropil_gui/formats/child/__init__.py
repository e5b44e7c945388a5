"""The process in which HDF5, MATLAB and pickled files are parsed."""
