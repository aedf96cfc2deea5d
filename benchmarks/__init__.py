"""Benchmarks, on demand (`make bench`): medians and ratios within one run, peak memory. Not part of the tests."""
