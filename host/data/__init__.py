"""What plugin authors build on for their data: a document base and ready-made routes (rows R10, R11, E13, E14)."""
