"""Staging: current raw versions into staged records, by the mapping's rows; only what changed or new rules touch."""
