"""Readers of files of suite2p, CaImAn, FISSA, NWB, MATLAB and of this program."""
