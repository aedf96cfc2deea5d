"""What stewards do, the same on the command line, on the pages and in the API: verdicts, splits, undoing, evidence."""
