-- Dagster keeps its history beside the warehouse, in a database of its own.
CREATE DATABASE dagster;
