"""The pages, a file per subject with a `router`; all found by name. A new page is a new file and touches no other."""
